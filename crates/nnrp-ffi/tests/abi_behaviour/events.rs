//! An event queue as an application drains it: event by event, with body and record.

use nnrp::*;
use std::collections::VecDeque;
use std::ptr;
use std::time::{Duration, Instant};

/// No event of these tests takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// An event queue with the memory its events are drained into.
pub(crate) struct Events {
    pub(crate) queue: NnrpHandle,
    pub(crate) arena: Vec<u8>,
    drained: VecDeque<Drained>,
    /// The record of the event that was taken last.
    record: Vec<u8>,
}

/// An event with its body and its record.
type Drained = (NnrpEvent, Vec<u8>, Vec<u8>);

impl Events {
    pub(crate) fn new(capacity: u32, arena: usize) -> Self {
        let mut queue = 0;
        // SAFETY: `queue` is a live local.
        let status = unsafe { nnrp_queue_create(capacity, &raw mut queue, ptr::null_mut()) };
        assert_eq!(status, NNRP_STATUS_OK);
        Self {
            queue,
            arena: vec![0; arena],
            drained: VecDeque::new(),
            record: Vec::new(),
        }
    }

    /// One drain of up to `capacity` events, with their bodies copied out.
    pub(crate) fn drain(&mut self, capacity: usize) -> Vec<(NnrpEvent, Vec<u8>)> {
        let drained = self.drain_all(capacity);
        drained
            .into_iter()
            .map(|(event, body, _)| (event, body))
            .collect()
    }

    fn drain_all(&mut self, capacity: usize) -> Vec<Drained> {
        let mut events = vec![NnrpEvent::default(); capacity];
        let mut count = 0;
        // SAFETY: events and arena have the stated sizes.
        let status = unsafe {
            nnrp_queue_drain(
                self.queue,
                events.as_mut_ptr(),
                u32::try_from(capacity).expect("small"),
                self.arena.as_mut_ptr(),
                self.arena.len(),
                &raw mut count,
            )
        };
        assert_eq!(status, NNRP_STATUS_OK);
        events.truncate(count as usize);
        events
            .into_iter()
            .map(|event| {
                let mut body = self.payload(&event);
                let record = body.split_off(body.len() - event.record_size as usize);
                body.truncate(usize::try_from(event.payload_size).expect("small"));
                (event, body, record)
            })
            .collect()
    }

    /// The body, and behind it, if there is one, the record.
    fn payload(&self, event: &NnrpEvent) -> Vec<u8> {
        let body = usize::try_from(event.payload_size).expect("small");
        let size = match event.record_size as usize {
            0 => body,
            record => body.next_multiple_of(8) + record,
        };
        if event.buffer == 0 {
            let start = usize::try_from(event.payload_offset).expect("small");
            return self.arena[start..start + size].to_vec();
        }
        let (mut body, mut read) = (vec![0; size], 0);
        // SAFETY: `body` has the stated size; `read` is a live local.
        unsafe {
            let none = ptr::null_mut();
            let status = nnrp_buffer_read(
                event.buffer,
                0,
                body.as_mut_ptr(),
                size,
                &raw mut read,
                none,
            );
            assert_eq!((status, read), (NNRP_STATUS_OK, size));
            assert_eq!(nnrp_release(event.buffer, none), NNRP_STATUS_OK);
        }
        body
    }

    /// The next event, which has to be of this kind, with its body.
    pub(crate) fn expect_body(&mut self, kind: u32) -> (NnrpEvent, Vec<u8>) {
        let (event, body) = self.next();
        assert_eq!(event.kind, kind, "{event:?}");
        (event, body)
    }

    /// The next event of this kind; what comes before it is of no interest.
    pub(crate) fn find(&mut self, kind: u32) -> (NnrpEvent, Vec<u8>) {
        loop {
            let (event, body) = self.next();
            if event.kind == kind {
                return (event, body);
            }
            let ended = [NNRP_EVENT_CONNECTION_CLOSED, NNRP_EVENT_LISTENER_CLOSED];
            assert!(!ended.contains(&event.kind), "{event:?} instead of {kind}");
        }
    }

    /// The record of the event that was taken last, a struct of integers.
    pub(crate) fn record<T: Copy>(&self) -> T {
        assert_eq!(self.record.len(), size_of::<T>());
        // SAFETY: the bytes are there, and every byte pattern is a value of a struct of integers.
        unsafe { self.record.as_ptr().cast::<T>().read_unaligned() }
    }

    /// The next event, in order.
    pub(crate) fn next(&mut self) -> (NnrpEvent, Vec<u8>) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some((event, body, record)) = self.drained.pop_front() {
                self.record = record;
                return (event, body);
            }
            assert!(Instant::now() < deadline, "no event");
            wait(self.queue, 1000);
            self.drained = self.drain_all(16).into();
        }
    }

    /// The next event, which has to be of this kind.
    pub(crate) fn expect(&mut self, kind: u32) -> NnrpEvent {
        let (event, _) = self.next();
        assert_eq!(event.kind, kind, "{event:?}");
        event
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // SAFETY: the diagnosis may be NULL.
        unsafe { nnrp_queue_close(self.queue, ptr::null_mut()) };
    }
}

/// Waits on a queue.
pub(crate) fn wait(queue: NnrpHandle, timeout_ms: u32) -> NnrpStatus {
    // SAFETY: the diagnosis may be NULL.
    unsafe { nnrp_queue_wait(queue, timeout_ms, ptr::null_mut()) }
}
