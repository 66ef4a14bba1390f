//! From the events of a client's machine to those of the application.

use std::collections::VecDeque;

use nnrp_core::connection::client::ClientEvent;
use nnrp_core::connection::{EndCause, FrameContext};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::{MessageType, Timestamp};

use super::ClientSide;
use super::session::{Blocked, Session, Stage};
use crate::batch::Submission;
use crate::end::connection_end;
use crate::received::received;
use crate::{ConnectionEnd, Event, SessionEnd, SessionKey};

impl ClientSide {
    pub(crate) fn take_events(
        &mut self,
        now: Timestamp,
        end: Option<&ConnectionEnd>,
        events: &mut VecDeque<Event>,
    ) {
        while let Some(event) = self.machine.poll_event() {
            self.translate(end, event, events);
        }
        self.continue_requests(now);
    }

    fn translate(
        &mut self,
        end: Option<&ConnectionEnd>,
        event: ClientEvent,
        events: &mut VecDeque<Event>,
    ) {
        match event {
            ClientEvent::SessionOpened {
                ticket,
                session_id,
                ack,
                ..
            } => {
                let Some(session) = self.by_stage(Stage::Opening(ticket)) else {
                    return;
                };
                session.stage = Stage::Open(session_id);
                let key = session.key;
                events.push_back(Event::SessionOpened { session: key, ack });
                self.report_writable(session_id, events);
            }
            ClientEvent::OpenRefused { ticket, ack } => {
                let reason = SessionEnd::Rejected {
                    code: ack.session_error_code,
                };
                events.extend(self.end_session(Stage::Opening(ticket), reason));
            }
            ClientEvent::OpenFailed { ticket, cause } => {
                let reason = SessionEnd::ConnectionEnded(connection_end(cause, end));
                events.extend(self.end_session(Stage::Opening(ticket), reason));
            }
            ClientEvent::Result {
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
                    MessageType::ResultPush,
                    (session_id, frame_id),
                    context,
                    (ResultPush::SIZE, body.len()),
                );
                events.push_back(Event::Result {
                    session,
                    header,
                    metadata,
                    body,
                });
                self.report_room(session_id, events);
            }
            ClientEvent::ResultDropped {
                session_id,
                frame_id,
                context,
            } => {
                let Some(session) = self.key_of(session_id) else {
                    return;
                };
                let header = received(
                    MessageType::ResultDrop,
                    (session_id, frame_id),
                    context,
                    (0, 0),
                );
                events.push_back(Event::ResultDrop { session, header });
                self.report_room(session_id, events);
            }
            ClientEvent::FlowUpdated {
                session_id, update, ..
            } => {
                let header = received(
                    MessageType::FlowUpdate,
                    (session_id, 0),
                    FrameContext::default(),
                    (FlowUpdate::SIZE, 0),
                );
                events.push_back(Event::FlowUpdate {
                    session: self.key_of(session_id),
                    header,
                    metadata: update,
                });
            }
            // The send queue of the connection: whoever a command was refused for.
            ClientEvent::Writable { session_id: 0 } => self.report_writable_to_all(events),
            ClientEvent::Writable { session_id } => self.report_writable(session_id, events),
            ClientEvent::SessionEnded { session_id, cause } => {
                let reason = match cause {
                    EndCause::Closed(_) => SessionEnd::ClosedHere,
                    _ => SessionEnd::ConnectionEnded(connection_end(cause, end)),
                };
                events.extend(self.end_session(Stage::Open(session_id), reason));
            }
            // Answers to requests that this side does not make.
            ClientEvent::HelloAcknowledged { .. }
            | ClientEvent::Hint { .. }
            | ClientEvent::SessionPatched { .. }
            | ClientEvent::SessionMigrated { .. }
            | ClientEvent::CloseAnswered { .. }
            | ClientEvent::Pong { .. }
            | ClientEvent::ProbeAcknowledged { .. }
            | ClientEvent::PeerError { .. } => {}
        }
    }

    fn send_held(&mut self, session_id: u32) {
        let Some(session) = self
            .sessions
            .iter_mut()
            .find(|session| session.stage == Stage::Open(session_id))
        else {
            return;
        };
        while let Some(submission) = session.held.front() {
            let Submission {
                header,
                metadata,
                body,
            } = submission.clone();
            if self
                .machine
                .submit(session_id, &metadata, header, body)
                .is_err()
            {
                // Only for want of room: everything else was checked when it was taken.
                return;
            }
            session.held_bytes -= submission.body.len();
            session.held.pop_front();
        }
    }

    /// The machine has room again: first for what waits here, then for the application.
    fn report_writable(&mut self, session_id: u32, events: &mut VecDeque<Event>) {
        self.send_held(session_id);
        let Some(session) = self.by_stage(Stage::Open(session_id)) else {
            return;
        };
        if session.held.is_empty() && session.blocked == Some(Blocked::Machine) {
            session.blocked = None;
            events.push_back(Event::Writable {
                session: session.key,
            });
        }
    }

    fn report_writable_to_all(&mut self, events: &mut VecDeque<Event>) {
        let open = |session: &Session| match session.stage {
            Stage::Open(id) => Some(id),
            Stage::Waiting | Stage::Opening(_) => None,
        };
        let ids: Vec<u32> = self.sessions.iter().filter_map(open).collect();
        for id in ids {
            self.report_writable(id, events);
        }
    }

    /// A frame was answered: room for a session that has reached its own limit.
    fn report_room(&mut self, session_id: u32, events: &mut VecDeque<Event>) {
        let in_flight = self.machine.in_flight(session_id);
        let Some(session) = self.by_stage(Stage::Open(session_id)) else {
            return;
        };
        if session.blocked == Some(Blocked::InFlight) && in_flight < session.max_in_flight() {
            session.blocked = None;
            events.push_back(Event::Writable {
                session: session.key,
            });
        }
    }

    fn end_session(&mut self, stage: Stage, reason: SessionEnd) -> Option<Event> {
        let position = self
            .sessions
            .iter()
            .position(|session| session.stage == stage)?;
        let session = self.sessions.swap_remove(position);
        let session_id = if let Stage::Open(id) = session.stage {
            id
        } else {
            0
        };
        self.ended_with = match &reason {
            SessionEnd::ConnectionEnded(end) => Some(end.clone()),
            SessionEnd::Rejected { .. } => Some(ConnectionEnd::ClosedByPeer),
            SessionEnd::ClosedHere | SessionEnd::ClosedByPeer { .. } => None,
        };
        Some(Event::SessionClosed {
            session: session.key,
            session_id,
            reason,
        })
    }

    fn by_stage(&mut self, stage: Stage) -> Option<&mut Session> {
        self.sessions
            .iter_mut()
            .find(|session| session.stage == stage)
    }

    fn key_of(&self, session_id: u32) -> Option<SessionKey> {
        self.sessions
            .iter()
            .find(|session| session.stage == Stage::Open(session_id))
            .map(|session| session.key)
    }
}
