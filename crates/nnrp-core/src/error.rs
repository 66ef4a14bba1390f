//! Every way in which bytes or a peer can break the protocol, with stable numeric codes.

use std::fmt;

use crate::code::OperationState;
use crate::limits::Limit;
use crate::message_type::MessageType;
use crate::rule::Rule;

/// What a codec can find wrong with bytes or with values to encode (spec 01 §1.11, first half).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodecError {
    /// Header byte 5 (or a version object) is not 0.
    UnsupportedWireFormat(u8),
    /// The input is shorter than the fixed size.
    SourceTooShort {
        /// Bytes the structure needs.
        expected: usize,
        /// Bytes that were given.
        actual: usize,
    },
    /// The destination is shorter than the fixed size.
    DestinationTooShort {
        /// Bytes the structure needs.
        expected: usize,
        /// Bytes that were given.
        actual: usize,
    },
    /// The first four bytes are not `NNRP`.
    InvalidMagic,
    /// The header length byte is not 40.
    InvalidHeaderLength(u8),
    /// Header byte 4 is not 1.
    UnsupportedVersionMajor(u8),
    /// The message type is not assigned.
    UnknownMessageType(u8),
    /// A closed enumeration holds an unassigned number.
    UnknownEnumValue {
        /// Name of the enumeration as listed in spec 05 §5.1.
        enum_name: &'static str,
        /// The number that was found.
        value: u64,
    },
    /// A bit field has bits outside its known mask.
    ReservedBitsSet {
        /// The whole word, not only the offending bits.
        value: u64,
        /// The known mask.
        allowed: u64,
    },
    /// A reserved field that must be zero is not.
    NonZeroReservedField(&'static str),
    /// Fields are valid one by one but contradict each other or the context.
    InvalidProtocolCombination(Rule),
    /// A whole packet has another length than its header declares.
    PacketLengthMismatch {
        /// Total length by the header, header included.
        declared: usize,
        /// Total length of the buffer.
        actual: usize,
    },
    /// A length computation leaves the 32-bit range.
    MessageLengthOverflow,
}

impl CodecError {
    /// The kind's name in spec 01 §1.11.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnsupportedWireFormat(_) => "UnsupportedWireFormat",
            Self::SourceTooShort { .. } => "SourceTooShort",
            Self::DestinationTooShort { .. } => "DestinationTooShort",
            Self::InvalidMagic => "InvalidMagic",
            Self::InvalidHeaderLength(_) => "InvalidHeaderLength",
            Self::UnsupportedVersionMajor(_) => "UnsupportedVersionMajor",
            Self::UnknownMessageType(_) => "UnknownMessageType",
            Self::UnknownEnumValue { .. } => "UnknownEnumValue",
            Self::ReservedBitsSet { .. } => "ReservedBitsSet",
            Self::NonZeroReservedField(_) => "NonZeroReservedField",
            Self::InvalidProtocolCombination(_) => "InvalidProtocolCombination",
            Self::PacketLengthMismatch { .. } => "PacketLengthMismatch",
            Self::MessageLengthOverflow => "MessageLengthOverflow",
        }
    }

    /// The kind's stable number, 1–13 in the order of spec 01 §1.11.
    #[must_use]
    pub const fn code(&self) -> u32 {
        match self {
            Self::UnsupportedWireFormat(_) => 1,
            Self::SourceTooShort { .. } => 2,
            Self::DestinationTooShort { .. } => 3,
            Self::InvalidMagic => 4,
            Self::InvalidHeaderLength(_) => 5,
            Self::UnsupportedVersionMajor(_) => 6,
            Self::UnknownMessageType(_) => 7,
            Self::UnknownEnumValue { .. } => 8,
            Self::ReservedBitsSet { .. } => 9,
            Self::NonZeroReservedField(_) => 10,
            Self::InvalidProtocolCombination(_) => 11,
            Self::PacketLengthMismatch { .. } => 12,
            Self::MessageLengthOverflow => 13,
        }
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedWireFormat(value) => {
                write!(f, "wire format {value} is not supported; only 0 exists")
            }
            Self::SourceTooShort { expected, actual } => {
                write!(f, "{actual} bytes are too few; the structure has {expected}")
            }
            Self::DestinationTooShort { expected, actual } => {
                write!(f, "a buffer of {actual} bytes is too small; {expected} are written")
            }
            Self::InvalidMagic => {
                f.write_str("the packet does not start with \"NNRP\"; the peer speaks another protocol or the stream lost step")
            }
            Self::InvalidHeaderLength(value) => {
                write!(f, "header length {value} is not supported; it must be 40")
            }
            Self::UnsupportedVersionMajor(value) => {
                write!(f, "protocol version {value} is not supported; this is version 1")
            }
            Self::UnknownMessageType(value) => {
                write!(f, "message type {value:#04x} is not assigned")
            }
            Self::UnknownEnumValue { enum_name, value } => {
                write!(f, "{value} is not a value of {enum_name}")
            }
            Self::ReservedBitsSet { value, allowed } => {
                write!(f, "bits {value:#x} contain reserved ones; allowed are {allowed:#x}")
            }
            Self::NonZeroReservedField(field) => {
                write!(f, "reserved field {field} is not zero")
            }
            Self::InvalidProtocolCombination(rule) => {
                write!(f, "the message breaks rule {}", rule.as_str())
            }
            Self::PacketLengthMismatch { declared, actual } => {
                write!(f, "the header declares {declared} bytes, the packet has {actual}")
            }
            Self::MessageLengthOverflow => {
                f.write_str("the lengths of the message leave the 32-bit range")
            }
        }
    }
}

