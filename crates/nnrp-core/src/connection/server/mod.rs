//! The server's end of a connection: commands, events and time. What packets do is in `intake`.

mod event;
mod intake;
mod policy;
mod session;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use self::event::ServerEvent;
pub use self::policy::SessionPolicy;
use self::session::ServerSession;
use super::event_queue::EventQueue;
use super::outgoing::Outgoing;
use super::{CommandError, EndCause, FrameContext, OpenTicket, session_header};
use crate::code::{SessionCloseStatus, SessionErrorCode};
use crate::credit::Blocked;
use crate::directory::Admission;
use crate::error::{ErrorKind, ProtocolError, TimeoutKind};
use crate::lifecycle::ConnectionLifecycle;
use crate::limits::Limits;
use crate::message::Message;
use crate::message::flow::FlowUpdate;
use crate::message::migrate::{SessionMigrate, SessionMigrateAck};
use crate::message::patch::SessionPatchAck;
use crate::message::result::ResultPush;
use crate::message::session::{SessionClose, SessionCloseAck, SessionOpen, SessionOpenAck};
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

/// How long a server waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTimeouts {
    /// For the first `SESSION_OPEN` or `CLIENT_HELLO`.
    pub handshake: Duration,
    /// For the application to answer an open, patch, migration or close.
    pub request: Duration,
    /// For any packet while no frame is unanswered; `None` = for ever.
    pub idle: Option<Duration>,
    /// For answers still owed when the client has ended its write side.
    pub half_close: Duration,
    /// For the client to end its write side after the server has ended its own. Dropping a
    /// transport with unread bytes would destroy the last packets on their way to the client.
    pub linger: Duration,
}

impl Default for ServerTimeouts {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            request: Duration::from_secs(10),
            idle: Some(Duration::from_secs(600)),
            half_close: Duration::from_secs(1),
            linger: Duration::from_secs(2),
        }
    }
}

/// What all connections of a server share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerConfig {
    /// Bounds of each connection.
    pub limits: Limits,
    /// Waiting times.
    pub timeouts: ServerTimeouts,
    /// What is served and granted.
    pub policy: SessionPolicy,
}

/// A request that holds up the intake until the application has answered it.
#[derive(Clone, Copy, Debug)]
enum Request {
    Open {
        ticket: OpenTicket,
        open: SessionOpen,
    },
    Patch {
        session_id: u32,
    },
    Migrate {
        session_id: u32,
        migrate: SessionMigrate,
    },
    Close {
        session_id: u32,
        close: SessionClose,
    },
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Sessions may be opened and used.
    Serving,
    /// The client has ended its write side; answers owed are waited for until then.
    HalfClosed { until: Timestamp },
    /// Nothing more is said once the queue is empty; input is discarded until then.
    Ending { until: Timestamp },
    /// Nothing more is said once the queue is empty, and nothing is read.
    Over,
}

