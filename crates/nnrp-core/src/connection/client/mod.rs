//! The client's end of a connection: its state and what can be seen of it. Packets come in through `intake`, commands stand in `commands`, and both where a theme has a file.

mod caching;
mod commands;
mod config;
mod ending;
mod event;
mod greeting;
mod intake;
mod opening;
mod requests;
mod resumable;
mod saved;
mod session;
mod submitting;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};

use self::caching::PendingPut;
pub use self::config::{ClientConfig, ClientTimeouts};
pub use self::event::ClientEvent;
use self::greeting::{HelloState, hello_packet};
use self::opening::PendingOpen;
pub use self::resumable::ResumableSession;
pub use self::saved::NotASavedSession;
use self::session::ClientSession;
pub use self::submitting::Submitting;
use super::CommandError;
use super::event_queue::EventQueue;
use super::keep_alive::KeepAlive;
use super::outgoing::{Lane, Outgoing};
use super::packet_budget::PacketBudget;
use super::packet_rules::pong;
use super::schema_blocks::MAX_OFFERED_SCHEMAS;
use crate::codec_error::CodecError;
use crate::credit::CreditScope;
use crate::header::Header;
use crate::lifecycle::ConnectionLifecycle;
use crate::packet::Packet;
use crate::schema::SchemaDescriptor;
use crate::timestamp::Timestamp;

/// Pings that may be unanswered at once.
const MAX_PINGS: usize = 16;

/// A ping without an answer.
#[derive(Clone, Copy, Debug)]
struct SentPing {
    at: Timestamp,
    /// The application wants to hear of the answer.
    asked_for: bool,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// Everything is said once the queue is empty; input is still discarded.
    Ending,
    /// Everything is said once the queue is empty, and nothing is read.
    Over,
}

/// The client's end of one connection. See [`crate::connection`] for the order of calls.
#[derive(Debug)]
pub struct ClientConnection {
    config: ClientConfig,
    lifecycle: ConnectionLifecycle,
    /// Boxed: a node of the map has room for eleven, and most connections have one.
    sessions: BTreeMap<u32, Box<ClientSession>>,
    credit: CreditScope,
    /// Acks answer opens in the order in which they were sent.
    opens: VecDeque<PendingOpen>,
    /// Opens, with their packets, that wait for the ack of the hello.
    held_opens: VecDeque<Packet>,
    /// Schemas that the hello offers.
    offered_schemas: Box<[SchemaDescriptor]>,
    /// Objects that were put and not answered yet, in the order of their packets.
    puts: VecDeque<PendingPut>,
    /// A put was refused because too many are unanswered.
    refused_put: bool,
    /// A session may be among them whose submit was refused: else nobody is looked for.
    refused_submits: bool,
    /// Unanswered pings, oldest first, at most [`MAX_PINGS`].
    pings: VecDeque<SentPing>,
    /// Answers to pings of sessions that found no room; the latest speaks for the earlier ones.
    owed_pongs: BTreeMap<u32, Header>,
    keep_alive: KeepAlive,
    budget: PacketBudget,
    outgoing: Outgoing,
    events: EventQueue<ClientEvent>,
    hello: HelloState,
    phase: Phase,
    last_received: Timestamp,
    next_ticket: u64,
}

impl ClientConnection {
    /// The client's end of a transport that was connected at `now`.
    ///
    /// Fails if the hello of the configuration breaks one of its own rules.
    pub fn new(config: ClientConfig, now: Timestamp) -> Result<Self, CommandError> {
        Self::with_schemas(config, now, &[])
    }

