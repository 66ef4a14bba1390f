//! Connection and session states (spec 10): what may happen next, decided from metadata alone.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};

use crate::code::{
    FlowScopeKind, SessionCloseStatus, SessionErrorCode, SessionPriorityClass, SessionStatus,
};
use crate::codec_error::CodecError;
use crate::error::ErrorKind;
use crate::header::Header;
use crate::message::flow::FlowUpdate;
use crate::message::session::{SessionClose, SessionCloseAck, SessionOpenAck};
use crate::message_type::MessageType;
use crate::rule::Rule;

/// Closed sessions whose ids stay used on the connection. The specification keeps them for ever;
/// a connection that lives long needs a bound.
const REMEMBERED_CLOSED_SESSIONS: usize = 1024;

/// State of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// Sessions can be opened and used.
    Open,
    /// Over, with every session in it.
    Closed,
}

/// State of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionState {
    /// Opened fresh, or its close was refused.
    Open,
    /// Continued from an earlier connection.
    Resumed,
    /// A close was sent or received.
    Closing,
    /// The close waits for operations to finish.
    Draining,
    /// Over.
    Closed,
}

impl SessionState {
    /// Whether messages of the session are taken in this state.
    #[must_use]
    pub const fn accepts_session_scoped_messages(self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// Whether operations may be submitted in this state.
    #[must_use]
    pub const fn accepts_new_operations(self) -> bool {
        matches!(self, Self::Open | Self::Resumed)
    }
}

/// What is known about a session on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its id.
    pub session_id: u32,
    /// Its state.
    pub state: SessionState,
    /// Accepted profile.
    pub profile_id: u16,
    /// Accepted priority.
    pub priority_class: SessionPriorityClass,
    /// Default schema.
    pub schema_id: u32,
    /// Its version.
    pub schema_version: u32,
    /// Operations that may be unfinished at once.
    pub max_in_flight_operations: u16,
    /// Routing scope.
    pub route_scope_id: u32,
    /// Watermark of the close; 0 before.
    pub last_operation_id: u64,
    /// Error of the ack or of the close.
    pub session_error_code: SessionErrorCode,
}

/// The states of one connection and its sessions, on either side.
#[derive(Debug)]
pub struct ConnectionLifecycle {
    state: ConnectionState,
    /// Boxed: a node of the map has room for eleven, and most connections have one.
    sessions: BTreeMap<u32, Box<SessionRecord>>,
    /// Ids of closed sessions, oldest first, at most [`REMEMBERED_CLOSED_SESSIONS`].
    closed: VecDeque<u32>,
}

impl Default for ConnectionLifecycle {
    fn default() -> Self {
        Self {
            state: ConnectionState::Open,
            sessions: BTreeMap::new(),
            closed: VecDeque::new(),
        }
    }
}

impl ConnectionLifecycle {
    /// An open connection without sessions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies an ack that was sent or received; installs the session if it accepts one.
    pub fn apply_open_ack(&mut self, ack: &SessionOpenAck) -> Result<(), ErrorKind> {
        self.require_open()?;
        let state = match ack.session_status {
            SessionStatus::Opened => SessionState::Open,
            SessionStatus::Resumed => SessionState::Resumed,
            SessionStatus::Rejected | SessionStatus::RetryLater => {
                return match ack.session_id {
                    0 => Ok(()),
                    _ => Err(broken(Rule::OpenAckRejectNonzeroSession)),
                };
            }
        };
        if ack.session_id == 0 {
            return Err(broken(Rule::OpenAckSuccessZeroSession));
        }
        if self.sessions.contains_key(&ack.session_id) {
            return Err(ErrorKind::SessionAlreadyExists(ack.session_id));
        }
        self.sessions
            .insert(ack.session_id, SessionRecord::from_ack(ack, state).into());
        Ok(())
    }

    /// A `SESSION_CLOSE` is about to be sent, or was received.
    pub fn begin_close(&mut self, header: &Header, close: &SessionClose) -> Result<(), ErrorKind> {
        self.require_open()?;
        if header.message_type != MessageType::SessionClose {
            return Err(broken(Rule::SessionCloseWrongHeader));
        }
        let id = header.session_id;
        let session = self.find(id, Rule::SessionCloseZeroSession)?;
        if !session.state.accepts_new_operations() {
            return Err(ErrorKind::SessionNotOpen(id));
        }
        session.state = SessionState::Closing;
        session.last_operation_id = close.last_operation_id;
        session.session_error_code = close.session_error_code;
        Ok(())
    }

