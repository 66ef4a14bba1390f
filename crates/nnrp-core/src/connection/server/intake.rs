//! Where each packet from a client goes, and what those do to a server connection that belong to no other theme.

use bytes::Bytes;

use super::session::Intake;
use super::{Phase, ServerConnection, ServerEvent};
use crate::code::{ErrorCode, ErrorScope};
use crate::connection::outgoing::Lane;
use crate::connection::packet_rules::{pong, require_metadata, unwanted};
use crate::connection::report::violation;
use crate::connection::retained::RetainedSubmit;
use crate::connection::{EndCause, FrameContext};
use crate::error::{ErrorKind, ProtocolError};
use crate::header::Header;
use crate::message::error_report::ErrorReport;
use crate::message::flow::FlowUpdate;
use crate::message::header_only;
use crate::message::probe::{TransportProbe, TransportProbeAck};
use crate::message::submit::FrameSubmit;
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

impl ServerConnection {
    /// Takes a packet in; call only while [`ServerConnection::wants_packet`].
    ///
    /// An error ends the connection: sessions have ended, queued packets are still sent, and what
    /// the client goes on to send is to be discarded for a short while. Ending at once would leave
    /// bytes unread, and the transport would throw away what is on its way to the client.
    #[inline]
    pub fn handle_packet(&mut self, now: Timestamp, packet: Packet) -> Result<(), ProtocolError> {
        if self.phase != Phase::Serving {
            return Ok(());
        }
        let at = packet.header().location();
        self.dispatch(now, packet).map_err(|kind| {
            let error = ProtocolError { kind, at };
            if self.speaks_hello(&at) {
                self.outgoing.push_built(Lane::Last, violation(&error));
            }
            self.begin_ending(now, EndCause::Failed(error));
            error
        })
    }

    /// Counts the client as heard, although no packet of it has arrived: a part of one has, or bytes
    /// that waited for it were taken, or this side does not read.
    pub fn note_heard(&mut self, now: Timestamp) {
        self.last_heard = now;
        self.keep_alive.heard();
    }

    #[inline]
    fn dispatch(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        if !self.wants_packet() {
            return Err(unwanted(&self.config.limits));
        }
        self.last_activity = now;
        self.note_heard(now);
        let header = *packet.header();
        self.budget.admit(now, header.message_type)?;
        match header.message_type {
            MessageType::Ping => self.on_ping(&header),
            MessageType::TransportProbe => self.on_probe(now, &packet),
            MessageType::Close => self.on_close_connection(now, &header),
            MessageType::ClientHello => self.on_hello(&packet),
            MessageType::SessionOpen => self.on_open(now, packet),
            MessageType::CachePut => self.on_cache_put(now, packet),
            MessageType::CacheInvalidate => self.on_cache_invalidate(now, &packet),
            MessageType::FlowUpdate if self.agreed.is_some() => self.on_flow_update(&packet),
            _ if !self.asked_to_open => Err(ErrorKind::UnexpectedMessage {
                expected: "SESSION_OPEN first",
            }),
            MessageType::FrameSubmit => self.on_submit(now, packet),
            MessageType::FrameCancel => self.on_cancel(now, &header),
            MessageType::SessionPatch => self.on_patch(now, packet),
            MessageType::SessionMigrate => self.on_migrate(now, &packet),
            MessageType::SessionClose => self.on_close_session(now, &packet),
            MessageType::Pong => self.on_pong(&header),
            MessageType::Error => self.on_error(now, packet),
            _ => Err(ErrorKind::UnexpectedMessage {
                expected: "a message of a client",
            }),
        }
    }

    fn on_ping(&mut self, header: &Header) -> Result<(), ErrorKind> {
        header_only::check_empty_control(header, MessageType::Ping)?;
        self.outgoing.push(self.lane_of(0), pong(header));
        Ok(())
    }

