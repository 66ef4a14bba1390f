//! The 40-byte common header (spec 01 §1.4, §1.7, §1.8).

use crate::codec_error::CodecError;
use crate::error::Location;
use crate::flags::HeaderFlags;
use crate::message_type::MessageType;
use crate::wire::WireInteger;

/// The four bytes every packet starts with.
pub const MAGIC: [u8; 4] = *b"NNRP";
/// The protocol's major version.
pub const VERSION_MAJOR: u8 = 1;
/// The protocol's wire format.
pub const WIRE_FORMAT: u8 = 0;
/// Bytes of the common header, also the value of its length byte.
pub const HEADER_LEN: usize = 40;
const HEADER_LEN_BYTE: u8 = 40;
/// The first eight bytes as one number: all of them have one valid value but the message type.
const CONSTANTS: u64 = u64::from_le_bytes([
    MAGIC[0],
    MAGIC[1],
    MAGIC[2],
    MAGIC[3],
    VERSION_MAJOR,
    WIRE_FORMAT,
    0,
    HEADER_LEN_BYTE,
]);
const MESSAGE_TYPE_BYTE: u64 = 0xff << 48;

/// The common header without its constants: magic, version, wire format and header length have
/// one valid value each, so they are checked when read and written as they must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the packet is.
    pub message_type: MessageType,
    /// Header flags.
    pub flags: HeaderFlags,
    /// Metadata bytes.
    pub meta_len: u32,
    /// Body bytes.
    pub body_len: u32,
    /// Session the packet belongs to; 0 = connection.
    pub session_id: u32,
    /// Frame number; 0 where no frame is meant.
    pub frame_id: u32,
    /// Logical lane; 0 when unused.
    pub view_id: u16,
    /// Reserved for routing; carried through unchanged.
    pub route_id: u16,
    /// Observability identifier.
    pub trace_id: u64,
}

impl Header {
    /// Bytes of the header.
    pub const SIZE: usize = HEADER_LEN;

    /// A header of the given type with every other field zero.
    #[must_use]
    pub fn new(message_type: MessageType) -> Self {
        Self {
            message_type,
            flags: HeaderFlags::NONE,
            meta_len: 0,
            body_len: 0,
            session_id: 0,
            frame_id: 0,
            view_id: 0,
            route_id: 0,
            trace_id: 0,
        }
    }

    /// Reads the header from the first 40 bytes. The type is checked last, after the flags.
    #[inline]
    pub fn decode(source: &[u8]) -> Result<Self, CodecError> {
        let Some(bytes) = source.first_chunk::<HEADER_LEN>() else {
            return Err(CodecError::SourceTooShort {
                expected: HEADER_LEN,
                actual: source.len(),
            });
        };
        if u64::read(bytes, 0) & !MESSAGE_TYPE_BYTE != CONSTANTS {
            return Err(wrong_constant(bytes));
        }
        let flags = HeaderFlags::from_bits(u32::read(bytes, 8))?;
        Ok(Self {
            message_type: MessageType::from_wire(bytes[6])?,
            flags,
            meta_len: u32::read(bytes, 12),
            body_len: u32::read(bytes, 16),
            session_id: u32::read(bytes, 20),
            frame_id: u32::read(bytes, 24),
            view_id: u16::read(bytes, 28),
            route_id: u16::read(bytes, 30),
            trace_id: u64::read(bytes, 32),
        })
    }

    /// The header as bytes.
    #[must_use]
    #[inline]
    pub fn to_bytes(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        self.write(&mut bytes);
        bytes
    }

    /// Writes the header to the first 40 bytes of `destination`.
    #[inline]
    pub fn encode(&self, destination: &mut [u8]) -> Result<(), CodecError> {
        let actual = destination.len();
        match destination.first_chunk_mut::<HEADER_LEN>() {
            Some(bytes) => {
                self.write(bytes);
                Ok(())
            }
            None => Err(CodecError::DestinationTooShort {
                expected: HEADER_LEN,
                actual,
            }),
        }
    }

    /// Writes every byte where it stays: a header that is built elsewhere is copied in wide pieces right after it was written in narrow ones.
    #[inline]
    fn write(&self, bytes: &mut [u8; HEADER_LEN]) {
        let message_type = u64::from(self.message_type.to_wire()) << 48;
        (CONSTANTS | message_type).write(bytes, 0);
        self.flags.bits().write(bytes, 8);
        self.meta_len.write(bytes, 12);
        self.body_len.write(bytes, 16);
        self.session_id.write(bytes, 20);
        self.frame_id.write(bytes, 24);
        self.view_id.write(bytes, 28);
        self.route_id.write(bytes, 30);
        self.trace_id.write(bytes, 32);
    }

    /// Length of the whole packet; `MessageLengthOverflow` beyond the 32-bit range (spec 01 §1.9).
    pub fn packet_len(&self) -> Result<usize, CodecError> {
        let content = self.meta_len.checked_add(self.body_len);
        content
            .and_then(|content| usize::try_from(content).ok())
            .and_then(|content| content.checked_add(HEADER_LEN))
            .ok_or(CodecError::MessageLengthOverflow)
    }

    /// Where an error in this packet is.
    #[must_use]
    pub fn location(&self) -> Location {
        Location {
            message_type: Some(self.message_type),
            session_id: self.session_id,
            frame_id: self.frame_id,
        }
    }
}

/// Which of the constants is not what it must be, in the order of spec 01 §1.7.
#[cold]
fn wrong_constant(bytes: &[u8; HEADER_LEN]) -> CodecError {
    if bytes[..4] != MAGIC {
        return CodecError::InvalidMagic;
    }
    if bytes[4] != VERSION_MAJOR {
        return CodecError::UnsupportedVersionMajor(bytes[4]);
    }
    if bytes[5] != WIRE_FORMAT {
        return CodecError::UnsupportedWireFormat(bytes[5]);
    }
    CodecError::InvalidHeaderLength(bytes[7])
}
