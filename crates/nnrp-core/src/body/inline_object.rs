//! Inline objects: region 1 of a structured body (spec 03 §3.11).
//!
//! The published codec carries this region as it is; use it between peers that agree on it.

use bytes::{BufMut, BytesMut};

use crate::code::CacheObjectKind;
use crate::codec_error::CodecError;
use crate::wire::fixed_structure;

/// Objects are padded with zero bytes to a multiple of this.
const ALIGNMENT: usize = 8;

fixed_structure! {
    /// Head of an inline object.
    InlineObjectHead "inline_object" 16 {
        /// What the object is.
        object_kind: CacheObjectKind as u16 @ 0,
        /// Profile it belongs to.
        profile_id: u16 as u16 @ 4,
        /// Bytes of the object without padding.
        object_bytes: u32 as u32 @ 8,
    }
    reserved {
        object_flags: u16 @ 2,
        reserved0: u16 @ 6,
        reserved1: u32 @ 12,
    }
}

/// The objects of a region, in order; ends after the first error.
#[must_use]
pub fn inline_objects(region: &[u8]) -> InlineObjects<'_> {
    InlineObjects { rest: region }
}

/// Iterator over the objects of a region.
#[derive(Clone, Debug)]
pub struct InlineObjects<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for InlineObjects<'a> {
    type Item = Result<(InlineObjectHead, &'a [u8]), CodecError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (object, rest) = match read(self.rest) {
            Ok((head, object, rest)) => (Ok((head, object)), rest),
            Err(error) => (Err(error), &[][..]),
        };
        self.rest = rest;
        Some(object)
    }
}

type Read<'a> = (InlineObjectHead, &'a [u8], &'a [u8]);

fn read(source: &[u8]) -> Result<Read<'_>, CodecError> {
    let head = InlineObjectHead::decode(source)?;
    let content = &source[InlineObjectHead::SIZE..];
    let padded = (head.object_bytes as usize)
        .checked_next_multiple_of(ALIGNMENT)
        .ok_or(CodecError::MessageLengthOverflow)?;
    if content.len() < padded {
        return Err(CodecError::SourceTooShort {
            expected: padded,
            actual: content.len(),
        });
    }
    let (padded_object, rest) = content.split_at(padded);
    let (object, padding) = padded_object.split_at(head.object_bytes as usize);
    if padding.iter().any(|byte| *byte != 0) {
        return Err(CodecError::NonZeroReservedField("inline_object.padding"));
    }
    Ok((head, object, rest))
}

/// Appends an object with its head and padding to a region.
pub fn append_inline_object(
    region: &mut BytesMut,
    object_kind: CacheObjectKind,
    profile_id: u16,
    object: &[u8],
) -> Result<(), CodecError> {
    let overflow = |_| CodecError::MessageLengthOverflow;
    let head = InlineObjectHead {
        object_kind,
        profile_id,
        object_bytes: u32::try_from(object.len()).map_err(overflow)?,
    };
    let mut bytes = [0; InlineObjectHead::SIZE];
    head.encode(&mut bytes)?;
    region.put_slice(&bytes);
    region.put_slice(object);
    region.put_bytes(0, object.len().next_multiple_of(ALIGNMENT) - object.len());
    Ok(())
}
