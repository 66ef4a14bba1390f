//! From the events of a server's machine to those of the application; admission of sessions.

use std::collections::VecDeque;
use std::sync::{MutexGuard, PoisonError};

use nnrp_core::code::SessionErrorCode;
use nnrp_core::connection::server::ServerEvent;
use nnrp_core::connection::{EndCause, FrameContext, OpenTicket};
use nnrp_core::directory::{Admission, SessionDirectory};
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{MessageType, Timestamp};

use super::requests::Request;
use super::{Directory, ServerSide, Session};
use crate::end::connection_end;
use crate::received::received;
use crate::{ConnectionEnd, Event, SessionEnd, SessionKey};

impl ServerSide {
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

fn lock(directory: &Directory) -> MutexGuard<'_, SessionDirectory> {
    // Every call leaves the table whole.
    directory.lock().unwrap_or_else(PoisonError::into_inner)
}
