//! Many threads on one session with hardly any room: whoever is refused hears of room again.

use crate::events::Events;
use crate::pair::Pair;
use nnrp::*;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// No test waits longer for a single event.
const PATIENCE: Duration = Duration::from_mins(1);
const THREADS: u32 = 8;
const SUBMITS: u32 = 300;

/// How many times the session was said to be writable.
#[derive(Default)]
struct Writable {
    times: Mutex<u64>,
    changed: Condvar,
}

impl Writable {
    fn times(&self) -> u64 {
        *self.times.lock().expect("no panic under the lock")
    }

    fn again(&self) {
        *self.times.lock().expect("no panic under the lock") += 1;
        self.changed.notify_all();
    }

    /// Waits until it was said once more than at the time of `seen`.
    fn wait_after(&self, seen: u64) {
        let times = self.times.lock().expect("no panic under the lock");
        let waited = self
            .changed
            .wait_timeout_while(times, PATIENCE, |times| *times == seen)
            .expect("no panic under the lock");
        assert!(!waited.1.timed_out(), "refused, and never told of room");
    }
}

/// Submits until all are taken; each refusal waits for the event that has to follow.
fn submit_all(pair: &Pair, writable: &Writable) {
    let body = [7; 512];
    let mut taken = 0;
    while taken < SUBMITS {
        let seen = writable.times();
        match pair.submit(&[&body]).0 {
            NNRP_STATUS_OK => taken += 1,
            NNRP_STATUS_WOULD_BLOCK => writable.wait_after(seen),
            status => panic!("status {status}"),
        }
    }
}

fn answer_all(pair: &Pair, events: &mut Events) {
    for _ in 0..THREADS * SUBMITS {
        let submit = events.expect(NNRP_EVENT_SUBMIT);
        assert_eq!(pair.answer(&[submit.frame_id]).0, NNRP_STATUS_OK);
    }
}

fn collect_all(events: &mut Events, writable: &Writable) {
    let mut results = 0;
    while results < THREADS * SUBMITS {
        match events.next().0.kind {
            NNRP_EVENT_RESULT => results += 1,
            NNRP_EVENT_WRITABLE => writable.again(),
            kind => panic!("event {kind}"),
        }
    }
}

fn run(options: &[(u32, u64)]) {
    let mut pair = Pair::open_with(1024, options);
    let mut client = std::mem::replace(&mut pair.client, Events::new(16, 0));
    let mut server = std::mem::replace(&mut pair.server, Events::new(16, 0));
    let (pair, writable) = (&pair, &Writable::default());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| submit_all(pair, writable));
        }
        scope.spawn(|| answer_all(pair, &mut server));
        scope.spawn(|| collect_all(&mut client, writable));
    });
}

#[test]
fn threads_refused_for_the_send_queue_are_told_of_room() {
    run(&[
        (NNRP_OPTION_SEND_QUEUE_BYTES, 4096),
        (NNRP_OPTION_MAX_IN_FLIGHT, 256),
    ]);
}

#[test]
fn threads_refused_for_the_operations_in_flight_are_told_of_room() {
    run(&[(NNRP_OPTION_MAX_IN_FLIGHT, 2)]);
}
