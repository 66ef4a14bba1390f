//! Handles that are stale, of another kind or invented, in every function, and what its side or options forbid: a status, never
//! more.

use crate::events::Events;
use crate::pair::{Pair, options_of};
use nnrp::*;
use std::ffi::c_void;
use std::ptr;

/// Calls every function that takes a handle with this one, and gives the statuses by name.
#[allow(clippy::too_many_lines)] // One call per function of the header.
fn call_all(handle: NnrpHandle) -> Vec<(&'static str, NnrpStatus)> {
    unsafe extern "C" fn wake(_: *mut c_void) {}
    let none: *mut NnrpError = ptr::null_mut();
    let uri = "nnrp+mem://misuse";
    let submit = NnrpSubmit {
        struct_size: 56,
        ..NnrpSubmit::default()
    };
    let result = NnrpResult {
        struct_size: 72,
        frame_id: 1,
        ..NnrpResult::default()
    };
    let update = NnrpFlowUpdate {
        struct_size: 40,
        ..NnrpFlowUpdate::default()
    };
    let patch = NnrpPatch {
        struct_size: 48,
        ..NnrpPatch::default()
    };
    let hint = NnrpHint {
        struct_size: 24,
        ..NnrpHint::default()
    };
    let report = NnrpErrorReport {
        struct_size: 32,
        ..NnrpErrorReport::default()
    };
    let mut info = NnrpTicketInfo::default();
    let (mut out, mut size, mut count) = (0_u64, 0_usize, 0_u32);
    let (mut byte, mut data) = ([0_u8; 8], ptr::null());
    let (mut event, mut batch) = (NnrpEvent::default(), NnrpBatch::default());
    // SAFETY: every pointer is NULL where the header allows it, or to a live local of the stated size.
    unsafe {
        vec![
            ("options_set_u64", nnrp_options_set_u64(handle, 1, 1, none)),
            (
                "options_set_bytes",
                nnrp_options_set_bytes(handle, 1, ptr::null(), 0, none),
            ),
            ("release", nnrp_release(handle, none)),
            (
                "queue_set_wake",
                nnrp_queue_set_wake(handle, Some(wake), ptr::null_mut(), none),
            ),
            ("queue_wait", nnrp_queue_wait(handle, 0, none)),
            (
                "queue_descriptor",
                nnrp_queue_descriptor(handle, &raw mut count, none),
            ),
            (
                "queue_drain",
                nnrp_queue_drain(
                    handle,
                    &raw mut event,
                    1,
                    ptr::null_mut(),
                    0,
                    &raw mut count,
                ),
            ),
            ("queue_close", nnrp_queue_close(handle, none)),
            (
                "buffer_read",
                nnrp_buffer_read(handle, 0, byte.as_mut_ptr(), 8, &raw mut size, none),
            ),
            (
                "buffer_borrow",
                nnrp_buffer_borrow(handle, &raw mut data, &raw mut size, none),
            ),
            (
                "connect",
                nnrp_connect(
                    handle,
                    uri.as_ptr().cast(),
                    uri.len(),
                    0,
                    &raw mut out,
                    none,
                ),
            ),
            (
                "connection_open_session",
                nnrp_connection_open_session(handle, 0, &raw mut out, none),
            ),
            (
                "session_submit",
                nnrp_session_submit(handle, &raw const submit, 1, ptr::null(), 0, &raw mut batch),
            ),
            ("session_cancel", nnrp_session_cancel(handle, 1, none)),
            ("session_shutdown", nnrp_session_shutdown(handle, none)),
            (
                "connection_shutdown",
                nnrp_connection_shutdown(handle, none),
            ),
            (
                "server_listen",
                nnrp_server_listen(
                    handle,
                    uri.as_ptr().cast(),
                    uri.len(),
                    0,
                    &raw mut out,
                    none,
                ),
            ),
            (
                "listener_uri",
                nnrp_listener_uri(handle, byte.as_mut_ptr().cast(), 8, &raw mut size, none),
            ),
            ("listener_close", nnrp_listener_close(handle, none)),
            (
                "session_send_results",
                nnrp_session_send_results(
                    handle,
                    &raw const result,
                    1,
                    ptr::null(),
                    0,
                    &raw mut batch,
                ),
            ),
            ("session_send_drop", nnrp_session_send_drop(handle, 1, none)),
            (
                "session_patch",
                nnrp_session_patch(handle, &raw const patch, ptr::null(), 0, none),
            ),
            (
                "session_send_hint",
                nnrp_session_send_hint(handle, &raw const hint, none),
            ),
            ("connection_ping", nnrp_connection_ping(handle, none)),
            (
                "connection_probe",
                nnrp_connection_probe(handle, 1, ptr::null(), 0, none),
            ),
            (
                "connection_report_error",
                nnrp_connection_report_error(handle, 0, &raw const report, ptr::null(), 0, none),
            ),
            (
                "connection_peer",
                nnrp_connection_peer(handle, byte.as_mut_ptr().cast(), 8, &raw mut size, none),
            ),
            (
                "connection_uri",
                nnrp_connection_uri(handle, byte.as_mut_ptr().cast(), 8, &raw mut size, none),
            ),
            (
                "session_detach",
                nnrp_session_detach(handle, &raw mut out, none),
            ),
            (
                "session_take_ticket",
                nnrp_session_take_ticket(handle, &raw mut out, none),
            ),
            (
                "connection_resume_session",
                nnrp_connection_resume_session(handle, handle, &raw mut out, none),
            ),
            ("ticket_info", nnrp_ticket_info(handle, &raw mut info, none)),
            (
                "ticket_save",
                nnrp_ticket_save(handle, byte.as_mut_ptr(), 8, &raw mut size, none),
            ),
            (
                "session_is_resumable",
                nnrp_session_is_resumable(handle, &raw mut count, none),
            ),
            (
                "connection_migrate",
                nnrp_connection_migrate(handle, uri.as_ptr().cast(), uri.len(), none),
            ),
            ("session_migrate", nnrp_session_migrate(handle, 2, 1, none)),
            ("listener_drain", nnrp_listener_drain(handle, 1, none)),
            (
                "session_send_flow_update",
                nnrp_session_send_flow_update(handle, &raw const update, none),
            ),
        ]
    }
}

