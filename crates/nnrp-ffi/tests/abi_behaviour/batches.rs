//! Batches and their bodies, events in order, arenas that are too small, and queues that are full.

use crate::pair::Pair;
use nnrp::*;
use std::time::{Duration, Instant};

#[test]
fn a_batch_takes_what_fits_and_numbers_it_on() {
    let mut pair = Pair::open_with(1024, &[(NNRP_OPTION_MAX_IN_FLIGHT, 4)]);
    let (status, batch) = pair.submit(&[b"a", b"bb", b"", b"dddd", b"e", b"f"]);
    assert_eq!(
        (status, batch.accepted, batch.first_frame_id),
        (NNRP_STATUS_OK, 4, 1)
    );
    assert_eq!(pair.submit(&[b"e"]).0, NNRP_STATUS_WOULD_BLOCK);
    for (frame, body) in [(1, b"a".as_slice()), (2, b"bb"), (3, b""), (4, b"dddd")] {
        let (event, received) = pair.server.next();
        assert_eq!(
            (event.kind, event.frame_id, &*received),
            (NNRP_EVENT_SUBMIT, frame, body)
        );
        assert_eq!(
            (event.operation_id, event.session),
            (u64::from(frame), pair.served)
        );
    }
    assert_eq!(
        pair.answer(&[2, 1]),
        (
            NNRP_STATUS_OK,
            NnrpBatch {
                accepted: 2,
                ..NnrpBatch::default()
            }
        )
    );
    let mut results = Vec::new();
    let mut writable = 0;
    while results.len() < 2 || writable == 0 {
        let (event, body) = pair.client.next();
        match event.kind {
            NNRP_EVENT_RESULT => {
                assert_eq!(body, event.frame_id.to_le_bytes());
                results.push(event.frame_id);
            }
            NNRP_EVENT_WRITABLE => writable += 1,
            other => panic!("event {other}"),
        }
    }
    assert_eq!((results, writable), (vec![2, 1], 1));
    let (status, batch) = pair.submit(&[b"e", b"f"]);
    assert_eq!(
        (status, batch.accepted, batch.first_frame_id),
        (NNRP_STATUS_OK, 2, 5)
    );
}

#[test]
fn a_batch_that_is_cut_short_for_room_is_followed_by_writable_too() {
    let mut pair = Pair::open_with(1024, &[(NNRP_OPTION_MAX_IN_FLIGHT, 1)]);
    let (status, batch) = pair.submit(&[b"a", b"b"]);
    assert_eq!((status, batch.accepted), (NNRP_STATUS_OK, 1));
    pair.server.expect(NNRP_EVENT_SUBMIT);
    assert_eq!(pair.answer(&[1]).0, NNRP_STATUS_OK);
    let (writable, _) = pair.client.find(NNRP_EVENT_WRITABLE);
    assert_eq!(writable.session, pair.session);
}

#[test]
fn the_first_invalid_entry_ends_a_batch_before_it() {
    let pair = Pair::open();
    let good = NnrpSubmit {
        struct_size: 56,
        body_size: 4,
        ..NnrpSubmit::default()
    };
    let arena = [0; 4];
    for bad in [
        NnrpSubmit {
            body_offset: 1,
            ..good
        },
        NnrpSubmit {
            body_offset: u64::MAX,
            ..good
        },
        NnrpSubmit {
            header_flags: 1 << 6,
            ..good
        },
        NnrpSubmit {
            latency_budget_ms: 65_536,
            ..good
        },
        NnrpSubmit {
            payload_kind_bitmap: 1 << 7,
            ..good
        },
        NnrpSubmit {
            payload_frame_count: 65_536,
            ..good
        },
        NnrpSubmit {
            reserved0: 1,
            ..good
        },
        NnrpSubmit {
            struct_size: 64,
            ..good
        },
    ] {
        assert_eq!(
            pair.submit_raw(&[bad, good], &arena).0,
            NNRP_STATUS_INVALID_ARGUMENT,
            "{bad:?}"
        );
        let (status, batch) = pair.submit_raw(&[good, bad, good], &arena);
        if status != NNRP_STATUS_WOULD_BLOCK {
            assert_eq!((status, batch.accepted), (NNRP_STATUS_OK, 1), "{bad:?}");
        }
    }
}

#[test]
fn a_body_larger_than_the_limit_is_refused_with_the_limit() {
    let pair = Pair::open_with(1024, &[(NNRP_OPTION_MAX_BODY_BYTES, 100)]);
    assert_eq!(pair.submit(&[&[0; 101]]).0, NNRP_STATUS_LIMIT_EXCEEDED);
    assert_eq!(pair.submit(&[&[0; 100]]).0, NNRP_STATUS_OK);
}

