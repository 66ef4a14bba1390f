//! The client's end of a connection: commands, events and time. What packets do is in `intake`.

mod event;
mod intake;
mod session;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;

pub use self::event::ClientEvent;
use self::session::{ClientSession, Request};
use super::event_queue::EventQueue;
use super::outgoing::Outgoing;
use super::{CommandError, EndCause, FrameContext, OpenTicket, session_header};
use crate::credit::{Blocked, CreditScope};
use crate::error::{ErrorKind, ProtocolError, TimeoutKind};
use crate::header::Header;
use crate::lifecycle::{ConnectionLifecycle, ConnectionState};
use crate::limits::Limits;
use crate::message::hello::ClientHello;
use crate::message::migrate::SessionMigrate;
use crate::message::patch::SessionPatch;
use crate::message::probe::TransportProbe;
use crate::message::session::{SessionClose, SessionOpen};
use crate::message::submit::FrameSubmit;
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

/// Pings that may be unanswered at once.
const MAX_PINGS: usize = 16;

/// How long a client waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientTimeouts {
    /// For the answer to a hello or to `SESSION_OPEN`.
    pub open: Duration,
    /// For the answer to a patch, migration or close.
    pub request: Duration,
    /// For the answer to a ping.
    pub ping: Duration,
    /// For any packet while a frame is unanswered; `None` = for ever.
    pub idle: Option<Duration>,
}

impl Default for ClientTimeouts {
    fn default() -> Self {
        Self {
            open: Duration::from_secs(10),
            request: Duration::from_secs(10),
            ping: Duration::from_secs(10),
            idle: None,
        }
    }
}

/// How a client connection behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientConfig {
    /// Bounds of the connection.
    pub limits: Limits,
    /// Waiting times.
    pub timeouts: ClientTimeouts,
    /// Sent before anything else. Published servers drop a connection that starts with it, so
    /// the default is none; without it a connection carries one session.
    pub hello: Option<ClientHello>,
}

/// An open that waits for its ack.
#[derive(Clone, Copy, Debug)]
struct PendingOpen {
    ticket: OpenTicket,
    open: SessionOpen,
    deadline: Timestamp,
}

