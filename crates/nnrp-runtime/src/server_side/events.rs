//! From the events of a server's machine to those of the application.

use std::collections::VecDeque;

use bytes::Bytes;
use nnrp_core::code::{ErrorCode, ErrorScope};
use nnrp_core::connection::server::ServerEvent;
use nnrp_core::connection::{EndCause, FrameContext};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{MessageType, Timestamp};

use super::ServerSide;
use super::operation_gate::{OperationGate, Verdict};
use super::session::Request;
use crate::end::connection_end;
use crate::received::received;
use crate::{ConnectionEnd, Event, SessionEnd, SessionKey};

impl ServerSide {
    pub(crate) fn take_events(
        &mut self,
        now: Timestamp,
        end: Option<&ConnectionEnd>,
        mut gate: OperationGate<'_>,
        events: &mut VecDeque<Event>,
    ) {
        self.continue_requests(now);
        if self.waiting.as_ref().is_some_and(|waiting| waiting.due)
            && let Some(waiting) = self.waiting.take()
        {
            events.extend(self.decide_open(now, waiting.ticket, &waiting.open, waiting.token));
        }
        while let Some(event) = self.machine.poll_event() {
            match gate.judge(&event) {
                Verdict::Pass => self.translate(now, end, event, events),
                Verdict::Drop {
                    session_id,
                    frame_id,
                } => self.turn_away(now, session_id, frame_id),
                Verdict::Forget => {}
            }
            self.continue_requests(now);
        }
    }

    /// Answers a submit for which the listener has no room, and says why to clients that understand it.
    fn turn_away(&mut self, now: Timestamp, session_id: u32, frame_id: u32) {
        let report = ErrorReport {
            error_code: ErrorCode::LIMIT_EXCEEDED,
            error_scope: ErrorScope::Frame,
            related_session_id: session_id,
            related_frame_id: frame_id,
            ..ErrorReport::default()
        };
        // The explanation is left out where there is no room for it; the drop is the answer. It fails only when the session has ended meanwhile.
        let _reported = self.machine.report_error(now, &report, Bytes::new());
        let _dropped = self.machine.push_drop(now, session_id, frame_id);
    }

    fn translate(
        &mut self,
        now: Timestamp,
        end: Option<&ConnectionEnd>,
        event: ServerEvent,
        events: &mut VecDeque<Event>,
    ) {
        match event {
            ServerEvent::OpenRequested {
                ticket,
                open,
                resume_token,
                ..
            } => events.extend(self.decide_open(now, ticket, &open, resume_token)),
            ServerEvent::Submitted {
                session_id,
                frame_id,
                context,
                metadata,
                body,
                objects,
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
                    objects,
                });
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
                continuity,
            } => {
                self.give_back(now, &admission, cause, continuity);
                events.extend(self.end_session(end, session_id, cause));
            }
            ServerEvent::Writable => self.report_writable(events),
            notice => self.pass_on(notice, events),
        }
    }

    /// Passes on what changes nothing of the sessions here.
    fn pass_on(&mut self, event: ServerEvent, events: &mut VecDeque<Event>) {
        match event {
            ServerEvent::ObjectStored { session_id, object } => {
                events.push_back(Event::ObjectStored {
                    session: self.key_of(session_id),
                    object,
                });
            }
            ServerEvent::ObjectsInvalidated {
                session_id,
                invalidate,
            } => events.push_back(Event::ObjectsInvalidated {
                session: self.key_of(session_id),
                invalidate,
            }),
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
            ServerEvent::DeadlinePassed {
                session_id,
                frame_id,
            } => events.extend(
                self.key_of(session_id)
                    .map(|session| Event::DeadlinePassed { session, frame_id }),
            ),
            ServerEvent::PeerError { report, diagnostic } => {
                events.push_back(Event::PeerError {
                    session: self.key_of(report.related_session_id),
                    report,
                    diagnostic,
                });
            }
            // The others are dealt with where they come.
            _ => {}
        }
    }

    fn end_session(
        &mut self,
        end: Option<&ConnectionEnd>,
        session_id: u32,
        cause: EndCause,
    ) -> Option<Event> {
        if !matches!(cause, EndCause::Closed(_) | EndCause::TakenOver) {
            self.cause = Some(cause);
        }
        let key = self.keys.remove(&session_id)?;
        let session = self.sessions.remove(&key)?;
        let reason = match (cause, session.closed_by_peer) {
            (EndCause::Closed(_), Some(close)) => SessionEnd::ClosedByPeer {
                reason: close.close_reason,
                code: close.session_error_code,
            },
            (EndCause::TakenOver, _) => SessionEnd::TakenOver,
            _ if session.closed_here => SessionEnd::ClosedHere,
            _ => SessionEnd::ConnectionEnded(connection_end(cause, end)),
        };
        Some(Event::SessionClosed {
            session: key,
            session_id,
            reason,
        })
    }

    fn report_writable(&mut self, events: &mut VecDeque<Event>) {
        let blocked = self.sessions.iter_mut();
        for (key, session) in blocked.filter(|(_, session)| session.blocked) {
            session.blocked = false;
            events.push_back(Event::Writable { session: *key });
        }
    }

    fn key_of(&self, session_id: u32) -> Option<SessionKey> {
        self.keys.get(&session_id).copied()
    }
}
