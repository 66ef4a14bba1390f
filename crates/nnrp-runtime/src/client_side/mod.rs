//! The client's end of a connection: its sessions and the commands of the application.

mod events;
mod migration;
mod recovery;
mod session;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::code::{InFlightPolicy, TransportId};
use nnrp_core::connection::CommandError as MachineError;
use nnrp_core::connection::client::{ClientConnection, ResumableSession};
use nnrp_core::flags::SessionFlags;
use nnrp_core::lifecycle::SessionState;
use nnrp_core::message::cache::{CacheInvalidate, CachePut};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::patch::SessionPatch;
use nnrp_core::message::session::{SessionClose, SessionOpen};
use nnrp_core::{MetadataBytes, Timestamp};

use self::migration::Migration;
use self::session::{Closing, Session, Stage, is_between_transports};
use crate::batch::{Accepted, Submission};
use crate::exchange::remember_open_first;
use crate::random_id::random_session_id;
use crate::{CommandError, ConnectionEnd, ConnectionOptions, Event, SessionKey, SessionOptions};

#[derive(Debug)]
pub(crate) struct ClientSide {
    pub(crate) machine: ClientConnection,
    /// Sessions that have not ended.
    /// Boxed: a node of the map has room for eleven, and most connections have one.
    sessions: BTreeMap<SessionKey, Box<Session>>,
    /// Those of them that are open, by their id on the wire.
    keys: BTreeMap<u32, SessionKey>,
    /// Sessions that ended and could go on over another connection, until somebody asks for them.
    resumable: BTreeMap<SessionKey, Box<ResumableSession>>,
    next_key: u32,
    options: Arc<ConnectionOptions>,
    /// The transport is up; opens wait until then, so that their answer is not due before.
    connected: bool,
    /// The endpoint, if its server has not answered a hello and its next answer shows that it answers an open.
    open_first: Option<String>,
    /// What ended the last session, if that was not its close by this side.
    ended_with: Option<ConnectionEnd>,
    /// A frame was answered since this was last asked.
    answered: bool,
    /// What carries the sessions.
    pub(crate) transport: TransportId,
    migration: Option<Migration>,
    /// Translated before the task of the connection asked for them.
    early: VecDeque<Event>,
}

impl ClientSide {
    pub(crate) fn new(
        machine: ClientConnection,
        transport: TransportId,
        options: Arc<ConnectionOptions>,
    ) -> Self {
        Self {
            machine,
            sessions: BTreeMap::new(),
            keys: BTreeMap::new(),
            resumable: BTreeMap::new(),
            next_key: 0,
            options,
            connected: false,
            open_first: None,
            ended_with: None,
            answered: false,
            transport,
            migration: None,
            early: VecDeque::new(),
        }
    }

