//! The NNRP/1 preview3 protocol core: wire codecs and sans-I/O state machines.

#![forbid(unsafe_code)]

pub mod code;
pub mod connection;
pub mod credit;
pub mod directory;
mod error;
pub mod flags;
mod frame_decoder;
mod header;
pub mod lifecycle;
mod limits;
pub mod message;
mod message_type;
pub mod operation;
mod packet;
pub mod resume;
mod rule;
mod timestamp;
mod wire;

pub use error::{CodecError, ErrorKind, Location, ProtocolError, TimeoutKind};
pub use frame_decoder::FrameDecoder;
pub use header::{HEADER_LEN, Header, MAGIC, VERSION_MAJOR, WIRE_FORMAT};
pub use limits::{Limit, Limits};
pub use message_type::MessageType;
pub use packet::{MetadataBytes, Packet};
pub use rule::Rule;
pub use timestamp::Timestamp;
