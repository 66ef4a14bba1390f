//! How a client asks for a session, and how it is answered: with the session, an earlier one that goes on, or a refusal.

use alloc::boxed::Box;
use core::time::Duration;

use bytes::Bytes;

use super::requests::Request;
use super::session::{ServerSession, SessionTerms};
use super::{ServerConnection, ServerEvent, SessionContinuity};
use crate::code::SessionErrorCode;
use crate::connection::outgoing::Lane;
use crate::connection::resume_blocks::{Blocks, POSITION_BYTES, body_with};
use crate::connection::{CommandError, EndCause, OpenTicket, session_header};
use crate::directory::Admission;
use crate::error::ErrorKind;
use crate::message::session::{SessionOpen, SessionOpenAck};
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::resume;
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
        let session_id = admission.session_id;
        self.continue_session(now, &open, &ack, admission, continuity, position.is_some());
        // The question that was under way went down with the earlier connection.
        self.ask_arrival(session_id);
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
        let (open, _) = self.pending_open(ticket)?;
        self.request = None;
        self.send_refusal(now, &open, code);
        self.settle(now);
        Ok(())
    }

    pub(super) fn on_open(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        if self.asked_to_open && self.agreed.is_none() {
            let expected = "one session on a connection without CLIENT_HELLO";
            return Err(ErrorKind::UnexpectedMessage { expected });
        }
        let open = SessionOpen::decode(packet.metadata())?;
        resume::check_request(&open)?;
        self.asked_to_open = true;
        if let Err(code) = self.check_open(&open) {
            self.send_refusal(now, &open, code);
            return Ok(());
        }
        let body = packet.into_body();
        let body_len = body.len();
        let blocks = Blocks::of_open(&open, &body);
        // Published clients declare a token and send an empty body; what is neither that nor the
        // declared bytes proves nothing (spec 12 §12.1).
        if open.resume_token_bytes > 0 && blocks.token.is_empty() && !body.is_empty() {
            self.send_refusal(now, &open, SessionErrorCode::RESUME_REJECTED);
            return Ok(());
        }
        if self.agreed.is_some()
            && let Err(error) = blocks.check_extension()
        {
            self.report_block(error);
            // The session family has no code for extensions; that what the session asks for is not
            // supported comes nearest, and the report in front of it is exact.
            self.send_refusal(now, &open, SessionErrorCode::PROFILE_UNSUPPORTED);
            return Ok(());
        }
        let ticket = OpenTicket(self.next_ticket);
        self.next_ticket += 1;
        let position = blocks.position();
        self.hold_for(
            now,
            Request::Open {
                ticket,
                open,
                position,
            },
        );
        let event = ServerEvent::OpenRequested {
            ticket,
            open,
            body,
            resume_token: blocks.token,
        };
        self.events.push_with_body(event, body_len);
        Ok(())
    }

    /// The first fault in the order of spec 13 §13.5 decides.
    fn check_open(&self, open: &SessionOpen) -> Result<(), SessionErrorCode> {
        if let Some(agreed) = &self.agreed
            && !agreed.allows_profile(open.profile_id)
        {
            return Err(SessionErrorCode::PROFILE_UNSUPPORTED);
        }
        let installed = self.schema_is_installed(open.schema_id, open.schema_version);
        self.config.policy.check(open, installed)?;
        let used = self.lifecycle.session(open.requested_session_id).is_some();
        if used && open.resume_token_bytes > 0 {
            return Err(SessionErrorCode::RESUME_REJECTED);
        }
        if used || self.sessions.len() >= self.config.limits.sessions {
            return Err(SessionErrorCode::SESSION_LIMIT_REACHED);
        }
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

    fn send_refusal(&mut self, now: Timestamp, open: &SessionOpen, code: SessionErrorCode) {
        let ack = self.config.policy.refusing_ack(open, code);
        self.queue_open_ack(&ack, Bytes::new());
        if self.agreed.is_none() {
            self.begin_ending(now, EndCause::ClosedLocally);
        }
    }

    /// Acks of opens travel in one lane, because a client tells them apart by their order.
    fn queue_open_ack(&mut self, ack: &SessionOpenAck, body: Bytes) {
        let header = session_header(MessageType::SessionOpenAck, ack.session_id, 0);
        let packet = Packet::with_message(header, ack, body);
        self.outgoing.push_built(Lane::Control, packet);
    }
}
