//! Greeting, patches, hints, pings, probes and error reports, over real sockets.

use crate::pair::Pair;
use crate::secure::{SOCKETS, pair_at};
use nnrp::*;
use std::ptr;

#[test]
fn the_greeting_says_what_the_server_accepts() {
    let events = crate::events::Events::new(64, 1024);
    let (listener, uri) = crate::pair::listen(events.queue);
    let mut client = crate::events::Events::new(64, 1024);
    crate::pair::connect(client.queue, &uri, 0);
    client.expect(NNRP_EVENT_CONNECTED);
    client.expect(NNRP_EVENT_GREETED);
    let greeting: NnrpGreeting = client.record();
    assert_eq!(greeting.version_major, 1);
    assert_eq!(greeting.profile_bitmap & 0b10, 0b10, "tokens");
    assert_eq!(greeting.max_body_bytes, 16_777_216);
    assert!(greeting.max_concurrent_frames > 0 && listener != 0);
}

#[test]
fn an_opened_session_says_what_was_granted() {
    let mut pair = pair_at(SOCKETS[0], &[(NNRP_OPTION_MAX_IN_FLIGHT, 7)], &[]);
    let options = crate::pair::options_of(&[
        (NNRP_OPTION_ALLOW_RESUME, 1),
        (NNRP_OPTION_PRIORITY_CLASS, 2),
    ]);
    crate::pair::open_session(pair.connection, options);
    let opened = pair.client.expect(NNRP_EVENT_SESSION_OPENED);
    let grant: NnrpGrant = pair.client.record();
    assert_eq!((opened.profile_id, grant.schema_id), (2, 0x1001));
    assert_eq!(grant.resume_window_ms, 120_000);
    assert_eq!((grant.is_resumed, grant.priority_class), (0, 2));
    assert_eq!(grant.session_flags & 1, 1, "resume is enabled");
}

#[test]
fn a_ping_is_answered_with_its_round_trip() {
    for uri in SOCKETS {
        let mut pair = pair_at(uri, &[], &[]);
        // SAFETY: the diagnosis may be NULL.
        let status = unsafe { nnrp_connection_ping(pair.connection, ptr::null_mut()) };
        assert_eq!(status, NNRP_STATUS_OK);
        let pong = pair.client.expect(NNRP_EVENT_PONG);
        let NnrpPong { round_trip_ns } = pair.client.record();
        assert_eq!(pong.connection, pair.connection);
        assert!(round_trip_ns > 0, "{uri}");
    }
}

#[test]
fn a_probe_is_answered_with_the_server_s_clock() {
    let mut pair = pair_at(SOCKETS[0], &[], &[]);
    let padding = [0_u8; 1000];
    // SAFETY: `padding` has its own length; the diagnosis may be NULL.
    let status = unsafe {
        nnrp_connection_probe(
            pair.connection,
            5,
            padding.as_ptr(),
            padding.len(),
            ptr::null_mut(),
        )
    };
    assert_eq!(status, NNRP_STATUS_OK);
    let answered = pair.client.expect(NNRP_EVENT_PROBE_ANSWERED);
    let answer: NnrpProbeAnswer = pair.client.record();
    assert_eq!((answered.detail, answer.probe_id), (5, 5));
}

#[test]
fn a_patch_is_answered_with_the_settings_in_effect() {
    for uri in SOCKETS {
        let mut pair = pair_at(uri, &[], &[]);
        let patch = NnrpPatch {
            struct_size: 48,
            mask: 0b11,
            target_cadence_x100: 3000,
            quality_tier: 2,
            ..NnrpPatch::default()
        };
        assert_eq!(send_patch(&pair, &patch, b""), NNRP_STATUS_OK);
        let patched = pair.client.expect(NNRP_EVENT_SESSION_PATCHED);
        let answer: NnrpPatchAnswer = pair.client.record();
        assert_eq!(patched.session, pair.session);
        assert_eq!((answer.ack_status, answer.applied_mask), (0, 0b11), "{uri}");
        assert_eq!((answer.target_cadence_x100, answer.quality_tier), (3000, 2));
    }
}

#[test]
fn a_patch_that_no_message_can_carry_is_refused() {
    let pair = Pair::open();
    let valid = NnrpPatch {
        struct_size: 48,
        ..NnrpPatch::default()
    };
    let wrong = [
        NnrpPatch {
            mask: 1 << 7,
            ..valid
        },
        NnrpPatch {
            quality_tier: 65_536,
            ..valid
        },
        NnrpPatch {
            degrade_policy: 65_536,
            ..valid
        },
        NnrpPatch {
            profile_id: 65_536,
            ..valid
        },
        NnrpPatch {
            reserved0: 1,
            ..valid
        },
        NnrpPatch {
            struct_size: 40,
            ..valid
        },
    ];
    for patch in wrong {
        assert_eq!(
            send_patch(&pair, &patch, b""),
            NNRP_STATUS_INVALID_ARGUMENT,
            "{patch:?}"
        );
    }
}