    /// The pong of a session says how many answers have arrived.
    fn on_pong(&mut self, header: &Header) -> Result<(), ErrorKind> {
        header_only::check_empty_control(header, MessageType::Pong)?;
        let session_id = header.session_id;
        let session = self.sessions.get_mut(&session_id);
        let Some(continuity) = session.and_then(|session| session.continuity.as_mut()) else {
            return Ok(());
        };
        continuity.release_through(header.trace_id);
        if core::mem::take(&mut self.awaits_arrival) {
            self.events.push(ServerEvent::Writable);
        }
        self.ask_arrival(session_id);
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

    #[inline]
    fn on_submit(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        let header = *packet.header();
        let (session_id, frame_id) = (header.session_id, header.frame_id);
        let Some(session) = self.sessions.get_mut(&session_id) else {
            return self.late_or_unknown(now, session_id);
        };
        require_metadata(&header, FrameSubmit::SIZE)?;
        let intake = session.take_in(now, frame_id)?;
        // The session counts the frame already, so a refusal of its metadata must not come first.
        if intake == Intake::Accepted {
            self.in_flight += 1;
        }
        let metadata = FrameSubmit::decode(packet.metadata())?;
        match intake {
            Intake::Accepted => {}
            Intake::OverLimit => {
                self.queue_drop(session_id, frame_id);
                return Ok(());
            }
            Intake::Repeated => return Ok(()),
        }
        if let Some(agreed) = &self.agreed {
            let refusal = if self.in_flight > usize::from(agreed.max_concurrent_frames) {
                Some(ErrorCode::LIMIT_EXCEEDED)
            } else if !agreed.allows_payload_kinds(metadata.payload_kind_bitmap) {
                Some(ErrorCode::UNSUPPORTED_CAPABILITY)
            } else {
                None
            };
            if let Some(code) = refusal {
                self.report_frame(session_id, frame_id, code);
                self.drop_frame(session_id, frame_id);
                return Ok(());
            }
        }
        let Some(objects) = self.resolve(now, &header, &metadata, packet.body()) else {
            self.drop_frame(session_id, frame_id);
            return Ok(());
        };
        let context = FrameContext::of(&header);
        let body = packet.into_body();
        let body_len = body.len();
        if let Some(session) = self.sessions.get_mut(&session_id) {
            session.retain(frame_id, context, |context| RetainedSubmit {
                metadata,
                context,
                body: body.clone(),
                objects: objects.clone(),
                cancelled: false,
            });
        }
        let event = ServerEvent::Submitted {
            session_id,
            frame_id,
            context,
            metadata,
            body,
            objects,
        };
        self.events.push_with_body(event, body_len);
        Ok(())
    }

    /// Clients may send flow updates too (spec 01 §1.6), but credit is for submits, which come from
    /// clients alone: there is nothing here that an update could hold up.
    fn on_flow_update(&self, packet: &Packet) -> Result<(), ErrorKind> {
        let update = FlowUpdate::decode(packet.metadata())?;
        match self.lifecycle.check_flow_update(packet.header(), &update) {
            Err(ErrorKind::UnknownSession(id)) if self.was_open(id) => Ok(()),
            checked => checked,
        }
    }

    fn was_open(&self, session_id: u32) -> bool {
        self.left.contains(&session_id) || self.lifecycle.session(session_id).is_some()
    }

    /// What a client sent before it knew that a session has left this connection is dropped; a
    /// session that never was, or that it has closed itself, is a violation.
    pub(super) fn late_or_unknown(
        &mut self,
        now: Timestamp,
        session_id: u32,
    ) -> Result<(), ErrorKind> {
        if self.left.contains(&session_id) {
            return self.budget.count(now);
        }
        Err(ErrorKind::UnknownSession(session_id))
    }

    /// A cancel of an answered or unknown frame, or in a session just closed, has nothing to
    /// stop and gets no reply: it may have crossed the answer on the way.
    fn on_cancel(&mut self, now: Timestamp, header: &Header) -> Result<(), ErrorKind> {
        let (session_id, frame_id) = (header.session_id, header.frame_id);
        if !header_only::is_empty(header) {
            return Err(ErrorKind::UnexpectedMetadataLength {
                expected: 0,
                actual: header.meta_len.saturating_add(header.body_len),
            });
        }
        let Some(session) = self.sessions.get_mut(&session_id) else {
            if self.lifecycle.session(session_id).is_none() {
                return Err(ErrorKind::UnknownSession(session_id));
            }
            return self.budget.count(now);
        };
        if !session.cancel(frame_id) {
            return self.budget.count(now);
        }
        self.events.push(ServerEvent::CancelRequested {
            session_id,
            frame_id,
        });
        Ok(())
    }

    fn on_error(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        let report = ErrorReport::decode(packet.metadata())?;
        let diagnostic: Bytes = packet.into_body();
        let body_len = diagnostic.len();
        self.events
            .push_with_body(ServerEvent::PeerError { report, diagnostic }, body_len);
        match report.error_scope {
            _ if !report.is_fatal => {}
            ErrorScope::Connection => self.begin_ending(now, EndCause::ClosedByPeer),
            ErrorScope::Session => {
                self.leave_session(report.related_session_id, EndCause::ClosedByPeer);
            }
            ErrorScope::Frame => {}
        }
        Ok(())
    }
}