impl std::error::Error for CodecError {}

/// Which clock ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeoutKind {
    /// No session was opened within the handshake time.
    Handshake,
    /// `SESSION_OPEN` was not answered in time.
    Open,
    /// `SESSION_CLOSE`, `SESSION_PATCH` or `SESSION_MIGRATE` was not answered in time.
    Request,
    /// Nothing arrived for the whole idle time.
    Idle,
    /// A `PING` was not answered in time.
    Ping,
}

impl TimeoutKind {
    /// Lower-case name for messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Open => "open",
            Self::Request => "request",
            Self::Idle => "idle",
            Self::Ping => "ping",
        }
    }
}

/// What went wrong on a connection: a codec error, a broken rule of the state machines, a limit.
///
/// The first 22 codes are the kinds of spec 01 §1.11; those from 64 on are local to this
/// implementation (limits, timeouts, unexpected messages) and have no counterpart there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The bytes are not a valid structure.
    Codec(CodecError),
    /// A step on a connection that is not open.
    ConnectionNotOpen,
    /// A connection was closed twice.
    ConnectionAlreadyClosed,
    /// A session id was installed twice on one connection.
    SessionAlreadyExists(u32),
    /// The session id is not present, or accepts no more messages.
    UnknownSession(u32),
    /// The session's state forbids the step.
    SessionNotOpen(u32),
    /// The operation id is already registered.
    OperationAlreadyExists(u64),
    /// The operation id is not registered.
    UnknownOperation(u64),
    /// A parent, group or session relation is violated.
    InvalidOperationRelationship(Rule),
    /// The operation's state cannot become the wanted one.
    InvalidOperationTransition {
        /// Present state.
        from: OperationState,
        /// Wanted state.
        to: OperationState,
    },
    /// A message that the receiver cannot take in its present state.
    UnexpectedMessage {
        /// What would have been acceptable.
        expected: &'static str,
    },
    /// Metadata of another length than the receiver requires.
    UnexpectedMetadataLength {
        /// Required length.
        expected: u32,
        /// Length in the header.
        actual: u32,
    },
    /// The peer announced or sent more than a local limit allows.
    LimitExceeded {
        /// The limit.
        limit: Limit,
        /// What was asked for.
        actual: u64,
        /// What is allowed.
        allowed: u64,
    },
    /// The byte stream ended inside a packet.
    TruncatedPacket {
        /// Bytes of the packet known to be needed.
        expected: usize,
        /// Bytes that had arrived.
        actual: usize,
    },
    /// A timeout of the configuration passed.
    TimedOut(TimeoutKind),
}

