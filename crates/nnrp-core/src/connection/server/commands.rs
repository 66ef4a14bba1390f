//! What the application of a server connection can ask of it.

use alloc::boxed::Box;
use core::time::Duration;

use bytes::Bytes;

use super::session::{ServerSession, SessionTerms};
use super::{Phase, Request, ServerConnection, ServerEvent, SessionContinuity};
use crate::code::{ErrorScope, SessionCloseStatus, SessionErrorCode};
use crate::connection::outgoing::Lane;
use crate::connection::report::report_packet;
use crate::connection::resume_blocks::{POSITION_BYTES, body_with};
use crate::connection::{CommandError, EndCause, FrameContext, OpenTicket, session_header};
use crate::credit::Blocked;
use crate::directory::Admission;
use crate::error::ErrorKind;
use crate::header::Header;
use crate::message::Message;
use crate::message::error_report::ErrorReport;
use crate::message::flow::FlowUpdate;
use crate::message::migrate::SessionMigrateAck;
use crate::message::patch::SessionPatchAck;
use crate::message::result::{ResultHint, ResultPush};
use crate::message::session::{SessionCloseAck, SessionOpen, SessionOpenAck};
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
        let (open, _) = self.pending_open(ticket)?;
        let mut ack = self.accepting_ack(&open, &admission)?;
        let body = match admission.token {
            Some(token) => Bytes::copy_from_slice(token.as_bytes()),
            None => Bytes::new(),
        };
        self.request = None;
        let session = ServerSession::new(&self.terms(admission, &open), &ack);
        self.sessions
            .insert(admission.session_id, Box::new(session));
        ack.session_extension_bytes = 0;
        self.queue_open_ack(&ack, body);
        self.settle(now);
        Ok(())
    }

    /// Carries on a session that another connection has lost or surrendered. Its unanswered
    /// frames come as events again, and its answers that have not arrived are sent again.
    pub fn admit_resumed(
        &mut self,
        now: Timestamp,
        ticket: OpenTicket,
        admission: Admission,
        mut continuity: Box<SessionContinuity>,
    ) -> Result<(), (CommandError, Box<SessionContinuity>)> {
        let prepared = self.pending_open(ticket).and_then(|(open, position)| {
            let ack = self.accepting_ack(&open, &admission)?;
            Ok((open, position, ack))
        });
        let (open, position, mut ack) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Err((error, continuity)),
        };
        self.request = None;
        ack.session_extension_bytes = POSITION_BYTES;
        let token = admission.token.map(|token| *token.as_bytes());
        let token = token.as_ref().map_or(&[][..], |token| &token[..]);
        self.queue_open_ack(&ack, body_with(token, continuity.last_received().into()));
        let lane = Lane::Session(ack.accepted_priority_class);
        for answer in continuity.redeliver(position.unwrap_or(0)) {
            self.outgoing.push(lane, answer.clone());
        }
        self.continue_session(now, &open, &ack, admission, continuity, position.is_some());
        self.settle(now);
        Ok(())
    }

    fn continue_session(
        &mut self,
        now: Timestamp,
        open: &SessionOpen,
        ack: &SessionOpenAck,
        admission: Admission,
        mut continuity: Box<SessionContinuity>,
        ascending: bool,
    ) {
        let session_id = admission.session_id;
        let objects = core::mem::take(&mut continuity.objects);
        self.adopt_objects(now, session_id, objects);
        for (frame_id, submit) in continuity.unanswered() {
            let body_len = submit.body.len();
            let event = ServerEvent::Submitted {
                session_id,
                frame_id,
                context: submit.context,
                metadata: submit.metadata,
                body: submit.body.clone(),
                objects: submit.objects.clone(),
            };
            self.events.push_with_body(event, body_len);
            if submit.cancelled {
                self.events.push(ServerEvent::CancelRequested {
                    session_id,
                    frame_id,
                });
            }
        }
        let terms = self.terms(admission, open);
        let session = ServerSession::continued(&terms, ack, now, continuity, ascending);
        self.in_flight += session.unanswered();
        self.sessions.insert(session_id, Box::new(session));
    }

    /// Gives a session up that its client carries on over another connection. `SessionEnded`
    /// with the continuity follows; what the client may still send for it here is ignored.
    pub fn surrender_session(&mut self, session_id: u32) -> Result<(), CommandError> {
        let session = self.sessions.get(&session_id);
        let session = session.ok_or(CommandError::UnknownSession(session_id))?;
        if session.continuity.is_none() {
            return Err(CommandError::NotResumable(session_id));
        }
        self.leave_session(session_id, EndCause::TakenOver);
        Ok(())
    }

    /// Ends one session and leaves the connection to the others. Needs the hello exchange: to any
    /// other client the end of its session is the end of the connection.
    pub fn end_session_with(
        &mut self,
        session_id: u32,
        code: SessionErrorCode,
    ) -> Result<(), CommandError> {
        self.require_serving()?;
        if self.agreed.is_none() {
            return Err(CommandError::NotNegotiated("end of a single session"));
        }
        if !self.sessions.contains_key(&session_id) {
            return Err(CommandError::UnknownSession(session_id));
        }
        let ack = SessionCloseAck {
            close_status: SessionCloseStatus::Closed,
            session_error_code: code,
            ..SessionCloseAck::default()
        };
        self.queue_message(session_id, &ack);
        self.leave_session(session_id, EndCause::Closed(SessionCloseStatus::Closed));
        Ok(())
    }

    /// Tells the client of an error. Needs the hello exchange. A fatal report of connection scope
    /// ends the connection, one of session scope the session.
    pub fn report_error(
        &mut self,
        now: Timestamp,
        report: &ErrorReport,
        text: Bytes,
    ) -> Result<(), CommandError> {
        self.require_serving()?;
        if self.agreed.is_none() {
            return Err(CommandError::NotNegotiated("error report"));
        }
        self.require_room()?;
        let packet = report_packet(report, text)?;
        self.outgoing
            .push(self.lane_of(report.related_session_id), packet);
        match report.error_scope {
            _ if !report.is_fatal => {}
            ErrorScope::Connection => self.begin_ending(now, EndCause::ClosedLocally),
            ErrorScope::Session => {
                self.leave_session(report.related_session_id, EndCause::ClosedLocally);
            }
            ErrorScope::Frame => {}
        }
        Ok(())
    }

    /// Gives advice about a session, or about one of its frames. Needs the hello exchange.
    pub fn send_hint(
        &mut self,
        session_id: u32,
        frame_id: u32,
        hint: &ResultHint,
    ) -> Result<(), CommandError> {
        self.require_serving()?;
        if self.agreed.is_none() {
            return Err(CommandError::NotNegotiated("hint"));
        }
        if self.request.is_some() {
            return Err(CommandError::RequestPending(session_id));
        }
        let session = self.sessions.get(&session_id);
        let lane = session
            .ok_or(CommandError::UnknownSession(session_id))?
            .lane;
        self.require_room()?;
        let header = session_header(MessageType::ResultHint, session_id, frame_id);
        let packet = Packet::with_message(header, hint, Bytes::new())?;
        self.outgoing.push(lane, packet);
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
        let (open, _) = self.pending_open(ticket)?;
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
        self.queue_answer(session_id, packet);
        if metadata.is_terminal()
            && let Some(session) = self.sessions.get_mut(&session_id)
        {
            session.answered(frame_id);
            self.in_flight -= 1;
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
        self.drop_frame(session_id, frame_id);
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
        let packet = Packet::with_message(header, update, Bytes::new())?;
        self.outgoing.push(self.lane_of(session_id), packet);
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
        if self.phase == Phase::Serving && self.agreed.is_some() {
            let close = Packet::empty(Header::new(MessageType::Close));
            self.outgoing.push(Lane::Last, close);
        }
        self.begin_ending(now, EndCause::ClosedLocally);
    }

    fn pending_open(&self, ticket: OpenTicket) -> Result<(SessionOpen, Option<u64>), CommandError> {
        match self.request {
            Some((
                Request::Open {
                    ticket: asking,
                    open,
                    position,
                },
                _,
            )) if asking == ticket => Ok((open, position)),
            _ => Err(CommandError::UnknownTicket),
        }
    }

    /// The ack of an admission, applied to the lifecycle.
    fn accepting_ack(
        &mut self,
        open: &SessionOpen,
        admission: &Admission,
    ) -> Result<SessionOpenAck, CommandError> {
        let policy = &self.config.policy;
        let ack = policy.accepting_ack(open, admission, self.agreed.as_ref());
        self.lifecycle
            .apply_open_ack(&ack)
            .map_err(|_| CommandError::SessionIdUsed(admission.session_id))?;
        Ok(ack)
    }

    fn terms(&self, admission: Admission, open: &SessionOpen) -> SessionTerms {
        let limits = &self.config.limits;
        let policy = &self.config.policy;
        let enforced = policy.enforce_deadlines && self.agreed.is_some();
        let deadline = Duration::from_millis(open.default_deadline_ms.into());
        SessionTerms {
            admission,
            max_in_flight: policy
                .max_in_flight(&admission.limits)
                .min(limits.operations_in_flight),
            remembered: limits.finished_operations,
            deadline: Some(deadline).filter(|deadline| enforced && !deadline.is_zero()),
        }
    }

    pub(super) fn require_serving(&self) -> Result<(), CommandError> {
        match self.phase {
            Phase::Serving | Phase::HalfClosed { .. } => Ok(()),
            Phase::Ending { .. } | Phase::Lingering { .. } | Phase::Over => {
                Err(CommandError::ConnectionNotOpen)
            }
        }
    }

    pub(super) fn require_room(&mut self) -> Result<(), CommandError> {
        if self.outgoing.ask_room() {
            Ok(())
        } else {
            Err(CommandError::WouldBlock(Blocked::Outgoing))
        }
    }

    fn require_answerable(&mut self, session_id: u32, frame_id: u32) -> Result<(), CommandError> {
        self.require_serving()?;
        let session = self.sessions.get(&session_id);
        let session = session.ok_or(CommandError::UnknownSession(session_id))?;
        session.require_unanswered(frame_id)?;
        self.require_answer_room(session_id)
    }

    /// Whether an answer of the session can be queued: `WouldBlock` if a `Writable` event has to
    /// come first.
    pub fn require_answer_room(&mut self, session_id: u32) -> Result<(), CommandError> {
        let session = self.sessions.get(&session_id);
        let session = session.ok_or(CommandError::UnknownSession(session_id))?;
        let kept = session.continuity.as_ref();
        let kept = kept.map_or(0, |continuity| continuity.retained_bytes());
        if kept >= self.config.limits.retained_bytes {
            self.awaits_arrival = true;
            return Err(CommandError::WouldBlock(Blocked::Retained));
        }
        self.require_room()
    }

    pub(super) fn answer_request<M: Message>(
        &mut self,
        now: Timestamp,
        session_id: u32,
        ack: &M,
    ) -> Result<(), CommandError> {
        let header = session_header(M::MESSAGE_TYPE, session_id, 0);
        let packet = Packet::with_message(header, ack, Bytes::new())?;
        self.outgoing.push(self.lane_of(session_id), packet);
        self.request = None;
        self.settle(now);
        Ok(())
    }

    /// Answers an unanswered frame with a drop.
    pub(super) fn drop_frame(&mut self, session_id: u32, frame_id: u32) {
        self.queue_drop(session_id, frame_id);
        if let Some(session) = self.sessions.get_mut(&session_id) {
            session.answered(frame_id);
            self.in_flight -= 1;
        }
    }

    pub(super) fn queue_drop(&mut self, session_id: u32, frame_id: u32) {
        let header = session_header(MessageType::ResultDrop, session_id, frame_id);
        self.queue_answer(session_id, Packet::empty(header));
    }

    /// Queues an answer, and keeps it until it is known to have arrived if it may be asked for.
    fn queue_answer(&mut self, session_id: u32, packet: Packet) {
        let Some(session) = self.sessions.get_mut(&session_id) else {
            return;
        };
        let lane = session.lane;
        let Some(continuity) = &mut session.continuity else {
            return self.outgoing.push(lane, packet);
        };
        continuity.retain_answer(packet.clone());
        self.outgoing.push(lane, packet);
        self.ask_arrival(session_id);
    }

    /// Asks how many answers have arrived, when there is much to forget.
    pub(super) fn ask_arrival(&mut self, session_id: u32) {
        let limit = self.config.limits.retained_bytes;
        let Some(session) = self.sessions.get_mut(&session_id) else {
            return;
        };
        let question = session.continuity.as_mut();
        let Some(number) = question.and_then(|continuity| continuity.question(limit)) else {
            return;
        };
        let ping = Packet::empty(Header {
            trace_id: number,
            ..session_header(MessageType::Ping, session_id, 0)
        });
        self.outgoing.push(session.lane, ping);
    }
}
