//! Frames (RFC 6455 §5): their headers, the masks over their payload, and a decoder that works in place.

mod decoder;
mod header;
mod mask;

pub(crate) use decoder::{ControlPayload, FrameDecoder};
pub(crate) use header::{FrameHeader, MOST_HEADER_BYTES, Opcode};
pub(crate) use mask::{Mask, MaskKeys};

/// Longest payload of a control frame.
pub(crate) const MOST_CONTROL_BYTES: usize = 125;

/// An end of a connection, which decides who masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Masks what it sends.
    Client,
    /// Never masks.
    Server,
}

impl Role {
    pub(crate) fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}
