//! The control part and the verbs of the echo contract (spec 19), over raw TCP.

use crate::support::*;

const HOLD: u16 = 0xec01;
const DROP: u16 = 0xec02;
const FLOW: u16 = 0xec03;
const PARTIAL: u16 = 0xec04;
const SWAP: u16 = 0xec05;

#[test]
fn cancelling_an_answered_frame_changes_nothing() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    peer.submit(9, 1, 0, b"a");
    peer.expect_echo(9, 1, b"a");
    peer.send_packet(FRAME_CANCEL, 9, 1, &[], &[]);
    peer.send_packet(FRAME_CANCEL, 9, 1, &[], &[]);
    peer.expect_silence();
    peer.submit(9, 2, 0, b"b");
    peer.expect_echo(9, 2, b"b");
}

#[test]
fn a_patch_is_acked_next_with_the_requested_values_in_effect() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(1);
    peer.submit(1, 1, 0, b"before");
    peer.send_hex(
        "4e4e5250010003280000000024000000000000000100000000000000000000000000000000000000",
    );
    peer.send_hex("020000000100000070170000020000000100000000000000000000000000000009000000");
    peer.expect_echo(1, 1, b"before");
    let ack = peer.receive();
    assert_eq!(
        (ack.kind, ack.session, ack.metadata.len()),
        (SESSION_PATCH_ACK, 1, 48)
    );
    assert_eq!((ack.u16(0), ack.u16(2)), (0, 0), "accepted, no reason");
    assert_eq!(
        (ack.u32(4), ack.u32(8)),
        (1, 0),
        "applied and rejected mask"
    );
    assert_eq!(
        (ack.u16(16), ack.u32(20), ack.u16(24), ack.u64(28)),
        (2, 6000, 2, 1),
        "effective values"
    );
    peer.submit(1, 2, 0, b"after");
    peer.expect_echo(1, 2, b"after");
}

#[test]
fn a_migrate_is_acked_next_and_the_session_goes_on_here() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(1);
    let metadata = hex("02000000010000000a000000000000006400000000000000");
    peer.send_packet(SESSION_MIGRATE, 1, 0, &metadata, &[]);
    let ack = peer.receive();
    assert_eq!(
        (ack.kind, ack.session, ack.metadata.len()),
        (SESSION_MIGRATE_ACK, 1, 24)
    );
    assert_eq!(ack.u32(0), 0, "accept_code");
    assert!(ack.u64(4) >= 10, "resume_from_frame_id {}", ack.u64(4));
    peer.submit(1, 1, 0, b"here");
    peer.expect_echo(1, 1, b"here");
}

#[test]
fn a_resume_is_refused_as_resume() {
    let echo = Echo::start(&[]);
    let mut peer = echo.connect();
    let ack = peer.open(&Open {
        id: 77,
        flags: 1,
        resume_token_bytes: 24,
        ..Open::default()
    });
    assert_eq!((ack.status(), ack.code(), ack.session), (1, 0x0001_0006, 0));
    peer.expect_end();
}

#[test]
fn without_control_a_patch_ends_the_connection() {
    let echo = Echo::start(&["--no-control"]);
    let mut peer = echo.session(9);
    peer.submit(9, 1, 0, b"plain");
    peer.expect_echo(9, 1, b"plain");
    peer.send_packet(SESSION_PATCH, 9, 0, &[0; 36], &[]);
    peer.expect_dropped();
}

#[test]
fn hold_waits_for_its_cancel_and_later_frames_do_not() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    peer.submit(9, 1, HOLD, b"held");
    peer.submit(9, 2, 0, b"later");
    peer.expect_echo(9, 2, b"later");
    peer.expect_silence();
    peer.send_packet(FRAME_CANCEL, 9, 1, &[], &[]);
    expect_drop(&mut peer, 9, 1);
    peer.send_packet(FRAME_CANCEL, 9, 1, &[], &[]);
    peer.expect_silence();
}

#[test]
fn peers_that_hold_the_limit_of_operations_are_heard_and_free_it_when_they_leave() {
    let echo = Echo::start_logging(&["--max-operations", "4"]);
    let mut holders = [echo.session(7), echo.session(8)];
    for (peer, session) in holders.iter_mut().zip(7..) {
        for frame in 1..=2 {
            peer.submit(session, frame, HOLD, b"held");
        }
        // A pong after them says that they have arrived.
        peer.send_packet(PING, 0, 0, &[], &[]);
        assert_eq!(peer.receive().kind, PONG);
    }
    for (peer, session) in holders.iter_mut().zip(7..) {
        peer.submit(session, 4, 0, b"one too many");
        expect_drop(peer, session, 4);
        peer.send_packet(PING, 0, 0, &[], &[]);
        assert_eq!(peer.receive().kind, PONG);
    }
    drop(holders);
    echo.expect_ends("transport-lost", 2);
    let mut next = echo.session(9);
    for frame in 1..=3 {
        next.submit(9, frame, HOLD, b"held");
    }
    next.submit(9, 4, 0, b"the fourth");
    next.expect_echo(9, 4, b"the fourth");
}

#[test]
fn drop_is_one_result_drop() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    peer.submit(9, 1, DROP, b"unwanted");
    expect_drop(&mut peer, 9, 1);
    peer.expect_silence();
}

