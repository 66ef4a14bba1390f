//! Control extension blocks: what hello, session and close bodies may carry (spec 02 §2.16).
//!
//! A block is a row of entries. An unknown entry is skipped unless it is critical; whoever reads
//! a block decides what is known, so the decision comes with [`ExtensionError::Unsupported`].

mod hello;

pub use hello::{
    HelloAckExtensions, HelloExtensions, LossToleranceOffer, PayloadCapabilities,
    TransportPolicyAck, TransportPolicyOffer,
};

use core::fmt;

use bytes::{BufMut, BytesMut};

use crate::code::ErrorCode;

const ENTRY_HEAD: usize = 8;
const ENTRY_ALIGNMENT: usize = 8;
const CRITICAL: u16 = 1;

/// Extension types that the specification assigns.
pub mod extension_type {
    /// Transport policy of a client.
    pub const TRANSPORT_POLICY: u16 = 0x0101;
    /// The server's answer to it.
    pub const TRANSPORT_POLICY_ACK: u16 = 0x0102;
    /// Loss tolerance of a client's sessions.
    pub const LOSS_TOLERANCE: u16 = 0x0103;
    /// The server's answer to it.
    pub const LOSS_TOLERANCE_ACK: u16 = 0x0104;
    /// Payload kinds of a client.
    pub const PAYLOAD_CAPABILITIES: u16 = 0x0105;
    /// The server's answer to it.
    pub const PAYLOAD_CAPABILITIES_ACK: u16 = 0x0106;
}

/// One entry of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Its type.
    pub extension_type: u16,
    /// Whether a receiver that does not know it must refuse the message.
    pub critical: bool,
    /// Its content, without padding.
    pub payload: &'a [u8],
}

/// Why a block cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionError {
    /// An entry is cut off, has flags or padding that must be zero, or another length than its
    /// type has.
    Malformed {
        /// Offset of the entry in the block.
        offset: usize,
    },
    /// A critical entry of a type that is not known.
    Unsupported {
        /// Offset of the entry in the block.
        offset: usize,
        /// Its type.
        extension_type: u16,
    },
}

impl ExtensionError {
    /// The code of the `ERROR` that answers the block.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed { .. } => ErrorCode::MALFORMED_BODY,
            Self::Unsupported { .. } => ErrorCode::UNSUPPORTED_CAPABILITY,
        }
    }
}

impl fmt::Display for ExtensionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { offset } => {
                write!(f, "the control extension at offset {offset} is malformed")
            }
            Self::Unsupported {
                offset,
                extension_type,
            } => write!(
                f,
                "the control extension at offset {offset} has type {extension_type:#06x}, is critical and not supported"
            ),
        }
    }
}

impl core::error::Error for ExtensionError {}

/// The entries of a block, in order; ends after the first malformed one.
#[must_use]
pub fn entries(block: &[u8]) -> Entries<'_> {
    Entries { block, offset: 0 }
}

/// Iterator over `(offset, entry)` of a block.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    block: &'a [u8],
    offset: usize,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<(usize, Extension<'a>), ExtensionError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self
            .block
            .get(self.offset..)
            .filter(|rest| !rest.is_empty())?;
        let offset = self.offset;
        let Some((entry, length)) = read_entry(rest) else {
            self.offset = self.block.len();
            return Some(Err(ExtensionError::Malformed { offset }));
        };
        self.offset += length;
        Some(Ok((offset, entry)))
    }
}

/// The first entry and the bytes it takes with its padding.
fn read_entry(rest: &[u8]) -> Option<(Extension<'_>, usize)> {
    let (head, content) = rest.split_first_chunk::<ENTRY_HEAD>()?;
    let [type_low, type_high, flags_low, flags_high, len @ ..] = *head;
    let flags = u16::from_le_bytes([flags_low, flags_high]);
    let length = usize::try_from(u32::from_le_bytes(len)).ok()?;
    let padded = length.checked_next_multiple_of(ENTRY_ALIGNMENT)?;
    let (payload, padding) = content.get(..padded)?.split_at(length);
    if flags & !CRITICAL != 0 || padding.iter().any(|byte| *byte != 0) {
        return None;
    }
    let entry = Extension {
        extension_type: u16::from_le_bytes([type_low, type_high]),
        critical: flags & CRITICAL != 0,
        payload,
    };
    Some((entry, ENTRY_HEAD + padded))
}

impl Extension<'_> {
    /// Bytes of the entry with head and padding.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        ENTRY_HEAD + self.payload.len().next_multiple_of(ENTRY_ALIGNMENT)
    }

    /// Appends the entry to a block.
    ///
    /// # Panics
    /// If the payload is longer than 2^32−1 bytes, which no packet could carry.
    pub fn append_to(&self, block: &mut BytesMut) {
        let length = u32::try_from(self.payload.len()).expect("an extension fits a packet");
        block.reserve(self.encoded_len());
        block.put_u16_le(self.extension_type);
        block.put_u16_le(if self.critical { CRITICAL } else { 0 });
        block.put_u32_le(length);
        block.put_slice(self.payload);
        let padding = self.payload.len().next_multiple_of(ENTRY_ALIGNMENT) - self.payload.len();
        block.put_bytes(0, padding);
    }
}
