//! What each packet from a client does to a server connection.

use bytes::Bytes;

use super::session::Intake;
use super::{Phase, Request, ServerConnection, ServerEvent};
use crate::code::{ErrorScope, SessionErrorCode};
use crate::connection::packet_rules::{pong, require_metadata, unwanted};
use crate::connection::{EndCause, FrameContext, OpenTicket};
use crate::error::{ErrorKind, ProtocolError};
use crate::header::Header;
use crate::message::error_report::ErrorReport;
use crate::message::header_only;
use crate::message::hello::ClientHello;
use crate::message::migrate::SessionMigrate;
use crate::message::patch::SessionPatch;
use crate::message::probe::{TransportProbe, TransportProbeAck};
use crate::message::session::{SessionClose, SessionOpen};
use crate::message::submit::FrameSubmit;
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::resume;
use crate::timestamp::Timestamp;

impl ServerConnection {
    /// Takes a packet in; call only while [`ServerConnection::wants_packet`].
    ///
    /// An error ends the connection: sessions have ended, queued packets are still sent.
    pub fn handle_packet(&mut self, now: Timestamp, packet: Packet) -> Result<(), ProtocolError> {
        if self.phase != Phase::Serving {
            return Ok(());
        }
        let at = packet.header().location();
        self.dispatch(now, packet).map_err(|kind| {
            let error = ProtocolError { kind, at };
            self.handle_stream_error(error);
            error
        })
    }

    fn dispatch(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        if !self.wants_packet() {
            return Err(unwanted(&self.config.limits));
        }
        self.last_activity = now;
        let header = *packet.header();
        match header.message_type {
            MessageType::Ping => self.on_ping(&header),
            MessageType::TransportProbe => self.on_probe(now, &packet),
            MessageType::Close => self.on_close_connection(now, &header),
            MessageType::ClientHello => self.on_hello(&packet),
            MessageType::SessionOpen => self.on_open(now, packet),
            _ if !self.asked_to_open => Err(ErrorKind::UnexpectedMessage {
                expected: "SESSION_OPEN first",
            }),
            MessageType::FrameSubmit => self.on_submit(packet),
            MessageType::FrameCancel => self.on_cancel(&header),
            MessageType::SessionPatch => self.on_patch(now, packet),
            MessageType::SessionMigrate => self.on_migrate(now, &packet),
            MessageType::SessionClose => self.on_close_session(now, &packet),
            MessageType::Pong => Ok(header_only::check_empty_control(
                &header,
                MessageType::Pong,
            )?),
            MessageType::Error => self.on_error(now, packet),
            _ => Err(ErrorKind::UnexpectedMessage {
                expected: "a message of a client",
            }),
        }
    }

    fn on_ping(&mut self, header: &Header) -> Result<(), ErrorKind> {
        header_only::check_empty_control(header, MessageType::Ping)?;
        self.outgoing.push(pong(header));
        Ok(())
    }

    fn on_probe(&mut self, now: Timestamp, packet: &Packet) -> Result<(), ErrorKind> {
        let probe = TransportProbe::decode(packet.metadata())?;
        let server_recv_ts_us = now.as_micros();
        self.queue_message(
            0,
            &TransportProbeAck {
                probe_id: probe.probe_id,
                server_recv_ts_us,
            },
        );
        Ok(())
    }

    fn on_close_connection(&mut self, now: Timestamp, header: &Header) -> Result<(), ErrorKind> {
        header_only::check_close(header)?;
        self.begin_ending(now, EndCause::ClosedByPeer);
        Ok(())
    }

    fn on_hello(&mut self, packet: &Packet) -> Result<(), ErrorKind> {
        if self.said_hello || self.asked_to_open {
            return Err(ErrorKind::UnexpectedMessage {
                expected: "CLIENT_HELLO once and first",
            });
        }
        let hello = ClientHello::decode(packet.metadata())?;
        let ack = self.config.policy.hello_ack(&hello, &self.config.limits);
        self.said_hello = true;
        self.queue_message(0, &ack);
        Ok(())
    }