#[test]
fn results_for_frames_never_submitted_or_already_answered_are_refused() {
    let mut pair = Pair::open();
    pair.submit(&[b"x"]);
    pair.server.expect(NNRP_EVENT_SUBMIT);
    assert_eq!(pair.answer(&[2]).0, NNRP_STATUS_WRONG_STATE);
    let (status, batch) = pair.answer(&[1, 1]);
    assert_eq!((status, batch.accepted), (NNRP_STATUS_OK, 1));
    assert_eq!(pair.answer(&[1]).0, NNRP_STATUS_WRONG_STATE);
}

#[test]
fn bodies_are_aligned_wait_for_room_in_the_arena_or_come_as_buffers() {
    let mut pair = Pair::open();
    pair.server.arena = vec![0; 24];
    pair.submit(&[&[1; 5], &[2; 9], &[3; 7], &[4; 25]]);
    let mut batches = Vec::new();
    let deadline = Instant::now() + Duration::from_mins(1);
    while batches.iter().flatten().count() < 4 && Instant::now() < deadline {
        crate::events::wait(pair.server.queue, 1000);
        batches.push(pair.server.drain(16));
    }
    let events: Vec<_> = batches.iter().flatten().collect();
    let sizes: Vec<_> = events.iter().map(|(event, _)| event.payload_size).collect();
    assert_eq!(sizes, [5, 9, 7, 25]);
    for (event, body) in events {
        assert_eq!(event.payload_offset % 8, 0);
        assert_eq!(event.buffer != 0, event.payload_size > 24);
        assert!(body.iter().all(|&byte| u32::from(byte) == event.frame_id));
    }
    // 5 bytes, then 9 from 8 on, are 17; the 7 would start at 24.
    assert!(batches.iter().all(|batch| batch.len() <= 2));
}

#[test]
fn a_server_that_does_not_drain_stops_reading_and_loses_nothing() {
    const FRAMES: u32 = 2000;
    let mut pair = Pair::open_with(16, &[(NNRP_OPTION_MAX_IN_FLIGHT, 256)]);
    let body = vec![7; 4096];
    let mut submitted = 0;
    let mut seen = 0;
    while submitted < FRAMES || seen < FRAMES {
        if submitted < FRAMES {
            let (status, _) = pair.submit(&[&body]);
            if status == NNRP_STATUS_OK {
                submitted += 1;
                continue;
            }
            assert_eq!(status, NNRP_STATUS_WOULD_BLOCK);
        }
        // What is queued for the application never exceeds the capacity of its queue.
        let drained = pair.server.drain(1000);
        assert!(drained.len() <= 16, "{}", drained.len());
        if drained.is_empty() {
            crate::events::wait(pair.server.queue, 1000);
        }
        for (event, _) in drained {
            seen += 1;
            assert_eq!((event.kind, event.frame_id), (NNRP_EVENT_SUBMIT, seen));
            assert_eq!(pair.answer(&[event.frame_id]).0, NNRP_STATUS_OK);
        }
        pair.client.drain(1000);
    }
}

#[test]
fn cancel_drop_and_credit_arrive_with_their_fields() {
    let mut pair = Pair::open();
    pair.submit(&[b"x"]);
    pair.server.expect(NNRP_EVENT_SUBMIT);
    let none = std::ptr::null_mut();
    let update = NnrpFlowUpdate {
        struct_size: 40,
        scope: 2,
        operation_id: 1,
        credit: 3,
        epoch: 1,
        flags: 1,
        ..NnrpFlowUpdate::default()
    };
    // SAFETY: `update` is a live local; the diagnosis may be NULL.
    unsafe {
        assert_eq!(nnrp_session_cancel(pair.session, 1, none), NNRP_STATUS_OK);
        assert_eq!(pair.server.expect(NNRP_EVENT_CANCEL).frame_id, 1);
        let sent = nnrp_session_send_flow_update(pair.served, &raw const update, none);
        assert_eq!(sent, NNRP_STATUS_OK);
        assert_eq!(nnrp_session_send_drop(pair.served, 1, none), NNRP_STATUS_OK);
        assert_eq!(
            nnrp_session_send_drop(pair.served, 1, none),
            NNRP_STATUS_WRONG_STATE
        );
    }
    let flow = pair.client.expect(NNRP_EVENT_FLOW_UPDATE);
    assert_eq!(
        (flow.flow_scope, flow.flow_credit, flow.flow_epoch),
        (2, 3, 1)
    );
    assert_eq!(
        (flow.operation_id, flow.flow_flags, flow.session),
        (1, 1, pair.session)
    );
    assert_eq!(pair.client.expect(NNRP_EVENT_RESULT_DROP).frame_id, 1);
}
