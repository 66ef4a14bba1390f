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
    watched.echo.expect_ends("connect-failed", count);
    watched.finish(&format!("{count} handshakes of garbage"));
}

#[test]
fn handshakes_that_stall_are_given_up_and_keep_nobody_out() {
    let mut watched = Watched::start(&["--handshake-timeout", "2"]);
    let count = scaled(800, 50);
    let stalled: Vec<TcpStream> = (0..count)
        .map(|_| {
            let mut peer = beneath(&watched);
            peer.write_all(&STALLED).expect("write");
            peer
        })
        .collect();
    let mut other = watched.echo.session(5);
    other.submit(5, 1, 0, b"served");
    other.expect_echo(5, 1, b"served");
    drop(other);
    for mut peer in stalled {
        // Ended by the server, not by the patience of this test.
        let outcome = peer.read(&mut [0; 64]);
        let ended = match &outcome {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        };
        assert!(ended, "{outcome:?}");
    }
    watched.still_echoes();
    watched.echo.expect_ends("peer-timeout", count);
    watched.finish(&format!("{count} stalled handshakes"));
}