    /// A `SESSION_CLOSE_ACK` is about to be sent, or was received.
    pub fn apply_close_ack(
        &mut self,
        header: &Header,
        ack: &SessionCloseAck,
    ) -> Result<(), ErrorKind> {
        self.require_open()?;
        if header.message_type != MessageType::SessionCloseAck {
            return Err(broken(Rule::SessionCloseAckWrongHeader));
        }
        let id = header.session_id;
        let session = self.find(id, Rule::SessionCloseAckZeroSession)?;
        if session.state == SessionState::Closed {
            return Err(ErrorKind::SessionNotOpen(id));
        }
        session.state = match ack.close_status {
            SessionCloseStatus::Acknowledged => SessionState::Closing,
            SessionCloseStatus::Draining => SessionState::Draining,
            SessionCloseStatus::Closed => SessionState::Closed,
            SessionCloseStatus::Rejected => SessionState::Open,
        };
        session.last_operation_id = ack.last_operation_id;
        session.session_error_code = ack.session_error_code;
        if ack.close_status == SessionCloseStatus::Closed {
            self.remember_closed(id);
        }
        Ok(())
    }

    /// The session goes on elsewhere, or ends without an exchange: its id stays used here.
    pub fn leave_session(&mut self, session_id: u32) {
        if let Some(session) = self.sessions.get_mut(&session_id)
            && session.state != SessionState::Closed
        {
            session.state = SessionState::Closed;
            self.remember_closed(session_id);
        }
    }

    /// A `FLOW_UPDATE` is about to be sent, or was received: routing, then the session.
    pub fn check_flow_update(&self, header: &Header, update: &FlowUpdate) -> Result<(), ErrorKind> {
        self.require_open()?;
        update.check_routing(header)?;
        if update.scope_kind == FlowScopeKind::Connection {
            return Ok(());
        }
        match self.state_of(header.session_id) {
            Some(state) if state.accepts_session_scoped_messages() => Ok(()),
            _ => Err(ErrorKind::UnknownSession(header.session_id)),
        }
    }

    /// Closes the connection and every session in it.
    pub fn close(&mut self) -> Result<(), ErrorKind> {
        if self.state == ConnectionState::Closed {
            return Err(ErrorKind::ConnectionAlreadyClosed);
        }
        self.state = ConnectionState::Closed;
        for session in self.sessions.values_mut() {
            session.state = SessionState::Closed;
        }
        Ok(())
    }

    /// State of the connection.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.state
    }

    /// The record of a session, also of a closed one that is still remembered.
    #[must_use]
    pub fn session(&self, session_id: u32) -> Option<&SessionRecord> {
        self.sessions.get(&session_id).map(Box::as_ref)
    }

    /// State of a session.
    #[must_use]
    pub fn state_of(&self, session_id: u32) -> Option<SessionState> {
        self.session(session_id).map(|session| session.state)
    }

    /// Sessions that are remembered, closed ones included.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    fn require_open(&self) -> Result<(), ErrorKind> {
        match self.state {
            ConnectionState::Open => Ok(()),
            ConnectionState::Closed => Err(ErrorKind::ConnectionNotOpen),
        }
    }

    fn find(&mut self, id: u32, zero: Rule) -> Result<&mut SessionRecord, ErrorKind> {
        if id == 0 {
            return Err(broken(zero));
        }
        self.sessions
            .get_mut(&id)
            .map(Box::as_mut)
            .ok_or(ErrorKind::UnknownSession(id))
    }

    fn remember_closed(&mut self, id: u32) {
        self.closed.push_back(id);
        if self.closed.len() > REMEMBERED_CLOSED_SESSIONS
            && let Some(oldest) = self.closed.pop_front()
        {
            self.sessions.remove(&oldest);
        }
    }
}

impl SessionRecord {
    fn from_ack(ack: &SessionOpenAck, state: SessionState) -> Self {
        Self {
            session_id: ack.session_id,
            state,
            profile_id: ack.accepted_profile_id,
            priority_class: ack.accepted_priority_class,
            schema_id: ack.schema_id,
            schema_version: ack.schema_version,
            max_in_flight_operations: ack.max_in_flight_operations,
            route_scope_id: ack.route_scope_id,
            last_operation_id: 0,
            session_error_code: ack.session_error_code,
        }
    }
}

fn broken(rule: Rule) -> ErrorKind {
    ErrorKind::Codec(CodecError::InvalidProtocolCombination(rule))
}
