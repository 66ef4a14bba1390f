//! The commands of the application for sessions that are there.

use bytes::Bytes;
use nnrp_core::Timestamp;
use nnrp_core::connection::CommandError as MachineError;
use nnrp_core::connection::client::ClientConnection;
use nnrp_core::lifecycle::SessionState;
use nnrp_core::message::cache::{CacheInvalidate, CachePut};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::patch::SessionPatch;

use super::ClientSide;
use super::session::{Stage, find, find_open, is_between_transports};
use crate::batch::{Accepted, Submission};
use crate::{CommandError, SessionKey};

impl ClientSide {
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
}
