//! Decoding by structure name, for the tests that work on byte strings.

use bytes::{Bytes, BytesMut};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};
use nnrp_core::message::probe::{TransportProbe, TransportProbeAck};
use nnrp_core::message::result::{ResultHint, ResultPush};
use nnrp_core::message::session::{SessionClose, SessionCloseAck, SessionOpen, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::message::{FixedFields, header_only};
use nnrp_core::{CodecError, Header, MessageType, Packet};

/// Every fixed structure by the name the specification gives it, with its size.
pub(crate) const METADATA: &[(&str, usize)] = &[
    ("CLIENT_HELLO", 64),
    ("SERVER_HELLO_ACK", 80),
    ("SESSION_OPEN", 48),
    ("SESSION_OPEN_ACK", 56),
    ("SESSION_CLOSE", 24),
    ("SESSION_CLOSE_ACK", 16),
    ("SESSION_PATCH", 36),
    ("SESSION_PATCH_ACK", 48),
    ("TRANSPORT_PROBE", 16),
    ("TRANSPORT_PROBE_ACK", 16),
    ("SESSION_MIGRATE", 24),
    ("SESSION_MIGRATE_ACK", 24),
    ("FRAME_SUBMIT", 72),
    ("RESULT_PUSH", 64),
    ("RESULT_HINT", 16),
    ("FLOW_UPDATE", 32),
    ("ERROR", 32),
];

/// What a decoder made of bytes.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// `header.name` and `metadata.name` with their numbers, in table order.
    pub(crate) fields: Vec<(String, u64)>,
    /// The decoded values, encoded again.
    pub(crate) encoded: Vec<u8>,
}

/// Decodes `bytes` as `header`, `packet` or the metadata of the named message.
pub(crate) fn decode(structure: &str, bytes: &[u8]) -> Result<Decoded, CodecError> {
    match structure {
        "header" => {
            let header = Header::decode(bytes)?;
            Ok(Decoded {
                fields: header_fields(&header),
                encoded: header.to_bytes().to_vec(),
            })
        }
        "packet" => decode_packet(bytes),
        name => decode_metadata(name, bytes),
    }
}

fn decode_packet(bytes: &[u8]) -> Result<Decoded, CodecError> {
    let packet = Packet::decode(&Bytes::copy_from_slice(bytes))?;
    let header = *packet.header();
    let mut fields = header_fields(&header);
    let metadata = match header.message_type {
        MessageType::Close => header_only::check_close(&header).map(|()| None)?,
        MessageType::Ping | MessageType::Pong => {
            header_only::check_empty_control(&header, header.message_type).map(|()| None)?
        }
        MessageType::ResultDrop => header_only::check_result_drop(&header).map(|()| None)?,
        MessageType::FrameCancel => None,
        other => Some(decode_metadata(other.name(), packet.metadata())?),
    };
    let mut encoded = header.to_bytes().to_vec();
    if let Some(metadata) = metadata {
        fields.extend(metadata.fields);
        encoded.extend(metadata.encoded);
    }
    encoded.extend_from_slice(packet.body());

    let mut whole = BytesMut::new();
    packet.encode_into(&mut whole);
    assert_eq!(
        whole, bytes,
        "a packet must encode to what it was decoded from"
    );
    assert_eq!(packet.len(), bytes.len());
    Ok(Decoded { fields, encoded })
}

fn header_fields(header: &Header) -> Vec<(String, u64)> {
    [
        ("message_type", header.message_type.to_wire().into()),
        ("flags", header.flags.bits().into()),
        ("meta_len", header.meta_len.into()),
        ("body_len", header.body_len.into()),
        ("session_id", header.session_id.into()),
        ("frame_id", header.frame_id.into()),
        ("view_id", header.view_id.into()),
        ("route_id", header.route_id.into()),
        ("trace_id", header.trace_id),
    ]
    .map(|(name, value)| (format!("header.{name}"), value))
    .to_vec()
}

fn decode_metadata(name: &str, bytes: &[u8]) -> Result<Decoded, CodecError> {
    match name {
        "CLIENT_HELLO" => fixed::<ClientHello>(bytes),
        "SERVER_HELLO_ACK" => fixed::<ServerHelloAck>(bytes),
        "SESSION_OPEN" => fixed::<SessionOpen>(bytes),
        "SESSION_OPEN_ACK" => fixed::<SessionOpenAck>(bytes),
        "SESSION_CLOSE" => fixed::<SessionClose>(bytes),
        "SESSION_CLOSE_ACK" => fixed::<SessionCloseAck>(bytes),
        "SESSION_PATCH" => fixed::<SessionPatch>(bytes),
        "SESSION_PATCH_ACK" => fixed::<SessionPatchAck>(bytes),
        "TRANSPORT_PROBE" => fixed::<TransportProbe>(bytes),
        "TRANSPORT_PROBE_ACK" => fixed::<TransportProbeAck>(bytes),
        "SESSION_MIGRATE" => fixed::<SessionMigrate>(bytes),
        "SESSION_MIGRATE_ACK" => fixed::<SessionMigrateAck>(bytes),
        "FRAME_SUBMIT" => fixed::<FrameSubmit>(bytes),
        "RESULT_PUSH" => fixed::<ResultPush>(bytes),
        "RESULT_HINT" => fixed::<ResultHint>(bytes),
        "FLOW_UPDATE" => fixed::<FlowUpdate>(bytes),
        "ERROR" => fixed::<ErrorReport>(bytes),
        other => panic!("no decoder for {other}"),
    }
}

fn fixed<M: FixedFields>(bytes: &[u8]) -> Result<Decoded, CodecError> {
    let message = M::decode(bytes)?;
    let mut fields = Vec::new();
    message.for_each_field(&mut |name, value| fields.push((format!("metadata.{name}"), value)));
    let mut encoded = vec![0xff; M::SIZE];
    message
        .encode(&mut encoded)
        .expect("decoded values break no rule");

    let mut short = vec![0xff; M::SIZE - 1];
    let refused = CodecError::DestinationTooShort {
        expected: M::SIZE,
        actual: M::SIZE - 1,
    };
    assert_eq!(message.encode(&mut short), Err(refused));
    assert!(
        short.iter().all(|byte| *byte == 0xff),
        "a failed encode writes nothing"
    );
    Ok(Decoded { fields, encoded })
}