    /// Sessions that are open.
    pub(crate) fn session_count(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn has_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Why the machine ended the connection: its error, a refusal, or a close by this side.
    pub(crate) fn ordinary_end(&self) -> ConnectionEnd {
        self.ended_with.clone().unwrap_or(ConnectionEnd::ClosedHere)
    }

    /// The transport is up, and greeted if `machine` is one that has said hello: sends the opens that waited for it.
    pub(crate) fn transport_is_up(
        &mut self,
        now: Timestamp,
        machine: ClientConnection,
        fell_back_at: Option<String>,
        events: &mut VecDeque<Event>,
    ) {
        self.machine = machine;
        self.connected = true;
        self.open_first = fell_back_at;
        let keys: Vec<SessionKey> = self.sessions.keys().copied().collect();
        for key in keys {
            if self.send_open(now, key).is_err() {
                self.end_waiting(key, &ConnectionEnd::ClosedHere, events);
            }
        }
    }

    pub(crate) fn open_session(
        &mut self,
        now: Timestamp,
        options: &SessionOptions,
    ) -> Result<SessionKey, CommandError> {
        let mut open = session_open(options);
        if self.options.reconnect.is_some() {
            open.session_flags = open.session_flags | SessionFlags::ALLOW_RESUME;
        }
        let session = Session {
            any_id: options.requested_session_id.is_none(),
            ..Session::new(open)
        };
        self.add_session(now, Box::new(session))
            .map_err(|(error, _)| error)
    }

    pub(crate) fn submit(
        &mut self,
        key: SessionKey,
        submits: impl IntoIterator<Item = Submission>,
    ) -> Result<Accepted, CommandError> {
        let session = find(&mut self.sessions, key)?;
        if session.closing.is_some() {
            return Err(CommandError::WrongState("the session is closing"));
        }
        session.submit(&mut self.machine, &self.options, submits)
    }

    pub(crate) fn cancel(&mut self, key: SessionKey, frame_id: u32) -> Result<(), CommandError> {
        let away = is_between_transports(&self.machine, &self.options);
        let session = find(&mut self.sessions, key)?;
        let id = match session.stage {
            Stage::Open(id) if !away => id,
            _ => return session.cancel_while_away(frame_id),
        };
        self.machine
            .cancel(id, frame_id)
            .map_err(|error| session.refused(error))
    }

    pub(crate) fn patch_session(
        &mut self,
        now: Timestamp,
        key: SessionKey,
        patch: &SessionPatch,
        body: Bytes,
    ) -> Result<(), CommandError> {
        self.require_transport()?;
        let (session, id) = find_open(&mut self.sessions, key)?;
        self.machine
            .patch_session(now, id, patch, body)
            .map_err(|error| session.refused(error))
    }

    pub(crate) fn put_object(
        &mut self,
        now: Timestamp,
        key: Option<SessionKey>,
        put: &CachePut,
        object: Bytes,
    ) -> Result<(), CommandError> {
        self.cache_command(key, |machine, id| machine.put_object(now, id, put, object))
    }

    pub(crate) fn invalidate_objects(
        &mut self,
        key: Option<SessionKey>,
        invalidate: &CacheInvalidate,
    ) -> Result<(), CommandError> {
        self.cache_command(key, |machine, id| {
            machine.invalidate_objects(id, invalidate)
        })
    }

    /// Runs a command of a session, or under the id 0 of the connection.
    fn cache_command(
        &mut self,
        key: Option<SessionKey>,
        run: impl FnOnce(&mut ClientConnection, u32) -> Result<(), MachineError>,
    ) -> Result<(), CommandError> {
        self.require_transport()?;
        let Some(key) = key else {
            return Ok(run(&mut self.machine, 0)?);
        };
        let (session, id) = find_open(&mut self.sessions, key)?;
        run(&mut self.machine, id).map_err(|error| session.refused(error))
    }

    pub(crate) fn ping(&mut self, now: Timestamp) -> Result<(), CommandError> {
        self.require_greeted()?;
        Ok(self.machine.ping(now)?)
    }

    pub(crate) fn probe(
        &mut self,
        now: Timestamp,
        probe_id: u32,
        padding: Bytes,
    ) -> Result<(), CommandError> {
        self.require_greeted()?;
        Ok(self.machine.probe(now, probe_id, padding)?)
    }

    pub(crate) fn report_error(
        &mut self,
        key: Option<SessionKey>,
        report: &ErrorReport,
        text: Bytes,
    ) -> Result<(), CommandError> {
        self.require_transport()?;
        let mut report = *report;
        if let Some(key) = key {
            report.related_session_id = find_open(&mut self.sessions, key)?.1;
        }
        Ok(self.machine.report_error(&report, text)?)
    }

    /// Waits for the answers to what was submitted, for a bounded time, then sends `SESSION_CLOSE`.
    pub(crate) fn close_session(
        &mut self,
        now: Timestamp,
        key: SessionKey,
    ) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        session
            .closing
            .get_or_insert(Closing::Draining(now.after(self.options.drain_timeout)));
        self.continue_requests(now);
        Ok(())
    }

    /// The same with metadata of the application's choice. An abort leaves without waiting.
    pub(crate) fn close_session_with(
        &mut self,
        now: Timestamp,
        key: SessionKey,
        close: &SessionClose,
    ) -> Result<(), CommandError> {
        MetadataBytes::from_message(close).map_err(CommandError::Invalid)?;
        let session = find(&mut self.sessions, key)?;
        if session.closing.is_some() {
            return Err(CommandError::WrongState("the session is closing"));
        }
        session.close = Some(Box::new(*close));
        session.closing = Some(match close.in_flight_policy {
            InFlightPolicy::Drain => Closing::Draining(now.after(self.options.drain_timeout)),
            InFlightPolicy::Abort => Closing::Due,
        });
        self.continue_requests(now);
        Ok(())
    }

    /// Where a session stands that has not ended. Between two transports it is open.
    pub(crate) fn session_state(&mut self, key: SessionKey) -> Result<SessionState, CommandError> {
        let session = find(&mut self.sessions, key)?;
        let state = match session.stage {
            Stage::Open(id) => self.machine.lifecycle().state_of(id),
            Stage::Waiting | Stage::Opening(_) => None,
        };
        let state = state.unwrap_or(SessionState::Open);
        let is_closing = session.closing.is_some() && state.accepts_new_operations();
        Ok(if is_closing {
            SessionState::Closing
        } else {
            state
        })
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let drain = |session: &Session| match (session.stage, session.closing) {
            (Stage::Open(_), Some(Closing::Draining(deadline))) => Some(deadline),
            _ => None,
        };
        self.sessions
            .values()
            .map(Box::as_ref)
            .filter_map(drain)
            .min()
    }