impl ErrorKind {
    /// The kind's name; for the kinds of spec 01 §1.11 the name used there.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Codec(error) => error.name(),
            Self::ConnectionNotOpen => "ConnectionNotOpen",
            Self::ConnectionAlreadyClosed => "ConnectionAlreadyClosed",
            Self::SessionAlreadyExists(_) => "SessionAlreadyExists",
            Self::UnknownSession(_) => "UnknownSession",
            Self::SessionNotOpen(_) => "SessionNotOpen",
            Self::OperationAlreadyExists(_) => "OperationAlreadyExists",
            Self::UnknownOperation(_) => "UnknownOperation",
            Self::InvalidOperationRelationship(_) => "InvalidOperationRelationship",
            Self::InvalidOperationTransition { .. } => "InvalidOperationTransition",
            Self::UnexpectedMessage { .. } => "UnexpectedMessage",
            Self::UnexpectedMetadataLength { .. } => "UnexpectedMetadataLength",
            Self::LimitExceeded { .. } => "LimitExceeded",
            Self::TruncatedPacket { .. } => "TruncatedPacket",
            Self::TimedOut(_) => "TimedOut",
        }
    }

    /// The kind's stable number.
    #[must_use]
    pub const fn code(&self) -> u32 {
        match self {
            Self::Codec(error) => error.code(),
            Self::ConnectionNotOpen => 14,
            Self::ConnectionAlreadyClosed => 15,
            Self::SessionAlreadyExists(_) => 16,
            Self::UnknownSession(_) => 17,
            Self::SessionNotOpen(_) => 18,
            Self::OperationAlreadyExists(_) => 19,
            Self::UnknownOperation(_) => 20,
            Self::InvalidOperationRelationship(_) => 21,
            Self::InvalidOperationTransition { .. } => 22,
            Self::UnexpectedMessage { .. } => 64,
            Self::UnexpectedMetadataLength { .. } => 65,
            Self::LimitExceeded { .. } => 66,
            Self::TruncatedPacket { .. } => 67,
            Self::TimedOut(_) => 68,
        }
    }

    /// The broken rule, if the kind names one.
    #[must_use]
    pub const fn rule(&self) -> Option<Rule> {
        match self {
            Self::Codec(CodecError::InvalidProtocolCombination(rule))
            | Self::InvalidOperationRelationship(rule) => Some(*rule),
            _ => None,
        }
    }
}

impl From<CodecError> for ErrorKind {
    fn from(error: CodecError) -> Self {
        Self::Codec(error)
    }
}

impl From<Rule> for CodecError {
    fn from(rule: Rule) -> Self {
        Self::InvalidProtocolCombination(rule)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Codec(error) => error.fmt(f),
            Self::ConnectionNotOpen => f.write_str("the connection is not open"),
            Self::ConnectionAlreadyClosed => f.write_str("the connection is already closed"),
            Self::SessionAlreadyExists(id) => {
                write!(f, "session {id} already exists on this connection")
            }
            Self::UnknownSession(id) => write!(f, "session {id} is not known or already closed"),
            Self::SessionNotOpen(id) => write!(f, "the state of session {id} forbids this step"),
            Self::OperationAlreadyExists(id) => {
                write!(
                    f,
                    "operation {id} exists already; each frame id is used once a session"
                )
            }
            Self::UnknownOperation(id) => write!(f, "operation {id} was never submitted"),
            Self::InvalidOperationRelationship(rule) => {
                write!(f, "the operation breaks rule {}", rule.as_str())
            }
            Self::InvalidOperationTransition { from, to } => {
                write!(
                    f,
                    "an operation cannot go from {} to {}",
                    from.name(),
                    to.name()
                )
            }
            Self::UnexpectedMessage { expected } => {
                write!(f, "unexpected message; expected {expected}")
            }
            Self::UnexpectedMetadataLength { expected, actual } => {
                write!(
                    f,
                    "metadata of {actual} bytes; exactly {expected} are required"
                )
            }
            Self::LimitExceeded {
                limit,
                actual,
                allowed,
            } => write!(
                f,
                "{actual} exceeds the limit of {allowed} for {}; raise that limit if this peer is trusted",
                limit.as_str()
            ),
            Self::TruncatedPacket { expected, actual } => {
                write!(
                    f,
                    "the stream ended after {actual} of at least {expected} bytes of a packet"
                )
            }
            Self::TimedOut(kind) => write!(f, "the {} timeout passed", kind.as_str()),
        }
    }
}

impl std::error::Error for ErrorKind {}

/// Where on a connection an error was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// Type of the packet at fault; `None` when no header could be read.
    pub message_type: Option<MessageType>,
    /// Session of the packet, 0 for the connection.
    pub session_id: u32,
    /// Frame of the packet, 0 for none.
    pub frame_id: u32,
}

/// An error that ends a connection: what, and in which packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolError {
    /// What went wrong.
    pub kind: ErrorKind,
    /// Where it was found.
    pub at: Location,
}

impl ProtocolError {
    /// An error that belongs to no packet.
    #[must_use]
    pub fn on_connection(kind: impl Into<ErrorKind>) -> Self {
        Self {
            kind: kind.into(),
            at: Location::default(),
        }
    }

    /// The stable number of the kind.
    #[must_use]
    pub const fn code(&self) -> u32 {
        self.kind.code()
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(message_type) = self.at.message_type {
            write!(f, "{}", message_type.name())?;
            if self.at.session_id != 0 {
                write!(f, " of session {}", self.at.session_id)?;
            }
            if self.at.frame_id != 0 {
                write!(f, " frame {}", self.at.frame_id)?;
            }
            f.write_str(": ")?;
        }
        self.kind.fmt(f)
    }
}

impl std::error::Error for ProtocolError {}
