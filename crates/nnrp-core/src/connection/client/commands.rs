//! What the application of a client connection can ask of it.

use alloc::boxed::Box;
use bytes::Bytes;

use super::resumable::ResumableSession;
use super::session::{ClientSession, Request};
use super::{ClientConnection, HelloState, MAX_PINGS, PendingOpen, Phase, SentPing};
use crate::connection::outgoing::Lane;
use crate::connection::report::report_packet;
use crate::connection::{CommandError, EndCause, OpenTicket, session_header};
use crate::credit::Blocked;
use crate::header::Header;
use crate::lifecycle::ConnectionState;
use crate::message::error_report::ErrorReport;
use crate::message::migrate::SessionMigrate;
use crate::message::patch::SessionPatch;
use crate::message::probe::TransportProbe;
use crate::message::session::{SessionClose, SessionOpen};
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

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

    /// Takes a resumable session off this connection, to carry it on over another one.
    ///
    /// Nothing is sent, and what still arrives for it here is dropped.
    pub fn detach_session(
        &mut self,
        session_id: u32,
    ) -> Result<Box<ResumableSession>, CommandError> {
        self.require_open()?;
        if !self.session_mut(session_id)?.is_resumable() {
            return Err(CommandError::NotResumable(session_id));
        }
        self.lifecycle.leave_session(session_id);
        self.owed_pongs.remove(&session_id);
        self.forget_puts(session_id);
        let session = self.sessions.remove(&session_id);
        let session = session.ok_or(CommandError::UnknownSession(session_id))?;
        self.credit.finish(session.credit.in_flight());
        session
            .into_resumable()
            .ok_or(CommandError::NotResumable(session_id))
    }

    /// Tells the server that a frame is no longer wanted. Its answer may still come, and its
    /// room is taken until then.
    pub fn cancel(&mut self, session_id: u32, frame_id: u32) -> Result<(), CommandError> {
        self.require_open()?;
        if !self.session_mut(session_id)?.is_unanswered(frame_id) {
            return Err(CommandError::UnknownFrame(frame_id));
        }
        self.require_room()?;
        let session = self.session_mut(session_id)?;
        session.note_cancel(frame_id);
        let lane = session.lane;
        let header = session_header(MessageType::FrameCancel, session_id, frame_id);
        self.outgoing.push(lane, Packet::empty(header));
        Ok(())
    }

    /// Asks for other session settings. Answered by `SessionPatched`.
    pub fn patch_session(
        &mut self,
        now: Timestamp,
        session_id: u32,
        patch: &SessionPatch,
        body: Bytes,
    ) -> Result<(), CommandError> {
        self.check_body(&body)?;
        self.require_request_possible(session_id)?;
        let header = session_header(MessageType::SessionPatch, session_id, 0);
        let packet = Packet::with_message(header, patch, body)?;
        self.send_request(now, session_id, Request::Patch, packet)
    }

    /// Announces a change of transport. Answered by `SessionMigrated`.
    pub fn migrate_session(
        &mut self,
        now: Timestamp,
        session_id: u32,
        migrate: &SessionMigrate,
    ) -> Result<(), CommandError> {
        self.require_request_possible(session_id)?;
        migrate.check_move()?;
        let header = session_header(MessageType::SessionMigrate, session_id, 0);
        let packet = Packet::with_message(header, migrate, Bytes::new())?;
        self.send_request(now, session_id, Request::Migrate(*migrate), packet)
    }

    /// Closes a session in the ordinary way. Answered by `SessionEnded` or `CloseAnswered`.
    ///
    /// Wait for outstanding results first if they matter: the server need not finish them.
    /// Without a hello the end of the session ends the connection.
    pub fn close_session(&mut self, now: Timestamp, session_id: u32) -> Result<(), CommandError> {
        let last_frame = self.session_mut(session_id)?.last_frame_id();
        let close = SessionClose::by_client(session_id, last_frame.into());
        self.close_session_with(now, session_id, &close)
    }

    /// Closes a session with metadata of the caller's choice.
    pub fn close_session_with(
        &mut self,
        now: Timestamp,
        session_id: u32,
        close: &SessionClose,
    ) -> Result<(), CommandError> {
        self.require_request_possible(session_id)?;
        let header = session_header(MessageType::SessionClose, session_id, 0);
        let packet = Packet::with_message(header, close, Bytes::new())?;
        self.lifecycle
            .begin_close(&header, close)
            .map_err(|_| CommandError::SessionNotOpen(session_id))?;
        self.send_request(now, session_id, Request::Close, packet)
    }

    /// Sends a ping. Published servers end a connection on which one arrives.
    pub fn ping(&mut self, now: Timestamp) -> Result<(), CommandError> {
        self.require_open()?;
        if self.pings.len() >= MAX_PINGS {
            return Err(CommandError::WouldBlock(Blocked::Outgoing));
        }
        self.require_room()?;
        self.send_ping(now, true);
        Ok(())
    }

    /// Tells the server of an error. Published servers end a connection on which one arrives, so
    /// this needs the hello exchange. A fatal report of connection scope ends the connection, one
    /// of session scope the session.
    pub fn report_error(&mut self, report: &ErrorReport, text: Bytes) -> Result<(), CommandError> {
        self.require_open()?;
        if !self.hello_acknowledged() {
            return Err(CommandError::NotNegotiated("error report"));
        }
        self.check_body(&text)?;
        self.require_room()?;
        self.outgoing
            .push(Lane::Control, report_packet(report, text)?);
        self.end_reported(report, EndCause::ClosedLocally);
        Ok(())
    }

    /// Sends a transport probe with `padding`. Published servers end a connection on which one
    /// arrives.
    pub fn probe(
        &mut self,
        now: Timestamp,
        probe_id: u32,
        padding: Bytes,
    ) -> Result<(), CommandError> {
        self.require_open()?;
        self.check_body(&padding)?;
        self.require_room()?;
        let probe = TransportProbe {
            probe_id,
            probe_payload_bytes: u32::try_from(padding.len()).unwrap_or(u32::MAX),
            client_send_ts_us: now.as_micros(),
        };
        let header = Header::new(MessageType::TransportProbe);
        self.outgoing.push(
            Lane::Control,
            Packet::with_message(header, &probe, padding)?,
        );
        Ok(())
    }

    /// Ends every session without an exchange: `CLOSE` to a peer that speaks the hello exchange,
    /// the end of the write side to any other.
    pub fn close(&mut self) {
        if self.phase == Phase::Open && self.hello_acknowledged() {
            let close = Packet::empty(Header::new(MessageType::Close));
            self.outgoing.push(Lane::Last, close);
        }
        self.begin_ending(EndCause::ClosedLocally);
    }

    pub(super) fn require_open(&self) -> Result<(), CommandError> {
        match (self.phase, self.lifecycle.state()) {
            (Phase::Open, ConnectionState::Open) => Ok(()),
            _ => Err(CommandError::ConnectionNotOpen),
        }
    }

    pub(super) fn require_room(&mut self) -> Result<(), CommandError> {
        if self.outgoing.ask_room() {
            Ok(())
        } else {
            Err(CommandError::WouldBlock(Blocked::Outgoing))
        }
    }

    pub(super) fn require_accepting(&self, session_id: u32) -> Result<(), CommandError> {
        match self.lifecycle.state_of(session_id) {
            Some(state) if state.accepts_new_operations() => Ok(()),
            Some(_) => Err(CommandError::SessionNotOpen(session_id)),
            None => Err(CommandError::UnknownSession(session_id)),
        }
    }

    pub(super) fn require_request_possible(&mut self, session_id: u32) -> Result<(), CommandError> {
        self.require_open()?;
        self.require_accepting(session_id)?;
        self.session_mut(session_id)?
            .require_no_request(session_id)?;
        self.require_room()
    }

    pub(super) fn allowed_body_bytes(&self) -> usize {
        let allowed = self.config.limits.body_bytes as usize;
        match self.hello {
            HelloState::Acknowledged(agreed) if agreed.max_body_bytes != 0 => {
                allowed.min(agreed.max_body_bytes as usize)
            }
            _ => allowed,
        }
    }

    pub(super) fn check_body(&self, body: &Bytes) -> Result<(), CommandError> {
        let allowed = self.allowed_body_bytes();
        if body.len() <= allowed {
            Ok(())
        } else {
            Err(CommandError::BodyTooLarge {
                actual: body.len(),
                allowed,
            })
        }
    }

    pub(super) fn session_mut(
        &mut self,
        session_id: u32,
    ) -> Result<&mut ClientSession, CommandError> {
        self.sessions
            .get_mut(&session_id)
            .map(Box::as_mut)
            .ok_or(CommandError::UnknownSession(session_id))
    }

    pub(super) fn send_request(
        &mut self,
        now: Timestamp,
        session_id: u32,
        request: Request,
        packet: Packet,
    ) -> Result<(), CommandError> {
        let deadline = now.after(self.config.timeouts.request);
        let session = self.session_mut(session_id)?;
        session.request = Some((request, deadline));
        let lane = session.lane;
        self.outgoing.push(lane, packet);
        Ok(())
    }

    pub(super) fn send_ping(&mut self, at: Timestamp, asked_for: bool) {
        self.pings.push_back(SentPing { at, asked_for });
        let ping = Packet::empty(Header::new(MessageType::Ping));
        self.outgoing.push(Lane::Control, ping);
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
}
