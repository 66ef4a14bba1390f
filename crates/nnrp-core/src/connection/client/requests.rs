//! What a client asks of an open session, one request at a time: to patch, to migrate and to close it.

use bytes::Bytes;

use super::greeting::HelloState;
use super::intake::unrequested;
use super::session::Request;
use super::{ClientConnection, ClientEvent};
use crate::code::SessionCloseStatus;
use crate::connection::packet_rules::require_metadata;
use crate::connection::{CommandError, EndCause, session_header};
use crate::error::ErrorKind;
use crate::message::migrate::{SessionMigrate, SessionMigrateAck};
use crate::message::patch::{SessionPatch, SessionPatchAck};
use crate::message::session::{SessionClose, SessionCloseAck};
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

impl ClientConnection {
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

    pub(super) fn on_patch_ack(&mut self, packet: Packet) -> Result<(), ErrorKind> {
        let session_id = packet.header().session_id;
        require_metadata(packet.header(), SessionPatchAck::SIZE)?;
        let ack = SessionPatchAck::decode(packet.metadata())?;
        match self.request_of(session_id)? {
            Some(Request::Patch) => self.clear_request(session_id),
            _ => return Err(unrequested()),
        }
        let body = packet.into_body();
        let body_len = body.len();
        self.events.push_with_body(
            ClientEvent::SessionPatched {
                session_id,
                ack,
                body,
            },
            body_len,
        );
        Ok(())
    }

    pub(super) fn on_migrate_ack(&mut self, packet: &Packet) -> Result<(), ErrorKind> {
        let session_id = packet.header().session_id;
        require_metadata(packet.header(), SessionMigrateAck::SIZE)?;
        let ack = SessionMigrateAck::decode(packet.metadata())?;
        match self.request_of(session_id)? {
            Some(Request::Migrate(request)) => ack.check_against(&request)?,
            _ => return Err(unrequested()),
        }
        self.clear_request(session_id);
        self.events
            .push(ClientEvent::SessionMigrated { session_id, ack });
        Ok(())
    }

    /// An ack nobody asked for announces a close by the server; several may follow one close.
    pub(super) fn on_close_ack(
        &mut self,
        now: Timestamp,
        packet: &Packet,
    ) -> Result<(), ErrorKind> {
        let session_id = packet.header().session_id;
        require_metadata(packet.header(), SessionCloseAck::SIZE)?;
        let ack = SessionCloseAck::decode(packet.metadata())?;
        self.lifecycle.apply_close_ack(packet.header(), &ack)?;
        self.clear_request(session_id);
        match ack.close_status {
            SessionCloseStatus::Closed => {
                self.end_session(session_id, EndCause::Closed(ack.close_status));
                if self.hello == HelloState::None {
                    self.begin_ending(EndCause::ClosedLocally);
                }
                return Ok(());
            }
            SessionCloseStatus::Rejected => {}
            SessionCloseStatus::Acknowledged | SessionCloseStatus::Draining => {
                self.await_further_ack(now, session_id);
            }
        }
        self.events
            .push(ClientEvent::CloseAnswered { session_id, ack });
        Ok(())
    }

    fn require_request_possible(&mut self, session_id: u32) -> Result<(), CommandError> {
        self.require_open()?;
        self.require_accepting(session_id)?;
        self.session_mut(session_id)?
            .require_no_request(session_id)?;
        self.require_room()
    }

    fn send_request(
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

    fn request_of(&self, session_id: u32) -> Result<Option<Request>, ErrorKind> {
        let session = self.sessions.get(&session_id);
        let session = session.ok_or(ErrorKind::UnknownSession(session_id))?;
        Ok(session.request.map(|(request, _)| request))
    }

    fn clear_request(&mut self, session_id: u32) {
        if let Some(session) = self.sessions.get_mut(&session_id) {
            session.request = None;
        }
    }

    fn await_further_ack(&mut self, now: Timestamp, session_id: u32) {
        let deadline = now.after(self.config.timeouts.request);
        if let Some(session) = self.sessions.get_mut(&session_id) {
            session.request = Some((Request::Close, deadline));
        }
    }
}
