//! Every way in which a peer can break the protocol, with stable numeric codes.

use core::fmt;

use crate::code::OperationState;
use crate::codec_error::CodecError;
use crate::extension::ExtensionError;
use crate::limits::Limit;
use crate::message_type::MessageType;
use crate::rule::Rule;

/// Which clock ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeoutKind {
    /// No session was opened within the handshake time.
    Handshake,
    /// `SESSION_OPEN` was not answered in time.
    Open,
    /// `SESSION_CLOSE`, `SESSION_PATCH`, `SESSION_MIGRATE` or `CACHE_PUT` was not answered in
    /// time.
    Request,
    /// Nothing arrived for the whole idle time.
    Idle,
    /// A `PING` was not answered in time.
    Ping,
    /// A packet had begun to arrive, and its rest came too slowly or not at all.
    Packet,
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
            Self::Packet => "packet",
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
    /// A control extension block that cannot be accepted.
    ControlExtension(ExtensionError),
    /// A hello that offers none of the profiles that are served.
    NoCommonProfile {
        /// Profiles of the client, as bits.
        offered: u32,
    },
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
            Self::ControlExtension(_) => "ControlExtension",
            Self::NoCommonProfile { .. } => "NoCommonProfile",
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
            Self::ControlExtension(_) => 69,
            Self::NoCommonProfile { .. } => 70,
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

impl From<ExtensionError> for ErrorKind {
    fn from(error: ExtensionError) -> Self {
        Self::ControlExtension(error)
    }
}

impl From<CodecError> for ErrorKind {
    fn from(error: CodecError) -> Self {
        Self::Codec(error)
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
            Self::ControlExtension(error) => error.fmt(f),
            Self::NoCommonProfile { offered } => write!(
                f,
                "none of the profiles of the bitmap {offered:#x} is served; offer one that is"
            ),
        }
    }
}

impl core::error::Error for ErrorKind {}

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

impl core::error::Error for ProtocolError {}
