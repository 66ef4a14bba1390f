//! Checks of single byte strings: what they decode to, or how they are refused.

use nnrp_core::body::object_reference::ObjectReference;
use nnrp_core::body::prelude::BodyPrelude;
use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::code::ErrorCode;
use nnrp_core::message::{AnyMessage, FieldValue, FixedFields};
use nnrp_core::schema::SchemaDescriptor;
use nnrp_core::{CodecError, Header, MessageType};

use super::notation::codec_error;
use super::source::{Accepted, Code, Rejected};

/// Fields by name, and what they encode to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Each field as the tables name it, with its number on the wire.
    pub fields: Vec<(String, u64)>,
    /// What the fields encode to.
    pub encoded: Vec<u8>,
}

pub(super) fn check_accepted(vector: &Accepted) -> Result<(), String> {
    let decoded = decode(&vector.structure, &vector.bytes)?.map_err(|error| codec_error(&error))?;
    for (name, wanted) in &vector.fields {
        let found = decoded.fields.iter().find(|(field, _)| field == name);
        match found {
            Some((_, actual)) if actual == wanted => {}
            Some((_, actual)) => return Err(format!("{name} is {actual}, not {wanted}")),
            None => return Err(format!("there is no field {name}")),
        }
    }
    if decoded.fields.len() != vector.fields.len() {
        return Err("some fields are not named".to_owned());
    }
    if decoded.encoded != vector.bytes {
        return Err("it encodes to other bytes".to_owned());
    }
    Ok(())
}

pub(super) fn check_rejected(vector: &Rejected) -> Result<(), String> {
    let refused = match decode(&vector.structure, &vector.bytes)? {
        Ok(_) => return Err(format!("it is accepted, not {}", vector.error)),
        Err(error) => codec_error(&error),
    };
    if refused == vector.error {
        Ok(())
    } else {
        Err(format!("{refused}, not {}", vector.error))
    }
}

pub(super) fn check_code(code: &Code) -> Result<(), String> {
    let actual = ErrorCode(u32::from_le_bytes(code.bytes));
    if actual.name() == Some(&code.name) {
        Ok(())
    } else {
        Err(format!("the code is {actual}"))
    }
}

/// Decodes `bytes` as the named structure; the outer error is a name that does not exist.
pub(crate) fn decode(structure: &str, bytes: &[u8]) -> Result<Result<Decoded, CodecError>, String> {
    Ok(match structure {
        "header" => Header::decode(bytes).map(|header| Decoded {
            fields: header_fields(&header),
            encoded: header.to_bytes().to_vec(),
        }),
        "packet" => decode_packet(bytes),
        "body_region_prelude" => fixed::<BodyPrelude>(bytes),
        "object_reference_block" => fixed::<ObjectReference>(bytes),
        "typed_payload_descriptor" => fixed::<TypedPayloadDescriptor>(bytes),
        "schema_descriptor_header" => fixed::<SchemaDescriptor>(bytes),
        name => message(&Header::new(message_type(name)?), bytes),
    })
}

fn message_type(name: &str) -> Result<MessageType, String> {
    let mut types = MessageType::ALL.iter();
    let found = types.find(|message_type| message_type.name() == name);
    found.copied().ok_or_else(|| format!("no structure {name}"))
}

fn decode_packet(bytes: &[u8]) -> Result<Decoded, CodecError> {
    let header = Header::decode(bytes)?;
    let declared = header.packet_len()?;
    if declared != bytes.len() {
        return Err(CodecError::PacketLengthMismatch {
            declared,
            actual: bytes.len(),
        });
    }
    let (metadata, body) = bytes[Header::SIZE..].split_at(header.meta_len as usize);
    let metadata = message(&header, metadata)?;
    let mut decoded = Decoded {
        fields: header_fields(&header),
        encoded: header.to_bytes().to_vec(),
    };
    decoded.fields.extend(metadata.fields);
    decoded.encoded.extend(metadata.encoded);
    decoded.encoded.extend_from_slice(body);
    Ok(decoded)
}

fn message(header: &Header, metadata: &[u8]) -> Result<Decoded, CodecError> {
    let message = AnyMessage::decode(header, metadata)?;
    let mut decoded = Decoded {
        fields: Vec::new(),
        encoded: vec![0xff; message.size()],
    };
    message.for_each_field(&mut |field| decoded.fields.push(named(field)));
    message.encode(&mut decoded.encoded)?;
    Ok(decoded)
}

fn fixed<T: FixedFields>(bytes: &[u8]) -> Result<Decoded, CodecError> {
    let structure = T::decode(bytes)?;
    let mut decoded = Decoded {
        fields: Vec::new(),
        encoded: vec![0xff; T::SIZE],
    };
    structure.for_each_field(&mut |field| decoded.fields.push(named(field)));
    structure.encode(&mut decoded.encoded)?;
    Ok(decoded)
}

fn named(field: FieldValue) -> (String, u64) {
    (format!("metadata.{}", field.name), field.value)
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
