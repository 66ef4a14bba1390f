//! NULL pointers where memory is required, in every function: a status, never more.

use crate::pair::Pair;
use nnrp::*;
use std::ptr;

#[test]
fn a_null_pointer_is_a_status_that_names_its_parameter() {
    let pair = Pair::open();
    let queue = pair.client.queue;
    let mut error = NnrpError::default();
    let (mut out, mut size) = (0_u64, 0_usize);
    let update = ptr::null();
    // SAFETY: NULL is what is being tested; the other pointers are to live locals.
    unsafe {
        let e = &raw mut error;
        let uri = "nnrp+mem://x";
        let text = uri.as_ptr().cast();
        let checks: [(u32, NnrpStatus, u32); 12] = [
            (1, nnrp_options_create(ptr::null_mut(), e), error.detail),
            (2, nnrp_queue_create(16, ptr::null_mut(), e), error.detail),
            (
                2,
                nnrp_connect(queue, ptr::null(), 1, 0, &raw mut out, e),
                error.detail,
            ),
            (
                5,
                nnrp_connect(queue, text, 12, 0, ptr::null_mut(), e),
                error.detail,
            ),
            (
                3,
                nnrp_connection_open_session(pair.connection, 0, ptr::null_mut(), e),
                error.detail,
            ),
            (
                2,
                nnrp_server_listen(queue, ptr::null(), 1, 0, &raw mut out, e),
                error.detail,
            ),
            (
                5,
                nnrp_server_listen(queue, text, 12, 0, ptr::null_mut(), e),
                error.detail,
            ),
            (
                2,
                nnrp_listener_uri(pair.listener, ptr::null_mut(), 9, &raw mut size, e),
                error.detail,
            ),
            (
                4,
                nnrp_listener_uri(pair.listener, ptr::null_mut(), 0, ptr::null_mut(), e),
                error.detail,
            ),
            (
                5,
                nnrp_buffer_read(1, 0, ptr::null_mut(), 0, ptr::null_mut(), e),
                error.detail,
            ),
            (
                2,
                nnrp_buffer_borrow(1, ptr::null_mut(), &raw mut size, e),
                error.detail,
            ),
            (
                2,
                nnrp_session_send_flow_update(pair.served, update, e),
                error.detail,
            ),
        ];
        for (index, (parameter, status, detail)) in checks.into_iter().enumerate() {
            assert_eq!(
                (status, detail),
                (NNRP_STATUS_NULL_POINTER, parameter),
                "check {index}"
            );
        }
    }
}

#[test]
fn a_null_pointer_is_refused_by_the_functions_without_diagnosis() {
    let pair = Pair::open();
    let queue = pair.client.queue;
    // SAFETY: NULL is what is being tested; the other pointers are to live locals.
    unsafe {
        let mut batch = NnrpBatch::default();
        let submit = NnrpSubmit {
            struct_size: 56,
            ..NnrpSubmit::default()
        };
        let send = |submits, arena, arena_size, batch| {
            nnrp_session_submit(pair.session, submits, 1, arena, arena_size, batch)
        };
        assert_eq!(
            send(ptr::null(), ptr::null(), 0, &raw mut batch),
            NNRP_STATUS_NULL_POINTER
        );
        let valid = &raw const submit;
        assert_eq!(
            send(valid, ptr::null(), 1, &raw mut batch),
            NNRP_STATUS_NULL_POINTER
        );
        assert_eq!(
            send(valid, ptr::null(), 0, ptr::null_mut()),
            NNRP_STATUS_NULL_POINTER
        );
        let mut count = 0;
        let drain = |events, arena_size, count| {
            nnrp_queue_drain(queue, events, 1, ptr::null_mut(), arena_size, count)
        };
        let mut event = NnrpEvent::default();
        assert_eq!(
            drain(ptr::null_mut(), 0, &raw mut count),
            NNRP_STATUS_NULL_POINTER
        );
        assert_eq!(
            drain(&raw mut event, 8, &raw mut count),
            NNRP_STATUS_NULL_POINTER
        );
        assert_eq!(
            drain(&raw mut event, 0, ptr::null_mut()),
            NNRP_STATUS_NULL_POINTER
        );
    }
}
