//! After a good handshake: frames that break a rule, frames of any length, and floods of what costs the sender little.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::handshakes::{HANDSHAKE, beneath};
use crate::support::*;
use crate::watched::{Watched, scaled};

/// A connection whose handshake is done.
fn opened(watched: &Watched) -> TcpStream {
    let mut peer = beneath(watched);
    peer.write_all(HANDSHAKE.as_bytes()).expect("write");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        peer.read_exact(&mut byte).expect("the answer");
        answer.extend(byte);
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "));
    peer
}

/// Beside a length: four bytes of mask follow it.
const MASKED: u8 = 0x80;

/// A frame under a mask of zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u16::try_from(payload.len()) {
        Ok(length @ ..126) => bytes.push(MASKED | length.to_le_bytes()[0]),
        Ok(length) => {
            bytes.push(MASKED + 126);
            bytes.extend(length.to_be_bytes());
        }
        Err(_) => {
            bytes.push(MASKED + 127);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// What comes until the end of the connection.
fn rest_of(peer: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    match peer.read_to_end(&mut rest) {
        Ok(_) => rest,
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => rest,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_frame_that_breaks_a_rule_ends_its_connection_with_the_code_for_it() {
    let mut watched = Watched::start(&[]);
    let rounds = scaled(200, 3);
    let open = packet(SESSION_OPEN, 0, 0, &Open::default().metadata(), &[]);
    let broken: [(Vec<u8>, u16); 8] = [
        (frame(0x81, b"text"), 1003),
        (frame(0xc2, &open), 1002),
        (frame(0x83, &open), 1002),
        (frame(0x8b, b""), 1002),
        (frame(0x80, &open), 1002),
        (frame(0x09, b"fragmented"), 1002),
        (frame(0x89, &[0; 126]), 1002),
        ([&[0x82, 88], &open[..]].concat(), 1002),
    ];
    for _ in 0..rounds {
        for (bytes, code) in &broken {
            let mut peer = opened(&watched);
            peer.write_all(bytes).expect("write");
            let close = [&[0x88, 2], &code.to_be_bytes()[..]].concat();
            assert_eq!(rest_of(&mut peer), close, "{bytes:x?}");
        }
        watched.still_echoes();
    }
    let count = rounds * broken.len();
    watched.finish(&format!("{count} frames that break a rule"));
}

#[test]
fn a_frame_that_announces_exabytes_is_a_stream_like_any_other() {
    let mut watched = Watched::start(&[]);
    let count = scaled(2000, 20);
    let open = |id| {
        let open = Open {
            id,
            ..Open::default()
        };
        packet(SESSION_OPEN, 0, 0, &open.metadata(), &[])
    };
    let header = [&[0x82, 0xff, 0x7f][..], &[0xff; 7], &[0; 4]].concat();
    let peers: Vec<TcpStream> = (1000..)
        .take(count)
        .map(|id| {
            let mut peer = opened(&watched);
            peer.write_all(&header).expect("write");
            peer.write_all(&open(id)).expect("write");
            // The ack: a frame of 96 bytes.
            let mut ack = [0; 98];
            peer.read_exact(&mut ack).expect("the ack");
            assert_eq!((ack[0], ack[1], ack[8]), (0x82, 96, SESSION_OPEN_ACK));
            peer
        })
        .collect();
    watched.still_echoes();
    drop(peers);
    watched.finish(&format!("{count} frames of exabytes"));
}

#[test]
fn floods_of_pings_and_of_empty_frames_starve_nobody_and_grow_nothing() {
    let mut watched = Watched::start(&[]);
    let count = scaled(2_000_000, 40_000);
    let pings = frame(0x89, &[7; 125]).repeat(100);
    let empty = frame(0x82, b"").repeat(1000);
    // The pongs are never read.
    let (mut pinging, mut silent) = (opened(&watched), opened(&watched));
    let flooding = std::thread::spawn(move || {
        for _ in 0..count / 100 {
            pinging.write_all(&pings).expect("pings are read");
        }
        for _ in 0..count / 1000 {
            silent.write_all(&empty).expect("empty frames are read");
        }
        (pinging, silent)
    });
    while !flooding.is_finished() {
        watched.still_echoes();
    }
    let peers = flooding.join().expect("nobody ends these connections");
    let grown = watched.grown_kib();
    assert!(grown < 24 * 1024, "{grown} KiB more");
    drop(peers);
    watched.finish(&format!("{count} pings and as many empty frames"));
}
