//! Frames (RFC 6455 §5): their headers, the masks over their payload, and a decoder that works in place.

mod decoder;
mod header;
mod mask;
mod role;

pub(crate) use decoder::{ControlPayload, FrameDecoder};
pub(crate) use header::{FrameHeader, Opcode};
pub(crate) use mask::MaskKeys;
pub(crate) use role::Role;
