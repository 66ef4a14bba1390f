//! Decoding by structure name, for the tests that work on byte strings.

use bytes::{Bytes, BytesMut};
use nnrp_core::body::object_reference::ObjectReference;
use nnrp_core::body::prelude::BodyPrelude;
use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::message::{AnyMessage, FieldValue, FixedFields};
use nnrp_core::schema::SchemaDescriptor;
use nnrp_core::{CodecError, Header, MessageType, Packet};

/// Every fixed structure by the name the specification gives it, with its size.
pub(crate) const STRUCTURES: &[(&str, usize)] = &[
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
    ("CACHE_PUT", 32),
    ("CACHE_ACK", 28),
    ("CACHE_INVALIDATE", 20),
    ("body_region_prelude", 32),
    ("object_reference_block", 16),
    ("typed_payload_descriptor", 24),
    ("schema_descriptor_header", 32),
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
    let message = AnyMessage::decode(&header, packet.metadata())?;
    message.for_each_field(&mut |field| fields.push(named(field)));
    let mut encoded = header.to_bytes().to_vec();
    encoded.resize(Header::SIZE + message.size(), 0xff);
    message
        .encode(&mut encoded[Header::SIZE..])
        .expect("decoded values break no rule");
    // Metadata may be longer than its structure; what lies behind is carried as it came.
    encoded.extend_from_slice(&packet.metadata()[message.size()..]);
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
        "body_region_prelude" => fixed::<BodyPrelude>(bytes),
        "object_reference_block" => fixed::<ObjectReference>(bytes),
        "typed_payload_descriptor" => fixed::<TypedPayloadDescriptor>(bytes),
        "schema_descriptor_header" => fixed::<SchemaDescriptor>(bytes),
        name => message(name, bytes),
    }
}

/// Decodes by message type, so that [`AnyMessage`] is what every test of a message goes through.
fn message(name: &str, bytes: &[u8]) -> Result<Decoded, CodecError> {
    let mut types = MessageType::ALL.iter();
    let found = types.find(|message_type| message_type.name() == name);
    let message_type = *found.unwrap_or_else(|| panic!("no message {name}"));
    let message = AnyMessage::decode(&Header::new(message_type), bytes)?;
    assert_eq!(message.message_type(), message_type);
    let mut fields = Vec::new();
    message.for_each_field(&mut |field| fields.push(named(field)));
    let encoded = reencoded(message.size(), |bytes| message.encode(bytes));
    Ok(Decoded { fields, encoded })
}

fn fixed<M: FixedFields>(bytes: &[u8]) -> Result<Decoded, CodecError> {
    let structure = M::decode(bytes)?;
    let mut fields = Vec::new();
    structure.for_each_field(&mut |field| fields.push(named(field)));
    let encoded = reencoded(M::SIZE, |bytes| structure.encode(bytes));
    Ok(Decoded { fields, encoded })
}

fn named(field: FieldValue) -> (String, u64) {
    let bits = u32::try_from(field.width * 8).expect("at most eight bytes");
    assert!(
        field.value.checked_shr(bits).unwrap_or(0) == 0,
        "wider than its width"
    );
    (format!("metadata.{}", field.name), field.value)
}

/// What `encode` writes, after seeing it refuse a short buffer and leave what lies behind alone.
fn reencoded(size: usize, encode: impl Fn(&mut [u8]) -> Result<(), CodecError>) -> Vec<u8> {
    let mut short = vec![0xff; size - 1];
    let refused = CodecError::DestinationTooShort {
        expected: size,
        actual: size - 1,
    };
    assert_eq!(encode(&mut short), Err(refused));
    assert!(
        short.iter().all(|byte| *byte == 0xff),
        "a failed encode writes nothing"
    );
    let mut encoded = vec![0xff; size + 3];
    encode(&mut encoded).expect("decoded values break no rule");
    assert_eq!(encoded.split_off(size), [0xff; 3], "bytes behind are kept");
    encoded
}
