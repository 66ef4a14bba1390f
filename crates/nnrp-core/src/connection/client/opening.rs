//! How a client gets a session: a fresh one, or an earlier one that goes on.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bytes::Bytes;

use super::greeting::HelloState;
use super::resumable::ResumableSession;
use super::session::ClientSession;
use super::{ClientConnection, ClientEvent};
use crate::code::SessionStatus;
use crate::connection::outgoing::Lane;
use crate::connection::resume_blocks::Blocks;
use crate::connection::{CommandError, EndCause, OpenTicket, session_header};
use crate::error::ErrorKind;
use crate::header::Header;
use crate::message::session::{SessionOpen, SessionOpenAck};
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::resume;
use crate::timestamp::Timestamp;

/// An open that waits for its ack.
#[derive(Debug)]
pub(super) struct PendingOpen {
    pub(super) ticket: OpenTicket,
    pub(super) open: SessionOpen,
    pub(super) deadline: Timestamp,
    pub(super) resuming: Option<Box<ResumableSession>>,
}

impl ClientConnection {
    /// Asks for a session. Answered by `SessionOpened`, `OpenRefused` or `OpenFailed`.
    ///
    /// `body` holds resume token, auth and extension blocks in this order.
    pub fn open_session(
        &mut self,
        now: Timestamp,
        open: &SessionOpen,
        body: Bytes,
    ) -> Result<OpenTicket, CommandError> {
        self.queue_open(now, open, body, None)
    }

    /// Carries a session on that has lost, or left, its connection. Answered as an open is.
    ///
    /// What the server has not got is sent again, what this side has not got is delivered again,
    /// and nothing comes twice. A failure gives the session back.
    pub fn resume_session(
        &mut self,
        now: Timestamp,
        earlier: Box<ResumableSession>,
    ) -> Result<OpenTicket, (CommandError, Box<ResumableSession>)> {
        let (open, body) = earlier.request();
        if let Err(error) = self.require_open_possible(&body) {
            return Err((error, earlier));
        }
        // The request of a session that was open before breaks no rule of its message.
        self.queue_open(now, &open, body, Some(earlier.clone()))
            .map_err(|error| (error, earlier))
    }

    pub(super) fn on_open_ack(&mut self, packet: Packet) -> Result<(), ErrorKind> {
        let unasked = ErrorKind::UnexpectedMessage {
            expected: "no ack, as no open is pending",
        };
        let pending = self.opens.front().ok_or(unasked)?;
        let ack = SessionOpenAck::decode(packet.metadata())?;
        let resume = resume::check_ack(&pending.open, &ack)?;
        self.lifecycle.apply_open_ack(&ack)?;
        let Some(pending) = self.opens.pop_front() else {
            return Ok(());
        };
        let ticket = pending.ticket;
        if !ack.is_accepted() {
            self.events.push(ClientEvent::OpenRefused {
                ticket,
                ack,
                abandoned: pending.resuming,
            });
            if self.hello == HelloState::None {
                self.begin_ending(EndCause::ClosedByPeer);
            }
            return Ok(());
        }
        let body = packet.into_body();
        let blocks = Blocks::of_ack(&ack, &body);
        let position = blocks.position();
        let lost_frames = match (pending.resuming, position) {
            (Some(earlier), Some(position)) if ack.session_status == SessionStatus::Resumed => {
                self.continue_session(&ack, earlier, position);
                Vec::new()
            }
            (earlier, _) => {
                let fresh = (!blocks.token.is_empty()).then(|| {
                    let window_ms = ack.resume_window_ms;
                    let token = blocks.token;
                    let earlier =
                        ResumableSession::new(&pending.open, ack.session_id, token, window_ms);
                    Box::new(earlier)
                });
                let local_cap = self.config.limits.operations_in_flight;
                let session = ClientSession::new(&ack, local_cap, fresh);
                self.sessions.insert(ack.session_id, Box::new(session));
                earlier.map_or_else(Vec::new, |earlier| earlier.submits.into_keys().collect())
            }
        };
        let body_len = body.len();
        let event = ClientEvent::SessionOpened {
            ticket,
            session_id: ack.session_id,
            ack,
            resume,
            body,
            lost_frames,
        };
        self.events.push_with_body(event, body_len);
        Ok(())
    }

    fn queue_open(
        &mut self,
        now: Timestamp,
        open: &SessionOpen,
        body: Bytes,
        resuming: Option<Box<ResumableSession>>,
    ) -> Result<OpenTicket, CommandError> {
        self.require_open_possible(&body)?;
        let header = Header::new(MessageType::SessionOpen);
        let packet = Packet::with_message(header, open, body)?;
        let ticket = OpenTicket(self.next_ticket);
        self.next_ticket += 1;
        self.opens.push_back(PendingOpen {
            ticket,
            open: *open,
            deadline: now.after(self.config.timeouts.open),
            resuming,
        });
        match self.hello {
            HelloState::Sent { .. } => self.held_opens.push_back(packet),
            HelloState::None | HelloState::Acknowledged(_) => {
                self.outgoing.push(Lane::Control, packet);
            }
        }
        Ok(ticket)
    }

    fn require_open_possible(&self, body: &Bytes) -> Result<(), CommandError> {
        self.require_open()?;
        let wanted = self.sessions.len() + self.opens.len();
        if self.hello == HelloState::None && (wanted > 0 || self.lifecycle.session_count() > 0) {
            return Err(CommandError::OneSessionPerConnection);
        }
        if wanted >= self.config.limits.sessions {
            return Err(CommandError::TooManySessions);
        }
        self.check_body(body)
    }

    /// Sends again what the server has not got: submits above the `position` it has come to, and
    /// cancels, which have no answer that would show that they arrived.
    fn continue_session(
        &mut self,
        ack: &SessionOpenAck,
        earlier: Box<ResumableSession>,
        position: u64,
    ) {
        let local_cap = self.config.limits.operations_in_flight;
        let lane = Lane::Session(ack.accepted_priority_class);
        let session_id = ack.session_id;
        for (&frame_id, submit) in &earlier.submits {
            self.credit.begin();
            if u64::from(frame_id) > position {
                let header = submit
                    .context
                    .header(MessageType::FrameSubmit, session_id, frame_id);
                let packet = Packet::with_message(header, &submit.metadata, submit.body.clone());
                self.outgoing.push_built(lane, packet);
            }
            if submit.cancelled {
                let header = session_header(MessageType::FrameCancel, session_id, frame_id);
                self.outgoing.push(lane, Packet::empty(header));
            }
        }
        let session = ClientSession::continued(ack, local_cap, earlier);
        self.sessions.insert(session_id, Box::new(session));
    }
}
