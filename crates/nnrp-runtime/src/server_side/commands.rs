//! The commands of the application for the sessions of a server.

use bytes::Bytes;
use nnrp_core::Timestamp;
use nnrp_core::cache::{CacheDependency, ObjectIdentity};
use nnrp_core::code::{FlowScopeKind, SessionErrorCode};
use nnrp_core::message::cache::CacheInvalidate;
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultHint;

use super::ServerSide;
use super::session::find;
use crate::batch::{Accepted, Answer};
use crate::{CommandError, SessionKey};

impl ServerSide {
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

    /// The id of a session on the wire, 0 for the connection.
    fn wire_id(&mut self, key: Option<SessionKey>) -> Result<u32, CommandError> {
        key.map_or(Ok(0), |key| Ok(find(&mut self.sessions, key)?.id))
    }
}
