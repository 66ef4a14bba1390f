//! What a peer can do against RFC 6455, each with the status code that tells it so.

use std::io;

/// A broken rule of the frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Violation {
    #[error("a frame has a reserved bit set, but no extension was negotiated")]
    ReservedBit,
    #[error("a frame has the reserved opcode {0:#x}")]
    ReservedOpcode(u8),
    #[error("a text message; NNRP travels in binary messages")]
    Text,
    #[error("a frame of the client is not masked")]
    NotMasked,
    #[error("a frame of the server is masked")]
    Masked,
    #[error("a length is written in more bytes than it needs")]
    LongLength,
    #[error("a length has its highest bit set")]
    Length,
    #[error("a control frame is fragmented")]
    FragmentedControl,
    #[error("a control frame has more than 125 bytes")]
    LongControl,
    #[error("a continuation frame continues nothing")]
    StrayContinuation,
    #[error("a message starts before the one before it has ended")]
    InterruptedMessage,
    #[error("a Close frame has a status code that no frame may carry")]
    CloseStatus,
    #[error("the reason in a Close frame is not UTF-8")]
    CloseReason,
}

impl Violation {
    /// RFC 6455 §7.4.1: unsupported data, inconsistent data, protocol error.
    pub(crate) fn close_code(self) -> u16 {
        match self {
            Self::Text => 1003,
            Self::CloseReason => 1007,
            _ => 1002,
        }
    }
}

impl From<Violation> for io::Error {
    fn from(violation: Violation) -> Self {
        Self::new(io::ErrorKind::InvalidData, violation)
    }
}
