//! From the events of a client's machine to those of the application.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use nnrp_core::code::{SessionCloseReason, SessionCloseStatus, SessionErrorCode};
use nnrp_core::connection::client::{ClientEvent, ResumableSession};
use nnrp_core::connection::{EndCause, FrameContext, OpenTicket};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::{SessionCloseAck, SessionOpenAck};
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
        events.append(&mut self.early);
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
            ClientEvent::HelloAcknowledged {
                ack,
                extensions,
                schemas,
            } => events.push_back(Event::Greeted {
                ack,
                extensions,
                schemas,
            }),
            ClientEvent::SessionOpened {
                ticket,
                session_id,
                ack,
                lost_frames,
                ..
            } => self.note_opened(ticket, session_id, ack, lost_frames, events),
            ClientEvent::OpenRefused {
                ticket,
                ack,
                abandoned,
            } => self.note_refused(ticket, ack.session_error_code, abandoned, events),
            ClientEvent::OpenFailed {
                ticket,
                cause,
                resumable,
            } => {
                if let Some(key) = self.opening(ticket) {
                    let reason = SessionEnd::ConnectionEnded(connection_end(cause, end));
                    self.lose_session(key, resumable, end, reason, events);
                }
            }
            ClientEvent::Result {
                session_id,
                frame_id,
                context,
                metadata,
                body,
            } => {
                let ids = (session_id, frame_id);
                self.pass_result(ids, context, metadata, body, events);
            }
            ClientEvent::ResultDropped {
                session_id,
                frame_id,
                context,
            } => {
                let ids = (session_id, frame_id);
                self.pass_drop(ids, context, events);
            }
            ClientEvent::FlowUpdated {
                session_id, update, ..
            } => {
                events.push_back(self.flow_update(session_id, update));
            }
            // The send queue of the connection: whoever a command was refused for.
            ClientEvent::Writable { session_id: 0 } => self.report_writable_to_all(events),
            ClientEvent::Writable { session_id } => self.report_writable(session_id, events),
            ClientEvent::SessionEnded {
                session_id,
                cause,
                resumable,
            } => {
                if let Some(key) = self.key_of(session_id) {
                    events.extend(self.final_close_answer(key, session_id, cause));
                    let reason = self.end_reason(key, session_id, cause, end);
                    self.lose_session(key, resumable, end, reason, events);
                }
            }
            notice => self.pass_on(notice, events),
        }
    }

    /// Passes on what changes nothing of the sessions here.
    fn pass_on(&mut self, event: ClientEvent, events: &mut VecDeque<Event>) {
        match event {
            ClientEvent::Hint {
                session_id,
                frame_id,
                hint,
            } => events.extend(self.key_of(session_id).map(|session| Event::Hint {
                session,
                frame_id,
                metadata: hint,
            })),
            ClientEvent::CacheAnswered {
                session_id,
                put,
                ack,
            } => events.push_back(Event::CacheAnswered {
                session: self.key_of(session_id),
                put,
                ack,
            }),
            ClientEvent::ObjectsInvalidated {
                session_id,
                invalidate,
            } => events.push_back(Event::ObjectsInvalidated {
                session: self.key_of(session_id),
                invalidate,
            }),
            ClientEvent::SessionPatched {
                session_id,
                ack,
                body,
            } => {
                let session = self.key_of(session_id);
                events.extend(session.map(|session| Event::SessionPatched { session, ack, body }));
            }
            ClientEvent::SessionMigrated { session_id, ack } => {
                if let Some(session) = self.key_of(session_id) {
                    events.push_back(Event::SessionMigrated { session, ack });
                    self.note_migrate_ack(session, &ack, events);
                }
            }
            ClientEvent::CloseAnswered { session_id, ack } => {
                if let Some(session) = self.key_of(session_id) {
                    self.note_close_answer(session, &ack);
                    events.push_back(Event::CloseAnswered { session, ack });
                }
            }
            ClientEvent::Pong { round_trip } => events.push_back(Event::Pong { round_trip }),
            ClientEvent::ProbeAcknowledged {
                probe_id,
                server_recv_ts_us,
            } => events.push_back(Event::ProbeAnswered {
                probe_id,
                server_recv_ts_us,
            }),
            ClientEvent::PeerError { report, diagnostic } => {
                events.push_back(Event::PeerError {
                    session: self.key_of(report.related_session_id),
                    report,
                    diagnostic,
                });
            }
            _ => {}
        }
    }

    /// A close that is rejected leaves the session open. After any other answer the end follows, or its time runs out.
    fn note_close_answer(&mut self, key: SessionKey, ack: &SessionCloseAck) {
        if ack.close_status == SessionCloseStatus::Rejected
            && let Some(session) = self.sessions.get_mut(&key)
        {
            session.reopen();
        }
    }

    /// The answer that has ended a session, if this side had asked for its end.
    fn final_close_answer(
        &self,
        key: SessionKey,
        session_id: u32,
        cause: EndCause,
    ) -> Option<Event> {
        let EndCause::Closed(close_status) = cause else {
            return None;
        };
        let record = self.machine.lifecycle().session(session_id)?;
        let asked = self.sessions.get(&key)?.closing.is_some();
        asked.then_some(Event::CloseAnswered {
            session: key,
            ack: SessionCloseAck {
                close_status,
                last_operation_id: record.last_operation_id,
                session_error_code: record.session_error_code,
            },
        })
    }

    fn note_opened(
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

    fn note_refused(
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

    fn pass_result(
        &mut self,
        ids: (u32, u32),
        context: FrameContext,
        metadata: ResultPush,
        body: Bytes,
        events: &mut VecDeque<Event>,
    ) {
        let Some(session) = self.key_of(ids.0) else {
            return;
        };
        let sizes = (ResultPush::SIZE, body.len());
        let header = received(MessageType::ResultPush, ids, context, sizes);
        events.push_back(Event::Result {
            session,
            header,
            metadata,
            body,
        });
        self.answered = true;
        self.report_room(ids.0, events);
    }

    fn pass_drop(&mut self, ids: (u32, u32), context: FrameContext, events: &mut VecDeque<Event>) {
        let Some(session) = self.key_of(ids.0) else {
            return;
        };
        let header = received(MessageType::ResultDrop, ids, context, (0, 0));
        events.push_back(Event::ResultDrop { session, header });
        self.answered = true;
        self.report_room(ids.0, events);
    }

    fn flow_update(&self, session_id: u32, metadata: FlowUpdate) -> Event {
        let (context, sizes) = (FrameContext::default(), (FlowUpdate::SIZE, 0));
        Event::FlowUpdate {
            session: self.key_of(session_id),
            header: received(MessageType::FlowUpdate, (session_id, 0), context, sizes),
            metadata,
        }
    }

    /// A session whose transport is lost waits for another one if it can, or ends here.
    fn lose_session(
        &mut self,
        key: SessionKey,
        earlier: Option<Box<ResumableSession>>,
        end: Option<&ConnectionEnd>,
        reason: SessionEnd,
        events: &mut VecDeque<Event>,
    ) {
        let earlier = if self.comes_back(end) {
            match self.wait_for_transport(key, earlier) {
                Ok(()) => return,
                Err(earlier) => earlier,
            }
        } else {
            earlier
        };
        self.keep_resumable(key, earlier);
        events.extend(self.end_session(key, reason));
    }

    pub(super) fn keep_resumable(
        &mut self,
        key: SessionKey,
        earlier: Option<Box<ResumableSession>>,
    ) {
        self.resumable.extend(earlier.map(|earlier| (key, earlier)));
    }

    /// Why a session ended, and who closed it if that was done in order.
    fn end_reason(
        &self,
        key: SessionKey,
        session_id: u32,
        cause: EndCause,
        end: Option<&ConnectionEnd>,
    ) -> SessionEnd {
        if !matches!(cause, EndCause::Closed(_)) {
            return SessionEnd::ConnectionEnded(connection_end(cause, end));
        }
        let session = self.sessions.get(&key);
        if session.is_some_and(|session| session.closing.is_some()) {
            return SessionEnd::ClosedHere;
        }
        let record = self.machine.lifecycle().session(session_id);
        SessionEnd::ClosedByPeer {
            reason: SessionCloseReason::ServerShutdown,
            code: record.map_or(SessionErrorCode::NONE, |record| record.session_error_code),
        }
    }

    fn send_held(&mut self, session_id: u32) {
        let Some(session) = open_session(&mut self.sessions, &self.keys, session_id) else {
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
        let Some(key) = self.key_of(session_id) else {
            return;
        };
        if let Some(session) = self.sessions.get_mut(&key)
            && session.held.is_empty()
            && session.blocked == Some(Blocked::Machine)
        {
            session.blocked = None;
            events.push_back(Event::Writable { session: key });
        }
    }

    fn report_writable_to_all(&mut self, events: &mut VecDeque<Event>) {
        let ids: Vec<u32> = self.keys.keys().copied().collect();
        for id in ids {
            self.report_writable(id, events);
        }
    }

    /// A frame was answered: room for a session that has reached its own limit.
    fn report_room(&mut self, session_id: u32, events: &mut VecDeque<Event>) {
        let in_flight = self.machine.in_flight(session_id);
        let Some(key) = self.key_of(session_id) else {
            return;
        };
        if let Some(session) = self.sessions.get_mut(&key)
            && session.blocked == Some(Blocked::InFlight)
            && in_flight < session.max_in_flight()
        {
            session.blocked = None;
            events.push_back(Event::Writable { session: key });
        }
    }

    pub(super) fn end_session(&mut self, key: SessionKey, reason: SessionEnd) -> Option<Event> {
        let session = self.sessions.remove(&key)?;
        let session_id = if let Stage::Open(id) = session.stage {
            self.keys.remove(&id);
            id
        } else {
            0
        };
        self.ended_with = match &reason {
            SessionEnd::ConnectionEnded(end) => Some(end.clone()),
            SessionEnd::Rejected { .. } => Some(ConnectionEnd::ClosedByPeer),
            SessionEnd::ClosedHere | SessionEnd::ClosedByPeer { .. } | SessionEnd::TakenOver => {
                None
            }
        };
        Some(Event::SessionClosed {
            session: key,
            session_id,
            reason,
        })
    }

    fn opening(&self, ticket: OpenTicket) -> Option<SessionKey> {
        let stage = Stage::Opening(ticket);
        let found = self
            .sessions
            .iter()
            .find(|(_, session)| session.stage == stage);
        found.map(|(key, _)| *key)
    }

    fn key_of(&self, session_id: u32) -> Option<SessionKey> {
        self.keys.get(&session_id).copied()
    }
}

fn open_session<'a>(
    sessions: &'a mut BTreeMap<SessionKey, Box<Session>>,
    keys: &BTreeMap<u32, SessionKey>,
    session_id: u32,
) -> Option<&'a mut Session> {
    sessions.get_mut(keys.get(&session_id)?).map(Box::as_mut)
}