/// The server's end of one connection. See [`crate::connection`] for the order of calls.
#[derive(Debug)]
pub struct ServerConnection {
    config: Arc<ServerConfig>,
    lifecycle: ConnectionLifecycle,
    sessions: HashMap<u32, ServerSession>,
    request: Option<(Request, Timestamp)>,
    outgoing: Outgoing,
    events: EventQueue<ServerEvent>,
    phase: Phase,
    /// The client has sent `CLIENT_HELLO`: it may open several sessions and close them singly.
    said_hello: bool,
    /// A `SESSION_OPEN` has arrived, whatever became of it.
    asked_to_open: bool,
    /// When the connection was accepted.
    started: Timestamp,
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
            config,
            lifecycle: ConnectionLifecycle::new(),
            sessions: HashMap::new(),
            request: None,
            phase: Phase::Serving,
            said_hello: false,
            asked_to_open: false,
            started: now,
            last_activity: now,
            next_ticket: 1,
        }
    }

    /// Opens the session that was asked for under the id of the admission.
    pub fn admit(
        &mut self,
        now: Timestamp,
        ticket: OpenTicket,
        admission: Admission,
    ) -> Result<(), CommandError> {
        let open = self.pending_open(ticket)?;
        let ack = self.config.policy.accepting_ack(&open, &admission);
        let id = admission.session_id;
        if id == 0 || self.lifecycle.apply_open_ack(&ack).is_err() {
            return Err(CommandError::SessionNotOpen(id));
        }
        self.request = None;
        let granted = self.config.policy.max_in_flight_operations;
        let max_in_flight = granted.min(self.config.limits.operations_in_flight);
        let remembered = self.config.limits.finished_operations;
        let session = ServerSession::new(admission, max_in_flight.into(), remembered);
        self.sessions.insert(id, session);
        self.queue_open_ack(&ack);
        self.settle(now);
        Ok(())
    }

    /// Refuses the session that was asked for. Without a hello this ends the connection once
    /// the client has the ack.
    pub fn refuse(
        &mut self,
        now: Timestamp,
        ticket: OpenTicket,
        code: SessionErrorCode,
    ) -> Result<(), CommandError> {
        let open = self.pending_open(ticket)?;
        self.request = None;
        self.send_refusal(now, &open, code);
        self.settle(now);
        Ok(())
    }

    /// Sends a result of an unanswered frame. A partial one leaves it unanswered.
    pub fn push_result(
        &mut self,
        now: Timestamp,
        session_id: u32,
        frame_id: u32,
        context: FrameContext,
        metadata: &ResultPush,
        body: Bytes,
    ) -> Result<(), CommandError> {
        let allowed = self.config.limits.body_bytes as usize;
        if body.len() > allowed {
            return Err(CommandError::BodyTooLarge {
                actual: body.len(),
                allowed,
            });
        }
        self.require_answerable(session_id, frame_id)?;
        let header = context.header(MessageType::ResultPush, session_id, frame_id);
        let packet = Packet::with_message(header, metadata, body)?;
        self.outgoing.push(packet);
        if let Some(session) = self.sessions.get_mut(&session_id) {
            match metadata.is_terminal() {
                true => session.answered(frame_id),
                false => session.answered_partially(frame_id),
            }
        }
        self.last_activity = now;
        self.settle(now);
        Ok(())
    }

    /// Answers a frame with a drop: it will get no (further) result.
    pub fn push_drop(
        &mut self,
        now: Timestamp,
        session_id: u32,
        frame_id: u32,
    ) -> Result<(), CommandError> {
        self.require_answerable(session_id, frame_id)?;
        self.queue_drop(session_id, frame_id);
        if let Some(session) = self.sessions.get_mut(&session_id) {
            session.dropped(frame_id);
        }
        self.last_activity = now;
        self.settle(now);
        Ok(())
    }

    /// Sends a flow update; `session_id` is 0 for connection scope. Never sent unasked, because
    /// published clients take it for the ack they may be waiting for.
    pub fn send_flow_update(
        &mut self,
        session_id: u32,
        update: &FlowUpdate,
    ) -> Result<(), CommandError> {
        self.require_serving()?;
        if self.request.is_some() {
            return Err(CommandError::RequestPending(session_id));
        }
        let header = session_header(MessageType::FlowUpdate, session_id, 0);
        self.lifecycle
            .check_flow_update(&header, update)
            .map_err(|kind| match kind {
                ErrorKind::Codec(error) => CommandError::Codec(error),
                _ => CommandError::UnknownSession(session_id),
            })?;
        self.require_room()?;
        self.outgoing
            .push(Packet::with_message(header, update, Bytes::new())?);
        Ok(())
    }

    /// Answers a patch request.
    pub fn answer_patch(
        &mut self,
        now: Timestamp,
        session_id: u32,
        ack: &SessionPatchAck,
    ) -> Result<(), CommandError> {
        match self.request {
            Some((Request::Patch { session_id: asking }, _)) if asking == session_id => {}
            _ => return Err(CommandError::NoRequest(session_id)),
        }
        self.answer_request(now, session_id, ack)
    }

    /// Answers a migration request; the ack must pass the migration check of spec 07 §7.3.
    pub fn answer_migrate(
        &mut self,
        now: Timestamp,
        session_id: u32,
        ack: &SessionMigrateAck,
    ) -> Result<(), CommandError> {
        match self.request {
            Some((
                Request::Migrate {
                    session_id: asking,
                    migrate,
                },
                _,
            )) if asking == session_id => {
                ack.check_against(&migrate)?;
            }
            _ => return Err(CommandError::NoRequest(session_id)),
        }
        self.answer_request(now, session_id, ack)
    }

    /// Answers a close request with status closed and ends the session. Without a hello this
    /// ends the connection once the client has the ack.
    pub fn answer_close(&mut self, now: Timestamp, session_id: u32) -> Result<(), CommandError> {
        match self.request {
            Some((
                Request::Close {
                    session_id: asking,
                    close,
                },
                _,
            )) if asking == session_id => {
                self.finish_close(now, session_id, &close);
                self.settle(now);
                Ok(())
            }
            _ => Err(CommandError::NoRequest(session_id)),
        }
    }

    /// Ends every session without an exchange and the write side after what is queued.
    pub fn close(&mut self, now: Timestamp) {
        self.begin_ending(now, EndCause::ClosedLocally);
    }

    /// The stream ended cleanly between two packets: the client has ended its write side.
    ///
    /// It may still read, so answers owed are given for a short while.
    pub fn handle_end_of_stream(&mut self, now: Timestamp) {
        self.phase = match self.phase {
            Phase::Serving => Phase::HalfClosed {
                until: now.after(self.config.timeouts.half_close),
            },
            Phase::Ending { .. } => Phase::Over,
            phase => phase,
        };
        self.settle(now);
    }

    /// The transport failed, or ended inside a packet: nothing can be sent any more.
    pub fn handle_transport_lost(&mut self) {
        while self.outgoing.pop().is_some() {}
        self.end_everything(EndCause::TransportLost);
        self.phase = Phase::Over;
    }

    /// The stream cannot be decoded any further. Queued packets are still sent.
    pub fn handle_stream_error(&mut self, error: ProtocolError) {
        self.end_everything(EndCause::Failed(error));
        self.phase = Phase::Over;
    }

    /// Time has passed; an error ends the connection.
    pub fn handle_timeout(&mut self, now: Timestamp) -> Result<(), ProtocolError> {
        match self.phase {
            Phase::HalfClosed { until } if until <= now => {
                self.begin_ending(now, EndCause::TransportLost);
                self.phase = Phase::Over;
            }
            Phase::Ending { until } if until <= now => self.phase = Phase::Over,
            Phase::Serving | Phase::HalfClosed { .. } => return self.check_deadlines(now),
            Phase::Ending { .. } | Phase::Over => {}
        }
        Ok(())
    }

    /// When to call [`Self::handle_timeout`]; may move with every call.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let request = self.request.map(|(_, deadline)| deadline);
        match self.phase {
            Phase::Serving => [request, self.handshake_deadline(), self.idle_deadline()]
                .into_iter()
                .flatten()
                .min(),
            Phase::HalfClosed { until } => Some(request.map_or(until, |at| at.min(until))),
            Phase::Ending { until } => Some(until),
            Phase::Over => None,
        }
    }

    /// The next event for the application.
    pub fn poll_event(&mut self) -> Option<ServerEvent> {
        self.events.pop()
    }

    /// The next packet for the transport.
    pub fn poll_transmit(&mut self) -> Option<Packet> {
        let packet = self.outgoing.pop()?;
        if self.outgoing.take_reopened() {
            self.events.push(ServerEvent::Writable);
        }
        Some(packet)
    }

    /// Whether the next packet may be handed over. While false, leave the transport unread.
    #[must_use]
    pub fn wants_packet(&self) -> bool {
        match self.phase {
            Phase::Serving => {
                self.request.is_none() && self.events.has_room() && self.outgoing.has_room()
            }
            Phase::Ending { .. } => true,
            Phase::HalfClosed { .. } | Phase::Over => false,
        }
    }

    /// Whether to end the write side of the transport; stays true from then on.
    #[must_use]
    pub fn should_end_write(&self) -> bool {
        matches!(self.phase, Phase::Ending { .. } | Phase::Over) && self.outgoing.is_empty()
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
            .map_or(0, ServerSession::unanswered)
    }

    /// States of the connection and its sessions.
    #[must_use]
    pub fn lifecycle(&self) -> &ConnectionLifecycle {
        &self.lifecycle
    }

    /// Whether the client has sent `CLIENT_HELLO`.
    #[must_use]
    pub fn peer_said_hello(&self) -> bool {
        self.said_hello
    }

    fn pending_open(&self, ticket: OpenTicket) -> Result<SessionOpen, CommandError> {
        match self.request {
            Some((
                Request::Open {
                    ticket: asking,
                    open,
                },
                _,
            )) if asking == ticket => Ok(open),
            _ => Err(CommandError::UnknownTicket),
        }
    }

    fn require_serving(&self) -> Result<(), CommandError> {
        match self.phase {
            Phase::Serving | Phase::HalfClosed { .. } => Ok(()),
            Phase::Ending { .. } | Phase::Over => Err(CommandError::ConnectionNotOpen),
        }
    }

    fn require_room(&mut self) -> Result<(), CommandError> {
        match self.outgoing.ask_room() {
            true => Ok(()),
            false => Err(CommandError::WouldBlock(Blocked::Outgoing)),
        }
    }

    fn require_answerable(&mut self, session_id: u32, frame_id: u32) -> Result<(), CommandError> {
        self.require_serving()?;
        let session = self.sessions.get(&session_id);
        let session = session.ok_or(CommandError::UnknownSession(session_id))?;
        session.require_unanswered(frame_id)?;
        self.require_room()
    }

    fn answer_request<M: Message>(
        &mut self,
        now: Timestamp,
        session_id: u32,
        ack: &M,
    ) -> Result<(), CommandError> {
        let header = session_header(M::MESSAGE_TYPE, session_id, 0);
        self.outgoing
            .push(Packet::with_message(header, ack, Bytes::new())?);
        self.request = None;
        self.settle(now);
        Ok(())
    }

    fn send_refusal(&mut self, now: Timestamp, open: &SessionOpen, code: SessionErrorCode) {
        let ack = self.config.policy.refusing_ack(open, code);
        self.queue_open_ack(&ack);
        if !self.said_hello {
            self.begin_ending(now, EndCause::ClosedLocally);
        }
    }

    fn queue_open_ack(&mut self, ack: &SessionOpenAck) {
        self.queue_message(ack.session_id, ack);
    }

    fn queue_drop(&mut self, session_id: u32, frame_id: u32) {
        let header = session_header(MessageType::ResultDrop, session_id, frame_id);
        self.outgoing.push(Packet::empty(header));
    }

    /// Queues an answer the machine builds itself; such values break no rule of their message.
    fn queue_message<M: Message>(&mut self, session_id: u32, message: &M) {
        let header = session_header(M::MESSAGE_TYPE, session_id, 0);
        let packet = Packet::with_message(header, message, Bytes::new());
        debug_assert!(packet.is_ok(), "{packet:?}");
        self.outgoing.push_built(packet);
    }

    fn finish_close(&mut self, now: Timestamp, session_id: u32, close: &SessionClose) {
        self.request = None;
        let ack = SessionCloseAck::closed(close);
        let header = session_header(MessageType::SessionCloseAck, session_id, 0);
        let applied = self.lifecycle.apply_close_ack(&header, &ack);
        debug_assert!(applied.is_ok(), "{applied:?}");
        self.queue_message(session_id, &ack);
        if let Some(session) = self.sessions.remove(&session_id) {
            self.events.push(ServerEvent::SessionEnded {
                session_id,
                admission: session.admission,
                cause: EndCause::Closed(SessionCloseStatus::Closed),
            });
        }
        if !self.said_hello {
            self.begin_ending(now, EndCause::ClosedLocally);
        }
    }

    /// With the client's write side ended, the connection ends when nothing is owed any more.
    fn settle(&mut self, now: Timestamp) {
        let half_closed = matches!(self.phase, Phase::HalfClosed { .. });
        if half_closed && self.request.is_none() && self.owed() == 0 {
            self.begin_ending(now, EndCause::TransportLost);
        }
    }

    fn owed(&self) -> usize {
        self.sessions.values().map(ServerSession::unanswered).sum()
    }

    fn begin_ending(&mut self, now: Timestamp, cause: EndCause) {
        self.end_everything(cause);
        self.phase = match self.phase {
            Phase::Serving => Phase::Ending {
                until: now.after(self.config.timeouts.linger),
            },
            Phase::HalfClosed { .. } => Phase::Over,
            phase => phase,
        };
    }

    fn end_everything(&mut self, cause: EndCause) {
        self.request = None;
        for (session_id, session) in self.sessions.drain() {
            let admission = session.admission;
            self.events.push(ServerEvent::SessionEnded {
                session_id,
                admission,
                cause,
            });
        }
        // Closing twice is an error of the lifecycle, and here simply done.
        let _already_closed = self.lifecycle.close();
    }

    fn check_deadlines(&mut self, now: Timestamp) -> Result<(), ProtocolError> {
        if let Some((request, deadline)) = self.request
            && deadline <= now
        {
            let Request::Close { session_id, close } = request else {
                return Err(self.fail(now, TimeoutKind::Request));
            };
            self.finish_close(now, session_id, &close);
            self.settle(now);
            return Ok(());
        }
        let passed = |deadline: Option<Timestamp>| deadline.is_some_and(|at| at <= now);
        if passed(self.handshake_deadline()) {
            return Err(self.fail(now, TimeoutKind::Handshake));
        }
        if passed(self.idle_deadline()) {
            return Err(self.fail(now, TimeoutKind::Idle));
        }
        Ok(())
    }

    fn fail(&mut self, now: Timestamp, timeout: TimeoutKind) -> ProtocolError {
        let error = ProtocolError::on_connection(ErrorKind::TimedOut(timeout));
        self.begin_ending(now, EndCause::Failed(error));
        error
    }

    fn handshake_deadline(&self) -> Option<Timestamp> {
        let waiting = !self.asked_to_open && !self.said_hello;
        waiting.then(|| self.started.after(self.config.timeouts.handshake))
    }

    fn idle_deadline(&self) -> Option<Timestamp> {
        let idle = self.config.timeouts.idle?;
        let quiet = self.request.is_none() && self.owed() == 0;
        quiet.then(|| self.last_activity.after(idle))
    }
}
