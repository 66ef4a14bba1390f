//! What errors say: each kind has a number and a name of its own, and its message holds what it is about.

use std::collections::BTreeSet;

use nnrp_core::code::OperationState;
use nnrp_core::connection::CommandError;
use nnrp_core::credit::Blocked;
use nnrp_core::extension::ExtensionError;
use nnrp_core::{
    CodecError, ErrorKind, Limit, Location, MessageType, ProtocolError, Rule, TimeoutKind,
};

/// One of each codec error, with what its message has to hold.
const CODEC: [(CodecError, &str); 13] = [
    (CodecError::UnsupportedWireFormat(7), "7"),
    (
        CodecError::SourceTooShort {
            expected: 40,
            actual: 39,
        },
        "39 bytes are too few; the structure has 40",
    ),
    (
        CodecError::DestinationTooShort {
            expected: 16,
            actual: 3,
        },
        "3 bytes is too small; 16",
    ),
    (CodecError::InvalidMagic, "NNRP"),
    (CodecError::InvalidHeaderLength(24), "24"),
    (CodecError::UnsupportedVersionMajor(9), "9"),
    (CodecError::UnknownMessageType(0x0b), "0x0b"),
    (
        CodecError::UnknownEnumValue {
            enum_name: "close_reason",
            value: 6,
        },
        "6 is not a value of close_reason",
    ),
    (
        CodecError::ReservedBitsSet {
            value: 0x13,
            allowed: 0xf,
        },
        "0x13",
    ),
    (
        CodecError::NonZeroReservedField("session_open.reserved0"),
        "session_open.reserved0",
    ),
    (
        CodecError::InvalidProtocolCombination(Rule::ErrorFatalNotBoolean),
        "error.fatal_not_boolean",
    ),
    (
        CodecError::PacketLengthMismatch {
            declared: 44,
            actual: 42,
        },
        "declares 44 bytes, the packet has 42",
    ),
    (CodecError::MessageLengthOverflow, "32-bit"),
];

