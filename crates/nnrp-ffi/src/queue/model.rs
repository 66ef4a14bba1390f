//! The event queue in every interleaving of the threads that put in, wait, drain, are woken and close.
//!
//! A wake-up that is lost leaves a thread waiting for ever, which loom reports as a deadlock.

use super::*;
use loom::future::block_on;
use loom::sync::Notify;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread::spawn;
use std::future::poll_fn;

/// Three threads have too many interleavings; nearly every fault needs no more than two preemptions.
fn bounded(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

fn put(queue: &Queue, frames: impl IntoIterator<Item = u32>) {
    let mut source: VecDeque<u32> = frames.into_iter().collect();
    let event = |frame_id| NnrpEvent {
        frame_id,
        ..NnrpEvent::default()
    };
    queue.append(
        &mut source,
        |_| true,
        |frame| Some((event(frame), Bytes::new())),
    );
}

fn drained(queue: &Queue) -> Result<Vec<u32>, Closed> {
    let mut frames = Vec::new();
    queue.drain(|event, _| {
        frames.push(event.frame_id);
        Take::Taken
    })?;
    Ok(frames)
}

/// Waits and drains until the queue is closed, and gives what it got.
fn drained_to_the_end(queue: &Queue) -> Vec<u32> {
    let mut frames = Vec::new();
    while queue.wait(None) == Waited::Ready {
        frames.extend(drained(queue).unwrap_or_default());
    }
    frames
}

#[test]
fn whoever_waits_gets_every_event_in_order() {
    loom::model(|| {
        let queue = Queue::new(16);
        let producer = Arc::clone(&queue);
        let producer = spawn(move || {
            put(&producer, [1]);
            put(&producer, [2]);
        });
        let mut frames = Vec::new();
        while frames.len() < 2 {
            assert_eq!(queue.wait(None), Waited::Ready);
            frames.extend(drained(&queue).expect("open"));
        }
        assert_eq!(frames, [1, 2]);
        producer.join().expect("the producer");
    });
}

#[test]
fn of_two_that_wait_each_ends_and_none_gets_what_the_other_got() {
    bounded(|| {
        let queue = Queue::new(16);
        let other = Arc::clone(&queue);
        let other = spawn(move || drained_to_the_end(&other));
        let producer = Arc::clone(&queue);
        let producer = spawn(move || {
            put(&producer, [1, 2]);
            producer.close();
        });
        let mut frames = drained_to_the_end(&queue);
        frames.extend(other.join().expect("the other"));
        // All of them, or none if the end came first: an event that was seen is not discarded half.
        assert!(frames.is_empty() || frames == [1, 2], "{frames:?}");
        producer.join().expect("the producer");
    });
}

#[test]
fn a_close_ends_waits_drains_and_producers_without_room() {
    bounded(|| {
        let queue = Queue::new(1);
        put(&queue, [1]);
        let producer = Arc::clone(&queue);
        let producer = spawn(move || block_on(poll_fn(|cx| producer.poll_ready(7, cx))));
        let drainer = Arc::clone(&queue);
        let drainer = spawn(move || drained_to_the_end(&drainer).len());
        queue.close();
        producer.join().expect("the producer");
        assert!(drainer.join().expect("the drainer") <= 1);
        assert_eq!(drained(&queue), Err(Closed));
    });
}

#[test]
fn a_producer_without_room_hears_of_a_drain() {
    loom::model(|| {
        let queue = Queue::new(1);
        put(&queue, [1]);
        let producer = Arc::clone(&queue);
        let producer = spawn(move || {
            block_on(poll_fn(|cx| producer.poll_ready(7, cx)));
            put(&producer, [2]);
        });
        let mut frames = drained(&queue).expect("open");
        producer.join().expect("the producer");
        frames.extend(drained(&queue).expect("open"));
        assert_eq!(frames, [1, 2]);
    });
}

unsafe extern "C" fn notify(signal: *mut c_void) {
    // SAFETY: the model passes a signal that outlives the callback.
    unsafe { &*signal.cast::<Notify>() }.notify();
}

/// Drains only when it was woken: with one wake-up too few there is no end.
#[test]
fn whoever_drains_when_woken_gets_every_event() {
    loom::model(|| {
        let queue = Queue::new(16);
        let signal = Notify::new();
        queue.set_wake(Some(notify), (&raw const signal).cast_mut().cast());
        let producer = Arc::clone(&queue);
        let producer = spawn(move || {
            put(&producer, [1]);
            put(&producer, [2]);
        });
        let mut frames = Vec::new();
        while frames.len() < 2 {
            signal.wait();
            frames.extend(drained(&queue).expect("open"));
        }
        assert_eq!(frames, [1, 2]);
        producer.join().expect("the producer");
        queue.set_wake(None, std::ptr::null_mut());
    });
}

unsafe extern "C" fn must_be_live(is_live: *mut c_void) {
    // SAFETY: the model passes a flag that outlives the callback.
    let is_live = unsafe { &*is_live.cast::<AtomicBool>() };
    assert!(is_live.load(Ordering::SeqCst), "called after the close");
}

#[test]
fn no_callback_runs_once_the_queue_is_closed() {
    bounded(|| {
        let queue = Queue::new(16);
        let is_live = AtomicBool::new(true);
        queue.set_wake(Some(must_be_live), (&raw const is_live).cast_mut().cast());
        let producers = [1, 2].map(|frame| {
            let queue = Arc::clone(&queue);
            spawn(move || put(&queue, [frame]))
        });
        queue.close();
        is_live.store(false, Ordering::SeqCst);
        for producer in producers {
            producer.join().expect("a producer");
        }
    });
}
