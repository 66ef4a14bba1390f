//! The move of all sessions to another transport: announced on the old one, made on the new one.

use std::collections::{BTreeSet, VecDeque};

use nnrp_core::Timestamp;
use nnrp_core::code::SessionErrorCode;
use nnrp_core::connection::client::ResumableSession;
use nnrp_core::message::migrate::SessionMigrateAck;
use nnrp_transport_provider::Endpoint;

use super::ClientSide;
use super::migration_progress::Migration;
use super::session::{Closing, Session, Stage};
use crate::random_id::random_session_id;
use crate::{CommandError, ConnectionEnd, Event, MigrationFailure, SessionEnd, SessionKey};

impl ClientSide {
    /// Announces the move of every open session.
    pub(crate) fn migrate(&mut self, now: Timestamp, to: Endpoint) -> Result<(), CommandError> {
        self.require_movable(&to)?;
        let keys: BTreeSet<SessionKey> = self.sessions.keys().copied().collect();
        let (from, wanted) = (self.transport, to.transport_id());
        for key in &keys {
            self.migrate_session(now, *key, from, wanted)?;
        }
        self.migration = Some(Migration::Announced { to, awaiting: keys });
        Ok(())
    }

    fn require_movable(&mut self, to: &Endpoint) -> Result<(), CommandError> {
        self.require_greeted()?;
        if self.migration.is_some() || !self.connected {
            return Err(CommandError::WrongState(
                "the connection is on its way to another transport already",
            ));
        }
        if to.transport_id() == self.transport {
            return Err(CommandError::WrongState(
                "a migration goes to another kind of transport",
            ));
        }
        let machine = &self.machine;
        let ready = |session: &Session| match session.stage {
            Stage::Open(id) => session.closing.is_none() && machine.is_resumable(id),
            Stage::Waiting | Stage::Opening(_) => false,
        };
        if !self.sessions.values().map(Box::as_ref).all(ready) {
            return Err(CommandError::WrongState(
                "only sessions that are open and resumable can move, and all move together",
            ));
        }
        Ok(())
    }

    /// The server has answered the announcement of a session.
    pub(super) fn note_migrate_ack(
        &mut self,
        key: SessionKey,
        ack: &SessionMigrateAck,
        events: &mut VecDeque<Event>,
    ) {
        let Some(Migration::Announced { awaiting, .. }) = &mut self.migration else {
            return;
        };
        awaiting.remove(&key);
        if ack.accept_code != 0 {
            let code = ack.accept_code;
            self.fail_migration(MigrationFailure::NotAccepted { code }, events);
        }
    }

    /// Where to make a transport, once every session may move.
    pub(crate) fn take_destination(&mut self) -> Option<Endpoint> {
        match &self.migration {
            Some(Migration::Announced { to, awaiting }) if awaiting.is_empty() => {
                let to = to.clone();
                self.migration = Some(Migration::Agreed);
                Some(to)
            }
            _ => None,
        }
    }

    /// Nothing comes of the move; the sessions are where they were, or on their way back.
    pub(crate) fn fail_migration(
        &mut self,
        reason: MigrationFailure,
        events: &mut VecDeque<Event>,
    ) {
        if self.migration.take().is_some() {
            events.push_back(Event::MigrationFailed { reason });
        }
    }

    /// Takes every session off the machine of this transport. What it has to tell of them comes first.
    pub(crate) fn leave_transport(&mut self, now: Timestamp, events: &mut VecDeque<Event>) {
        self.take_events(now, None, events);
        let keys: Vec<SessionKey> = self.sessions.keys().copied().collect();
        for key in keys {
            if !self.take_off(key) {
                let reason = SessionEnd::ConnectionEnded(ConnectionEnd::ClosedHere);
                events.extend(self.end_session(key, reason));
            }
        }
        self.connected = false;
        self.migration = Some(Migration::Moving);
    }

    /// Takes a session off its machine. False if it cannot go on elsewhere: it was opened after the announcement, and not as resumable.
    fn take_off(&mut self, key: SessionKey) -> bool {
        let Some(session) = self.sessions.get_mut(&key) else {
            return false;
        };
        match session.stage {
            Stage::Waiting => {}
            // The server may have opened it under this id.
            Stage::Opening(_) if session.any_id => {
                session.open.requested_session_id = random_session_id();
            }
            Stage::Opening(_) => return false,
            Stage::Open(id) => match self.machine.detach_session(id) {
                Ok(earlier) => {
                    session.resuming = Some(earlier);
                    self.keys.remove(&id);
                }
                Err(_) => return false,
            },
        }
        session.stage = Stage::Waiting;
        if session.closing == Some(Closing::Sent) {
            session.closing = Some(Closing::Due);
        }
        true
    }

    /// Whether a move is wanted or under way.
    pub(crate) fn is_migrating(&self) -> bool {
        self.migration.is_some()
    }

    /// Whether the sessions are on their way to a new transport.
    pub(super) fn is_moving(&self) -> bool {
        matches!(
            self.migration,
            Some(Migration::Moving | Migration::Refused(_))
        )
    }

    /// True once when every session goes on over the new transport.
    pub(crate) fn take_arrival(&mut self) -> bool {
        let arrived = matches!(self.migration, Some(Migration::Moving))
            && self.connected
            && self
                .sessions
                .values()
                .all(|session| session.resuming.is_none())
            && !self
                .sessions
                .values()
                .any(|session| session.was_open && !matches!(session.stage, Stage::Open(_)));
        if arrived {
            self.migration = None;
        }
        arrived
    }

    /// Why the new transport is of no use, if the server there has refused a session.
    pub(crate) fn refusal(&self) -> Option<SessionErrorCode> {
        match self.migration {
            Some(Migration::Refused(code)) => Some(code),
            _ => None,
        }
    }

    /// Notes the refusal of a session that moves: it goes back to where it came from.
    pub(super) fn note_move_refused(
        &mut self,
        key: SessionKey,
        earlier: Box<ResumableSession>,
        code: SessionErrorCode,
    ) {
        if let Some(session) = self.sessions.get_mut(&key) {
            session.resuming = Some(earlier);
            session.stage = Stage::Waiting;
        }
        self.migration = Some(Migration::Refused(code));
    }

    /// Whether what a lost transport carried waits for another one, because it was moving.
    pub(super) fn returns(&self, end: &ConnectionEnd) -> bool {
        self.is_moving() && !matches!(end, ConnectionEnd::ClosedHere)
    }
}
