//! The metadata of a packet as bytes: in place when short, shared when long.

use core::ops::Deref;

use bytes::Bytes;

use crate::codec_error::CodecError;
use crate::message::Message;

/// Metadata up to this size lies inside the packet. The longest fixed structure has 80 bytes.
pub(crate) const INLINE_METADATA: usize = 80;

/// Metadata bytes: inside the packet when short, as every fixed structure is, shared when long.
#[derive(Clone)]
pub struct MetadataBytes(Storage);

#[derive(Clone)]
enum Storage {
    /// Invariant: `len <= INLINE_METADATA`.
    Inline {
        len: u8,
        bytes: [u8; INLINE_METADATA],
    },
    Shared(Bytes),
}

impl MetadataBytes {
    /// The encoded metadata of a message; fails if the message breaks one of its own rules.
    #[inline]
    pub fn from_message<M: Message>(message: &M) -> Result<Self, CodecError> {
        const { assert!(M::SIZE <= INLINE_METADATA) };
        let mut bytes = [0; INLINE_METADATA];
        message.encode_onto_zeros(&mut bytes)?;
        #[allow(clippy::cast_possible_truncation)] // the assertion above
        let len = M::SIZE as u8;
        Ok(Self(Storage::Inline { len, bytes }))
    }

    pub(crate) fn from_shared(source: Bytes) -> Self {
        Self::inline(&source).unwrap_or(Self(Storage::Shared(source)))
    }

    /// A copy of `source` if it is short enough to lie inside the packet.
    pub(crate) fn inline(source: &[u8]) -> Option<Self> {
        let mut bytes = [0; INLINE_METADATA];
        bytes.get_mut(..source.len())?.copy_from_slice(source);
        let len = u8::try_from(source.len()).ok()?;
        Some(Self(Storage::Inline { len, bytes }))
    }

    /// The same of the first `len` bytes of `source`. Where more follow, they are copied along: a
    /// copy of fixed length is a few instructions, one of any length is a call.
    #[inline]
    pub(crate) fn inline_start(source: &[u8], len: usize) -> Option<Self> {
        match (source.first_chunk(), u8::try_from(len)) {
            (Some(&bytes), Ok(len)) if usize::from(len) <= INLINE_METADATA => {
                Some(Self(Storage::Inline { len, bytes }))
            }
            _ => Self::inline(&source[..len]),
        }
    }
}

impl Default for MetadataBytes {
    fn default() -> Self {
        Self(Storage::Inline {
            len: 0,
            bytes: [0; INLINE_METADATA],
        })
    }
}

impl From<Bytes> for MetadataBytes {
    fn from(source: Bytes) -> Self {
        Self::from_shared(source)
    }
}

impl Deref for MetadataBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Storage::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Storage::Shared(bytes) => bytes,
        }
    }
}

impl PartialEq for MetadataBytes {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl Eq for MetadataBytes {}

impl core::fmt::Debug for MetadataBytes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("MetadataBytes").field(&&self[..]).finish()
    }
}
