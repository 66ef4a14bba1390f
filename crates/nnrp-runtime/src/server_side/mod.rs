//! The server's end of a connection: its sessions and the commands of the application.

mod events;
mod operation_gate;
mod requests;

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use nnrp_core::Timestamp;
use nnrp_core::cache::{CacheDependency, ObjectIdentity};
use nnrp_core::code::{FlowScopeKind, SessionErrorCode};
use nnrp_core::connection::server::ServerConnection;
use nnrp_core::connection::{CommandError as MachineError, EndCause, OpenTicket};
use nnrp_core::message::cache::CacheInvalidate;
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultHint;
use nnrp_core::message::session::{SessionClose, SessionOpen};

pub(crate) use self::operation_gate::OperationGate;
use self::requests::Request;
use crate::batch::{Accepted, Answer};
use crate::end::connection_end;
use crate::gauge::Gauge;
use crate::permit::Permit;
use crate::session_directory::{Order, SessionDirectory, Signal};
use crate::shared::Shared;
use crate::{AdmissionPolicy, CommandError, ConnectionEnd, SessionKey};

#[derive(Debug)]
pub(crate) struct ServerSide {
    pub(crate) machine: ServerConnection,
    /// Sessions that have not ended.
    /// Boxed: a node of the map has room for eleven, and most connections have one.
    sessions: BTreeMap<SessionKey, Box<Session>>,
    /// The same by their id on the wire.
    keys: BTreeMap<u32, SessionKey>,
    next_key: u32,
    settings: ServerSettings,
    /// The connection of this side.
    myself: Weak<Shared>,
    /// The open that waits until another connection has surrendered its session.
    waiting: Option<WaitingOpen>,
    /// What other connections are to be told when the lock is free.
    pub(crate) signals: Vec<Signal>,
    /// Counts the connection as one that has not opened a session.
    handshake: Option<Permit>,
    /// Why sessions ended that were not closed one by one.
    cause: Option<EndCause>,
    /// The client's address.
    peer: String,
    /// The listener is coming to its end.
    draining: bool,
}

/// What the connections of a listener have in common beside the machine's configuration.
#[derive(Clone, Debug)]
pub(crate) struct ServerSettings {
    pub(crate) directory: Arc<SessionDirectory>,
    /// How long a request waits for the application's answers to earlier submits.
    pub(crate) drain_timeout: Duration,
    /// Whether patch and migrate requests are granted; otherwise they are unexpected messages.
    pub(crate) control: bool,
    /// Submits without an answer on all connections.
    pub(crate) operations: Arc<Gauge>,
    /// Blocks of bytes that wait on all connections.
    pub(crate) buffered: Arc<Gauge>,
    pub(crate) admission: Option<AdmissionPolicy>,
}

impl ServerSide {
    pub(crate) fn new(
        machine: ServerConnection,
        settings: ServerSettings,
        handshake: Permit,
        myself: Weak<Shared>,
        peer: String,
    ) -> Self {
        Self {
            machine,
            sessions: BTreeMap::new(),
            keys: BTreeMap::new(),
            next_key: 0,
            settings,
            myself,
            waiting: None,
            signals: Vec::new(),
            handshake: Some(handshake),
            cause: None,
            peer,
            draining: false,
        }
    }

    pub(crate) fn handle_transport_lost(&mut self) {
        self.handshake = None;
        self.machine.handle_transport_lost();
    }

    /// Another connection wants something of this one.
    pub(crate) fn obey(&mut self, order: Order) {
        match order {
            Order::Surrender(session_id) => {
                // It may have ended meanwhile, which answers the other connection as well.
                let _surrendered = self.machine.surrender_session(session_id);
            }
            Order::Retry => {
                if let Some(waiting) = &mut self.waiting {
                    waiting.due = true;
                }
            }
        }
    }

    /// The gauges of the listener: of operations and of blocks of waiting bytes.
    pub(crate) fn gauges(&self) -> (Arc<Gauge>, Arc<Gauge>) {
        let settings = &self.settings;
        (
            Arc::clone(&settings.operations),
            Arc::clone(&settings.buffered),
        )
    }

    /// Opens no session any more.
    pub(crate) fn drain(&mut self) {
        self.draining = true;
    }

    /// Submits without an answer.
    pub(crate) fn operations(&self) -> usize {
        self.sessions
            .values()
            .map(|session| self.machine.unanswered(session.id))
            .sum()
    }

