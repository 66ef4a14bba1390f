//! The bounds of a connection: what a peer may announce, hold open or leave unread.

/// Bounds of one connection. Every length is compared with them before anything is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest metadata of a packet, bytes. The longest fixed structure has 80.
    pub metadata_bytes: u32,
    /// Largest body of a packet, bytes, in both directions.
    pub body_bytes: u32,
    /// Sessions open at once on one connection.
    pub sessions: usize,
    /// Unfinished operations of one session, whatever the peer granted.
    pub operations_in_flight: u16,
    /// Unfinished operations of all sessions of one connection, announced to peers that say hello.
    pub concurrent_frames: u16,
    /// Finished operations of a session whose frame ids are remembered and refused on reuse.
    pub finished_operations: usize,
    /// Events that may wait for the application before reading stops.
    pub queued_events: usize,
    /// Body bytes of those events before reading stops.
    pub queued_event_bytes: usize,
    /// Packets that may wait for the transport before senders are told to wait.
    pub outgoing_packets: usize,
    /// Bytes of those packets, as they lie in memory, before senders are told to wait.
    pub outgoing_bytes: usize,
    /// Bytes that a resumable session keeps for a resume before senders are told to wait: of
    /// unanswered submits at a client, of results not known to have arrived at a server.
    pub retained_bytes: usize,
    /// Packets in a second that are neither submits nor results nor their cancels. A flood of
    /// such small packets costs the receiver more than the sender.
    pub control_packets_per_second: u32,
    /// Objects that a server caches for a connection, names of expired ones included, and
    /// references that one submit may carry. 0 = no cache.
    pub cached_objects: usize,
    /// Bytes of those objects, and of the largest of them.
    pub cached_bytes: usize,
}

impl Default for Limits {
    /// Room for ordinary inference traffic: bodies to 16 MiB, 256 operations in flight.
    fn default() -> Self {
        Self {
            metadata_bytes: 4 << 10,
            body_bytes: 16 << 20,
            sessions: 64,
            operations_in_flight: 256,
            concurrent_frames: 4096,
            finished_operations: 1024,
            queued_events: 256,
            queued_event_bytes: 8 << 20,
            outgoing_packets: 1024,
            outgoing_bytes: 8 << 20,
            retained_bytes: 8 << 20,
            control_packets_per_second: 10_000,
            cached_objects: 1024,
            cached_bytes: 16 << 20,
        }
    }
}

/// Names the bound that [`crate::ErrorKind::LimitExceeded`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`Limits::metadata_bytes`]
    MetadataBytes,
    /// [`Limits::body_bytes`]
    BodyBytes,
    /// [`Limits::sessions`]
    Sessions,
    /// [`Limits::operations_in_flight`]
    OperationsInFlight,
    /// [`Limits::control_packets_per_second`]
    ControlPackets,
    /// [`Limits::queued_events`]: a packet was fed to a machine that did not want one.
    QueuedEvents,
}

impl Limit {
    /// The name of the field in [`Limits`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MetadataBytes => "metadata_bytes",
            Self::BodyBytes => "body_bytes",
            Self::Sessions => "sessions",
            Self::OperationsInFlight => "operations_in_flight",
            Self::ControlPackets => "control_packets_per_second",
            Self::QueuedEvents => "queued_events",
        }
    }
}
