//! Below the encryption: what is no handshake, a handshake that stalls, and records that are damaged.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::watched::{Watched, scaled};

/// A handshake record that announces a `ClientHello` of 512 bytes.
const STALLED: [u8; 9] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc];

/// A connection to the TLS port itself.
fn beneath(watched: &Watched) -> TcpStream {
    let uri = watched.echo.uri();
    let address = uri.rsplit("//").next().expect("an authority").to_owned();
    let stream = TcpStream::connect(address).expect("connect");
    let patience = Some(crate::PATIENCE);
    stream.set_read_timeout(patience).expect("timeout");
    stream
}

#[test]
fn bytes_that_are_no_handshake_end_their_connection() {
    let mut watched = Watched::start(&[]);
    let count = scaled(2000, 60);
    for seed in 0..count {
        let mut peer = beneath(&watched);
        let noise: Vec<u8> = (0..=400_usize)
            .map(|index| (index * 31 + seed * 17).to_le_bytes()[0] ^ 0x55)
            .collect();
        let first = if seed % 2 == 0 { &noise[..] } else { &STALLED };
        let _ = peer.write_all(first);
        let _ = peer.write_all(&noise);
        let _ = peer.shutdown(std::net::Shutdown::Write);
        // An alert may come before the end.
        let mut answer = Vec::new();
        let _ = peer.read_to_end(&mut answer);
        assert!(answer.len() < 64, "{answer:?}");
        if seed % 20 == 0 {
            watched.still_echoes();
        }
    }
    watched.finish(&format!("{count} handshakes of garbage"));
}
