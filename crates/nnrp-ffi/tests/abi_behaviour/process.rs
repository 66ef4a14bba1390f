//! What a whole process may do: fork, end with work in flight, and wait on a descriptor.

use crate::events::{Events, wait};
use crate::pair::{Pair, connect, listen, open_session};
use nnrp::*;
use std::env;
use std::ffi::{c_int, c_short, c_ulong};
use std::process::Command;
use std::ptr;

/// Tells a test that it is the process under test.
const CHILD: &str = "NNRP_TEST_CHILD";

unsafe extern "C" {
    fn fork() -> c_int;
    fn waitpid(process: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn _exit(status: c_int) -> !;
    fn alarm(seconds: u32) -> u32;
    fn poll(descriptors: *mut PollDescriptor, count: c_ulong, timeout_ms: c_int) -> c_int;
}

#[repr(C)]
struct PollDescriptor {
    descriptor: c_int,
    wanted: c_short,
    seen: c_short,
}

/// Whether the descriptor is readable within this time.
fn readable(descriptor: u32, timeout_ms: c_int) -> bool {
    const POLLIN: c_short = 1;
    let mut one = PollDescriptor {
        descriptor: c_int::try_from(descriptor).expect("small"),
        wanted: POLLIN,
        seen: 0,
    };
    // SAFETY: `one` is a live local.
    let count = unsafe { poll(&raw mut one, 1, timeout_ms) };
    count == 1 && one.seen & POLLIN != 0
}

#[test]
fn the_descriptor_is_readable_exactly_while_there_are_events() {
    let mut pair = Pair::open();
    let descriptor = descriptor_of(pair.server.queue).expect("a unix system");
    assert_eq!(descriptor_of(pair.server.queue), Ok(descriptor));
    assert!(!readable(descriptor, 0), "everything is drained");
    for first in [1, 3, 5] {
        assert_eq!(pair.submit(&[b"one", b"two"]).0, NNRP_STATUS_OK);
        assert!(readable(descriptor, 60_000));
        let mut seen = 0;
        while seen < 2 {
            assert!(readable(descriptor, 60_000), "one event is left");
            seen += pair.server.drain(1).len();
        }
        assert!(!readable(descriptor, 0));
        assert_eq!(pair.answer(&[first, first + 1]).0, NNRP_STATUS_OK);
        pair.client.find(NNRP_EVENT_RESULT);
        pair.client.find(NNRP_EVENT_RESULT);
    }
    assert_eq!(descriptor_of(pair.session), Err(NNRP_STATUS_INVALID_HANDLE));
}

#[test]
fn a_descriptor_made_late_shows_the_events_that_wait_already() {
    let pair = Pair::open();
    assert_eq!(pair.submit(&[b"waits"]).0, NNRP_STATUS_OK);
    assert_eq!(wait(pair.server.queue, 60_000), NNRP_STATUS_OK);
    let descriptor = descriptor_of(pair.server.queue).expect("a unix system");
    assert!(readable(descriptor, 0));
}

#[test]
fn in_a_forked_process_every_call_gives_a_status_and_none_hangs() {
    let mut pair = Pair::open();
    // SAFETY: the child calls nothing but the library and _exit.
    let child = unsafe { fork() };
    assert!(child >= 0);
    if child == 0 {
        // SAFETY: no memory is touched; an alarm ends a child that hangs.
        unsafe {
            alarm(60);
            _exit(calls_in_child(&pair));
        }
    }
    let mut status = 0;
    // SAFETY: `status` is a live local.
    assert_eq!(unsafe { waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "call number {} of the child", status >> 8);
    assert_eq!(pair.submit(&[b"the parent goes on"]).0, NNRP_STATUS_OK);
    pair.server.find(NNRP_EVENT_SUBMIT);
}

/// 0, or the number of the first call that is not refused.
fn calls_in_child(pair: &Pair) -> c_int {
    let none = ptr::null_mut();
    let (mut out, mut error) = (0, NnrpError::default());
    let mut size = 0;
    let mut text = [0_u8; 256];
    // SAFETY: all pointers are NULL where allowed, else to live locals.
    let statuses = unsafe {
        [
            nnrp_options_create(&raw mut out, none),
            nnrp_queue_create(16, &raw mut out, none),
            nnrp_queue_wait(pair.client.queue, u32::MAX, none),
            nnrp_connection_open_session(pair.connection, 0, &raw mut out, none),
            nnrp_session_shutdown(pair.session, none),
            nnrp_connection_shutdown(pair.connection, none),
            nnrp_queue_close(pair.client.queue, &raw mut error),
        ]
    };
    let refused = statuses
        .iter()
        .position(|&status| status != NNRP_STATUS_FORKED);
    // SAFETY: as above.
    let message = unsafe {
        nnrp_error_message(
            &raw const error,
            text.as_mut_ptr().cast(),
            text.len(),
            &raw mut size,
        )
    };
    match refused {
        Some(index) => c_int::try_from(index).unwrap_or(0) + 1,
        None if message != NNRP_STATUS_OK || size == 0 => 100,
        None => 0,
    }
}

#[test]
fn a_process_may_end_with_work_in_flight() {
    if env::var_os(CHILD).is_some() {
        end_with_work_in_flight();
    }
    let name = "process::a_process_may_end_with_work_in_flight";
    for round in 0..20 {
        let ended = Command::new(env::current_exe().expect("this test"))
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, "1")
            .output()
            .expect("it starts");
        assert_eq!(ended.status.code(), Some(7), "round {round}: {ended:?}");
    }
}

/// Ends the process while results and submits are on their way, without closing anything.
fn end_with_work_in_flight() -> ! {
    let (client, server) = (Events::new(1024, 1 << 16), Events::new(1024, 1 << 16));
    let (_, uri) = listen(server.queue);
    for _ in 0..4 {
        let connection = connect(client.queue, &uri, 0);
        let session = open_session(connection, 0);
        let submit = NnrpSubmit {
            struct_size: 48,
            ..NnrpSubmit::default()
        };
        let mut batch = NnrpBatch::default();
        // SAFETY: all pointers are NULL where allowed, else to live locals.
        unsafe {
            nnrp_session_submit(
                session,
                &raw const submit,
                1,
                ptr::null(),
                0,
                &raw mut batch,
            )
        };
    }
    std::process::exit(7);
}

fn descriptor_of(queue: NnrpHandle) -> Result<u32, NnrpStatus> {
    let mut descriptor = 0;
    // SAFETY: `descriptor` is a live local.
    match unsafe { nnrp_queue_descriptor(queue, &raw mut descriptor, ptr::null_mut()) } {
        NNRP_STATUS_OK => Ok(descriptor),
        status => Err(status),
    }
}
