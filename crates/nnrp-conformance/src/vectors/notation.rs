//! Errors as the vector files write them: kind, then payload in the order of spec 01 §1.11.

use nnrp_core::{CodecError, ErrorKind};

pub(crate) fn codec_error(error: &CodecError) -> String {
    let payload = match error {
        CodecError::UnsupportedWireFormat(value)
        | CodecError::InvalidHeaderLength(value)
        | CodecError::UnsupportedVersionMajor(value)
        | CodecError::UnknownMessageType(value) => value.to_string(),
        CodecError::SourceTooShort { expected, actual }
        | CodecError::DestinationTooShort { expected, actual } => format!("{expected} {actual}"),
        CodecError::UnknownEnumValue { enum_name, value } => format!("{enum_name} {value}"),
        CodecError::ReservedBitsSet { value, allowed } => format!("{value} {allowed}"),
        CodecError::NonZeroReservedField(field) => (*field).to_owned(),
        CodecError::InvalidProtocolCombination(rule) => rule.as_str().to_owned(),
        CodecError::PacketLengthMismatch { declared, actual } => format!("{declared} {actual}"),
        CodecError::InvalidMagic | CodecError::MessageLengthOverflow => String::new(),
    };
    join(error.name(), &payload)
}

pub(super) fn error_kind(kind: &ErrorKind) -> String {
    let payload = match kind {
        ErrorKind::Codec(error) => return codec_error(error),
        ErrorKind::SessionAlreadyExists(id)
        | ErrorKind::UnknownSession(id)
        | ErrorKind::SessionNotOpen(id) => id.to_string(),
        ErrorKind::OperationAlreadyExists(id) | ErrorKind::UnknownOperation(id) => id.to_string(),
        ErrorKind::InvalidOperationRelationship(rule) => rule.as_str().to_owned(),
        ErrorKind::InvalidOperationTransition { from, to } => {
            format!("{} {}", from.name(), to.name())
        }
        _ => String::new(),
    };
    join(kind.name(), &payload)
}

fn join(name: &str, payload: &str) -> String {
    format!("{name} {payload}").trim_end().to_owned()
}
