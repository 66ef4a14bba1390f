//! Errors and the outcomes of checks as JSON.

use nnrp_core::schema::SchemaFailure;
use nnrp_core::{CodecError, ErrorKind};

use super::json::Json;

/// `"ok"`, or the error.
pub(super) fn write_check(json: &mut Json, outcome: Result<(), CodecError>) {
    match outcome {
        Ok(()) => json.text("ok"),
        Err(error) => write_codec_error(json, &error),
    }
}

/// `"ok"`, or the error of a state machine.
pub(super) fn write_step(json: &mut Json, outcome: Result<(), ErrorKind>) {
    match outcome {
        Ok(()) => json.text("ok"),
        Err(ErrorKind::Codec(error)) => write_codec_error(json, &error),
        Err(kind) => json.object(|json| {
            json.key("e").text(kind.name());
            if let ErrorKind::SessionAlreadyExists(id) = kind {
                json.key("value").number(id.into());
            }
        }),
    }
}

pub(super) fn write_schema_failure(json: &mut Json, failure: SchemaFailure) {
    json.object(|json| {
        json.key("e").text("schema");
        json.key("code").number(failure.code().0.into());
    });
}

pub(super) fn write_codec_error(json: &mut Json, error: &CodecError) {
    json.object(|json| {
        json.key("e").text(error.name());
        write_payload(json, error);
    });
}

fn write_payload(json: &mut Json, error: &CodecError) {
    match *error {
        CodecError::UnsupportedWireFormat(value)
        | CodecError::InvalidHeaderLength(value)
        | CodecError::UnsupportedVersionMajor(value)
        | CodecError::UnknownMessageType(value) => json.key("value").number(value.into()),
        CodecError::SourceTooShort { expected, actual }
        | CodecError::DestinationTooShort { expected, actual } => {
            json.key("expected").number(expected as u64);
            json.key("actual").number(actual as u64);
        }
        CodecError::UnknownEnumValue { enum_name, value } => {
            json.key("name").text(enum_name);
            json.key("value").wide_number(value);
        }
        CodecError::ReservedBitsSet { value, allowed } => {
            json.key("value").wide_number(value);
            json.key("allowed").wide_number(allowed);
        }
        CodecError::NonZeroReservedField(field) => json.key("field").text(field),
        CodecError::InvalidProtocolCombination(rule) => json.key("rule").text(rule.as_str()),
        CodecError::PacketLengthMismatch { declared, actual } => {
            json.key("declared").number(declared as u64);
            json.key("actual").number(actual as u64);
        }
        CodecError::InvalidMagic | CodecError::MessageLengthOverflow => {}
    }
}
