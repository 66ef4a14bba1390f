//! The plain part of the echo contract (spec 19), row by row, over raw TCP.

use std::collections::HashMap;

use crate::SCHEME;
use crate::support::*;

const PROFILE_UNSUPPORTED: u32 = 0x0001_0002;

#[test]
fn bodies_of_every_size_up_to_1_mib_come_back() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    for (frame, size) in (1..).zip([
        0,
        1,
        63,
        1023,
        1024,
        1025,
        16_384,
        65_536,
        1_000_003,
        1 << 20,
    ]) {
        let body: Vec<u8> = (0..size)
            .map(|index: usize| (index % 251).to_le_bytes()[0])
            .collect();
        peer.submit(9, frame, 25, &body);
        peer.expect_echo(9, frame, &body);
    }
}

#[test]
fn the_result_copies_payload_kinds_and_frame_count_of_the_submit() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    let mut metadata = [0; 72];
    metadata[64] = 0x7f;
    metadata[68..70].copy_from_slice(&513_u16.to_le_bytes());
    peer.send_packet(FRAME_SUBMIT, 9, 7, &metadata, b"x");
    let result = peer.receive();
    assert_eq!(
        (result.u32(56), result.u16(60), result.frame),
        (0x7f, 513, 7)
    );
    peer.send_packet(FRAME_SUBMIT, 9, 3, &[0; 72], b"");
    let result = peer.receive();
    assert_eq!(
        (result.u32(56), result.u16(60), result.frame),
        (0, 0, 3),
        "ids need not ascend"
    );
}

#[test]
fn more_submits_than_the_limit_get_one_answer_each() {
    const FRAMES: u32 = 5000;
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    let mut writer = peer.stream.try_clone().expect("clone");
    let sender = std::thread::spawn(move || {
        use std::io::Write;
        for frame in 1..=FRAMES {
            writer
                .write_all(&submit(9, frame, 0, &frame.to_le_bytes()))
                .expect("write");
        }
    });
    let mut answers: HashMap<u32, u8> = HashMap::new();
    for _ in 0..FRAMES {
        let answer = peer.receive();
        assert!(
            matches!(answer.kind, RESULT_PUSH | RESULT_DROP),
            "{answer:?}"
        );
        if answer.kind == RESULT_PUSH {
            assert_eq!(answer.body, answer.frame.to_le_bytes());
        }
        assert!(
            answers.insert(answer.frame, answer.kind).is_none(),
            "frame {} twice",
            answer.frame
        );
    }
    sender.join().expect("sender");
    assert!((1..=FRAMES).all(|frame| answers.contains_key(&frame)));
    peer.expect_silence();
    peer.submit(9, FRAMES + 1, 0, b"still here");
    peer.expect_echo(9, FRAMES + 1, b"still here");
}

#[test]
fn packets_cut_into_single_bytes_are_put_together() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    for byte in submit(9, 1, 0, b"slow") {
        peer.send(&[byte]);
    }
    peer.expect_echo(9, 1, b"slow");
}

#[test]
fn a_close_is_acked_next_and_nothing_follows() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    peer.submit(9, 1, 0, b"a");
    peer.expect_echo(9, 1, b"a");
    peer.close_session(9, 1);
    let ack = peer.receive();
    assert_eq!(
        (ack.kind, ack.session, ack.frame),
        (SESSION_CLOSE_ACK, 9, 0)
    );
    assert_eq!(
        (ack.u8(0), ack.u64(4), ack.u32(12), ack.metadata.len()),
        (2, 1, 0, 16)
    );
    peer.expect_end();
}

#[test]
fn answers_to_submits_before_a_close_come_before_its_ack() {
    let echo = Echo::start(&[]);
    for round in 0..20 {
        let mut peer = echo.session(900 + round);
        for frame in 1..=50 {
            peer.submit(900 + round, frame, 0, b"in time");
        }
        peer.close_session(900 + round, 50);
        for frame in 1..=50 {
            peer.expect_echo(900 + round, frame, b"in time");
        }
        assert_eq!(peer.receive().kind, SESSION_CLOSE_ACK);
        peer.expect_end();
    }
}