/// Every function refuses the handle, except `tolerant`, the close or release of a handle that was issued once.
fn refused_by_all(handle: NnrpHandle, tolerant: &[&str]) {
    for (name, status) in call_all(handle) {
        let expected = if tolerant.contains(&name) {
            NNRP_STATUS_OK
        } else {
            NNRP_STATUS_INVALID_HANDLE
        };
        assert_eq!(status, expected, "nnrp_{name}({handle:#x})");
    }
}

#[test]
fn invented_handles_are_refused_by_every_function() {
    let _some_of_each_kind = Pair::open();
    for handle in [
        0,
        1,
        0xffff_ffff,
        1 << 52,
        1 << 53,
        u64::MAX,
        6 << 48,
        (2 << 48) | 0x00ff_ffff,
    ] {
        refused_by_all(handle, &[]);
    }
    // A multiplicative generator is random enough to hit every kind.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..2000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        refused_by_all((state >> 11) | 1 << 23, &[]);
    }
}

#[test]
fn a_live_handle_of_another_kind_is_refused() {
    let pair = Pair::open();
    let options = options_of(&[]);
    let of_queue = ["queue_set_wake", "queue_wait", "queue_drain", "queue_close"];
    for (name, status) in call_all(options) {
        if !name.starts_with("options_") && name != "release" {
            assert_eq!(
                status, NNRP_STATUS_INVALID_HANDLE,
                "nnrp_{name} took options"
            );
        }
    }
    for (name, status) in call_all(pair.listener) {
        if of_queue.contains(&name) || name.starts_with("session_") || name == "release" {
            assert_eq!(
                status, NNRP_STATUS_INVALID_HANDLE,
                "nnrp_{name} took a listener"
            );
        }
    }
}

