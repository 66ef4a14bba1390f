//! Extension frames: regions 5 and 6 of a structured body (spec 03 §3.11).
//!
//! No kinds are assigned, so every frame may be skipped and none may be critical.

use crate::codec_error::CodecError;
use crate::wire::fixed_structure;

fixed_structure! {
    /// What one extension frame is and where it lies in region 6.
    ExtensionFrameDescriptor "extension_frame" 16 {
        /// Its kind; none is assigned.
        extension_kind: u16 as u16 @ 0,
        /// Profile it belongs to.
        profile_id: u16 as u16 @ 4,
        /// Offset in region 6.
        payload_offset: u32 as u32 @ 8,
        /// Bytes of the frame.
        payload_length: u32 as u32 @ 12,
    }
    reserved {
        extension_flags: u16 @ 2,
        reserved0: u16 @ 6,
    }
}

/// The frames that the descriptors name, each with its bytes.
///
/// Fails for a descriptor that is cut off or names bytes outside `payloads`.
pub fn extension_frames<'a>(
    descriptors: &'a [u8],
    payloads: &'a [u8],
) -> impl Iterator<Item = Result<(ExtensionFrameDescriptor, &'a [u8]), CodecError>> {
    let blocks = descriptors.chunks(ExtensionFrameDescriptor::SIZE);
    blocks.map(move |block| {
        let descriptor = ExtensionFrameDescriptor::decode(block)?;
        let start = descriptor.payload_offset as usize;
        let end = start
            .checked_add(descriptor.payload_length as usize)
            .ok_or(CodecError::MessageLengthOverflow)?;
        let payload = payloads.get(start..end).ok_or(CodecError::SourceTooShort {
            expected: end,
            actual: payloads.len(),
        })?;
        Ok((descriptor, payload))
    })
}