/// Where the hello exchange stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HelloState {
    /// None is wanted.
    None,
    /// Sent; nothing else may be sent before its ack.
    Sent { deadline: Timestamp },
    /// Answered: several sessions may be opened.
    Acknowledged,
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
    sessions: HashMap<u32, ClientSession>,
    credit: CreditScope,
    /// Acks answer opens in the order in which they were sent.
    opens: VecDeque<PendingOpen>,
    /// Opens, with their packets, that wait for the ack of the hello.
    held_opens: VecDeque<Packet>,
    /// When each unanswered ping was sent, oldest first, at most [`MAX_PINGS`].
    pings: VecDeque<Timestamp>,
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
        let mut connection = Self {
            outgoing: Outgoing::new(&config.limits),
            events: EventQueue::new(&config.limits),
            config,
            lifecycle: ConnectionLifecycle::new(),
            sessions: HashMap::new(),
            credit: CreditScope::connection(),
            opens: VecDeque::new(),
            held_opens: VecDeque::new(),
            pings: VecDeque::new(),
            hello: HelloState::None,
            phase: Phase::Open,
            last_received: now,
            next_ticket: 1,
        };
        if let Some(hello) = &config.hello {
            let header = Header::new(MessageType::ClientHello);
            connection
                .outgoing
                .push(Packet::with_message(header, hello, Bytes::new())?);
            connection.hello = HelloState::Sent {
                deadline: now.after(config.timeouts.open),
            };
        }
        Ok(connection)
    }

    /// Asks for a session. Answered by `SessionOpened`, `OpenRefused` or `OpenFailed`.
    ///
    /// `body` holds resume token, auth and extension blocks in this order.
    pub fn open_session(
        &mut self,
        now: Timestamp,
        open: &SessionOpen,
        body: Bytes,
    ) -> Result<OpenTicket, CommandError> {
        self.require_open()?;
        let wanted = self.sessions.len() + self.opens.len();
        if self.hello == HelloState::None && (wanted > 0 || self.lifecycle.session_count() > 0) {
            return Err(CommandError::OneSessionPerConnection);
        }
        if wanted >= self.config.limits.sessions {
            return Err(CommandError::TooManySessions);
        }
        self.check_body(&body)?;
        let header = Header::new(MessageType::SessionOpen);
        let packet = Packet::with_message(header, open, body)?;
        let ticket = OpenTicket(self.next_ticket);
        self.next_ticket += 1;
        let deadline = now.after(self.config.timeouts.open);
        self.opens.push_back(PendingOpen {
            ticket,
            open: *open,
            deadline,
        });
        match self.hello {
            HelloState::Sent { .. } => self.held_opens.push_back(packet),
            HelloState::None | HelloState::Acknowledged => self.outgoing.push(packet),
        }
        Ok(ticket)
    }

    /// Submits a frame and returns its id.
    ///
    /// `WouldBlock` consumes nothing; a `Writable` event of the session follows.
    pub fn submit(
        &mut self,
        session_id: u32,
        metadata: &FrameSubmit,
        context: FrameContext,
        body: Bytes,
    ) -> Result<u32, CommandError> {
        self.require_open()?;
        self.check_body(&body)?;
        self.require_accepting(session_id)?;
        let connection_blocked = self.credit.blocked();
        let has_room = self.outgoing.has_room();
        let session = self.session_mut(session_id)?;
        let frame_id = session.peek_frame_id()?;
        let no_room = (!has_room).then_some(Blocked::Outgoing);
        if let Some(blocked) = session.credit.blocked().or(connection_blocked).or(no_room) {
            return Err(session.refuse(blocked));
        }
        let header = context.header(MessageType::FrameSubmit, session_id, frame_id);
        let packet = Packet::with_message(header, metadata, body)?;
        session.begin_frame();
        self.credit.begin();
        self.outgoing.push(packet);
        Ok(frame_id)
    }

    /// Tells the server that a frame is no longer wanted. Its answer may still come, and its
    /// room is taken until then.
    pub fn cancel(&mut self, session_id: u32, frame_id: u32) -> Result<(), CommandError> {
        self.require_open()?;
        if !self.session_mut(session_id)?.is_unanswered(frame_id) {
            return Err(CommandError::UnknownFrame(frame_id));
        }
        self.require_room()?;
        let header = session_header(MessageType::FrameCancel, session_id, frame_id);
        self.outgoing.push(Packet::empty(header));
        Ok(())
    }

    /// Asks for other session settings. Answered by `SessionPatched`.
    pub fn patch_session(
        &mut self,
        now: Timestamp,
        session_id: u32,
        patch: &SessionPatch,
        body: Bytes,
    ) -> Result<(), CommandError> {
        self.check_body(&body)?;
        self.require_request_possible(session_id)?;
        let header = session_header(MessageType::SessionPatch, session_id, 0);
        let packet = Packet::with_message(header, patch, body)?;
        self.send_request(now, session_id, Request::Patch, packet)
    }

    /// Announces a change of transport. Answered by `SessionMigrated`.
    pub fn migrate_session(
        &mut self,
        now: Timestamp,
        session_id: u32,
        migrate: &SessionMigrate,
    ) -> Result<(), CommandError> {
        self.require_request_possible(session_id)?;
        let header = session_header(MessageType::SessionMigrate, session_id, 0);
        let packet = Packet::with_message(header, migrate, Bytes::new())?;
        self.send_request(now, session_id, Request::Migrate(*migrate), packet)
    }

    /// Closes a session in the ordinary way. Answered by `SessionEnded` or `CloseAnswered`.
    ///
    /// Wait for outstanding results first if they matter: the server need not finish them.
    /// Without a hello the end of the session ends the connection.
    pub fn close_session(&mut self, now: Timestamp, session_id: u32) -> Result<(), CommandError> {
        let last_frame = self.session_mut(session_id)?.last_frame_id();
        let close = SessionClose::by_client(session_id, last_frame.into());
        self.close_session_with(now, session_id, &close)
    }

    /// Closes a session with metadata of the caller's choice.
    pub fn close_session_with(
        &mut self,
        now: Timestamp,
        session_id: u32,
        close: &SessionClose,
    ) -> Result<(), CommandError> {
        self.require_request_possible(session_id)?;
        let header = session_header(MessageType::SessionClose, session_id, 0);
        let packet = Packet::with_message(header, close, Bytes::new())?;
        self.lifecycle
            .begin_close(&header, close)
            .map_err(|_| CommandError::SessionNotOpen(session_id))?;
        self.send_request(now, session_id, Request::Close, packet)
    }

    /// Sends a ping. Published servers end a connection on which one arrives.
    pub fn ping(&mut self, now: Timestamp) -> Result<(), CommandError> {
        self.require_open()?;
        if self.pings.len() >= MAX_PINGS {
            return Err(CommandError::WouldBlock(Blocked::Outgoing));
        }
        self.require_room()?;
        self.pings.push_back(now);
        self.outgoing
            .push(Packet::empty(Header::new(MessageType::Ping)));
        Ok(())
    }

    /// Sends a transport probe with `padding`. Published servers end a connection on which one
    /// arrives.
    pub fn probe(
        &mut self,
        now: Timestamp,
        probe_id: u32,
        padding: Bytes,
    ) -> Result<(), CommandError> {
        self.require_open()?;
        self.check_body(&padding)?;
        self.require_room()?;
        let probe = TransportProbe {
            probe_id,
            probe_payload_bytes: u32::try_from(padding.len()).unwrap_or(u32::MAX),
            client_send_ts_us: now.as_micros(),
        };
        let header = Header::new(MessageType::TransportProbe);
        self.outgoing
            .push(Packet::with_message(header, &probe, padding)?);
        Ok(())
    }

    /// Ends every session without an exchange: `CLOSE` to a peer that speaks the hello exchange,
    /// the end of the write side to any other.
    pub fn close(&mut self) {
        if self.phase == Phase::Open && self.hello == HelloState::Acknowledged {
            self.outgoing
                .push(Packet::empty(Header::new(MessageType::Close)));
        }
        self.begin_ending(EndCause::ClosedLocally);
    }

    /// The stream ended cleanly between two packets.
    pub fn handle_end_of_stream(&mut self) {
        self.end_everything(EndCause::TransportLost);
        self.phase = Phase::Over;
    }

    /// The transport failed, or ended inside a packet: nothing can be sent any more.
    pub fn handle_transport_lost(&mut self) {
        while self.outgoing.pop().is_some() {}
        self.handle_end_of_stream();
    }

    /// The stream cannot be decoded any further.
    pub fn handle_stream_error(&mut self, error: ProtocolError) {
        self.end_everything(EndCause::Failed(error));
        self.phase = Phase::Over;
    }

    /// Time has passed; an error ends the connection.
    pub fn handle_timeout(&mut self, now: Timestamp) -> Result<(), ProtocolError> {
        let passed = self.deadlines().find(|(deadline, _)| *deadline <= now);
        let Some((_, timeout)) = passed.filter(|_| self.phase == Phase::Open) else {
            return Ok(());
        };
        let error = ProtocolError::on_connection(ErrorKind::TimedOut(timeout));
        self.begin_ending(EndCause::Failed(error));
        self.phase = Phase::Over;
        Err(error)
    }

    /// When to call [`Self::handle_timeout`]; may move with every call.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Open => self.deadlines().map(|(deadline, _)| deadline).min(),
            Phase::Ending | Phase::Over => None,
        }
    }

    /// The next event for the application.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop()
    }

    /// The next packet for the transport.
    pub fn poll_transmit(&mut self) -> Option<Packet> {
        let packet = self.outgoing.pop()?;
        self.report_writable();
        Some(packet)
    }

    /// Whether the next packet may be handed over. While false, leave the transport unread.
    #[must_use]
    pub fn wants_packet(&self) -> bool {
        match self.phase {
            Phase::Open => self.events.has_room() && self.outgoing.has_room(),
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

    /// Unanswered frames of a session.
    #[must_use]
    pub fn in_flight(&self, session_id: u32) -> u32 {
        self.sessions
            .get(&session_id)
            .map_or(0, |session| session.credit.in_flight())
    }

    /// States of the connection and its sessions.
    #[must_use]
    pub fn lifecycle(&self) -> &ConnectionLifecycle {
        &self.lifecycle
    }

    fn require_open(&self) -> Result<(), CommandError> {
        match (self.phase, self.lifecycle.state()) {
            (Phase::Open, ConnectionState::Open) => Ok(()),
            _ => Err(CommandError::ConnectionNotOpen),
        }
    }

    fn require_room(&mut self) -> Result<(), CommandError> {
        match self.outgoing.ask_room() {
            true => Ok(()),
            false => Err(CommandError::WouldBlock(Blocked::Outgoing)),
        }
    }

    fn require_accepting(&self, session_id: u32) -> Result<(), CommandError> {
        match self.lifecycle.state_of(session_id) {
            Some(state) if state.accepts_new_operations() => Ok(()),
            Some(_) => Err(CommandError::SessionNotOpen(session_id)),
            None => Err(CommandError::UnknownSession(session_id)),
        }
    }

    fn require_request_possible(&mut self, session_id: u32) -> Result<(), CommandError> {
        self.require_open()?;
        self.require_accepting(session_id)?;
        self.session_mut(session_id)?
            .require_no_request(session_id)?;
        self.require_room()
    }

    fn check_body(&self, body: &Bytes) -> Result<(), CommandError> {
        let allowed = self.config.limits.body_bytes as usize;
        match body.len() <= allowed {
            true => Ok(()),
            false => Err(CommandError::BodyTooLarge {
                actual: body.len(),
                allowed,
            }),
        }
    }

    fn session_mut(&mut self, session_id: u32) -> Result<&mut ClientSession, CommandError> {
        self.sessions
            .get_mut(&session_id)
            .ok_or(CommandError::UnknownSession(session_id))
    }

    fn send_request(
        &mut self,
        now: Timestamp,
        session_id: u32,
        request: Request,
        packet: Packet,
    ) -> Result<(), CommandError> {
        let deadline = now.after(self.config.timeouts.request);
        self.session_mut(session_id)?.request = Some((request, deadline));
        self.outgoing.push(packet);
        Ok(())
    }

    /// Tells every session whose submit was refused as soon as nothing blocks it any more.
    fn report_writable(&mut self) {
        if !self.outgoing.has_room() || self.credit.blocked().is_some() {
            return;
        }
        for (&session_id, session) in &mut self.sessions {
            if session.refused && session.credit.blocked().is_none() {
                session.refused = false;
                self.events.push(ClientEvent::Writable { session_id });
            }
        }
    }

    fn end_session(&mut self, session_id: u32, cause: EndCause) {
        if let Some(session) = self.sessions.remove(&session_id) {
            self.credit.finish(session.credit.in_flight());
            self.events
                .push(ClientEvent::SessionEnded { session_id, cause });
        }
    }

    fn begin_ending(&mut self, cause: EndCause) {
        self.end_everything(cause);
        if self.phase == Phase::Open {
            self.phase = Phase::Ending;
        }
    }

    fn end_everything(&mut self, cause: EndCause) {
        for PendingOpen { ticket, .. } in self.opens.drain(..) {
            self.events.push(ClientEvent::OpenFailed { ticket, cause });
        }
        for (session_id, _) in self.sessions.drain() {
            self.events
                .push(ClientEvent::SessionEnded { session_id, cause });
        }
        self.held_opens.clear();
        self.pings.clear();
        // Closing twice is an error of the lifecycle, and here simply done.
        let _already_closed = self.lifecycle.close();
    }

    fn deadlines(&self) -> impl Iterator<Item = (Timestamp, TimeoutKind)> + '_ {
        let hello = match self.hello {
            HelloState::Sent { deadline } => Some((deadline, TimeoutKind::Open)),
            HelloState::None | HelloState::Acknowledged => None,
        };
        let open = self
            .opens
            .front()
            .map(|open| (open.deadline, TimeoutKind::Open));
        let requests = self.sessions.values().filter_map(|session| session.request);
        let requests = requests.map(|(_, deadline)| (deadline, TimeoutKind::Request));
        let ping_time = self.config.timeouts.ping;
        let ping = self
            .pings
            .front()
            .map(|sent| (sent.after(ping_time), TimeoutKind::Ping));
        let idle = self
            .idle_deadline()
            .map(|deadline| (deadline, TimeoutKind::Idle));
        hello
            .into_iter()
            .chain(open)
            .chain(requests)
            .chain(ping)
            .chain(idle)
    }

    fn idle_deadline(&self) -> Option<Timestamp> {
        let idle = self.config.timeouts.idle?;
        (self.credit.in_flight() > 0).then(|| self.last_received.after(idle))
    }
}