/// One of each kind of error of the machines.
fn machine_kinds() -> [(ErrorKind, &'static str); 16] {
    [
        (ErrorKind::ConnectionNotOpen, "not open"),
        (ErrorKind::ConnectionAlreadyClosed, "already closed"),
        (ErrorKind::SessionAlreadyExists(7), "session 7"),
        (ErrorKind::UnknownSession(8), "session 8"),
        (ErrorKind::SessionNotOpen(9), "session 9"),
        (ErrorKind::OperationAlreadyExists(10), "operation 10"),
        (ErrorKind::UnknownOperation(11), "operation 11"),
        (
            ErrorKind::InvalidOperationRelationship(Rule::OperationZeroId),
            "operation.zero_id",
        ),
        (
            ErrorKind::InvalidOperationTransition {
                from: OperationState::Completed,
                to: OperationState::Running,
            },
            "from completed to running",
        ),
        (
            ErrorKind::UnexpectedMessage {
                expected: "SESSION_OPEN first",
            },
            "expected SESSION_OPEN first",
        ),
        (
            ErrorKind::UnexpectedMetadataLength {
                expected: 72,
                actual: 73,
            },
            "73 bytes; exactly 72",
        ),
        (
            ErrorKind::LimitExceeded {
                limit: Limit::BodyBytes,
                actual: 9,
                allowed: 8,
            },
            "9 exceeds the limit of 8",
        ),
        (
            ErrorKind::TruncatedPacket {
                expected: 88,
                actual: 48,
            },
            "48 of at least 88 bytes",
        ),
        (ErrorKind::TimedOut(TimeoutKind::Ping), "ping"),
        (
            ErrorKind::ControlExtension(ExtensionError::Malformed { offset: 12 }),
            "12",
        ),
        (ErrorKind::NoCommonProfile { offered: 0x80 }, "0x80"),
    ]
}

#[test]
fn each_kind_of_error_has_a_number_and_a_name_of_its_own() {
    let codec = CODEC.map(|(error, message)| (ErrorKind::Codec(error), message));
    let kinds: Vec<_> = codec.into_iter().chain(machine_kinds()).collect();
    let numbers: Vec<u32> = kinds.iter().map(|(kind, _)| kind.code()).collect();
    let expected: Vec<u32> = (1..=22).chain(64..=70).collect();
    assert_eq!(numbers, expected);
    let names: BTreeSet<&str> = kinds.iter().map(|(kind, _)| kind.name()).collect();
    assert_eq!(names.len(), kinds.len());
    for (kind, message) in &kinds {
        let text = kind.to_string();
        assert!(text.contains(message), "{text}");
        assert!(kind.name().chars().all(char::is_alphanumeric));
    }
}

#[test]
fn an_error_names_the_rule_it_is_about() {
    for (kind, _) in machine_kinds() {
        let expected = match kind {
            ErrorKind::InvalidOperationRelationship(rule) => Some(rule),
            _ => None,
        };
        assert_eq!(kind.rule(), expected);
    }
    let combination = CodecError::from(Rule::CloseHeaderShape);
    assert_eq!(
        ErrorKind::from(combination).rule(),
        Some(Rule::CloseHeaderShape)
    );
}

#[test]
fn every_timeout_has_a_name_of_its_own() {
    let kinds = [
        TimeoutKind::Handshake,
        TimeoutKind::Open,
        TimeoutKind::Request,
        TimeoutKind::Idle,
        TimeoutKind::Ping,
        TimeoutKind::Packet,
    ];
    let names: BTreeSet<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(names.len(), kinds.len());
}

#[test]
fn a_protocol_error_says_in_which_packet_it_was_found() {
    let located = |message_type, session_id, frame_id| {
        let at = Location {
            message_type,
            session_id,
            frame_id,
        };
        let kind = ErrorKind::ConnectionNotOpen;
        let error = ProtocolError { kind, at };
        assert_eq!(error.code(), kind.code());
        error.to_string()
    };
    let submit = Some(MessageType::FrameSubmit);
    let nowhere = located(None, 0, 0);
    assert_eq!(nowhere, ErrorKind::ConnectionNotOpen.to_string());
    assert_eq!(located(submit, 0, 0), format!("FRAME_SUBMIT: {nowhere}"));
    assert_eq!(
        located(submit, 7, 3),
        format!("FRAME_SUBMIT of session 7 frame 3: {nowhere}")
    );
}

#[test]
fn every_refused_command_says_what_is_in_its_way() {
    let blocked = [
        Blocked::InFlight,
        Blocked::Credit,
        Blocked::Paused,
        Blocked::Outgoing,
        Blocked::Retained,
    ];
    let too_large = CommandError::BodyTooLarge {
        actual: 9,
        allowed: 8,
    };
    let others = [
        (CommandError::ConnectionNotOpen, "connection"),
        (CommandError::NotNegotiated("cache"), "cache"),
        (CommandError::NotResumable(3), "session 3"),
        (CommandError::OneSessionPerConnection, "one session"),
        (CommandError::TooManySessions, "limit of sessions"),
        (CommandError::UnknownSession(4), "session 4"),
        (CommandError::SessionNotOpen(5), "session 5"),
        (CommandError::SessionIdUsed(6), "session id 6"),
        (CommandError::UnknownFrame(7), "frame 7"),
        (CommandError::UnknownTicket, "open request"),
        (CommandError::RequestPending(8), "session 8"),
        (CommandError::NoRequest(9), "session 9"),
        (CommandError::FrameIdsExhausted, "frame ids"),
        (too_large, "9 bytes exceeds the limit of 8"),
        (CommandError::Codec(CodecError::InvalidMagic), "NNRP"),
    ];
    let waits = blocked.map(|blocked| (CommandError::WouldBlock(blocked), "wait"));
    let all: Vec<_> = others.into_iter().chain(waits).collect();
    let texts: BTreeSet<String> = all.iter().map(|(error, _)| error.to_string()).collect();
    assert_eq!(texts.len(), all.len(), "no two say the same");
    for (error, what) in all {
        let text = error.to_string();
        assert!(text.contains(what), "{error:?}: {text}");
    }
}
