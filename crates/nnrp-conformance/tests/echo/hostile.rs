//! What bad bytes and bad peers get from `nnrp-echo`, and that nobody else notices.

use std::io::Write;
use std::time::Duration;

use crate::support::*;

const UNSUPPORTED_VERSION: u32 = 1;
const MALFORMED_HEADER: u32 = 4;
const MALFORMED_BODY: u32 = 5;
const UNSUPPORTED_CAPABILITY: u32 = 6;
const LIMIT_EXCEEDED: u32 = 7;

/// Packets that must end their connection, each as the first bytes or after an open session 9.
fn garbage() -> Vec<(&'static str, bool, Vec<u8>)> {
    let good = submit(9, 1, 0, b"x");
    let spoiled = |offset: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[offset] = byte;
        bytes
    };
    let mut reserved = Open::default().metadata();
    reserved[22] = 1;
    let mut flags = Open::default().metadata();
    flags[7] = 0x10;
    vec![
        (
            "http",
            false,
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        ),
        (
            "another protocol that goes silent",
            false,
            b"\x16\x03\x01".to_vec(),
        ),
        ("magic", true, spoiled(0, b'X')),
        ("version", true, spoiled(4, 2)),
        ("wire format", true, spoiled(5, 1)),
        ("message type", true, spoiled(6, 0x7e)),
        ("header length", true, spoiled(7, 41)),
        ("header flags", true, spoiled(8, 0x40)),
        ("a submit before any session", false, good.clone()),
        (
            "open metadata too short",
            false,
            packet(SESSION_OPEN, 0, 0, &[0; 47], &[]),
        ),
        (
            "open with reserved bytes",
            false,
            packet(SESSION_OPEN, 0, 0, &reserved, &[]),
        ),
        (
            "open with unknown flags",
            false,
            packet(SESSION_OPEN, 0, 0, &flags, &[]),
        ),
        (
            "submit metadata of 71 bytes",
            true,
            packet(FRAME_SUBMIT, 9, 1, &[0; 71], &[]),
        ),
        ("frame id 0", true, submit(9, 0, 0, b"x")),
        (
            "a message only servers send",
            true,
            packet(RESULT_PUSH, 9, 1, &[0; 64], &[]),
        ),
    ]
}

#[test]
fn garbage_ends_only_its_own_connection() {
    let echo = Echo::start(&[]);
    let mut bystander = echo.session(8);
    for (frame, (name, in_session, bytes)) in (1..).zip(garbage()) {
        let mut peer = if in_session {
            echo.session_when_free(9)
        } else {
            echo.connect()
        };
        peer.send(&bytes);
        println!("{name}");
        peer.expect_dropped();
        bystander.submit(8, frame, 0, name.as_bytes());
        bystander.expect_echo(8, frame, name.as_bytes());
    }
}

#[test]
fn who_says_hello_is_told_why_its_connection_ends_however_much_it_still_sends() {
    let echo = Echo::start(&[]);
    let with = |offset: usize, bytes: &[u8]| {
        let mut spoiled = submit(9, 1, 0, b"x");
        spoiled[offset..offset + bytes.len()].copy_from_slice(bytes);
        spoiled
    };
    for (error_code, bytes) in [
        (UNSUPPORTED_VERSION, with(4, &[2])),
        (MALFORMED_HEADER, with(0, b"X")),
        (MALFORMED_HEADER, with(6, &[0x7e])),
        (MALFORMED_HEADER, with(12, &[0xff; 8])),
        (LIMIT_EXCEEDED, with(16, &[0, 0, 0, 0x80])),
    ] {
        let mut peer = echo.connect();
        peer.hello();
        peer.send(&[bytes, vec![0; 64 << 10]].concat());
        expect_fatal(&mut peer, error_code);
    }
    for (error_code, offset, bytes) in [
        (UNSUPPORTED_VERSION, 0, &[2, 2][..]),
        (MALFORMED_BODY, 4, &[0]),
        (UNSUPPORTED_CAPABILITY, 4, &[0x80]),
    ] {
        let mut hello = hello_metadata();
        hello[offset..offset + bytes.len()].copy_from_slice(bytes);
        let mut peer = echo.connect();
        peer.send_packet(CLIENT_HELLO, 0, 0, &hello, &[]);
        expect_fatal(&mut peer, error_code);
    }
}