    /// Sends the closes whose answers have come or have had their time.
    pub(crate) fn continue_requests(&mut self, now: Timestamp) {
        for session in self.sessions.values_mut() {
            let (Stage::Open(id), Some(closing)) = (session.stage, session.closing) else {
                continue;
            };
            let answered = session.held.is_empty() && self.machine.in_flight(id) == 0;
            let due = match closing {
                Closing::Draining(deadline) => answered || deadline <= now,
                Closing::Due => true,
                Closing::Sent => false,
            };
            if due {
                let sent = match &session.close {
                    None => self.machine.close_session(now, id),
                    Some(close) => self.machine.close_session_with(now, id, close),
                };
                let sent = sent.is_ok();
                session.closing = Some(if sent { Closing::Sent } else { Closing::Due });
            }
        }
    }

    /// Adds a session and asks the server for it if the transport is up; a failure gives it back.
    fn add_session(
        &mut self,
        now: Timestamp,
        session: Box<Session>,
    ) -> Result<SessionKey, (CommandError, Box<Session>)> {
        if let Err(error) = self.require_place() {
            return Err((error, session));
        }
        let key = SessionKey(self.next_key);
        self.sessions.insert(key, session);
        if self.connected
            && let Err(error) = self.send_open(now, key)
            && let Some(session) = self.sessions.remove(&key)
        {
            return Err((error, session));
        }
        self.next_key += 1;
        Ok(key)
    }

    fn require_place(&self) -> Result<(), CommandError> {
        let may_greet = if self.connected {
            self.machine.hello_acknowledged()
        } else {
            self.options.exchange != crate::Exchange::OpenFirst
        };
        if self.next_key > 0 && !may_greet {
            // Without the hello exchange a peer serves one session a connection, ever.
            return Err(CommandError::WrongState(
                "this connection has had its one session; connect again",
            ));
        }
        let limit = self.options.max_sessions;
        if self.sessions.len() >= limit {
            return Err(CommandError::TooManySessions { limit });
        }
        Ok(())
    }

    /// For commands that nobody keeps until the next transport is up.
    fn require_transport(&self) -> Result<(), CommandError> {
        if is_between_transports(&self.machine, &self.options) {
            return Err(CommandError::WrongState(
                "the connection is between two transports; try again when the session is resumed",
            ));
        }
        Ok(())
    }

    fn require_greeted(&self) -> Result<(), CommandError> {
        self.require_transport()?;
        if self.machine.hello_acknowledged() {
            return Ok(());
        }
        Err(CommandError::WrongState(
            "the server has not answered a hello, and others end the connection on this message",
        ))
    }

    fn send_open(&mut self, now: Timestamp, key: SessionKey) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        let sent = match session.resuming.take() {
            None => self.machine.open_session(now, &session.open, Bytes::new()),
            Some(earlier) => {
                self.machine
                    .resume_session(now, earlier)
                    .map_err(|(error, earlier)| {
                        session.resuming = Some(earlier);
                        error
                    })
            }
        };
        session.stage = Stage::Opening(sent?);
        Ok(())
    }

    /// The server has answered an open although it had not answered a hello.
    fn note_open_answered(&mut self) {
        if let Some(endpoint) = self.open_first.take() {
            remember_open_first(&endpoint);
        }
    }
}

fn find(
    sessions: &mut BTreeMap<SessionKey, Box<Session>>,
    key: SessionKey,
) -> Result<&mut Session, CommandError> {
    let session = sessions.get_mut(&key).map(Box::as_mut);
    session.ok_or(CommandError::UnknownSession)
}

fn find_open(
    sessions: &mut BTreeMap<SessionKey, Box<Session>>,
    key: SessionKey,
) -> Result<(&mut Session, u32), CommandError> {
    let session = find(sessions, key)?;
    match session.stage {
        Stage::Open(id) => Ok((session, id)),
        _ => Err(CommandError::WrongState("the session is not open yet")),
    }
}

fn session_open(options: &SessionOptions) -> SessionOpen {
    let requested_session_id = options
        .requested_session_id
        .unwrap_or_else(random_session_id);
    let flag = |wanted, flag| if wanted { flag } else { SessionFlags::NONE };
    let session_flags = flag(options.allow_resume, SessionFlags::ALLOW_RESUME)
        | flag(options.allow_cache_leases, SessionFlags::ALLOW_CACHE_LEASES);
    SessionOpen {
        requested_session_id,
        profile_id: options.profile_id,
        priority_class: options.priority_class,
        session_flags,
        schema_id: options.schema_id,
        schema_version: options.schema_version,
        default_deadline_ms: options.default_deadline_ms,
        max_in_flight_operations: options.max_in_flight,
        lease_ttl_hint_ms: options.lease_ttl_hint_ms,
        client_session_tag: requested_session_id.into(),
        ..SessionOpen::default()
    }
}
