//! Sessions that outlive their connection: taking them off one and carrying them on over another.

use std::collections::VecDeque;

use nnrp_core::Timestamp;
use nnrp_core::code::TransportId;
use nnrp_core::connection::client::ResumableSession;
use nnrp_core::message::migrate::SessionMigrate;
use nnrp_core::message::session::SessionOpen;

use super::ClientSide;
use super::session::{Session, Stage, find, find_open};
use crate::random_id::random_session_id;
use crate::{CommandError, ConnectionEnd, Event, SessionEnd, SessionKey};

impl ClientSide {
    /// Carries an earlier session on; a failure gives it back.
    pub(crate) fn resume_session(
        &mut self,
        now: Timestamp,
        earlier: Box<ResumableSession>,
    ) -> Result<SessionKey, (CommandError, Box<ResumableSession>)> {
        self.add_session(now, Box::new(Session::resuming(earlier)))
            .map_err(|(error, session)| match session.resuming {
                Some(earlier) => (error, earlier),
                None => unreachable!("it was made of one"),
            })
    }

    pub(super) fn keep_resumable(
        &mut self,
        key: SessionKey,
        earlier: Option<Box<ResumableSession>>,
    ) {
        self.resumable.extend(earlier.map(|earlier| (key, earlier)));
    }

    /// What an ended session needs to go on, once.
    pub(crate) fn take_resumable(&mut self, key: SessionKey) -> Option<Box<ResumableSession>> {
        self.resumable.remove(&key)
    }

    /// Whether another transport carries the sessions on after this end of the one there was.
    pub(crate) fn comes_back(&self, end: Option<&ConnectionEnd>) -> bool {
        let retried = self.options.reconnect.is_some();
        self.machine.hello_acknowledged()
            && end.is_some_and(|end| self.returns(end) || (retried && end.may_pass()))
    }

    /// The transport is lost, and the sessions wait for another one.
    pub(crate) fn suspend(
        &mut self,
        now: Timestamp,
        end: &ConnectionEnd,
        events: &mut VecDeque<Event>,
    ) {
        self.machine.handle_transport_lost();
        self.take_events(now, Some(end), events);
        self.connected = false;
    }

    /// There will be no transport any more.
    pub(crate) fn give_up(&mut self, end: &ConnectionEnd, events: &mut VecDeque<Event>) {
        let keys: Vec<SessionKey> = self.sessions.keys().copied().collect();
        for key in keys {
            self.end_waiting(key, end, events);
        }
    }

    /// Ends a session that waits for a transport. Unless the application wants the end, its frames end with it.
    pub(super) fn end_waiting(
        &mut self,
        key: SessionKey,
        end: &ConnectionEnd,
        events: &mut VecDeque<Event>,
    ) {
        let Some(session) = self.sessions.get_mut(&key) else {
            return;
        };
        let earlier = session.resuming.take();
        let gives_up =
            self.options.reconnect.is_some() && !matches!(end, ConnectionEnd::ClosedHere);
        if gives_up {
            self.lose_frames(key, earlier.as_deref(), events);
        } else {
            self.keep_resumable(key, earlier);
        }
        let reason = SessionEnd::ConnectionEnded(end.clone());
        events.extend(self.end_session(key, reason));
    }

    /// Tells of each frame of a session that cannot be answered any more.
    pub(super) fn lose_frames(
        &mut self,
        key: SessionKey,
        earlier: Option<&ResumableSession>,
        events: &mut VecDeque<Event>,
    ) {
        let unanswered = earlier.into_iter().flat_map(ResumableSession::unanswered);
        let mut frame_ids: Vec<u32> = unanswered.map(|(id, _)| id).collect();
        if let Some(session) = self.sessions.get_mut(&key) {
            frame_ids.extend(session.drop_held());
        }
        if !frame_ids.is_empty() {
            events.push_back(Event::FramesLost {
                session: key,
                frame_ids,
            });
        }
    }

