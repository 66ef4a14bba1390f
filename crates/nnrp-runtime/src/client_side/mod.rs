//! The client's end of a connection: its sessions and the commands of the application.

mod events;
mod session;

use std::collections::VecDeque;

use bytes::Bytes;
use nnrp_core::Timestamp;
use nnrp_core::connection::client::ClientConnection;
use nnrp_core::message::session::SessionOpen;

use self::session::{Closing, Session, Stage};
use crate::batch::{Accepted, Submission};
use crate::random_id::random_session_id;
use crate::{
    CommandError, ConnectionEnd, ConnectionOptions, Event, SessionEnd, SessionKey, SessionOptions,
};

#[derive(Debug)]
pub(crate) struct ClientSide {
    pub(crate) machine: ClientConnection,
    sessions: Vec<Session>,
    next_key: u32,
    options: ConnectionOptions,
    /// The transport is up; opens wait until then, so that their answer is not due before.
    connected: bool,
    /// What ended the last session, if that was not its close by this side.
    ended_with: Option<ConnectionEnd>,
}

impl ClientSide {
    pub(crate) fn new(machine: ClientConnection, options: ConnectionOptions) -> Self {
        Self {
            machine,
            sessions: Vec::new(),
            next_key: 0,
            options,
            connected: false,
            ended_with: None,
        }
    }

    pub(crate) fn has_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Why the machine ended the connection: its error, a refusal, or a close by this side.
    pub(crate) fn ordinary_end(&self) -> ConnectionEnd {
        self.ended_with.clone().unwrap_or(ConnectionEnd::ClosedHere)
    }

    /// The transport is up: sends the opens that waited for it.
    pub(crate) fn transport_is_up(&mut self, now: Timestamp, events: &mut VecDeque<Event>) {
        self.connected = true;
        for index in (0..self.sessions.len()).rev() {
            if self.send_open(now, index).is_err() {
                let session = self.sessions.remove(index);
                let reason = SessionEnd::ConnectionEnded(ConnectionEnd::ClosedHere);
                events.push_back(Event::SessionClosed {
                    session: session.key,
                    session_id: 0,
                    reason,
                });
            }
        }
    }

    /// No transport could be had.
    pub(crate) fn transport_failed(&mut self, end: &ConnectionEnd, events: &mut VecDeque<Event>) {
        for session in self.sessions.drain(..) {
            let reason = SessionEnd::ConnectionEnded(end.clone());
            events.push_back(Event::SessionClosed {
                session: session.key,
                session_id: 0,
                reason,
            });
        }
    }

    pub(crate) fn open_session(
        &mut self,
        now: Timestamp,
        options: &SessionOptions,
    ) -> Result<SessionKey, CommandError> {
        if self.next_key > 0 {
            // Without the hello exchange a peer serves one session a connection, ever.
            return Err(CommandError::WrongState(
                "this connection has had its one session; connect again",
            ));
        }
        let limit = self.options.max_sessions;
        if self.sessions.len() >= limit {
            return Err(CommandError::TooManySessions { limit });
        }
        let key = SessionKey(self.next_key);
        self.sessions.push(Session::new(key, session_open(options)));
        if self.connected
            && let Err(error) = self.send_open(now, self.sessions.len() - 1)
        {
            self.sessions.pop();
            return Err(error);
        }
        self.next_key += 1;
        Ok(key)
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
        let first_frame_id = session.last_frame_id.saturating_add(1);
        let mut count = 0;
        for submission in submits {
            match session.submit(&mut self.machine, &self.options, submission) {
                Ok(()) => count += 1,
                Err(error) if count == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(Accepted {
            count,
            first_frame_id,
        })
    }

    pub(crate) fn cancel(&mut self, key: SessionKey, frame_id: u32) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        let Stage::Open(id) = session.stage else {
            return Err(CommandError::WrongState("the session is not open yet"));
        };
        self.machine
            .cancel(id, frame_id)
            .map_err(|error| session.refused(error))
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

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let drain = |session: &Session| match (session.stage, session.closing) {
            (Stage::Open(_), Some(Closing::Draining(deadline))) => Some(deadline),
            _ => None,
        };
        self.sessions.iter().filter_map(drain).min()
    }

    /// Sends the closes whose answers have come or have had their time.
    pub(crate) fn continue_requests(&mut self, now: Timestamp) {
        for session in &mut self.sessions {
            let Stage::Open(id) = session.stage else {
                continue;
            };
            let answered = session.held.is_empty() && self.machine.in_flight(id) == 0;
            let due = match session.closing {
                Some(Closing::Draining(deadline)) => answered || deadline <= now,
                Some(Closing::Due) => true,
                Some(Closing::Sent) | None => false,
            };
            if due {
                let sent = self.machine.close_session(now, id).is_ok();
                session.closing = Some(if sent { Closing::Sent } else { Closing::Due });
            }
        }
    }

    fn send_open(&mut self, now: Timestamp, index: usize) -> Result<(), CommandError> {
        let session = &mut self.sessions[index];
        session.stage = Stage::Opening(self.machine.open_session(
            now,
            &session.open,
            Bytes::new(),
        )?);
        Ok(())
    }
}

fn find(sessions: &mut [Session], key: SessionKey) -> Result<&mut Session, CommandError> {
    sessions
        .iter_mut()
        .find(|session| session.key == key)
        .ok_or(CommandError::UnknownSession)
}

fn session_open(options: &SessionOptions) -> SessionOpen {
    let requested_session_id = options
        .requested_session_id
        .unwrap_or_else(random_session_id);
    SessionOpen {
        requested_session_id,
        profile_id: options.profile_id,
        priority_class: options.priority_class,
        schema_id: options.schema_id,
        schema_version: options.schema_version,
        default_deadline_ms: options.default_deadline_ms,
        max_in_flight_operations: options.max_in_flight,
        lease_ttl_hint_ms: options.lease_ttl_hint_ms,
        client_session_tag: requested_session_id.into(),
        ..SessionOpen::default()
    }
}
