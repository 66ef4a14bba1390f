//! Where each packet from a server goes, and what those do to a client connection that belong to no other theme.

use super::{ClientConnection, ClientEvent, Phase};
use crate::code::FlowScopeKind;
use crate::connection::outgoing::Lane;
use crate::connection::packet_rules::{pong, require_metadata, unwanted};
use crate::connection::report::violation;
use crate::connection::{EndCause, FrameContext};
use crate::error::{ErrorKind, ProtocolError};
use crate::header::Header;
use crate::message::error_report::ErrorReport;
use crate::message::flow::FlowUpdate;
use crate::message::header_only;
use crate::message::probe::TransportProbeAck;
use crate::message::result::{ResultHint, ResultPush};
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

impl ClientConnection {
    /// Takes a packet in; call only while [`ClientConnection::wants_packet`].
    ///
    /// An error ends the connection: sessions have ended, queued packets are still sent.
    #[inline]
    pub fn handle_packet(&mut self, now: Timestamp, packet: Packet) -> Result<(), ProtocolError> {
        if self.phase != Phase::Open {
            return Ok(());
        }
        let at = packet.header().location();
        let handled = self.dispatch(now, packet).map_err(|kind| {
            let error = ProtocolError { kind, at };
            if self.hello_acknowledged() {
                self.outgoing.push_built(Lane::Last, violation(&error));
            }
            self.fail(error);
            error
        });
        self.report_writable();
        handled
    }

    /// Counts the server as heard, although no packet of it has arrived: a part of one has, or bytes
    /// that waited for it were taken, or this side does not read.
    pub fn note_heard(&mut self, now: Timestamp) {
        self.last_received = now;
        self.keep_alive.heard();
    }

    #[inline]
    fn dispatch(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        if !self.wants_packet() {
            return Err(unwanted(&self.config.limits));
        }
        self.note_heard(now);
        let header = *packet.header();
        self.budget.admit(now, header.message_type)?;
        match header.message_type {
            MessageType::ResultPush => self.on_result(packet),
            MessageType::ResultDrop => self.on_drop(&header),
            MessageType::FlowUpdate => self.on_flow_update(&packet),
            MessageType::ResultHint => self.on_hint(&packet),
            MessageType::SessionOpenAck => self.on_open_ack(packet),
            MessageType::SessionPatchAck => self.on_patch_ack(packet),
            MessageType::SessionMigrateAck => self.on_migrate_ack(&packet),
            MessageType::SessionCloseAck => self.on_close_ack(now, &packet),
            MessageType::ServerHelloAck => self.on_hello_ack(&packet),
            MessageType::CacheAck => self.on_cache_ack(&packet),
            MessageType::CacheInvalidate => self.on_cache_invalidate(&packet),
            MessageType::CachePut if self.hello_acknowledged() => self.on_cache_put(&packet),
            MessageType::Ping => self.on_ping(&header),
            MessageType::Pong => self.on_pong(now, &header),
            MessageType::TransportProbeAck => self.on_probe_ack(&packet),
            MessageType::Error => self.on_error(packet),
            MessageType::Close => self.on_close_connection(&header),
            _ => Err(ErrorKind::UnexpectedMessage {
                expected: "a message of a server",
            }),
        }
    }

    #[inline]
    fn on_result(&mut self, packet: Packet) -> Result<(), ErrorKind> {
        let header = *packet.header();
        require_metadata(&header, ResultPush::SIZE)?;
        let metadata = ResultPush::decode(packet.metadata())?;
        let Some(session) = self.sessions.get_mut(&header.session_id) else {
            return self.late_or_unknown(&header);
        };
        if !session.count_result(header.frame_id) {
            return Ok(());
        }
        if metadata.is_terminal() && session.finish_frame(header.frame_id) {
            self.credit.finish(1);
        }
        let body = packet.into_body();
        let body_len = body.len();
        let event = ClientEvent::Result {
            session_id: header.session_id,
            frame_id: header.frame_id,
            context: FrameContext::of(&header),
            metadata,
            body,
        };
        self.events.push_with_body(event, body_len);
        Ok(())
    }

