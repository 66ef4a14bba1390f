//! What the application of a server connection says unasked: advice, credit, reports and ends.

use bytes::Bytes;

use super::{Phase, ServerConnection};
use crate::code::{ErrorScope, SessionCloseStatus, SessionErrorCode};
use crate::connection::outgoing::Lane;
use crate::connection::report::report_packet;
use crate::connection::{CommandError, EndCause, session_header};
use crate::credit::Blocked;
use crate::error::ErrorKind;
use crate::header::Header;
use crate::message::error_report::ErrorReport;
use crate::message::flow::FlowUpdate;
use crate::message::result::ResultHint;
use crate::message::session::SessionCloseAck;
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

impl ServerConnection {
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

    /// Sends a flow update; `session_id` is 0 for connection scope. Never sent unasked, because
    /// published clients take it for the ack they may be waiting for. While a request waits,
    /// updates go only where answers go: before the last answer to the frames in front of it.
    pub fn send_flow_update(
        &mut self,
        session_id: u32,
        update: &FlowUpdate,
    ) -> Result<(), CommandError> {
        self.require_serving()?;
        if self.request.is_some() && self.in_flight == 0 {
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

    /// Ends every session without an exchange: `CLOSE` to a peer that speaks the hello exchange,
    /// the end of the write side to any other.
    pub fn close(&mut self, now: Timestamp) {
        if self.phase == Phase::Serving && self.agreed.is_some() {
            let close = Packet::empty(Header::new(MessageType::Close));
            self.outgoing.push(Lane::Last, close);
        }
        self.begin_ending(now, EndCause::ClosedLocally);
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
}
