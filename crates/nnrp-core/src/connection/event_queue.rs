//! Events that wait for the application, bounded in number and body bytes.

use alloc::collections::VecDeque;

use crate::limits::Limits;

/// The queue behind `poll_event`.
///
/// A full queue stops the intake of packets. One packet yields at most one event, apart from the
/// end of sessions, whose number is bounded by the limit of sessions.
#[derive(Debug)]
pub(crate) struct EventQueue<E> {
    events: VecDeque<(E, usize)>,
    bytes: usize,
    max_events: usize,
    max_bytes: usize,
}

impl<E> EventQueue<E> {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            events: VecDeque::new(),
            bytes: 0,
            max_events: limits.queued_events,
            max_bytes: limits.queued_event_bytes,
        }
    }

    pub(crate) fn push(&mut self, event: E) {
        self.push_with_body(event, 0);
    }

    /// Queues an event that keeps `body_len` bytes of the receive buffer alive.
    #[inline]
    pub(crate) fn push_with_body(&mut self, event: E, body_len: usize) {
        self.bytes += body_len;
        push_sparing(&mut self.events, (event, body_len));
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<E> {
        let (event, body_len) = self.events.pop_front()?;
        self.bytes -= body_len;
        Some(event)
    }

    /// Gives the memory back that a burst has left behind.
    pub(crate) fn release_spare_memory(&mut self) {
        self.events.shrink_to_fit();
    }

    pub(crate) fn has_room(&self) -> bool {
        self.events.len() < self.max_events && self.bytes < self.max_bytes
    }
}

/// Adds to a queue whose first place is made for one alone. By itself a queue begins with four, of which a connection that says one thing at a time
/// never uses three.
#[inline]
pub(super) fn push_sparing<T>(queue: &mut VecDeque<T>, value: T) {
    if queue.capacity() == 0 {
        queue.reserve_exact(1);
    }
    queue.push_back(value);
}