    fn on_drop(&mut self, header: &Header) -> Result<(), ErrorKind> {
        header_only::check_result_drop(header)?;
        let Some(session) = self.sessions.get_mut(&header.session_id) else {
            return self.late_or_unknown(header);
        };
        if !session.count_result(header.frame_id) {
            return Ok(());
        }
        if session.finish_frame(header.frame_id) {
            self.credit.finish(1);
        }
        self.events.push(ClientEvent::ResultDropped {
            session_id: header.session_id,
            frame_id: header.frame_id,
            context: FrameContext::of(header),
        });
        Ok(())
    }

    /// What a server sent before it knew that the session is over is dropped; a session that
    /// never was is a violation.
    pub(super) fn late_or_unknown(&self, header: &Header) -> Result<(), ErrorKind> {
        match self.lifecycle.session(header.session_id) {
            Some(_) => Ok(()),
            None => Err(ErrorKind::UnknownSession(header.session_id)),
        }
    }

    fn on_flow_update(&mut self, packet: &Packet) -> Result<(), ErrorKind> {
        let header = packet.header();
        let update = FlowUpdate::decode(packet.metadata())?;
        match self.lifecycle.check_flow_update(header, &update) {
            Err(ErrorKind::UnknownSession(_)) => return self.late_or_unknown(header),
            checked => checked?,
        }
        let session_id = header.session_id;
        let session = self.sessions.get_mut(&session_id);
        let applied = match update.scope_kind {
            FlowScopeKind::Connection => self.credit.apply(&update),
            FlowScopeKind::Session => session.is_some_and(|session| session.credit.apply(&update)),
            FlowScopeKind::Operation => {
                session.is_some_and(|session| session.apply_to_frame(&update))
            }
        };
        self.events.push(ClientEvent::FlowUpdated {
            session_id,
            update,
            applied,
        });
        Ok(())
    }

    fn on_hint(&mut self, packet: &Packet) -> Result<(), ErrorKind> {
        let header = packet.header();
        let hint = ResultHint::decode(packet.metadata())?;
        if !self.sessions.contains_key(&header.session_id) {
            return self.late_or_unknown(header);
        }
        let (session_id, frame_id) = (header.session_id, header.frame_id);
        self.events.push(ClientEvent::Hint {
            session_id,
            frame_id,
            hint,
        });
        Ok(())
    }

    /// The intake goes on while packets wait for the transport, or both ends could wait for
    /// each other; so a flood of pings gets no more answers than there is room. The ping of a
    /// session asks what has arrived, and is answered later if not now.
    fn on_ping(&mut self, header: &Header) -> Result<(), ErrorKind> {
        header_only::check_empty_control(header, MessageType::Ping)?;
        if self.outgoing.has_room() {
            self.outgoing.push(Lane::Control, pong(header));
        } else if self.sessions.contains_key(&header.session_id) {
            self.owed_pongs.insert(header.session_id, *header);
        }
        Ok(())
    }

    /// Nothing ties a PONG to its PING but the order; one too many is ignored.
    fn on_pong(&mut self, now: Timestamp, header: &Header) -> Result<(), ErrorKind> {
        header_only::check_empty_control(header, MessageType::Pong)?;
        if let Some(ping) = self.pings.pop_front()
            && ping.asked_for
        {
            self.events.push(ClientEvent::Pong {
                round_trip: now.since(ping.at),
            });
        }
        Ok(())
    }

    fn on_probe_ack(&mut self, packet: &Packet) -> Result<(), ErrorKind> {
        let ack = TransportProbeAck::decode(packet.metadata())?;
        self.events.push(ClientEvent::ProbeAcknowledged {
            probe_id: ack.probe_id,
            server_recv_ts_us: ack.server_recv_ts_us,
        });
        Ok(())
    }

    fn on_error(&mut self, packet: Packet) -> Result<(), ErrorKind> {
        let report = ErrorReport::decode(packet.metadata())?;
        let diagnostic = packet.into_body();
        let body_len = diagnostic.len();
        self.events
            .push_with_body(ClientEvent::PeerError { report, diagnostic }, body_len);
        self.end_reported(&report, EndCause::ClosedByPeer);
        Ok(())
    }

    fn on_close_connection(&mut self, header: &Header) -> Result<(), ErrorKind> {
        header_only::check_close(header)?;
        self.begin_ending(EndCause::ClosedByPeer);
        Ok(())
    }
}

/// The fault of an ack for which no request waits.
pub(super) fn unrequested() -> ErrorKind {
    ErrorKind::UnexpectedMessage {
        expected: "an ack of a request that is pending",
    }
}
