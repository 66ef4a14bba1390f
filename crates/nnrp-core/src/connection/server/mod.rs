//! The server's end of a connection: its state and what can be seen of it. Packets come in through `intake`, commands stand in `commands`, and both where a theme has a file.

mod admission;
mod answers;
mod caching;
mod commands;
mod config;
mod ending;
mod event;
mod greeting;
mod intake;
mod policy;
mod references;
mod requests;
mod session;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;

pub use self::config::{ServerConfig, ServerTimeouts};
pub use self::event::ServerEvent;
pub use self::policy::SessionPolicy;
use self::requests::Request;
use self::session::ServerSession;
pub use super::continuity::SessionContinuity;
use super::event_queue::EventQueue;
use super::keep_alive::KeepAlive;
use super::negotiated::Negotiated;
use super::outgoing::{Lane, Outgoing};
use super::packet_budget::PacketBudget;
use super::session_header;
use crate::cache::ObjectStore;
use crate::lifecycle::ConnectionLifecycle;
use crate::message::Message;
use crate::packet::Packet;
use crate::schema::SchemaDescriptor;
use crate::timestamp::Timestamp;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Sessions may be opened and used.
    Serving,
    /// The client has ended its write side; answers owed are waited for until then.
    HalfClosed { until: Timestamp },
    /// Nothing more is said once the queue is empty; input is discarded until then.
    Ending { until: Timestamp },
    /// The same, and input cannot be decoded any more.
    Lingering { until: Timestamp },
    /// Nothing more is said once the queue is empty, and nothing is read.
    Over,
}

/// The server's end of one connection. See [`crate::connection`] for the order of calls.
#[derive(Debug)]
pub struct ServerConnection {
    config: Arc<ServerConfig>,
    lifecycle: ConnectionLifecycle,
    /// Boxed: a node of the map has room for eleven, and most connections have one.
    sessions: BTreeMap<u32, Box<ServerSession>>,
    request: Option<(Request, Timestamp)>,
    outgoing: Outgoing,
    events: EventQueue<ServerEvent>,
    phase: Phase,
    /// The client has sent `CLIENT_HELLO`: it may open several sessions and close them singly.
    agreed: Option<Negotiated>,
    /// Schemas of the client's hello that its sessions may use.
    installed_schemas: Vec<SchemaDescriptor>,
    keep_alive: KeepAlive,
    budget: PacketBudget,
    /// Sessions that ended here without the client's close: it may not know yet.
    left: BTreeSet<u32>,
    /// Cached objects; none before the first one is put.
    objects: Option<Box<ObjectStore>>,
    /// Unanswered frames of all sessions.
    in_flight: usize,
    /// A result was refused because too many wait to be known as arrived.
    awaits_arrival: bool,
    /// A `SESSION_OPEN` has arrived, whatever became of it.
    asked_to_open: bool,
    /// When the connection was accepted.
    started: Timestamp,
    /// The last packet in.
    last_heard: Timestamp,
    /// The last packet in, or the last frame answered.
    last_activity: Timestamp,
    next_ticket: u64,
}

impl ServerConnection {
    /// The server's end of a transport that was accepted at `now`.
    #[must_use]
    pub fn new(config: Arc<ServerConfig>, now: Timestamp) -> Self {
        Self {
            outgoing: Outgoing::new(&config.limits),
            events: EventQueue::new(&config.limits),
            budget: PacketBudget::new(&config.limits),
            config,
            lifecycle: ConnectionLifecycle::new(),
            sessions: BTreeMap::new(),
            request: None,
            phase: Phase::Serving,
            agreed: None,
            installed_schemas: Vec::new(),
            keep_alive: KeepAlive::default(),
            left: BTreeSet::new(),
            objects: None,
            in_flight: 0,
            awaits_arrival: false,
            asked_to_open: false,
            started: now,
            last_heard: now,
            last_activity: now,
            next_ticket: 1,
        }
    }

    /// The next event for the application.
    pub fn poll_event(&mut self) -> Option<ServerEvent> {
        self.events.pop()
    }

    /// Bytes of packets that wait for [`Self::poll_transmit`].
    #[must_use]
    pub fn outgoing_bytes(&self) -> usize {
        self.outgoing.bytes()
    }

    /// The next packet for the transport.
    pub fn poll_transmit(&mut self) -> Option<Packet> {
        let packet = self.outgoing.pop()?;
        if self.outgoing.take_reopened() {
            self.events.push(ServerEvent::Writable);
        }
        Some(packet)
    }

    /// Gives the memory back that a burst has left behind. For a connection that has become quiet.
    pub fn release_spare_memory(&mut self) {
        self.outgoing.release_spare_memory();
        self.events.release_spare_memory();
    }

    /// Whether the next packet may be handed over. While false, leave the transport unread.
    #[must_use]
    pub fn wants_packet(&self) -> bool {
        match self.phase {
            Phase::Serving => {
                self.request.is_none() && self.events.has_room() && self.outgoing.has_room()
            }
            Phase::Ending { .. } => true,
            Phase::HalfClosed { .. } | Phase::Lingering { .. } | Phase::Over => false,
        }
    }

    /// Whether to end the write side of the transport; stays true from then on.
    #[must_use]
    pub fn should_end_write(&self) -> bool {
        let ending = matches!(
            self.phase,
            Phase::Ending { .. } | Phase::Lingering { .. } | Phase::Over
        );
        ending && self.outgoing.is_empty()
    }

    /// Whether the transport can be dropped. Events may still wait.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.phase == Phase::Over && self.outgoing.is_empty()
    }

    /// Frames of a session that wait for their answer.
    #[must_use]
    pub fn unanswered(&self, session_id: u32) -> usize {
        self.sessions
            .get(&session_id)
            .map_or(0, |session| session.unanswered())
    }

    /// The highest frame of a session that has arrived, and whether the session can go on over
    /// another connection.
    #[must_use]
    pub fn progress(&self, session_id: u32) -> (u32, bool) {
        self.sessions
            .get(&session_id)
            .map_or((0, false), |session| {
                (session.last_received(), session.continuity.is_some())
            })
    }

    /// States of the connection and its sessions.
    #[must_use]
    pub fn lifecycle(&self) -> &ConnectionLifecycle {
        &self.lifecycle
    }

    /// Whether the client has sent `CLIENT_HELLO`.
    #[must_use]
    pub fn peer_said_hello(&self) -> bool {
        self.agreed.is_some()
    }

    /// Whether an answer waits to hear what has arrived: the `PONG` that says so may stand behind
    /// submits, so whoever waits to send it has to go on taking packets in.
    #[must_use]
    pub fn awaits_arrival(&self) -> bool {
        self.awaits_arrival
    }

    /// Queues an answer the machine builds itself; such values break no rule of their message.
    fn queue_message<M: Message>(&mut self, session_id: u32, message: &M) {
        let header = session_header(M::MESSAGE_TYPE, session_id, 0);
        let packet = Packet::with_message(header, message, Bytes::new());
        self.outgoing.push_built(self.lane_of(session_id), packet);
    }

    /// Packets of a session keep their order among themselves. Without a hello those of the
    /// connection keep it too: its client takes what comes next for the ack that it waits for
    /// (spec 13 §13.8), so nothing may overtake one.
    fn lane_of(&self, session_id: u32) -> Lane {
        let only = || self.sessions.values().find(|_| self.agreed.is_none());
        let session = self.sessions.get(&session_id).or_else(only);
        session.map_or(Lane::Control, |session| session.lane)
    }
}
