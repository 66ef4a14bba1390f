//! What the application of a server connection can ask of it.

use bytes::Bytes;

use super::session::ServerSession;
use super::{Phase, Request, ServerConnection};
use crate::code::SessionErrorCode;
use crate::connection::{CommandError, EndCause, FrameContext, OpenTicket, session_header};
use crate::credit::Blocked;
use crate::directory::Admission;
use crate::error::ErrorKind;
use crate::header::Header;
use crate::message::Message;
use crate::message::flow::FlowUpdate;
use crate::message::migrate::SessionMigrateAck;
use crate::message::patch::SessionPatchAck;
use crate::message::result::ResultPush;
use crate::message::session::SessionOpen;
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

impl ServerConnection {
    /// Opens the session that was asked for under the id of the admission.
    ///
    /// `SessionIdUsed` if the id is 0 or was used on this connection before: refuse instead.
    pub fn admit(
        &mut self,
        now: Timestamp,
        ticket: OpenTicket,
        admission: Admission,
    ) -> Result<(), CommandError> {
        let open = self.pending_open(ticket)?;
        let ack = self.config.policy.accepting_ack(&open, &admission);
        let id = admission.session_id;
        if self.lifecycle.apply_open_ack(&ack).is_err() {
            return Err(CommandError::SessionIdUsed(id));
        }
        self.request = None;
        let granted = self.config.policy.max_in_flight_operations;
        let max_in_flight = granted.min(self.config.limits.operations_in_flight);
        let remembered = self.config.limits.finished_operations;
        let session = ServerSession::new(admission, max_in_flight.into(), remembered);
        self.sessions.insert(id, session);
        self.queue_open_ack(&ack);
        self.settle(now);
        Ok(())
    }

    /// Refuses the session that was asked for. Without a hello this ends the connection once
    /// the client has the ack.
    pub fn refuse(
        &mut self,
        now: Timestamp,
        ticket: OpenTicket,
        code: SessionErrorCode,
    ) -> Result<(), CommandError> {
        let open = self.pending_open(ticket)?;
        self.request = None;
        self.send_refusal(now, &open, code);
        self.settle(now);
        Ok(())
    }

    /// Sends a result of an unanswered frame. A partial one leaves it unanswered.
    pub fn push_result(
        &mut self,
        now: Timestamp,
        session_id: u32,
        frame_id: u32,
        context: FrameContext,
        metadata: &ResultPush,
        body: Bytes,
    ) -> Result<(), CommandError> {
        let allowed = self.config.limits.body_bytes as usize;
        if body.len() > allowed {
            return Err(CommandError::BodyTooLarge {
                actual: body.len(),
                allowed,
            });
        }
        self.require_answerable(session_id, frame_id)?;
        let header = context.header(MessageType::ResultPush, session_id, frame_id);
        let packet = Packet::with_message(header, metadata, body)?;
        self.outgoing.push(packet);
        if metadata.is_terminal()
            && let Some(session) = self.sessions.get_mut(&session_id)
        {
            session.answered(frame_id);
        }
        self.last_activity = now;
        self.settle(now);
        Ok(())
    }

    /// Answers a frame with a drop: it will get no (further) result.
    pub fn push_drop(
        &mut self,
        now: Timestamp,
        session_id: u32,
        frame_id: u32,
    ) -> Result<(), CommandError> {
        self.require_answerable(session_id, frame_id)?;
        self.queue_drop(session_id, frame_id);
        if let Some(session) = self.sessions.get_mut(&session_id) {
            session.answered(frame_id);
        }
        self.last_activity = now;
        self.settle(now);
        Ok(())
    }

    /// Sends a flow update; `session_id` is 0 for connection scope. Never sent unasked, because
    /// published clients take it for the ack they may be waiting for.
    pub fn send_flow_update(
        &mut self,
        session_id: u32,
        update: &FlowUpdate,
    ) -> Result<(), CommandError> {
        self.require_serving()?;
        if self.request.is_some() {
            return Err(CommandError::RequestPending(session_id));
        }
        let header = session_header(MessageType::FlowUpdate, session_id, 0);
        self.lifecycle
            .check_flow_update(&header, update)
            .map_err(|kind| match kind {
                ErrorKind::Codec(error) => CommandError::Codec(error),
                _ => CommandError::UnknownSession(session_id),
            })?;
        self.require_room()?;
        self.outgoing
            .push(Packet::with_message(header, update, Bytes::new())?);
        Ok(())
    }