#[test]
fn flow_sends_an_update_per_scope_and_then_the_echo() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(1);
    peer.submit(1, 1, FLOW, b"delta");
    for (session, metadata) in [
        (
            0,
            "0000000005000000000000000000000000000000000000000100000001000000",
        ),
        (
            1,
            "0100000000000700000000000000000000000000000000000100000001000000",
        ),
        (
            1,
            "0200000000000000030000000100000000000000000000000100000001000000",
        ),
    ] {
        let update = peer.receive();
        assert_eq!(
            (update.kind, update.session, update.frame),
            (FLOW_UPDATE, session, 0)
        );
        assert_eq!(update.metadata, hex(metadata));
    }
    peer.expect_echo(1, 1, b"delta");
}

#[test]
fn flow_updates_and_echo_come_before_the_ack_of_a_request_that_was_sent_with_the_submit() {
    let echo = Echo::start(&[]);
    let mut submit_of_flow = submit(1, 1, FLOW, b"delta");
    let patch = packet(SESSION_PATCH, 1, 0, &[0; 36], &[]);
    let close = packet(SESSION_CLOSE, 1, 0, &[0; 24], &[]);
    let mut peer = echo.session(1);
    submit_of_flow.extend(patch);
    peer.send(&submit_of_flow);
    for expected in [
        FLOW_UPDATE,
        FLOW_UPDATE,
        FLOW_UPDATE,
        RESULT_PUSH,
        SESSION_PATCH_ACK,
    ] {
        assert_eq!(peer.receive().kind, expected);
    }
    let mut submit_of_flow = submit(1, 2, FLOW, b"delta");
    submit_of_flow.extend(close);
    peer.send(&submit_of_flow);
    for expected in [
        FLOW_UPDATE,
        FLOW_UPDATE,
        FLOW_UPDATE,
        RESULT_PUSH,
        SESSION_CLOSE_ACK,
    ] {
        assert_eq!(peer.receive().kind, expected);
    }
    peer.expect_end();
}

#[test]
fn partial_is_followed_by_the_complete_echo() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    peer.submit(9, 1, PARTIAL, b"piece");
    let partial = peer.receive();
    assert_echo(&partial, 9, 1, 0x0004, 1);
    assert_eq!(partial.body, b"piece");
    peer.expect_echo(9, 1, b"piece");
}

#[test]
fn swap_is_echoed_after_the_next_answer() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    peer.submit(9, 1, SWAP, b"first");
    peer.expect_silence();
    peer.submit(9, 2, 0, b"second");
    peer.expect_echo(9, 2, b"second");
    peer.expect_echo(9, 1, b"first");
}

#[test]
fn swap_is_echoed_after_the_drop_that_answers_a_later_frame() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    for held in [HOLD, SWAP] {
        let first = if held == HOLD { 1 } else { 11 };
        peer.submit(9, first, HOLD, b"earlier");
        peer.submit(9, first + 1, SWAP, b"swapped");
        peer.submit(9, first + 2, held, b"next");
        peer.submit(9, first + 3, SWAP, b"later");
        peer.send_packet(FRAME_CANCEL, 9, first + 2, &[], &[]);
        expect_drop(&mut peer, 9, first + 2);
        peer.expect_echo(9, first + 1, b"swapped");
        peer.expect_silence();
        peer.send_packet(FRAME_CANCEL, 9, first, &[], &[]);
        expect_drop(&mut peer, 9, first);
        peer.submit(9, first + 4, 0, b"last");
        peer.expect_echo(9, first + 4, b"last");
        peer.expect_echo(9, first + 3, b"later");
    }
    peer.expect_silence();
}

#[test]
fn withheld_frames_end_with_the_close_and_its_ack_is_next() {
    let echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    peer.submit(9, 1, HOLD, b"held");
    peer.submit(9, 2, SWAP, b"withheld");
    peer.close_session(9, 2);
    assert_eq!(peer.receive().kind, SESSION_CLOSE_ACK);
    peer.expect_end();
}

#[test]
fn without_verbs_a_verb_is_an_ordinary_latency_budget() {
    let echo = Echo::start(&["--no-verbs"]);
    let mut peer = echo.session(9);
    for (frame, verb) in (1..).zip([HOLD, DROP, FLOW, PARTIAL, SWAP]) {
        peer.submit(9, frame, verb, b"plain");
        peer.expect_echo(9, frame, b"plain");
    }
    peer.expect_silence();
}

fn expect_drop(peer: &mut Peer, session: u32, frame: u32) {
    let packet = peer.receive();
    assert_eq!(
        (packet.kind, packet.session, packet.frame),
        (RESULT_DROP, session, frame)
    );
    assert!(packet.metadata.is_empty() && packet.body.is_empty());
}

#[test]
fn knowing_the_id_is_enough_to_resume_only_where_that_is_asked_for() {
    for (options, resumed) in [(&["--resume-by-id"][..], true), (&[][..], false)] {
        let echo = Echo::start(options);
        let resumable = Open {
            id: 77,
            flags: 1,
            ..Open::default()
        };
        let mut lost = echo.connect();
        let ack = lost.open(&resumable);
        assert_eq!(ack.status(), 0, "{ack:?}");
        lost.shut_down_writing();
        lost.expect_dropped();
        let mut peer = echo.connect();
        let ack = peer.open(&Open {
            resume_token_bytes: 24,
            ..resumable
        });
        if !resumed {
            assert_eq!((ack.status(), ack.u32(48)), (1, 0x0001_0006), "{ack:?}");
            continue;
        }
        assert_eq!((ack.status(), ack.session), (3, 77), "{ack:?}");
        assert!(
            ack.u32(24) > 0 && ack.u32(28) > 0 && ack.u32(52) & 1 == 1,
            "{ack:?}"
        );
        peer.submit(77, 1, 0, b"frame ids start again");
        peer.expect_echo(77, 1, b"frame ids start again");
    }
}
