//! An event as it came out of the C ABI, and what its body holds.

use std::sync::Arc;

use nnrp::safe;
use nnrp::{NNRP_EVENT_RESULT, NnrpEvent, NnrpHandle, NnrpPayloadFrame};

use super::super::verdict::{Failure, wrong};
use super::diagnosis::said;

/// One event as it came out of the C ABI.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// `NNRP_EVENT_*`.
    pub kind: u32,
    /// The frame it is about.
    pub frame_id: u32,
    /// What a result is to its frame.
    pub result_class: u32,
    /// Payload kinds of a result.
    pub payload_kind_bitmap: u32,
    /// Typed payload frames of a result.
    pub payload_frame_count: u32,
    /// The body.
    pub body: Body,
}

/// The body of an event, wherever the C ABI put it.
#[derive(Clone, Debug)]
pub enum Body {
    /// It came in the arena, which is used again.
    Arena(Vec<u8>),
    /// It came in a buffer that the application owns.
    Buffer(Arc<Buffer>),
}

/// A buffer of the C ABI; released when nobody needs it any more.
#[derive(Debug)]
pub struct Buffer {
    handle: NnrpHandle,
    size: usize,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // What cannot be released could not be read either, which a case has noticed.
        let _ = safe::release(self.handle);
    }
}

impl Body {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Arena(bytes) => bytes.clone(),
            Self::Buffer(buffer) => {
                safe::read_buffer(buffer.handle, buffer.size).unwrap_or_default()
            }
        }
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

/// The event that a drain put beside this arena.
pub(super) fn observe(event: &NnrpEvent, arena: &[u8]) -> Observed {
    let size = usize::try_from(event.payload_size).unwrap_or(usize::MAX);
    let start = usize::try_from(event.payload_offset).unwrap_or(usize::MAX);
    let body = if event.buffer == 0 {
        let end = start.saturating_add(size);
        let found = arena.get(start..end).map(<[u8]>::to_vec);
        Body::Arena(found.unwrap_or_default())
    } else {
        let handle = event.buffer;
        Body::Buffer(Arc::new(Buffer { handle, size }))
    };
    Observed {
        kind: event.kind,
        frame_id: event.frame_id,
        result_class: event.result_class,
        payload_kind_bitmap: event.payload_kind_bitmap,
        payload_frame_count: event.payload_frame_count,
        body,
    }
}

impl Observed {
    /// Whether it is a result.
    #[must_use]
    pub fn is_result(&self) -> bool {
        self.kind == NNRP_EVENT_RESULT
    }

    /// The typed payload frames of its body, as the functions of the C ABI find them: descriptor flags, offset and bytes of each.
    pub(in crate::adapter) fn frames(&self) -> Result<Vec<(u32, u32, Vec<u8>)>, Failure> {
        let body = self.body.bytes();
        let regions = said("nnrp_body_read_prelude", safe::read_prelude(&body))?;
        let part = |offset: u32, size: u32| {
            let (start, size) = (offset as usize, size as usize);
            let found = body.get(start..start.saturating_add(size));
            found.map_or_else(|| wrong("a region lies outside of its body"), Ok)
        };
        let (offset, size) = (
            regions.payload_frame_descriptor_offset,
            regions.payload_frame_descriptor_bytes,
        );
        let descriptors = part(offset, size)?
            .chunks_exact(24)
            .map(|bytes| said("nnrp_payload_frame_read", safe::read_frame(bytes)))
            .collect::<Result<Vec<NnrpPayloadFrame>, Failure>>()?;
        let size = regions.payload_frame_bytes;
        let partition = safe::check_partition(self.payload_kind_bitmap, &descriptors, size.into());
        said("nnrp_payload_check_partition", partition)?;
        let start = regions.payload_frame_offset;
        let frames = descriptors.iter().map(|frame| {
            let bytes = part(start.saturating_add(frame.offset), frame.length)?;
            Ok((frame.descriptor_flags, frame.offset, bytes.to_vec()))
        });
        frames.collect()
    }
}
