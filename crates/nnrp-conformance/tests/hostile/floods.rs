//! Peers that send more than they should, or never read what they asked for.

use std::io::{Read, Write};
use std::time::Duration;

use crate::support::*;
use crate::watched::{Watched, scaled};

const FIRST_ID: u32 = 1000;
/// Of each peer that never reads: what waits to be sent, a body that is being received, and what the kernel does not show.
const MOST_HELD_KIB: u64 = 24 * 1024;
/// Of each connection that waits for memory: its first read, and what the rest of it needs.
const FREE_KIB: u64 = 192;
/// What the server may buffer of bodies that are not complete, and one of them.
const BUFFERED_MIB: usize = 16;
const BODY_MIB: usize = 4;
/// What allocators keep.
const SLACK_KIB: u64 = 24 * 1024;

#[test]
fn peers_that_never_read_hold_little_and_nobody_up() {
    let mut watched = Watched::start(&[]);
    let count = scaled(20, 4);
    let body = vec![7; 100_000];
    let greedy: Vec<Peer> = (FIRST_ID..)
        .take(count)
        .map(|id| {
            let mut peer = watched.echo.session(id);
            fill(&mut peer, id, &body);
            watched.still_echoes();
            peer
        })
        .collect();
    let grown = watched.grown_kib();
    let most = MOST_HELD_KIB * u64::try_from(count).expect("few");
    assert!(grown < most, "{grown} KiB for {count} peers");
    watched.still_echoes();
    drop(greedy);
    println!("counted: {count} peers that never read, {grown} KiB held");
}

#[test]
fn bodies_that_lack_a_byte_take_no_more_than_the_server_may_buffer() {
    let limit = (BUFFERED_MIB << 20).to_string();
    let mut watched = Watched::start(&["--max-buffered-bytes", &limit]);
    let count = scaled(300, 24);
    let body = vec![7; BODY_MIB << 20];
    let waiting: Vec<Peer> = (FIRST_ID..)
        .take(count)
        .map(|id| {
            let mut peer = watched.echo.session(id);
            let bytes = submit(id, 1, 0, &body);
            let short = Some(Duration::from_millis(100));
            peer.stream.set_write_timeout(short).expect("timeout");
            // Those for whom there is no memory stay in the kernel's.
            let _ = peer.stream.write_all(&bytes[..bytes.len() - 1]);
            peer
        })
        .collect();
    watched.still_echoes();
    let grown = watched.grown_kib();
    let each = FREE_KIB + crate::UNREAD_KIB;
    let bound = (BUFFERED_MIB + BODY_MIB) as u64 * 1024 + count as u64 * each + SLACK_KIB;
    assert!(grown < bound, "{grown} KiB for {count} bodies");
    drop(waiting);
    // All of what they held is there again.
    watched.still_echoes_of(BODY_MIB << 20);
    watched.finish_after_much(&format!("{count} bodies that lack a byte"));
}

/// Submits until the server takes no more.
fn fill(peer: &mut Peer, id: u32, body: &[u8]) {
    let most = Some(Duration::from_millis(500));
    peer.stream.set_write_timeout(most).expect("timeout");
    let mut frames = 1..5000;
    let stuck = frames.find(|frame| {
        let bytes = submit(id, *frame, 0, body);
        peer.stream.write_all(&bytes).is_err()
    });
    assert!(
        stuck.is_some(),
        "500 MB were taken from a peer that reads nothing"
    );
}

#[test]
fn a_flood_of_tiny_packets_is_answered_or_ended_and_starves_nobody() {
    let mut watched = Watched::start(&[]);
    let count = scaled(1_000_000, 20_000);
    let flooder = watched.echo.session(FIRST_ID);
    let mut writer = flooder.stream.try_clone().expect("clone");
    let mut reader = flooder.stream;
    let flood = std::thread::spawn(move || {
        let pings = packet(PING, 0, 0, &[], &[]).repeat(100);
        // A server that has had enough ends the connection.
        let _ = (0..count / 100).all(|_| writer.write_all(&pings).is_ok());
        let _ = writer.shutdown(std::net::Shutdown::Write);
    });
    let mut answered = 0;
    let mut buffer = vec![0; 1 << 16];
    let limit = Some(crate::PATIENCE);
    reader.set_read_timeout(limit).expect("timeout");
    while let Ok(bytes @ 1..) = reader.read(&mut buffer) {
        answered += bytes;
        watched.still_echoes();
    }
    flood.join().expect("the flood");
    assert!((40..=count * 40).contains(&answered), "{answered} bytes");
    drop(reader);
    watched.finish(&format!("{count} tiny packets in a flood"));
}