    /// Answers a patch request.
    pub fn answer_patch(
        &mut self,
        now: Timestamp,
        session_id: u32,
        ack: &SessionPatchAck,
    ) -> Result<(), CommandError> {
        match self.request {
            Some((Request::Patch { session_id: asking }, _)) if asking == session_id => {}
            _ => return Err(CommandError::NoRequest(session_id)),
        }
        self.answer_request(now, session_id, ack)
    }

    /// Answers a migration request; the ack must pass the migration check of spec 07 §7.3.
    pub fn answer_migrate(
        &mut self,
        now: Timestamp,
        session_id: u32,
        ack: &SessionMigrateAck,
    ) -> Result<(), CommandError> {
        match self.request {
            Some((
                Request::Migrate {
                    session_id: asking,
                    migrate,
                },
                _,
            )) if asking == session_id => {
                ack.check_against(&migrate)?;
            }
            _ => return Err(CommandError::NoRequest(session_id)),
        }
        self.answer_request(now, session_id, ack)
    }

    /// Answers a close request with status closed and ends the session. Without a hello this
    /// ends the connection once the client has the ack.
    pub fn answer_close(&mut self, now: Timestamp, session_id: u32) -> Result<(), CommandError> {
        match self.request {
            Some((
                Request::Close {
                    session_id: asking,
                    close,
                },
                _,
            )) if asking == session_id => {
                self.finish_close(now, session_id, &close);
                self.settle(now);
                Ok(())
            }
            _ => Err(CommandError::NoRequest(session_id)),
        }
    }

    /// Ends every session without an exchange: `CLOSE` to a peer that speaks the hello exchange,
    /// the end of the write side to any other.
    pub fn close(&mut self, now: Timestamp) {
        if self.phase == Phase::Serving && self.said_hello {
            self.outgoing
                .push(Packet::empty(Header::new(MessageType::Close)));
        }
        self.begin_ending(now, EndCause::ClosedLocally);
    }

    pub(super) fn pending_open(&self, ticket: OpenTicket) -> Result<SessionOpen, CommandError> {
        match self.request {
            Some((
                Request::Open {
                    ticket: asking,
                    open,
                },
                _,
            )) if asking == ticket => Ok(open),
            _ => Err(CommandError::UnknownTicket),
        }
    }

    pub(super) fn require_serving(&self) -> Result<(), CommandError> {
        match self.phase {
            Phase::Serving | Phase::HalfClosed { .. } => Ok(()),
            Phase::Ending { .. } | Phase::Over => Err(CommandError::ConnectionNotOpen),
        }
    }

    pub(super) fn require_room(&mut self) -> Result<(), CommandError> {
        if self.outgoing.ask_room() {
            Ok(())
        } else {
            Err(CommandError::WouldBlock(Blocked::Outgoing))
        }
    }

    pub(super) fn require_answerable(
        &mut self,
        session_id: u32,
        frame_id: u32,
    ) -> Result<(), CommandError> {
        self.require_serving()?;
        let session = self.sessions.get(&session_id);
        let session = session.ok_or(CommandError::UnknownSession(session_id))?;
        session.require_unanswered(frame_id)?;
        self.require_room()
    }

    pub(super) fn answer_request<M: Message>(
        &mut self,
        now: Timestamp,
        session_id: u32,
        ack: &M,
    ) -> Result<(), CommandError> {
        let header = session_header(M::MESSAGE_TYPE, session_id, 0);
        self.outgoing
            .push(Packet::with_message(header, ack, Bytes::new())?);
        self.request = None;
        self.settle(now);
        Ok(())
    }

    pub(super) fn queue_drop(&mut self, session_id: u32, frame_id: u32) {
        let header = session_header(MessageType::ResultDrop, session_id, frame_id);
        self.outgoing.push(Packet::empty(header));
    }
}
