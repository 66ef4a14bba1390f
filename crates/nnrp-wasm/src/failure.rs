//! What a host is told of a call that failed: a family, a stable name, words for people, and the numbers in them.

use nnrp_core::connection::CommandError;
use nnrp_core::{CodecError, ErrorKind, ProtocolError};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Whose mistake it was; JavaScript has an error class for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Family {
    /// The caller's: a handle that does not exist, an argument that cannot be read.
    Usage,
    /// A command that the connection does not carry out; it goes on as if it had not been given.
    Command,
    /// Bytes that are no valid structure, or values that cannot be one.
    Codec,
    /// The peer's: the connection is over.
    Protocol,
}

/// A failure, as JSON for the host.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Failure {
    pub(crate) family: Family,
    pub(crate) name: &'static str,
    /// The stable number of the kind, where it has one (spec 01 §1.11).
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u32>,
    message: String,
    /// What the words name. 64-bit numbers are decimal text.
    #[serde(skip_serializing_if = "Map::is_empty")]
    detail: Map<String, Value>,
}

impl Failure {
    pub(crate) fn usage(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            family: Family::Usage,
            name,
            code: None,
            message: message.into(),
            detail: Map::new(),
        }
    }

    pub(crate) fn to_json(&self) -> String {
        // Texts, numbers and maps of them always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<CodecError> for Failure {
    fn from(error: CodecError) -> Self {
        Self {
            family: Family::Codec,
            name: error.name(),
            code: Some(error.code()),
            message: error.to_string(),
            detail: codec_detail(&error),
        }
    }
}

impl From<ProtocolError> for Failure {
    fn from(error: ProtocolError) -> Self {
        let mut detail = match error.kind {
            ErrorKind::Codec(codec) => codec_detail(&codec),
            _ => Map::new(),
        };
        if let Some(rule) = error.kind.rule() {
            detail.insert("rule".into(), rule.as_str().into());
        }
        if let Some(message_type) = error.at.message_type {
            detail.insert("message_type".into(), message_type.name().into());
            detail.insert("session_id".into(), error.at.session_id.into());
            detail.insert("frame_id".into(), error.at.frame_id.into());
        }
        Self {
            family: Family::Protocol,
            name: error.kind.name(),
            code: Some(error.code()),
            message: error.to_string(),
            detail,
        }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        let (name, detail) = match error {
            CommandError::Codec(codec) => return codec.into(),
            CommandError::WouldBlock(blocked) => {
                ("WouldBlock", json!({ "blocked": format!("{blocked:?}") }))
            }
            CommandError::ConnectionNotOpen => ("ConnectionNotOpen", json!({})),
            CommandError::NotNegotiated(what) => ("NotNegotiated", json!({ "what": what })),
            CommandError::NotResumable(id) => ("NotResumable", json!({ "session_id": id })),
            CommandError::OneSessionPerConnection => ("OneSessionPerConnection", json!({})),
            CommandError::TooManySessions => ("TooManySessions", json!({})),
            CommandError::UnknownSession(id) => ("UnknownSession", json!({ "session_id": id })),
            CommandError::SessionNotOpen(id) => ("SessionNotOpen", json!({ "session_id": id })),
            CommandError::SessionIdUsed(id) => ("SessionIdUsed", json!({ "session_id": id })),
            CommandError::UnknownFrame(id) => ("UnknownFrame", json!({ "frame_id": id })),
            CommandError::UnknownTicket => ("UnknownTicket", json!({})),
            CommandError::RequestPending(id) => ("RequestPending", json!({ "session_id": id })),
            CommandError::NoRequest(id) => ("NoRequest", json!({ "session_id": id })),
            CommandError::FrameIdsExhausted => ("FrameIdsExhausted", json!({})),
            CommandError::BodyTooLarge { actual, allowed } => (
                "BodyTooLarge",
                json!({ "actual": actual, "allowed": allowed }),
            ),
        };
        Self {
            family: Family::Command,
            name,
            code: None,
            message: error.to_string(),
            detail: members(detail),
        }
    }
}

/// The payload of a codec error under the names of spec 18.
fn codec_detail(error: &CodecError) -> Map<String, Value> {
    members(match *error {
        CodecError::UnsupportedWireFormat(value)
        | CodecError::InvalidHeaderLength(value)
        | CodecError::UnsupportedVersionMajor(value)
        | CodecError::UnknownMessageType(value) => json!({ "value": value }),
        CodecError::SourceTooShort { expected, actual }
        | CodecError::DestinationTooShort { expected, actual } => {
            json!({ "expected": expected, "actual": actual })
        }
        CodecError::UnknownEnumValue { enum_name, value } => {
            json!({ "name": enum_name, "value": value.to_string() })
        }
        CodecError::ReservedBitsSet { value, allowed } => {
            json!({ "value": value.to_string(), "allowed": allowed.to_string() })
        }
        CodecError::NonZeroReservedField(field) => json!({ "field": field }),
        CodecError::InvalidProtocolCombination(rule) => json!({ "rule": rule.as_str() }),
        CodecError::PacketLengthMismatch { declared, actual } => {
            json!({ "declared": declared, "actual": actual })
        }
        CodecError::InvalidMagic | CodecError::MessageLengthOverflow => json!({}),
    })
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nnrp_core::credit::Blocked;

    #[test]
    fn a_failure_names_family_kind_number_and_payload() {
        let failure = Failure::from(CodecError::ReservedBitsSet {
            value: 1 << 60,
            allowed: 63,
        });
        let json: Value = serde_json::from_str(&failure.to_json()).expect("JSON");
        assert_eq!(json["family"], "codec");
        assert_eq!(json["name"], "ReservedBitsSet");
        assert_eq!(json["code"], 9);
        assert_eq!(json["detail"]["value"], "1152921504606846976");
    }

    #[test]
    fn a_command_that_has_to_wait_says_for_what() {
        let failure = Failure::from(CommandError::WouldBlock(Blocked::Credit));
        let json: Value = serde_json::from_str(&failure.to_json()).expect("JSON");
        assert_eq!(
            (&json["family"], &json["detail"]["blocked"]),
            (&json!("command"), &json!("Credit"))
        );
        assert!(
            json["message"]
                .as_str()
                .is_some_and(|words| words.contains("wait"))
        );
    }
}
