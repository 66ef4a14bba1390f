//! What the application of a client connection can ask of it beside opens and requests: cancels, reports, probes, an end.

use alloc::boxed::Box;
use bytes::Bytes;

use super::greeting::HelloState;
use super::resumable::ResumableSession;
use super::session::ClientSession;
use super::{ClientConnection, MAX_PINGS, Phase, SentPing};
use crate::connection::outgoing::Lane;
use crate::connection::report::report_packet;
use crate::connection::{CommandError, EndCause, session_header};
use crate::credit::Blocked;
use crate::header::Header;
use crate::lifecycle::ConnectionState;
use crate::message::error_report::ErrorReport;
use crate::message::probe::TransportProbe;
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

impl ClientConnection {
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

    pub(super) fn send_ping(&mut self, at: Timestamp, asked_for: bool) {
        self.pings.push_back(SentPing { at, asked_for });
        let ping = Packet::empty(Header::new(MessageType::Ping));
        self.outgoing.push(Lane::Control, ping);
    }
}
