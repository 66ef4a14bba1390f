//! Waiting and being woken by real traffic, and what a wake callback must not call.

use crate::events::wait;
use crate::pair::Pair;
use nnrp::*;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[derive(Default)]
struct Woken {
    calls: AtomicUsize,
    queue: NnrpHandle,
    /// Status of what is forbidden inside the callback.
    forbidden: AtomicU32,
}

unsafe extern "C" fn count(woken: *mut c_void) {
    // SAFETY: the tests pass one that outlives the callback.
    let woken = unsafe { &*woken.cast::<Woken>() };
    woken.calls.fetch_add(1, Ordering::SeqCst);
    let none = ptr::null_mut();
    // SAFETY: the diagnosis may be NULL.
    let refused = unsafe {
        [
            nnrp_queue_close(woken.queue, none),
            nnrp_queue_set_wake(woken.queue, None, ptr::null_mut(), none),
            nnrp_queue_wait(woken.queue, 1, none),
        ]
    };
    if refused == [NNRP_STATUS_WRONG_STATE; 3] {
        woken
            .forbidden
            .store(NNRP_STATUS_WRONG_STATE, Ordering::SeqCst);
    }
}

#[test]
fn traffic_wakes_once_per_emptied_queue_and_waits_inside_the_callback_are_refused() {
    let mut pair = Pair::open();
    let woken = Woken {
        queue: pair.server.queue,
        ..Woken::default()
    };
    let user_data = (&raw const woken).cast_mut().cast();
    let none = ptr::null_mut();
    // SAFETY: `woken` outlives the callback, which is taken away below.
    let status = unsafe { nnrp_queue_set_wake(pair.server.queue, Some(count), user_data, none) };
    assert_eq!(status, NNRP_STATUS_OK);
    for round in 1..=3 {
        pair.submit(&[b"x"]);
        assert_eq!(wait(pair.server.queue, 60_000), NNRP_STATUS_OK);
        let deadline = Instant::now() + Duration::from_mins(1);
        while woken.calls.load(Ordering::SeqCst) < round && Instant::now() < deadline {
            std::thread::yield_now();
        }
        assert_eq!(woken.calls.load(Ordering::SeqCst), round);
        let event = pair.server.expect(NNRP_EVENT_SUBMIT);
        assert_eq!(pair.answer(&[event.frame_id]).0, NNRP_STATUS_OK);
        pair.client.expect(NNRP_EVENT_RESULT);
    }
    assert_eq!(
        woken.forbidden.load(Ordering::SeqCst),
        NNRP_STATUS_WRONG_STATE
    );
    // SAFETY: the diagnosis may be NULL.
    unsafe { nnrp_queue_set_wake(pair.server.queue, None, ptr::null_mut(), none) };
    pair.submit(&[b"x"]);
    assert_eq!(wait(pair.server.queue, 60_000), NNRP_STATUS_OK);
    assert_eq!(woken.calls.load(Ordering::SeqCst), 3);
}

#[test]
fn a_wait_without_events_ends_with_its_time() {
    let pair = Pair::open();
    assert_eq!(wait(pair.client.queue, 0), NNRP_STATUS_TIMEOUT);
    let began = Instant::now();
    assert_eq!(wait(pair.client.queue, 30), NNRP_STATUS_TIMEOUT);
    assert!(began.elapsed() >= Duration::from_millis(30));
}
