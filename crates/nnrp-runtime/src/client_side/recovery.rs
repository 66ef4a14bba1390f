//! Sessions that outlive their connection: taking them off one and carrying them on over another.

use nnrp_core::Timestamp;
use nnrp_core::code::TransportId;
use nnrp_core::connection::client::ResumableSession;
use nnrp_core::message::migrate::SessionMigrate;
use nnrp_core::message::session::SessionOpen;

use super::session::{Session, Stage};
use super::{ClientSide, find, find_open};
use crate::{CommandError, SessionKey};

impl ClientSide {
    /// Carries an earlier session on; a failure gives it back.
    pub(crate) fn resume_session(
        &mut self,
        now: Timestamp,
        earlier: Box<ResumableSession>,
    ) -> Result<SessionKey, (CommandError, Box<ResumableSession>)> {
        self.add_session(now, Session::resuming(earlier))
            .map_err(|(error, session)| match session.resuming {
                Some(earlier) => (error, earlier),
                None => unreachable!("it was made of one"),
            })
    }

    /// What an ended session needs to go on, once.
    pub(crate) fn take_resumable(&mut self, key: SessionKey) -> Option<Box<ResumableSession>> {
        self.resumable.remove(&key)
    }

    /// Takes a session off this connection. No event tells of its end here.
    pub(crate) fn detach_session(
        &mut self,
        key: SessionKey,
    ) -> Result<Box<ResumableSession>, CommandError> {
        let (session, id) = find_open(&mut self.sessions, key)?;
        if !session.held.is_empty() {
            return Err(CommandError::WrongState(
                "submits of the session still wait for the machine",
            ));
        }
        let earlier = self.machine.detach_session(id)?;
        self.sessions.remove(&key);
        self.keys.remove(&id);
        Ok(earlier)
    }

    /// Announces the move to another transport.
    pub(crate) fn migrate_session(
        &mut self,
        now: Timestamp,
        key: SessionKey,
        from: TransportId,
        to: TransportId,
    ) -> Result<(), CommandError> {
        let (session, id) = find_open(&mut self.sessions, key)?;
        let migrate = SessionMigrate {
            old_transport_id: from,
            new_transport_id: to,
            last_result_frame_id: self.machine.last_result_frame_id(id).into(),
            client_migrate_ts_us: now.as_micros(),
        };
        self.machine
            .migrate_session(now, id, &migrate)
            .map_err(|error| session.refused(error))
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
