//! How a session comes to be open: asked for, and granted or refused.

use std::collections::VecDeque;

use bytes::Bytes;
use nnrp_core::Timestamp;
use nnrp_core::code::SessionErrorCode;
use nnrp_core::connection::OpenTicket;
use nnrp_core::connection::client::ResumableSession;
use nnrp_core::flags::SessionFlags;
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};

use super::ClientSide;
use super::session::{Session, Stage, find};
use crate::exchange::remember_open_first;
use crate::random_id::random_session_id;
use crate::{CommandError, Event, SessionEnd, SessionKey, SessionOptions};

impl ClientSide {
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

    /// Adds a session and asks the server for it if the transport is up; a failure gives it back.
    pub(super) fn add_session(
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

    pub(super) fn send_open(
        &mut self,
        now: Timestamp,
        key: SessionKey,
    ) -> Result<(), CommandError> {
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

    pub(super) fn note_opened(
        &mut self,
        ticket: OpenTicket,
        session_id: u32,
        ack: SessionOpenAck,
        mut lost_frames: Vec<u32>,
        events: &mut VecDeque<Event>,
    ) {
        self.note_open_answered();
        let Some(key) = self.opening(ticket) else {
            return;
        };
        let mut goes_on = false;
        if let Some(session) = self.sessions.get_mut(&key) {
            session.stage = Stage::Open(session_id);
            goes_on = std::mem::replace(&mut session.was_open, true);
            let last_frame_id = self.machine.last_frame_id(session_id);
            if *session.held_frames().start() != last_frame_id + 1 {
                // The server continues the session under its id only, so frames count from 1 again.
                lost_frames.extend(session.drop_held());
                session.last_frame_id = last_frame_id;
            }
        }
        self.keys.insert(session_id, key);
        events.push_back(if goes_on {
            Event::SessionResumed { session: key, ack }
        } else {
            Event::SessionOpened { session: key, ack }
        });
        if !lost_frames.is_empty() {
            events.push_back(Event::FramesLost {
                session: key,
                frame_ids: lost_frames,
            });
        }
        self.report_writable(session_id, events);
    }

    pub(super) fn note_refused(
        &mut self,
        ticket: OpenTicket,
        code: SessionErrorCode,
        abandoned: Option<Box<ResumableSession>>,
        events: &mut VecDeque<Event>,
    ) {
        self.note_open_answered();
        if let Some(key) = self.opening(ticket) {
            let abandoned = match abandoned {
                Some(earlier) if self.is_moving() => {
                    return self.note_move_refused(key, earlier, code);
                }
                abandoned => abandoned,
            };
            self.lose_frames(key, abandoned.as_deref(), events);
            events.extend(self.end_session(key, SessionEnd::Rejected { code }));
        }
    }

    pub(super) fn opening(&self, ticket: OpenTicket) -> Option<SessionKey> {
        let stage = Stage::Opening(ticket);
        let found = self
            .sessions
            .iter()
            .find(|(_, session)| session.stage == stage);
        found.map(|(key, _)| *key)
    }

    /// The server has answered an open although it had not answered a hello.
    fn note_open_answered(&mut self) {
        if let Some(endpoint) = self.open_first.take() {
            remember_open_first(&endpoint);
        }
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
