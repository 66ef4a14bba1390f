//! What every case over a connection says: greeting, opening, submitting, closing.

use bytes::Bytes;
use nnrp_core::code::{SessionCloseStatus, SessionStatus};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::{SessionClose, SessionCloseAck, SessionOpen, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, MessageType, Packet};

use super::verdict::{Failure, Verdict, good, same};
use super::wire::Wire;

/// The verb that withholds an answer (spec 19).
pub(super) const HOLD: u16 = 0xec01;
/// The verb for a flow update of each scope.
pub(super) const FLOW: u16 = 0xec03;
/// The verb for a partial result before the complete one.
pub(super) const PARTIAL: u16 = 0xec04;

impl Wire {
    /// Says hello, and hears what is accepted of it.
    pub(super) async fn greet(&mut self) -> Result<(Header, ServerHelloAck), Failure> {
        let header = Header::new(MessageType::ClientHello);
        self.send(header, &hello()).await?;
        self.expect_message().await
    }

    /// Asks for a session.
    pub(super) async fn ask(
        &mut self,
        open: &SessionOpen,
        body: Bytes,
    ) -> Result<(Header, SessionOpenAck, Bytes), Failure> {
        let header = Header::new(MessageType::SessionOpen);
        self.send_with_body(header, open, body).await?;
        let packet = self.expect(MessageType::SessionOpenAck).await?;
        let ack = good(
            "SESSION_OPEN_ACK",
            SessionOpenAck::decode(packet.metadata()),
        )?;
        Ok((*packet.header(), ack, packet.into_body()))
    }

    /// Opens a token session of this id.
    pub(super) async fn open(&mut self, session_id: u32) -> Verdict {
        let (_, ack, _) = self.ask(&open(session_id), Bytes::new()).await?;
        let found = (ack.session_status, ack.session_id, ack.session_error_code.0);
        let what = format!("opening session {session_id}");
        same(&what, found, (SessionStatus::Opened, session_id, 0))
    }

    /// Submits a token frame; `verb` is for the echo application, 0 = none.
    pub(super) async fn submit(
        &mut self,
        session_id: u32,
        frame_id: u32,
        verb: u16,
        body: &Bytes,
    ) -> Verdict {
        let metadata = FrameSubmit {
            latency_budget_ms: verb,
            payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK,
            payload_frame_count: 1,
            ..FrameSubmit::default()
        };
        let header = of_frame(MessageType::FrameSubmit, session_id, frame_id);
        self.send_with_body(header, &metadata, body.clone()).await
    }

    /// The next packet has to be a result of this frame with this body.
    pub(super) async fn expect_result(
        &mut self,
        session_id: u32,
        frame_id: u32,
        body: &Bytes,
    ) -> Result<ResultPush, Failure> {
        let packet = self.expect(MessageType::ResultPush).await?;
        let header = packet.header();
        let found = (header.session_id, header.frame_id);
        same("the frame answered", found, (session_id, frame_id))?;
        same("the body of the result", packet.body(), body)?;
        good("RESULT_PUSH", ResultPush::decode(packet.metadata()))
    }

    /// Cancels a frame.
    pub(super) async fn cancel(&mut self, session_id: u32, frame_id: u32) -> Verdict {
        let header = of_frame(MessageType::FrameCancel, session_id, frame_id);
        self.send_packet(&Packet::empty(header)).await
    }

    /// Closes a session; the next packet has to be its ack.
    pub(super) async fn close_session(
        &mut self,
        session_id: u32,
    ) -> Result<SessionCloseAck, Failure> {
        let header = of_frame(MessageType::SessionClose, session_id, 0);
        let close = SessionClose::by_client(session_id, 7);
        self.send(header, &close).await?;
        let (header, ack) = self.expect_message::<SessionCloseAck>().await?;
        same("the session closed", header.session_id, session_id)?;
        same("close_status", ack.close_status, SessionCloseStatus::Closed)?;
        Ok(ack)
    }
}

/// A hello that offers everything this implementation can carry.
pub(super) fn hello() -> ClientHello {
    ClientHello {
        min_version_major: 1,
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 3,
        supported_payload_kind_bitmap: PayloadKinds::ALL.bits(),
        supported_codec_bitmap: 5,
        supported_dtype_bitmap: 3,
        max_lane_count: 1,
        ..ClientHello::default()
    }
}

/// What a scripted server accepts of it.
pub(super) fn hello_ack() -> ServerHelloAck {
    ServerHelloAck {
        selected_version_major: 1,
        accepted_profile_bitmap: 3,
        accepted_payload_kind_bitmap: PayloadKinds::ALL.bits(),
        max_concurrent_frames: 64,
        max_body_bytes: 1 << 20,
        ..ServerHelloAck::default()
    }
}

/// A fresh token session.
pub(super) fn open(session_id: u32) -> SessionOpen {
    SessionOpen {
        requested_session_id: session_id,
        profile_id: 2,
        schema_id: 0x1001,
        schema_version: 3,
        max_in_flight_operations: 4,
        client_session_tag: session_id.into(),
        ..SessionOpen::default()
    }
}

/// What a scripted server answers to an open.
pub(super) fn open_ack(open: &SessionOpen) -> SessionOpenAck {
    SessionOpenAck {
        session_id: open.requested_session_id,
        accepted_profile_id: open.profile_id,
        accepted_priority_class: open.priority_class,
        schema_id: open.schema_id,
        schema_version: open.schema_version,
        granted_operation_credit: 4,
        max_in_flight_operations: 4,
        ..SessionOpenAck::default()
    }
}

/// A header of a session, or of a frame in it.
pub(super) fn of_frame(message_type: MessageType, session_id: u32, frame_id: u32) -> Header {
    Header {
        session_id,
        frame_id,
        ..Header::new(message_type)
    }
}