    /// Sessions that are open.
    pub(crate) fn session_count(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn has_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Why the machine ended the connection: its error, a close of the client, or a refusal by this side.
    pub(crate) fn ordinary_end(&self) -> ConnectionEnd {
        match self.cause {
            Some(cause) => connection_end(cause, None),
            None if self.next_key > 0 => ConnectionEnd::ClosedByPeer,
            None => ConnectionEnd::ClosedHere,
        }
    }

    pub(crate) fn send_results(
        &mut self,
        now: Timestamp,
        key: SessionKey,
        answers: impl IntoIterator<Item = Answer>,
    ) -> Result<Accepted, CommandError> {
        let session = find(&mut self.sessions, key)?;
        let mut count = 0;
        let mut answers = answers.into_iter();
        loop {
            // Before the next one is asked for, so that none is lost for want of room.
            if let Err(error) = self.machine.require_answer_room(session.id) {
                if count == 0 {
                    return Err(session.refused(error));
                }
                break;
            }
            let Some(mut answer) = answers.next() else {
                break;
            };
            if answer.metadata.active_profile_id == 0 {
                answer.metadata.active_profile_id = session.profile_id;
            }
            let sent = self.machine.push_result(
                now,
                session.id,
                answer.frame_id,
                answer.header,
                &answer.metadata,
                answer.body,
            );
            match sent {
                Ok(()) => count += 1,
                Err(error) => {
                    let error = session.refused(error);
                    return if count == 0 {
                        Err(error)
                    } else {
                        Ok(Accepted {
                            count,
                            first_frame_id: 0,
                        })
                    };
                }
            }
        }
        Ok(Accepted {
            count,
            first_frame_id: 0,
        })
    }

    pub(crate) fn send_drop(
        &mut self,
        now: Timestamp,
        key: SessionKey,
        frame_id: u32,
    ) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        self.machine
            .push_drop(now, session.id, frame_id)
            .map_err(|error| session.refused(error))
    }

    pub(crate) fn send_flow_update(
        &mut self,
        key: SessionKey,
        update: &FlowUpdate,
    ) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        let scope = match update.scope_kind {
            FlowScopeKind::Connection => 0,
            _ => session.id,
        };
        self.machine
            .send_flow_update(scope, update)
            .map_err(|error| session.refused(error))
    }

    pub(crate) fn send_hint(
        &mut self,
        key: SessionKey,
        frame_id: u32,
        hint: ResultHint,
    ) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        self.machine
            .send_hint(session.id, frame_id, &hint)
            .map_err(|error| session.refused(error))
    }

    pub(crate) fn invalidate_objects(
        &mut self,
        key: Option<SessionKey>,
        invalidate: &CacheInvalidate,
    ) -> Result<(), CommandError> {
        let id = self.wire_id(key)?;
        Ok(self.machine.invalidate_objects(id, invalidate)?)
    }

    pub(crate) fn set_object_dependencies(
        &mut self,
        key: Option<SessionKey>,
        object: &ObjectIdentity,
        dependencies: Vec<CacheDependency>,
    ) -> Result<(), CommandError> {
        let id = self.wire_id(key)?;
        self.machine
            .set_object_dependencies(id, object, dependencies)
            .map_err(|_| {
                CommandError::WrongState("the object is not cached, or too many are named")
            })
    }

    /// The id of a session on the wire, 0 for the connection.
    fn wire_id(&mut self, key: Option<SessionKey>) -> Result<u32, CommandError> {
        key.map_or(Ok(0), |key| Ok(find(&mut self.sessions, key)?.id))
    }

    pub(crate) fn report_error(
        &mut self,
        now: Timestamp,
        key: Option<SessionKey>,
        report: &ErrorReport,
        text: Bytes,
    ) -> Result<(), CommandError> {
        let mut report = *report;
        if let Some(key) = key {
            report.related_session_id = find(&mut self.sessions, key)?.id;
        }
        Ok(self.machine.report_error(now, &report, text)?)
    }

    /// A client that said hello is told; with any other the connection ends, after what is queued, with its one session.
    pub(crate) fn close_session(
        &mut self,
        now: Timestamp,
        key: SessionKey,
    ) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        session.closed_here = true;
        if self.machine.peer_said_hello() {
            let ended = self
                .machine
                .end_session_with(session.id, SessionErrorCode::NONE);
            return Ok(ended?);
        }
        self.machine.close(now);
        Ok(())
    }
}

/// An open whose session is held by another connection.
#[derive(Debug)]
struct WaitingOpen {
    ticket: OpenTicket,
    open: SessionOpen,
    token: Bytes,
    /// The other connection has surrendered, or ended.
    due: bool,
}

#[derive(Debug)]
struct Session {
    id: u32,
    profile_id: u16,
    /// A command was refused for want of room.
    blocked: bool,
    request: Option<(Request, Timestamp)>,
    closed_by_peer: Option<SessionClose>,
    closed_here: bool,
}

impl Session {
    fn new(id: u32, profile_id: u16) -> Self {
        Self {
            id,
            profile_id,
            blocked: false,
            request: None,
            closed_by_peer: None,
            closed_here: false,
        }
    }

    fn refused(&mut self, error: MachineError) -> CommandError {
        self.blocked |= matches!(error, MachineError::WouldBlock(_));
        error.into()
    }
}

fn find(
    sessions: &mut BTreeMap<SessionKey, Box<Session>>,
    key: SessionKey,
) -> Result<&mut Session, CommandError> {
    let session = sessions.get_mut(&key).map(Box::as_mut);
    session.ok_or(CommandError::UnknownSession)
}