    fn on_open(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        if self.asked_to_open && !self.said_hello {
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
        let ticket = OpenTicket(self.next_ticket);
        self.next_ticket += 1;
        self.hold_for(now, Request::Open { ticket, open });
        let body = packet.into_body();
        let body_len = body.len();
        self.events
            .push_with_body(ServerEvent::OpenRequested { ticket, open, body }, body_len);
        Ok(())
    }

    fn check_open(&self, open: &SessionOpen) -> Result<(), SessionErrorCode> {
        self.config.policy.check(open)?;
        let id = open.requested_session_id;
        let used = self.lifecycle.session(id).is_some();
        if used || self.sessions.len() >= self.config.limits.sessions {
            return Err(SessionErrorCode::SESSION_LIMIT_REACHED);
        }
        Ok(())
    }

    fn on_submit(&mut self, packet: Packet) -> Result<(), ErrorKind> {
        let header = *packet.header();
        let (session_id, frame_id) = (header.session_id, header.frame_id);
        let session = self
            .sessions
            .get_mut(&session_id)
            .ok_or(ErrorKind::UnknownSession(session_id))?;
        require_metadata(&header, FrameSubmit::SIZE)?;
        let intake = session.take_in(frame_id)?;
        let metadata = FrameSubmit::decode(packet.metadata())?;
        if intake == Intake::OverLimit {
            self.queue_drop(session_id, frame_id);
            return Ok(());
        }
        let context = FrameContext::of(&header);
        let body = packet.into_body();
        let body_len = body.len();
        let event = ServerEvent::Submitted {
            session_id,
            frame_id,
            context,
            metadata,
            body,
        };
        self.events.push_with_body(event, body_len);
        Ok(())
    }

    /// A cancel of an answered or unknown frame, or in a session just closed, has nothing to
    /// stop and gets no reply: it may have crossed the answer on the way.
    fn on_cancel(&mut self, header: &Header) -> Result<(), ErrorKind> {
        let (session_id, frame_id) = (header.session_id, header.frame_id);
        if !header_only::is_empty(header) {
            return Err(ErrorKind::UnexpectedMetadataLength {
                expected: 0,
                actual: header.meta_len.saturating_add(header.body_len),
            });
        }
        let Some(session) = self.sessions.get_mut(&session_id) else {
            let remembered = self.lifecycle.session(session_id);
            return remembered
                .map(|_| ())
                .ok_or(ErrorKind::UnknownSession(session_id));
        };
        if session.cancel(frame_id) {
            self.events.push(ServerEvent::CancelRequested {
                session_id,
                frame_id,
            });
        }
        Ok(())
    }

    fn on_patch(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        let session_id = self.require_session(packet.header())?;
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

    fn on_migrate(&mut self, now: Timestamp, packet: &Packet) -> Result<(), ErrorKind> {
        let session_id = self.require_session(packet.header())?;
        require_metadata(packet.header(), SessionMigrate::SIZE)?;
        let migrate = SessionMigrate::decode(packet.metadata())?;
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

    fn on_close_session(&mut self, now: Timestamp, packet: &Packet) -> Result<(), ErrorKind> {
        let session_id = packet.header().session_id;
        let close = SessionClose::decode(packet.metadata())?;
        self.lifecycle.begin_close(packet.header(), &close)?;
        self.hold_for(now, Request::Close { session_id, close });
        self.events
            .push(ServerEvent::CloseRequested { session_id, close });
        Ok(())
    }

    fn on_error(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        let report = ErrorReport::decode(packet.metadata())?;
        let diagnostic: Bytes = packet.into_body();
        let body_len = diagnostic.len();
        self.events
            .push_with_body(ServerEvent::PeerError { report, diagnostic }, body_len);
        if report.is_fatal && report.error_scope == ErrorScope::Connection {
            self.begin_ending(now, EndCause::ClosedByPeer);
        }
        Ok(())
    }

    fn require_session(&self, header: &Header) -> Result<u32, ErrorKind> {
        if self.sessions.contains_key(&header.session_id) {
            Ok(header.session_id)
        } else {
            Err(ErrorKind::UnknownSession(header.session_id))
        }
    }

    fn hold_for(&mut self, now: Timestamp, request: Request) {
        self.request = Some((request, now.after(self.config.timeouts.request)));
    }
}