    /// The transport of a session is lost. What another connection needs comes back if the session cannot wait for one here.
    pub(super) fn wait_for_transport(
        &mut self,
        key: SessionKey,
        earlier: Option<Box<ResumableSession>>,
    ) -> Result<(), Option<Box<ResumableSession>>> {
        let Some(session) = self.sessions.get_mut(&key) else {
            return Err(earlier);
        };
        match (session.stage, earlier) {
            (Stage::Open(id), Some(earlier)) => {
                self.keys.remove(&id);
                session.resuming = Some(earlier);
            }
            (Stage::Opening(_), Some(earlier)) => session.resuming = Some(earlier),
            // The server may have opened it under this id, without this side having heard of it.
            (Stage::Opening(_), None) if session.any_id => {
                session.open.requested_session_id = random_session_id();
            }
            (_, earlier) => return Err(earlier),
        }
        session.stage = Stage::Waiting;
        Ok(())
    }

    /// Whether a frame was answered since the last call.
    pub(crate) fn take_answered(&mut self) -> bool {
        std::mem::take(&mut self.answered)
    }

    /// Takes a session off this connection. What has arrived for it is told first, its end here last.
    pub(crate) fn detach_session(
        &mut self,
        now: Timestamp,
        key: SessionKey,
    ) -> Result<Box<ResumableSession>, CommandError> {
        self.require_transport()?;
        let (session, id) = find_open(&mut self.sessions, key)?;
        if !session.held.is_empty() {
            return Err(CommandError::WrongState(
                "submits of the session still wait for the machine",
            ));
        }
        if self.machine.is_resumable(id) {
            // The machine counts what has arrived as delivered, so that must not be forgotten with the session.
            let mut early = std::mem::take(&mut self.early);
            self.take_events(now, None, &mut early);
            self.early = early;
        }
        let earlier = self.machine.detach_session(id)?;
        self.sessions.remove(&key);
        self.keys.remove(&id);
        self.early.push_back(Event::SessionClosed {
            session: key,
            session_id: id,
            reason: SessionEnd::TakenOver,
        });
        Ok(earlier)
    }

    /// Announces the move to another transport in the words of the application.
    pub(crate) fn announce_migration(
        &mut self,
        now: Timestamp,
        key: SessionKey,
        migrate: &SessionMigrate,
    ) -> Result<(), CommandError> {
        self.require_transport()?;
        let (session, id) = find_open(&mut self.sessions, key)?;
        self.machine
            .migrate_session(now, id, migrate)
            .map_err(|error| session.refused(error))
    }

    /// Announces the move to another transport.
    pub(crate) fn migrate_session(
        &mut self,
        now: Timestamp,
        key: SessionKey,
        from: TransportId,
        to: TransportId,
    ) -> Result<(), CommandError> {
        let (_, id) = find_open(&mut self.sessions, key)?;
        let migrate = SessionMigrate {
            old_transport_id: from,
            new_transport_id: to,
            last_result_frame_id: self.machine.last_result_frame_id(id).into(),
            client_migrate_ts_us: now.as_micros(),
        };
        self.announce_migration(now, key, &migrate)
    }

    /// Whether the session goes on over another connection if this one is lost.
    pub(crate) fn is_resumable(&mut self, key: SessionKey) -> Result<bool, CommandError> {
        Ok(match find(&mut self.sessions, key)?.stage {
            Stage::Open(id) => self.machine.is_resumable(id),
            Stage::Waiting | Stage::Opening(_) => false,
        })
    }
}

impl Session {
    fn resuming(earlier: Box<ResumableSession>) -> Self {
        let open = SessionOpen {
            requested_session_id: earlier.session_id(),
            max_in_flight_operations: earlier.open().max_in_flight_operations,
            ..SessionOpen::default()
        };
        let last_frame_id = earlier.next_frame_id() - 1;
        Self {
            last_frame_id,
            resuming: Some(earlier),
            ..Self::new(open)
        }
    }
}
