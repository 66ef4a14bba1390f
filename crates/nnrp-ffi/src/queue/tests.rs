//! Tests of the event queue: order, bounds, waits, wake-ups and its end.

use super::*;
use crate::session_event::NNRP_EVENT_RECONNECTING;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const CONNECTION: NnrpHandle = 7;

fn event(frame_id: u32) -> NnrpEvent {
    NnrpEvent {
        frame_id,
        ..NnrpEvent::default()
    }
}

fn append(queue: &Queue, frames: impl IntoIterator<Item = u32>) -> VecDeque<u32> {
    let mut source: VecDeque<u32> = frames.into_iter().collect();
    queue.append(
        &mut source,
        |_| true,
        |frame| Some((event(frame), Bytes::new())),
    );
    source
}

fn drain(queue: &Queue, most: usize) -> Vec<u32> {
    let mut drained = Vec::new();
    let outcome = queue.drain(|event, _| {
        if drained.len() == most {
            return Take::Stop;
        }
        drained.push(event.frame_id);
        Take::Taken
    });
    assert_eq!(outcome, Ok(()));
    drained
}

fn is_ready(queue: &Queue) -> bool {
    queue
        .poll_ready(CONNECTION, &Context::from_waker(Waker::noop()))
        .is_ready()
}

#[test]
fn events_come_out_in_the_order_they_went_in() {
    let queue = Queue::new(16);
    append(&queue, 0..5);
    append(&queue, 5..9);
    assert_eq!(drain(&queue, 4), [0, 1, 2, 3]);
    assert_eq!(drain(&queue, 100), [4, 5, 6, 7, 8]);
    assert_eq!(drain(&queue, 100), []);
}

#[test]
fn a_full_queue_leaves_events_with_their_connection_until_half_is_drained() {
    struct Counter(AtomicUsize);
    impl std::task::Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let queue = Queue::new(16);
    assert_eq!(append(&queue, 0..20), [16, 17, 18, 19]);
    let woken = Arc::new(Counter(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    assert!(
        queue
            .poll_ready(CONNECTION, &Context::from_waker(&waker))
            .is_pending()
    );
    assert_eq!(drain(&queue, 7).len(), 7);
    assert_eq!(woken.0.load(Ordering::Relaxed), 0);
    assert_eq!(drain(&queue, 1).len(), 1);
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    assert!(is_ready(&queue));
}

#[test]
fn large_bodies_fill_a_queue_that_has_places_left() {
    let queue = Queue::new(1024);
    let body = Bytes::from(vec![0; 1 << 20]);
    let mut source: VecDeque<u32> = (0..100).collect();
    let convert = |frame| Some((event(frame), body.clone()));
    queue.append(&mut source, |_| true, convert);
    assert_eq!(source.len(), 36, "64 MiB of bodies are enough");
    queue.push(event(99));
    assert!(!is_ready(&queue));
    drain(&queue, 100);
    assert!(is_ready(&queue));
    queue.append(&mut source, |_| true, convert);
    assert!(source.is_empty());
}

#[test]
fn an_event_without_place_is_taken_by_a_full_queue_in_its_order() {
    let queue = Queue::new(16);
    append(&queue, 0..16);
    queue.push(event(99));
    assert!(!is_ready(&queue));
    assert_eq!(drain(&queue, 100).last(), Some(&99));
}

#[test]
fn a_wait_ends_with_an_event_with_the_time_or_with_the_queue() {
    let queue = Queue::new(16);
    assert_eq!(queue.wait(Some(Duration::ZERO)), Waited::TimedOut);
    assert_eq!(queue.wait(Some(Duration::from_millis(5))), Waited::TimedOut);
    thread::scope(|scope| {
        let waits: Vec<_> = (0..3).map(|_| scope.spawn(|| queue.wait(None))).collect();
        append(&queue, [1]);
        for wait in waits {
            assert_eq!(wait.join().expect("no panic"), Waited::Ready);
        }
        drain(&queue, 1);
        let waits: Vec<_> = (0..3).map(|_| scope.spawn(|| queue.wait(None))).collect();
        queue.close();
        for wait in waits {
            assert_eq!(wait.join().expect("no panic"), Waited::Closed);
        }
    });
}

#[test]
fn a_closed_queue_discards_releases_its_producers_and_names_what_it_owned_once() {
    let queue = Queue::new(16);
    queue.adopt(5).expect("open");
    queue.adopt(6).expect("open");
    queue.disown(6);
    append(&queue, 0..16);
    assert!(!is_ready(&queue));
    assert_eq!(queue.close().owned, BTreeSet::from([5]));
    assert_eq!(queue.close(), Left::default());
    assert!(is_ready(&queue));
    assert_eq!(append(&queue, 0..100), []);
    assert_eq!(queue.adopt(8), Err(Closed));
    assert_eq!(queue.drain(|_, _| Take::Taken), Err(Closed));
}

#[test]
fn the_wake_callback_is_called_once_per_transition_from_empty() {
    let queue = Queue::new(64);
    let calls = AtomicUsize::new(0);
    queue.set_wake(Some(count), (&raw const calls).cast_mut().cast());
    append(&queue, 0..3);
    append(&queue, 3..6);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    drain(&queue, 5);
    append(&queue, 6..7);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    drain(&queue, 100);
    append(&queue, 7..8);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn a_callback_set_on_a_queue_with_events_is_called_once() {
    let queue = Queue::new(64);
    let calls = AtomicUsize::new(0);
    append(&queue, 0..3);
    queue.set_wake(Some(count), (&raw const calls).cast_mut().cast());
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn no_callback_runs_after_it_was_taken_away() {
    let queue = Queue::new(64);
    let rounds = if cfg!(miri) { 10 } else { 500 };
    thread::scope(|scope| {
        let producer = scope.spawn(|| {
            for frame in 0..rounds * 4 {
                append(&queue, [frame]);
                drain(&queue, 100);
            }
        });
        for _ in 0..rounds {
            // Freed right after it was taken away: a late call would touch freed memory, which miri and valgrind see.
            let calls = Box::new(AtomicUsize::new(0));
            queue.set_wake(Some(count), std::ptr::from_ref(&*calls).cast_mut().cast());
            thread::yield_now();
            queue.set_wake(None, std::ptr::null_mut());
            let seen = calls.load(Ordering::SeqCst);
            thread::yield_now();
            assert_eq!(calls.load(Ordering::SeqCst), seen);
        }
        producer.join().expect("no panic");
    });
}

unsafe extern "C" fn count(calls: *mut c_void) {
    // SAFETY: the tests above pass a counter that outlives the callback.
    unsafe { &*calls.cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn of_many_events_about_a_transport_the_latest_stay() {
    let queue = Queue::new(16);
    let attempt = |connection, attempt| NnrpEvent {
        kind: NNRP_EVENT_RECONNECTING,
        connection,
        frame_id: attempt,
        ..NnrpEvent::default()
    };
    queue.push(attempt(9, 0));
    (1..=100).for_each(|number| queue.push(attempt(CONNECTION, number)));
    let drained = drain(&queue, 1000);
    let latest: Vec<u32> = (69..=100).collect();
    assert_eq!(drained[0], 0, "another connection's");
    assert_eq!(drained[1..], latest);
    queue.push(attempt(CONNECTION, 101));
    assert_eq!(drain(&queue, 1000), [101]);
    assert!(queue.lock().transport_events.is_empty());
}