    /// The same, with schemas that the hello of the configuration offers, at most 64.
    pub fn with_schemas(
        config: ClientConfig,
        now: Timestamp,
        schemas: &[SchemaDescriptor],
    ) -> Result<Self, CommandError> {
        if schemas.len() > MAX_OFFERED_SCHEMAS {
            return Err(CommandError::Codec(CodecError::MessageLengthOverflow));
        }
        let mut connection = Self {
            outgoing: Outgoing::new(&config.limits),
            events: EventQueue::new(&config.limits),
            config,
            lifecycle: ConnectionLifecycle::new(),
            sessions: BTreeMap::new(),
            credit: CreditScope::connection(),
            opens: VecDeque::new(),
            held_opens: VecDeque::new(),
            offered_schemas: schemas.into(),
            puts: VecDeque::new(),
            refused_put: false,
            refused_submits: false,
            pings: VecDeque::new(),
            owed_pongs: BTreeMap::new(),
            keep_alive: KeepAlive::default(),
            budget: PacketBudget::new(&config.limits),
            hello: HelloState::None,
            phase: Phase::Open,
            last_received: now,
            next_ticket: 1,
        };
        if let Some(hello) = &config.hello {
            let packet = hello_packet(hello, &config.hello_extensions, schemas)?;
            connection.outgoing.push(Lane::Control, packet);
            connection.hello = HelloState::Sent {
                deadline: now.after(config.timeouts.open),
            };
        }
        Ok(connection)
    }

    /// The next event for the application.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
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
        if !self.owed_pongs.is_empty() {
            self.send_owed_pongs();
        }
        self.report_writable();
        Some(packet)
    }

    /// Gives the memory back that a burst has left behind. For a connection that has become quiet.
    pub fn release_spare_memory(&mut self) {
        self.outgoing.release_spare_memory();
        self.events.release_spare_memory();
        self.opens.shrink_to_fit();
        self.held_opens.shrink_to_fit();
    }

    /// Whether the next packet may be handed over. While false, leave the transport unread.
    #[must_use]
    pub fn wants_packet(&self) -> bool {
        match self.phase {
            Phase::Open => self.events.has_room(),
            Phase::Ending => true,
            Phase::Over => false,
        }
    }

    /// Whether to end the write side of the transport; stays true from then on.
    #[must_use]
    pub fn should_end_write(&self) -> bool {
        self.phase != Phase::Open && self.outgoing.is_empty()
    }

    /// Whether the transport can be dropped: the server has ended its side too, or the
    /// connection failed. A client need not wait for it once [`Self::should_end_write`].
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.phase == Phase::Over && self.outgoing.is_empty()
    }

    /// Whether the transport is lost or the connection has failed: no command is taken any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Unanswered frames of a session.
    #[must_use]
    pub fn in_flight(&self, session_id: u32) -> u32 {
        self.sessions
            .get(&session_id)
            .map_or(0, |session| session.credit.in_flight())
    }

    /// The highest frame of a session that was answered; 0 = none.
    #[must_use]
    pub fn last_result_frame_id(&self, session_id: u32) -> u32 {
        self.sessions
            .get(&session_id)
            .map_or(0, |session| session.last_result_frame_id)
    }

    /// The highest frame id that a session has handed out; 0 = none.
    #[must_use]
    pub fn last_frame_id(&self, session_id: u32) -> u32 {
        self.sessions
            .get(&session_id)
            .map_or(0, |session| session.last_frame_id())
    }

    /// Whether a session goes on over another connection if this one is lost.
    #[must_use]
    pub fn is_resumable(&self, session_id: u32) -> bool {
        self.sessions
            .get(&session_id)
            .is_some_and(|session| session.is_resumable())
    }

    /// States of the connection and its sessions.
    #[must_use]
    pub fn lifecycle(&self) -> &ConnectionLifecycle {
        &self.lifecycle
    }

    /// Tells every session whose submit was refused as soon as nothing blocks it any more.
    fn report_writable(&mut self) {
        if self.outgoing.take_reopened() {
            self.events.push(ClientEvent::Writable { session_id: 0 });
        }
        // Asked after each packet: whoever has many sessions must not pay for all of them each time.
        if !self.refused_submits || !self.outgoing.has_room() {
            return;
        }
        self.refused_submits = false;
        let retained_limit = self.config.limits.retained_bytes;
        for (&session_id, session) in &mut self.sessions {
            if !session.refused {
                continue;
            }
            session.refused = self.credit.blocked_for(session.class).is_some()
                || session.blocked(retained_limit).is_some();
            if session.refused {
                self.refused_submits = true;
            } else {
                self.events.push(ClientEvent::Writable { session_id });
            }
        }
    }

    fn send_owed_pongs(&mut self) {
        while self.outgoing.has_room()
            && let Some((_, ping)) = self.owed_pongs.pop_first()
        {
            self.outgoing.push(Lane::Control, pong(&ping));
        }
    }
}
