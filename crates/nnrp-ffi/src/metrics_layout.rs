//! The structs of numbers that the library tells of itself. Declared in `nnrp_observe.h`.

use crate::layout::EventRecord;
use nnrp_runtime::Metrics;

/// What has happened on connections so far, and what is under way. 112 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpMetrics {
    /// Alive.
    pub connections: u64,
    /// Accepted or made, ever.
    pub connections_total: u64,
    /// Peers turned away because a limit was reached.
    pub refused: u64,
    /// Open.
    pub sessions: u64,
    /// Opened, ever, resumed ones included.
    pub sessions_total: u64,
    /// Sessions that were resumed.
    pub resumes: u64,
    /// Submits without an answer.
    pub operations: u64,
    /// Received from the transport.
    pub bytes_in: u64,
    /// Taken by the transport.
    pub bytes_out: u64,
    /// Packets received.
    pub frames_in: u64,
    /// Packets queued for the transport.
    pub frames_out: u64,
    /// `RESULT_DROP` sent or received.
    pub drops: u64,
    /// Wait for the transport.
    pub queued_bytes: u64,
    /// Wait for a place in the event queue.
    pub queued_events: u64,
}

/// How many handles of each kind are alive. 72 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpHandleCounts {
    /// Option sets.
    pub options: u64,
    /// Event queues.
    pub queues: u64,
    /// Payload buffers.
    pub buffers: u64,
    /// Connections.
    pub connections: u64,
    /// Sessions.
    pub sessions: u64,
    /// Listeners.
    pub listeners: u64,
    /// Schema registries.
    pub schemas: u64,
    /// Lists of providers.
    pub providers: u64,
    /// Probes under way.
    pub probes: u64,
}

const _: () = assert!(size_of::<NnrpMetrics>() == 112);
const _: () = assert!(size_of::<NnrpHandleCounts>() == 72);

// SAFETY: `repr(C)`, integers at natural offsets without padding, size a multiple of 8.
unsafe impl EventRecord for NnrpMetrics {}
// SAFETY: as above.
unsafe impl EventRecord for NnrpHandleCounts {}

impl NnrpMetrics {
    /// Adds every number of `other`.
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
}

impl From<Metrics> for NnrpMetrics {
    fn from(metrics: Metrics) -> Self {
        Self {
            connections: metrics.connections,
            connections_total: metrics.connections_total,
            refused: metrics.refused,
            sessions: metrics.sessions,
            sessions_total: metrics.sessions_total,
            resumes: metrics.resumes,
            operations: metrics.operations,
            bytes_in: metrics.bytes_in,
            bytes_out: metrics.bytes_out,
            frames_in: metrics.frames_in,
            frames_out: metrics.frames_out,
            drops: metrics.drops,
            queued_bytes: metrics.queued_bytes,
            queued_events: metrics.queued_events,
        }
    }
}