#[test]
fn stale_handles_are_refused_but_may_be_closed_and_released_again() {
    let mut pair = Pair::open();
    let none = ptr::null_mut();
    let options = options_of(&[]);
    // SAFETY: the diagnosis may be NULL.
    unsafe {
        assert_eq!(nnrp_release(options, none), NNRP_STATUS_OK);
        assert_eq!(nnrp_session_shutdown(pair.session, none), NNRP_STATUS_OK);
        assert_eq!(nnrp_listener_close(pair.listener, none), NNRP_STATUS_OK);
    }
    assert_eq!(
        pair.client.expect(NNRP_EVENT_SESSION_CLOSED).status,
        NNRP_STATUS_CLOSED
    );
    // SAFETY: the diagnosis may be NULL.
    unsafe {
        assert_eq!(
            nnrp_connection_shutdown(pair.connection, none),
            NNRP_STATUS_OK
        );
    };
    assert_eq!(
        pair.client.expect(NNRP_EVENT_CONNECTION_CLOSED).status,
        NNRP_STATUS_CLOSED
    );
    let mut last = Vec::new();
    while last.len() < 3 {
        last.push(pair.server.next().0.kind);
    }
    last.sort_unstable();
    let closing = [
        NNRP_EVENT_CONNECTION_CLOSED,
        NNRP_EVENT_SESSION_CLOSED,
        NNRP_EVENT_LISTENER_CLOSED,
    ];
    assert_eq!(last, closing);
    refused_by_all(options, &["release"]);
    for session in [pair.session, pair.served] {
        refused_by_all(session, &["session_shutdown"]);
    }
    for connection in [pair.connection, pair.accepted] {
        refused_by_all(connection, &["connection_shutdown"]);
    }
    refused_by_all(pair.listener, &["listener_close"]);
    let queue = Events::new(16, 0).queue;
    refused_by_all(queue, &["queue_close"]);
}

#[test]
fn options_out_of_range_and_unknown_keys_name_the_key() {
    let options = options_of(&[(NNRP_OPTION_PRIORITY_CLASS, 2)]);
    let mut error = NnrpError::default();
    for (key, value) in [
        (0, 0),
        (8, 3),
        (99, 1),
        (NNRP_OPTION_CONNECT_TIMEOUT_MS, 0),
        (NNRP_OPTION_CONNECT_TIMEOUT_MS, 3_600_001),
        (NNRP_OPTION_MAX_IN_FLIGHT, 65_536),
        (NNRP_OPTION_PRIORITY_CLASS, 3),
        (NNRP_OPTION_REQUESTED_SESSION_ID, 1 << 32),
    ] {
        // SAFETY: `error` is a live local.
        let status = unsafe { nnrp_options_set_u64(options, key, value, &raw mut error) };
        assert_eq!(
            (status, error.detail),
            (NNRP_STATUS_INVALID_OPTION, key),
            "{key} = {value}"
        );
    }
}

#[test]
fn a_client_cannot_do_what_the_server_does_nor_the_other_way() {
    let pair = Pair::open();
    let none = ptr::null_mut();
    let mut out = 0;
    // SAFETY: the pointers are NULL where allowed, else to live locals.
    unsafe {
        assert_eq!(
            nnrp_session_send_drop(pair.session, 1, none),
            NNRP_STATUS_WRONG_STATE
        );
        assert_eq!(
            nnrp_session_cancel(pair.served, 1, none),
            NNRP_STATUS_WRONG_STATE
        );
        let opened = nnrp_connection_open_session(pair.accepted, 0, &raw mut out, none);
        assert_eq!(opened, NNRP_STATUS_WRONG_STATE);
    }
    assert_eq!(pair.answer(&[7]).0, NNRP_STATUS_WRONG_STATE);
}
