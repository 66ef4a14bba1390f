//! Numbers of connections and listeners: counted by the task that owns a connection, summed only when somebody asks.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use nnrp_core::code::SessionStatus;
use nnrp_core::{MessageType, Packet};

use crate::Event;

/// What has happened on a connection, or on all connections of a listener, and what is under way at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Connections alive.
    pub connections: u64,
    /// Connections accepted or made, ever.
    pub connections_total: u64,
    /// Listener: peers turned away because a limit was reached.
    pub refused: u64,
    /// Sessions open.
    pub sessions: u64,
    /// Sessions opened, ever, resumed ones included.
    pub sessions_total: u64,
    /// Sessions that were resumed.
    pub resumes: u64,
    /// Server: submits without an answer.
    pub operations: u64,
    /// Bytes received from the transport.
    pub bytes_in: u64,
    /// Bytes the transport has taken.
    pub bytes_out: u64,
    /// Packets received.
    pub frames_in: u64,
    /// Packets queued for the transport.
    pub frames_out: u64,
    /// Results dropped: `RESULT_DROP` sent or received.
    pub drops: u64,
    /// Bytes that wait for the transport.
    pub queued_bytes: u64,
    /// Events that wait for the application.
    pub queued_events: u64,
}

impl Metrics {
    /// Adds another connection.
    pub(crate) fn add(&mut self, other: &Self) {
        let fields = [
            (&mut self.connections, other.connections),
            (&mut self.connections_total, other.connections_total),
            (&mut self.refused, other.refused),
            (&mut self.sessions, other.sessions),
            (&mut self.sessions_total, other.sessions_total),
            (&mut self.resumes, other.resumes),
            (&mut self.operations, other.operations),
            (&mut self.bytes_in, other.bytes_in),
            (&mut self.bytes_out, other.bytes_out),
            (&mut self.frames_in, other.frames_in),
            (&mut self.frames_out, other.frames_out),
            (&mut self.drops, other.drops),
            (&mut self.queued_bytes, other.queued_bytes),
            (&mut self.queued_events, other.queued_events),
        ];
        for (total, more) in fields {
            *total += more;
        }
    }

    /// What of it stays true after the end of the connection.
    pub(crate) fn after_the_end(self) -> Self {
        Self {
            connections: 0,
            sessions: 0,
            operations: 0,
            queued_bytes: 0,
            queued_events: 0,
            ..self
        }
    }
}

/// The counters of one connection. Only its task writes them, or whoever holds the connection's lock those of its machine, so a relaxed load and store are enough and cost no bus traffic.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    ended: AtomicBool,
    pub(crate) sessions: Count,
    pub(crate) sessions_total: Count,
    pub(crate) resumes: Count,
    pub(crate) operations: Count,
    pub(crate) bytes_in: Count,
    pub(crate) bytes_out: Count,
    pub(crate) frames_in: Count,
    pub(crate) frames_out: Count,
    pub(crate) drops: Count,
    pub(crate) queued_bytes: Count,
    pub(crate) queued_events: Count,
}

impl Counters {
    pub(crate) fn note_event(&self, event: &Event) {
        match event {
            Event::SessionOpened { ack, .. } => {
                self.sessions_total.add(1);
                if ack.session_status == SessionStatus::Resumed {
                    self.resumes.add(1);
                }
            }
            Event::SessionResumed { .. } => self.resumes.add(1),
            Event::ResultDrop { .. } => self.drops.add(1),
            _ => {}
        }
    }

    pub(crate) fn note_sent(&self, packet: &Packet) {
        self.frames_out.add(1);
        if packet.header().message_type == MessageType::ResultDrop {
            self.drops.add(1);
        }
    }

    /// The connection is over.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> Metrics {
        let so_far = Metrics {
            connections: 1,
            connections_total: 1,
            refused: 0,
            sessions: self.sessions.get(),
            sessions_total: self.sessions_total.get(),
            resumes: self.resumes.get(),
            operations: self.operations.get(),
            bytes_in: self.bytes_in.get(),
            bytes_out: self.bytes_out.get(),
            frames_in: self.frames_in.get(),
            frames_out: self.frames_out.get(),
            drops: self.drops.get(),
            queued_bytes: self.queued_bytes.get(),
            queued_events: self.queued_events.get(),
        };
        if self.ended.load(Ordering::Relaxed) {
            so_far.after_the_end()
        } else {
            so_far
        }
    }
}

/// A number with one writer.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, value: usize) {
        self.0.store(value as u64, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, amount: usize) {
        self.0.store(self.get() + amount as u64, Ordering::Relaxed);
    }
}
