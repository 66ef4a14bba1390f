//! The prelude of structured bodies, and where their regions lie. Declared in `nnrp_payload.h`.

use crate::call::run;
use crate::codec::codec_failure;
use crate::failure::Failure;
use crate::layout::{NnrpError, Record};
use crate::pointer::{Output, bytes, memory, put_bytes, record};
use crate::status::NnrpStatus;
use nnrp_core::CodecError;
use nnrp_core::body::prelude::{BodyPrelude, BodyRegions};

/// Bytes of the prelude of a structured body.
pub const NNRP_BODY_PRELUDE_BYTES: u32 = 32;
const _: () = assert!(BodyPrelude::SIZE == NNRP_BODY_PRELUDE_BYTES as usize);

/// Where the regions of a structured body lie. 56 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpBodyRegions {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// Region 1.
    pub inline_object_bytes: u32,
    /// Region 2, a multiple of 16.
    pub object_reference_bytes: u32,
    /// Region 3, 24 for each frame.
    pub payload_frame_descriptor_bytes: u32,
    /// Region 4.
    pub payload_frame_bytes: u32,
    /// Region 5.
    pub extension_descriptor_bytes: u32,
    /// Region 6.
    pub extension_payload_bytes: u32,
    /// Region 1, in the body; set when read, ignored when written.
    pub inline_object_offset: u32,
    /// Region 2.
    pub object_reference_offset: u32,
    /// Region 3.
    pub payload_frame_descriptor_offset: u32,
    /// Region 4.
    pub payload_frame_offset: u32,
    /// Region 5.
    pub extension_descriptor_offset: u32,
    /// Region 6.
    pub extension_payload_offset: u32,
    /// Zero.
    pub reserved0: u32,
}

const _: () = assert!(size_of::<NnrpBodyRegions>() == 56);

// SAFETY: `repr(C)`, integers at natural offsets without padding, `struct_size` first.
unsafe impl Record for NnrpBodyRegions {
    const MINIMUM: usize = 56;
}

/// Finds the regions of a structured body.
///
/// # Safety
/// `body` is NULL or valid for reads of `body_size` bytes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_body_read_prelude(
    body: *const u8,
    body_size: usize,
    out_regions: *mut NnrpBodyRegions,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let (body, out) = (bytes(body, body_size, 1)?, Output::new(out_regions, 3)?);
            // Also checks that the regions fill the body.
            BodyRegions::object_references_in(body).map_err(codec_failure)?;
            let prelude = BodyPrelude::decode(body).map_err(codec_failure)?;
            out.set(regions(&prelude).ok_or_else(too_long)?);
            Ok(())
        })
    }
}

/// Writes the prelude of a structured body to the first 32 bytes of `destination`.
///
/// # Safety
/// `regions` is NULL or valid for reads of the size stated in it, `destination` NULL or valid for `capacity` writes, `error`
/// NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_body_write_prelude(
    regions: *const NnrpBodyRegions,
    destination: *mut u8,
    capacity: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let regions = record(regions, 1)?;
            let target = memory(destination, capacity, 2)?;
            if regions.reserved0 != 0 {
                return Err(Failure::argument(1));
            }
            let prelude = regions.prelude();
            prelude.total().map_err(codec_failure)?;
            let mut form = [0; BodyPrelude::SIZE];
            prelude.encode(&mut form).map_err(codec_failure)?;
            put_bytes(&form, target)
        })
    }
}

impl NnrpBodyRegions {
    fn prelude(&self) -> BodyPrelude {
        BodyPrelude {
            inline_object_bytes: self.inline_object_bytes,
            object_reference_bytes: self.object_reference_bytes,
            typed_payload_descriptor_bytes: self.payload_frame_descriptor_bytes,
            typed_payload_frame_bytes: self.payload_frame_bytes,
            extension_descriptor_bytes: self.extension_descriptor_bytes,
            extension_payload_bytes: self.extension_payload_bytes,
        }
    }
}

/// Sizes and places; nothing if a place is beyond 32 bits.
fn regions(prelude: &BodyPrelude) -> Option<NnrpBodyRegions> {
    let mut end = NNRP_BODY_PRELUDE_BYTES;
    let mut next = |size: u32| {
        let start = end;
        end = start.checked_add(size)?;
        Some(start)
    };
    Some(NnrpBodyRegions {
        struct_size: 56,
        inline_object_bytes: prelude.inline_object_bytes,
        object_reference_bytes: prelude.object_reference_bytes,
        payload_frame_descriptor_bytes: prelude.typed_payload_descriptor_bytes,
        payload_frame_bytes: prelude.typed_payload_frame_bytes,
        extension_descriptor_bytes: prelude.extension_descriptor_bytes,
        extension_payload_bytes: prelude.extension_payload_bytes,
        inline_object_offset: next(prelude.inline_object_bytes)?,
        object_reference_offset: next(prelude.object_reference_bytes)?,
        payload_frame_descriptor_offset: next(prelude.typed_payload_descriptor_bytes)?,
        payload_frame_offset: next(prelude.typed_payload_frame_bytes)?,
        extension_descriptor_offset: next(prelude.extension_descriptor_bytes)?,
        extension_payload_offset: next(prelude.extension_payload_bytes)?,
        reserved0: 0,
    })
}

fn too_long() -> Failure {
    codec_failure(CodecError::MessageLengthOverflow)
}
