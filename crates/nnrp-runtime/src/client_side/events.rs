//! From the events of a client's machine to those of the application.

use std::collections::VecDeque;

use bytes::Bytes;
use nnrp_core::connection::FrameContext;
use nnrp_core::connection::client::ClientEvent;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::{MessageType, Timestamp};

use super::ClientSide;
use crate::end::connection_end;
use crate::received::received;
use crate::{ConnectionEnd, Event, SessionEnd};

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
}