/// An `ERROR` about the connection with this code, then the end.
fn expect_fatal(peer: &mut Peer, error_code: u32) {
    let report = peer.receive();
    assert_eq!((report.kind, report.session), (ERROR, 0), "{report:?}");
    assert_eq!(report.u32(0), error_code, "{report:?}");
    assert_eq!(
        (report.u32(4), report.u32(8)),
        (0, 1),
        "scope connection, fatal"
    );
    assert!(!report.body.is_empty(), "it says what is wrong");
    peer.expect_end();
}

#[test]
fn a_header_that_announces_4_gib_costs_no_memory() {
    let echo = Echo::start(&[]);
    let mut bystander = echo.session(8);
    let before = echo.resident_kib();
    let mut body_bomb = packet(FRAME_SUBMIT, 9, 1, &[0; 72], &[]);
    body_bomb[16..20].copy_from_slice(&(u32::MAX - 72).to_le_bytes());
    let mut metadata_bomb = packet(SESSION_OPEN, 0, 0, &[], &[]);
    metadata_bomb[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut both = packet(FRAME_SUBMIT, 9, 1, &[], &[]);
    both[12..20].copy_from_slice(&[0xff; 8]);
    for bomb in [&body_bomb, &metadata_bomb, &both]
        .into_iter()
        .cycle()
        .take(60)
    {
        let mut peer = echo.connect();
        peer.send(bomb);
        let _ = peer.stream.write_all(&[0; 4096]);
        peer.expect_dropped();
    }
    let grown = echo.resident_kib().saturating_sub(before);
    assert!(grown < 8 * 1024, "{grown} KiB more");
    bystander.submit(8, 1, 0, b"unaffected");
    bystander.expect_echo(8, 1, b"unaffected");
}

#[test]
fn bodies_announced_and_not_sent_cost_no_memory() {
    let echo = Echo::start(&[]);
    let before = echo.resident_kib();
    let mut announced = submit(9, 1, 0, &[]);
    announced[16..20].copy_from_slice(&(16_u32 << 20).to_le_bytes());
    let waiting: Vec<Peer> = (0..50)
        .map(|index| {
            let mut peer = echo.session(100 + index);
            let mut bytes = announced.clone();
            bytes[20..24].copy_from_slice(&(100 + index).to_le_bytes());
            peer.send(&bytes);
            peer
        })
        .collect();
    std::thread::sleep(Duration::from_millis(200));
    let grown = echo.resident_kib().saturating_sub(before);
    assert!(
        grown < 16 * 1024,
        "{grown} KiB for {} connections",
        waiting.len()
    );
}

#[test]
fn a_peer_that_never_reads_stops_being_read_and_costs_little() {
    let echo = Echo::start(&[]);
    let before = echo.resident_kib();
    let mut greedy = echo.session(9);
    greedy
        .stream
        .set_write_timeout(Some(Duration::from_millis(500)))
        .expect("timeout");
    let body = vec![7; 100_000];
    let mut sent = 0_u64;
    for frame in 1..=5000 {
        if greedy
            .stream
            .write_all(&submit(9, frame, 0, &body))
            .is_err()
        {
            break;
        }
        sent += body.len() as u64;
    }
    assert!(
        sent < 200 << 20,
        "{sent} bytes were taken from a peer that reads nothing"
    );
    let grown = echo.resident_kib().saturating_sub(before);
    assert!(grown < 96 * 1024, "{grown} KiB more");
    let mut other = echo.session(8);
    other.submit(8, 1, 0, b"unaffected");
    other.expect_echo(8, 1, b"unaffected");
}

#[test]
fn silent_peers_do_not_keep_others_from_being_accepted() {
    let echo = Echo::start(&[]);
    let _silent: Vec<Peer> = (0..200).map(|_| echo.connect()).collect();
    let mut peer = echo.session(9);
    peer.submit(9, 1, 0, b"served");
    peer.expect_echo(9, 1, b"served");
}

#[test]
fn a_stream_that_ends_inside_a_packet_frees_its_session() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    peer.send(&submit(9, 1, 0, b"cut short")[..60]);
    peer.shut_down_writing();
    peer.expect_dropped();
    echo.session_when_free(9);
}