#[test]
fn a_closed_id_is_free_again() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    peer.close_session(9, 0);
    assert_eq!(peer.receive().kind, SESSION_CLOSE_ACK);
    echo.session_when_free(9);
}

#[test]
fn the_id_of_a_lost_transport_is_free_again_and_others_go_on() {
    let echo = Echo::start(&[]);
    let mut other = echo.session(8);
    drop(echo.session(9));
    echo.session_when_free(9);
    other.submit(8, 1, 0, b"unaffected");
    other.expect_echo(8, 1, b"unaffected");
}

#[test]
fn peers_with_and_without_an_alpn_token_are_served_on_one_port() {
    let mut echo = Echo::start(&[]);
    let mut without = echo.session(1);
    let token = if SCHEME == "nnrp+tls" {
        "nnrp/1-tcp"
    } else {
        "nnrp/1"
    };
    echo.offer(token);
    let mut with = echo.session(2);
    for (id, peer) in [(1, &mut without), (2, &mut with)] {
        peer.submit(id, 1, 0, b"served");
        peer.expect_echo(id, 1, b"served");
    }
    if matches!(SCHEME, "nnrp+tcp" | "nnrp+ws") {
        return;
    }
    // A token that the server does not know is the one thing that TLS refuses.
    echo.offer("other/1");
    echo.connect().expect_dropped();
    without.submit(1, 2, 0, b"unaffected");
    without.expect_echo(1, 2, b"unaffected");
}

#[test]
fn nothing_unsolicited_is_sent() {
    let echo = Echo::start(&[]);
    let mut silent = echo.connect();
    silent.expect_silence();
    let mut peer = echo.session(9);
    peer.expect_silence();
    peer.submit(9, 1, 0, b"a");
    peer.expect_echo(9, 1, b"a");
    peer.expect_silence();
}

#[test]
fn ping_and_probe_are_answered_without_a_hello() {
    let echo = Echo::start(&[]);
    let mut peer = echo.connect();
    peer.send_packet(PING, 0, 0, &[], &[]);
    assert_eq!(peer.receive().kind, PONG);
    let mut probe = 5_u32.to_le_bytes().to_vec();
    probe.extend(32_768_u32.to_le_bytes());
    probe.extend(1_u64.to_le_bytes());
    peer.send_packet(TRANSPORT_PROBE, 0, 0, &probe, &vec![0; 32_768]);
    let ack = peer.receive();
    assert_eq!(
        (ack.kind, ack.u32(0), ack.u32(4), ack.metadata.len()),
        (TRANSPORT_PROBE_ACK, 5, 0, 16)
    );
    assert_eq!(
        peer.open(&Open {
            id: 9,
            ..Open::default()
        })
        .status(),
        0
    );
    peer.send_packet(PING, 0, 0, &[], &[]);
    assert_eq!(peer.receive().kind, PONG);
}

#[test]
fn close_is_answered_by_ending_the_transport() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    peer.send_packet(CLOSE, 0, 0, &[], b"bye");
    peer.expect_end();
    echo.session_when_free(9);
}

#[test]
fn after_a_hello_sessions_come_and_go_on_one_connection() {
    let echo = Echo::start(&[]);
    let mut peer = echo.connect();
    let ack = peer.hello();
    assert_eq!((ack.metadata.len(), ack.session), (80, 0));
    assert_eq!(
        (ack.u8(0), ack.u8(1), ack.u32(4)),
        (1, 0, 0),
        "version, wire format, no session"
    );
    assert_ne!(ack.u32(8) & 3, 0, "a profile");
    let refused = peer.open(&Open {
        id: 20,
        profile: 0xffff,
        ..Open::default()
    });
    assert_eq!(refused.code(), PROFILE_UNSUPPORTED);
    assert_eq!(
        peer.open(&Open {
            id: 21,
            ..Open::default()
        })
        .status(),
        0
    );
    assert_eq!(
        peer.open(&Open {
            id: 22,
            ..Open::default()
        })
        .status(),
        0
    );
    peer.close_session(21, 0);
    assert_eq!(peer.receive().kind, SESSION_CLOSE_ACK);
    peer.submit(22, 1, 0, b"sibling");
    peer.expect_echo(22, 1, b"sibling");
    peer.send_packet(CLOSE, 0, 0, &[], &[]);
    peer.expect_end();
}
