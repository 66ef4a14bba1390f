//! Requests that hold up the intake until the application has answered them; patch, migration and close of a session.

use bytes::Bytes;

use super::{ServerConnection, ServerEvent};
use crate::code::SessionCloseStatus;
use crate::connection::packet_rules::require_metadata;
use crate::connection::{CommandError, EndCause, OpenTicket, session_header};
use crate::error::ErrorKind;
use crate::message::Message;
use crate::message::migrate::{SessionMigrate, SessionMigrateAck};
use crate::message::patch::{SessionPatch, SessionPatchAck};
use crate::message::session::{SessionClose, SessionCloseAck, SessionOpen};
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

/// A request that holds up the intake until the application has answered it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Request {
    Open {
        ticket: OpenTicket,
        open: SessionOpen,
        /// How many answers have arrived, if the client says it.
        position: Option<u64>,
    },
    Patch {
        session_id: u32,
    },
    Migrate {
        session_id: u32,
        migrate: SessionMigrate,
    },
    Close {
        session_id: u32,
        close: SessionClose,
    },
}

impl Request {
    /// The session it is about, if there is one yet.
    pub(super) fn session_id(&self) -> Option<u32> {
        match self {
            Self::Open { .. } => None,
            Self::Patch { session_id }
            | Self::Migrate { session_id, .. }
            | Self::Close { session_id, .. } => Some(*session_id),
        }
    }
}

impl ServerConnection {
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

    pub(super) fn on_patch(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        let session_id = packet.header().session_id;
        if !self.sessions.contains_key(&session_id) {
            return self.late_or_unknown(now, session_id);
        }
        require_metadata(packet.header(), SessionPatch::SIZE)?;
        let patch = SessionPatch::decode(packet.metadata())?;
        self.hold_for(now, Request::Patch { session_id });
        let body = packet.into_body();
        let body_len = body.len();
        let event = ServerEvent::PatchRequested {
            session_id,
            patch,
            body,
        };
        self.events.push_with_body(event, body_len);
        Ok(())
    }

    pub(super) fn on_migrate(&mut self, now: Timestamp, packet: &Packet) -> Result<(), ErrorKind> {
        let session_id = packet.header().session_id;
        if !self.sessions.contains_key(&session_id) {
            return self.late_or_unknown(now, session_id);
        }
        require_metadata(packet.header(), SessionMigrate::SIZE)?;
        let migrate = SessionMigrate::decode(packet.metadata())?;
        // No ack could pass the check, so there is nothing to ask the application.
        migrate.check_move()?;
        self.hold_for(
            now,
            Request::Migrate {
                session_id,
                migrate,
            },
        );
        self.events.push(ServerEvent::MigrateRequested {
            session_id,
            migrate,
        });
        Ok(())
    }

    pub(super) fn on_close_session(
        &mut self,
        now: Timestamp,
        packet: &Packet,
    ) -> Result<(), ErrorKind> {
        let session_id = packet.header().session_id;
        let close = SessionClose::decode(packet.metadata())?;
        if self.left.contains(&session_id) {
            return self.budget.count(now);
        }
        self.lifecycle.begin_close(packet.header(), &close)?;
        self.hold_for(now, Request::Close { session_id, close });
        self.events
            .push(ServerEvent::CloseRequested { session_id, close });
        Ok(())
    }

    pub(super) fn hold_for(&mut self, now: Timestamp, request: Request) {
        self.request = Some((request, now.after(self.config.timeouts.request)));
    }

    pub(super) fn finish_close(&mut self, now: Timestamp, session_id: u32, close: &SessionClose) {
        self.request = None;
        let ack = SessionCloseAck::closed(close);
        let header = session_header(MessageType::SessionCloseAck, session_id, 0);
        let applied = self.lifecycle.apply_close_ack(&header, &ack);
        debug_assert!(applied.is_ok(), "{applied:?}");
        self.queue_message(session_id, &ack);
        let cause = EndCause::Closed(SessionCloseStatus::Closed);
        self.end_session(session_id, cause);
        if self.agreed.is_none() {
            self.begin_ending(now, EndCause::ClosedLocally);
        }
    }

    fn answer_request<M: Message>(
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
}