#[test]
fn a_hint_reaches_the_client_with_every_field() {
    for uri in SOCKETS {
        let mut pair = pair_at(uri, &[], &[]);
        let hint = NnrpHint {
            struct_size: 24,
            frame_id: 0,
            budget_policy: 1,
            congestion: 2,
            reason: 1,
            retry_after_ms: 77,
        };
        assert_eq!(send_hint(pair.served, &hint), NNRP_STATUS_OK, "{uri}");
        let arrived = pair.client.expect(NNRP_EVENT_HINT);
        assert_eq!(arrived.session, pair.session);
        assert_eq!(arrived.retry_after_ms, 77);
        assert_eq!(pair.client.record::<NnrpHint>(), hint);
        let wrong = NnrpHint { reason: 99, ..hint };
        assert_eq!(send_hint(pair.served, &wrong), NNRP_STATUS_INVALID_ARGUMENT);
        assert_eq!(send_hint(pair.session, &hint), NNRP_STATUS_WRONG_STATE);
    }
}

#[test]
fn a_report_reaches_the_peer_and_a_fatal_one_ends_its_session() {
    for uri in SOCKETS {
        let mut pair = pair_at(uri, &[], &[]);
        let report = NnrpErrorReport {
            struct_size: 32,
            error_code: 11,
            scope: 0,
            retry_after_ms: 9,
            ..NnrpErrorReport::default()
        };
        let status = send_report(pair.accepted, 0, &report, "overloaded");
        assert_eq!(status, NNRP_STATUS_OK, "{uri}");
        let (event, text) = pair.client.expect_body(NNRP_EVENT_PEER_ERROR);
        assert_eq!(
            (event.protocol_code, text.as_slice()),
            (11, &b"overloaded"[..])
        );
        let arrived: NnrpErrorReport = pair.client.record();
        assert_eq!((arrived.error_code, arrived.is_fatal), (11, 0));
        assert_eq!(arrived.retry_after_ms, 9);
        let fatal = NnrpErrorReport {
            is_fatal: 1,
            scope: 1,
            ..report
        };
        let status = send_report(pair.accepted, pair.served, &fatal, "");
        assert_eq!(status, NNRP_STATUS_OK, "{uri}");
        let event = pair.client.expect(NNRP_EVENT_PEER_ERROR);
        assert_eq!(event.session, pair.session);
        pair.client.expect(NNRP_EVENT_SESSION_CLOSED);
    }
}

#[test]
fn a_report_about_a_session_of_another_connection_is_refused() {
    let (one, other) = (Pair::open(), Pair::open());
    let report = NnrpErrorReport {
        struct_size: 32,
        ..NnrpErrorReport::default()
    };
    let status = send_report(one.connection, other.session, &report, "");
    assert_eq!(status, NNRP_STATUS_INVALID_HANDLE);
    let wrong = NnrpErrorReport {
        is_fatal: 2,
        ..report
    };
    assert_eq!(
        send_report(one.connection, 0, &wrong, ""),
        NNRP_STATUS_INVALID_ARGUMENT
    );
}

#[test]
fn without_the_hello_exchange_there_is_no_control() {
    let pair = crate::secure::open_first_pair();
    let (hint, report) = (
        NnrpHint {
            struct_size: 24,
            ..NnrpHint::default()
        },
        NnrpErrorReport {
            struct_size: 32,
            ..NnrpErrorReport::default()
        },
    );
    // SAFETY: the diagnosis may be NULL.
    let ping = unsafe { nnrp_connection_ping(pair.connection, ptr::null_mut()) };
    assert_eq!(ping, NNRP_STATUS_WRONG_STATE);
    assert_eq!(send_hint(pair.served, &hint), NNRP_STATUS_WRONG_STATE);
    let status = send_report(pair.connection, 0, &report, "");
    assert_eq!(status, NNRP_STATUS_WRONG_STATE);
}

#[test]
fn a_deadline_that_passes_is_told_to_both_sides() {
    let deadline = [(NNRP_OPTION_DEFAULT_DEADLINE_MS, 50)];
    let mut pair = pair_at(SOCKETS[0], &deadline, &[]);
    assert_eq!(pair.submit(&[b"never answered"]).0, NNRP_STATUS_OK);
    let frame_id = pair.server.expect(NNRP_EVENT_SUBMIT).frame_id;
    let passed = pair.server.expect(NNRP_EVENT_DEADLINE_PASSED);
    assert_eq!((passed.session, passed.frame_id), (pair.served, frame_id));
    let (dropped, _) = pair.client.find(NNRP_EVENT_RESULT_DROP);
    assert_eq!(dropped.frame_id, frame_id);
}

fn send_patch(pair: &Pair, patch: &NnrpPatch, block: &[u8]) -> NnrpStatus {
    // SAFETY: all pointers are to live memory of the stated sizes.
    unsafe {
        nnrp_session_patch(
            pair.session,
            patch,
            block.as_ptr(),
            block.len(),
            ptr::null_mut(),
        )
    }
}

fn send_hint(session: NnrpHandle, hint: &NnrpHint) -> NnrpStatus {
    // SAFETY: `hint` is live; the diagnosis may be NULL.
    unsafe { nnrp_session_send_hint(session, hint, ptr::null_mut()) }
}

fn send_report(
    connection: NnrpHandle,
    session: NnrpHandle,
    report: &NnrpErrorReport,
    text: &str,
) -> NnrpStatus {
    // SAFETY: all pointers are to live memory of the stated sizes.
    unsafe {
        nnrp_connection_report_error(
            connection,
            session,
            report,
            text.as_ptr().cast(),
            text.len(),
            ptr::null_mut(),
        )
    }
}
