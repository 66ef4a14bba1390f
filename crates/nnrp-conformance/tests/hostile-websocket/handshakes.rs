//! Below the stream: what is no handshake, and a handshake that stalls.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::watched::{Watched, scaled};

/// A handshake whose key is that of the example in RFC 6455.
pub(crate) const HANDSHAKE: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// A connection to the port itself.
pub(crate) fn beneath(watched: &Watched) -> TcpStream {
    let uri = watched.echo.uri();
    let address = uri.rsplit("//").next().expect("an authority").to_owned();
    let stream = TcpStream::connect(address).expect("connect");
    stream.set_nodelay(true).expect("nodelay");
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
        let first = match seed % 4 {
            0 => &b"NNRP\x01\x00\x07\x28"[..],
            1 => b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            2 => &HANDSHAKE.as_bytes()[..seed % HANDSHAKE.len()],
            _ => &noise,
        };
        let _ = peer.write_all(first);
        let _ = peer.write_all(&noise);
        let _ = peer.shutdown(Shutdown::Write);
        // A refusal may come before the end.
        let mut answer = Vec::new();
        let _ = peer.read_to_end(&mut answer);
        let refused = answer.is_empty() || answer.starts_with(b"HTTP/1.1 4");
        assert!(refused && answer.len() < 512, "{answer:?}");
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
        .map(|number| {
            let mut peer = beneath(&watched);
            // At half of the head, and behind it, where the first packet is missing.
            let end = HANDSHAKE.len() >> (number % 2);
            peer.write_all(&HANDSHAKE.as_bytes()[..end]).expect("write");
            peer
        })
        .collect();
    let mut other = watched.echo.session(5);
    other.submit(5, 1, 0, b"served");
    other.expect_echo(5, 1, b"served");
    drop(other);
    for mut peer in stalled {
        // Ended by the server, not by the patience of this test.
        let outcome = peer.read_to_end(&mut Vec::new());
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
