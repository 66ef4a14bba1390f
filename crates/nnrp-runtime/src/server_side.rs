//! The server's end of a connection: admission of sessions, answers to requests, commands.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nnrp_core::code::{FlowScopeKind, SessionErrorCode};
use nnrp_core::connection::server::{ServerConnection, ServerEvent};
use nnrp_core::connection::{CommandError as MachineError, EndCause, FrameContext, OpenTicket};
use nnrp_core::directory::{Admission, SessionDirectory};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};
use nnrp_core::message::session::{SessionClose, SessionOpen, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{ErrorKind, Location, MessageType, ProtocolError, Timestamp};

use crate::connection::{Accepted, Answer};
use crate::end::connection_end;
use crate::permit::Permit;
use crate::received::received;
use crate::{CommandError, ConnectionEnd, Event, SessionEnd, SessionKey};

/// The session ids of a listener, shared by its connections.
pub(crate) type Directory = Arc<Mutex<SessionDirectory>>;

#[derive(Debug)]
pub(crate) struct ServerSide {
    pub(crate) machine: ServerConnection,
    sessions: Vec<Session>,
    next_key: u32,
    settings: ServerSettings,
    /// Counts the connection as one that has not opened a session.
    handshake: Option<Permit>,
    /// Why sessions ended that were not closed one by one.
    cause: Option<EndCause>,
}

/// What the connections of a listener have in common beside the machine's configuration.
#[derive(Clone, Debug)]
pub(crate) struct ServerSettings {
    pub(crate) directory: Directory,
    /// How long a request waits for the application's answers to earlier submits.
    pub(crate) drain_timeout: Duration,
    /// Whether patch and migrate requests are granted; otherwise they are unexpected messages.
    pub(crate) control: bool,
}

#[derive(Debug)]
struct Session {
    key: SessionKey,
    id: u32,
    profile_id: u16,
    /// A command was refused for want of room.
    blocked: bool,
    request: Option<(Request, Timestamp)>,
    closed_by_peer: Option<SessionClose>,
    closed_here: bool,
}

/// A request of the client that waits until earlier submits are answered.
#[derive(Clone, Copy, Debug)]
enum Request {
    Patch(SessionPatch),
    Migrate(SessionMigrate),
    Close(SessionClose),
}

impl ServerSide {
    pub(crate) fn new(
        machine: ServerConnection,
        settings: ServerSettings,
        handshake: Permit,
    ) -> Self {
        Self {
            machine,
            sessions: Vec::new(),
            next_key: 0,
            settings,
            handshake: Some(handshake),
            cause: None,
        }
    }

    pub(crate) fn handle_transport_lost(&mut self) {
        self.handshake = None;
        self.machine.handle_transport_lost();
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
        for mut answer in answers {
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

    /// Only clients close single sessions on the wire. Here the connection ends, after what is queued, with its last session.
    pub(crate) fn close_session(
        &mut self,
        now: Timestamp,
        key: SessionKey,
    ) -> Result<(), CommandError> {
        find(&mut self.sessions, key)?.closed_here = true;
        if self.sessions.iter().all(|session| session.closed_here) {
            self.machine.close(now);
        }
        Ok(())
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.sessions
            .iter()
            .filter_map(|session| Some(session.request?.1))
            .min()
    }

    /// Answers requests whose earlier submits are answered or have had their time.
    pub(crate) fn continue_requests(&mut self, now: Timestamp) {
        for session in &mut self.sessions {
            let Some((request, deadline)) = session.request else {
                continue;
            };
            if self.machine.unanswered(session.id) == 0 || deadline <= now {
                session.request = None;
                answer_request(&mut self.machine, now, session.id, request);
            }
        }
    }

    pub(crate) fn take_events(
        &mut self,
        now: Timestamp,
        end: Option<&ConnectionEnd>,
        events: &mut VecDeque<Event>,
    ) {
        self.continue_requests(now);
        while let Some(event) = self.machine.poll_event() {
            self.translate(now, end, event, events);
            self.continue_requests(now);
        }
    }

    fn translate(
        &mut self,
        now: Timestamp,
        end: Option<&ConnectionEnd>,
        event: ServerEvent,
        events: &mut VecDeque<Event>,
    ) {
        match event {
            ServerEvent::OpenRequested { ticket, open, .. } => {
                events.extend(self.decide_open(now, ticket, &open));
            }
            ServerEvent::Submitted {
                session_id,
                frame_id,
                context,
                metadata,
                body,
            } => {
                let Some(session) = self.key_of(session_id) else {
                    return;
                };
                let header = received(
                    MessageType::FrameSubmit,
                    (session_id, frame_id),
                    context,
                    (FrameSubmit::SIZE, body.len()),
                );
                events.push_back(Event::Submit {
                    session,
                    header,
                    metadata,
                    body,
                });
            }
            ServerEvent::CancelRequested {
                session_id,
                frame_id,
            } => {
                let Some(session) = self.key_of(session_id) else {
                    return;
                };
                let header = received(
                    MessageType::FrameCancel,
                    (session_id, frame_id),
                    FrameContext::default(),
                    (0, 0),
                );
                events.push_back(Event::Cancel { session, header });
            }
            ServerEvent::PatchRequested {
                session_id, patch, ..
            } => {
                self.take_request(
                    now,
                    session_id,
                    MessageType::SessionPatch,
                    Request::Patch(patch),
                );
            }
            ServerEvent::MigrateRequested {
                session_id,
                migrate,
            } => {
                self.take_request(
                    now,
                    session_id,
                    MessageType::SessionMigrate,
                    Request::Migrate(migrate),
                );
            }
            ServerEvent::CloseRequested { session_id, close } => {
                self.take_request(
                    now,
                    session_id,
                    MessageType::SessionClose,
                    Request::Close(close),
                );
            }
            ServerEvent::SessionEnded {
                session_id,
                admission,
                cause,
            } => {
                events.extend(self.end_session(now, end, session_id, &admission, cause));
            }
            ServerEvent::Writable => self.report_writable(events),
            ServerEvent::PeerError { .. } => {}
        }
    }

    fn decide_open(
        &mut self,
        now: Timestamp,
        ticket: OpenTicket,
        open: &SessionOpen,
    ) -> Option<Event> {
        let admitted = lock(&self.settings.directory).admit(open, now);
        let admission = match admitted {
            Ok(admission) => admission,
            Err(code) => return self.refuse(now, ticket, code),
        };
        if self.machine.admit(now, ticket, admission).is_err() {
            // The id was used on this connection before.
            lock(&self.settings.directory).release(&admission);
            return self.refuse(now, ticket, SessionErrorCode::SESSION_LIMIT_REACHED);
        }
        self.handshake = None;
        let key = SessionKey(self.next_key);
        self.next_key += 1;
        self.sessions
            .push(Session::new(key, admission.session_id, open.profile_id));
        Some(Event::SessionOpened {
            session: key,
            ack: self.granted(open, &admission),
        })
    }

    fn refuse(
        &mut self,
        now: Timestamp,
        ticket: OpenTicket,
        code: SessionErrorCode,
    ) -> Option<Event> {
        let refused = self.machine.refuse(now, ticket, code);
        debug_assert!(refused.is_ok(), "{refused:?}");
        None
    }

    /// What the application is told of the ack that went out.
    fn granted(&self, open: &SessionOpen, admission: &Admission) -> SessionOpenAck {
        let record = self.machine.lifecycle().session(admission.session_id);
        SessionOpenAck {
            session_id: admission.session_id,
            accepted_profile_id: open.profile_id,
            accepted_priority_class: open.priority_class,
            schema_id: open.schema_id,
            schema_version: open.schema_version,
            max_in_flight_operations: record.map_or(0, |record| record.max_in_flight_operations),
            ..SessionOpenAck::default()
        }
    }

    fn take_request(
        &mut self,
        now: Timestamp,
        session_id: u32,
        message_type: MessageType,
        request: Request,
    ) {
        if !self.settings.control && !matches!(request, Request::Close(_)) {
            let kind = ErrorKind::UnexpectedMessage {
                expected: "FRAME_SUBMIT or SESSION_CLOSE",
            };
            let at = Location {
                message_type: Some(message_type),
                session_id,
                frame_id: 0,
            };
            self.machine.handle_stream_error(ProtocolError { kind, at });
            return;
        }
        if let Some(session) = self
            .sessions
            .iter_mut()
            .find(|session| session.id == session_id)
        {
            session.request = Some((request, now.after(self.settings.drain_timeout)));
            if let Request::Close(close) = request {
                session.closed_by_peer = Some(close);
            }
        }
    }

    fn end_session(
        &mut self,
        now: Timestamp,
        end: Option<&ConnectionEnd>,
        session_id: u32,
        admission: &Admission,
        cause: EndCause,
    ) -> Option<Event> {
        if let EndCause::Closed(_) = cause {
            lock(&self.settings.directory).release(admission);
        } else {
            lock(&self.settings.directory).detach(admission, now);
            self.cause = Some(cause);
        }
        let position = self
            .sessions
            .iter()
            .position(|session| session.id == session_id)?;
        let session = self.sessions.swap_remove(position);
        let reason = match (cause, session.closed_by_peer) {
            (EndCause::Closed(_), Some(close)) => SessionEnd::ClosedByPeer {
                reason: close.close_reason,
                code: close.session_error_code,
            },
            _ if session.closed_here => SessionEnd::ClosedHere,
            _ => SessionEnd::ConnectionEnded(connection_end(cause, end)),
        };
        Some(Event::SessionClosed {
            session: session.key,
            session_id,
            reason,
        })
    }

    fn report_writable(&mut self, events: &mut VecDeque<Event>) {
        for session in self.sessions.iter_mut().filter(|session| session.blocked) {
            session.blocked = false;
            events.push_back(Event::Writable {
                session: session.key,
            });
        }
    }

    fn key_of(&self, session_id: u32) -> Option<SessionKey> {
        self.sessions
            .iter()
            .find(|session| session.id == session_id)
            .map(|session| session.key)
    }
}

impl Session {
    fn new(key: SessionKey, id: u32, profile_id: u16) -> Self {
        Self {
            key,
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

fn find(sessions: &mut [Session], key: SessionKey) -> Result<&mut Session, CommandError> {
    sessions
        .iter_mut()
        .find(|session| session.key == key)
        .ok_or(CommandError::UnknownSession)
}

fn lock(directory: &Directory) -> MutexGuard<'_, SessionDirectory> {
    // Every call leaves the table whole.
    directory.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer_request(
    machine: &mut ServerConnection,
    now: Timestamp,
    session_id: u32,
    request: Request,
) {
    let answered = match request {
        Request::Patch(patch) => {
            machine.answer_patch(now, session_id, &SessionPatchAck::accept_all(&patch))
        }
        Request::Migrate(migrate) => {
            machine.answer_migrate(now, session_id, &stay_here(now, &migrate))
        }
        Request::Close(_) => machine.answer_close(now, session_id),
    };
    // Only a migration that breaks its own rules can be refused; the machine's request timeout ends such a connection.
    debug_assert!(
        answered.is_ok() || matches!(request, Request::Migrate(_)),
        "{answered:?}"
    );
}

/// The session goes on where it is, with the next frame; the client may move when it likes.
fn stay_here(now: Timestamp, migrate: &SessionMigrate) -> SessionMigrateAck {
    SessionMigrateAck {
        resume_from_frame_id: migrate.last_result_frame_id.saturating_add(1),
        server_migrate_ts_us: now.as_micros(),
        ..SessionMigrateAck::default()
    }
}
