//! Typed payload descriptors: their bytes, what binds them to schemas, how they fill a region. Declared in `nnrp_payload.h`.

use crate::call::run;
use crate::codec::{codec_failure, schema_failure};
use crate::failure::Failure;
use crate::layout::{NnrpError, Record};
use crate::pointer::{Output, Records, bytes, memory, put_bytes, record};
use crate::schema::NnrpSchema;
use crate::status::NnrpStatus;
use nnrp_core::body::token::TokenChunk;
use nnrp_core::body::typed_payload::{TypedPayloadDescriptor, check_partition};
use nnrp_core::code::StreamSemantics;
use nnrp_core::flags::{DescriptorFlags, PayloadKinds};
use nnrp_core::schema::SchemaRegistry;

/// No profile-specific interpretation.
pub const NNRP_PROFILE_UNSPECIFIED: u32 = 0;
/// Numeric blocks.
pub const NNRP_PROFILE_TENSOR: u32 = 1;
/// Token chunks.
pub const NNRP_PROFILE_TOKEN: u32 = 2;

/// Tensor sections.
pub const NNRP_PAYLOAD_TENSOR: u32 = 0x01;
/// Tokens.
pub const NNRP_PAYLOAD_TOKEN_CHUNK: u32 = 0x02;
/// Audio.
pub const NNRP_PAYLOAD_AUDIO_CHUNK: u32 = 0x04;
/// Video.
pub const NNRP_PAYLOAD_VIDEO_CHUNK: u32 = 0x08;
/// Structured events.
pub const NNRP_PAYLOAD_STRUCTURED_EVENT: u32 = 0x10;
/// Tool deltas.
pub const NNRP_PAYLOAD_TOOL_DELTA: u32 = 0x20;
/// Bytes of no declared meaning.
pub const NNRP_PAYLOAD_OPAQUE_BYTES: u32 = 0x40;

/// The last fragment of the operation or stream.
pub const NNRP_FRAME_TERMINAL: u32 = 0x1;
/// A usable fragment that is not the last.
pub const NNRP_FRAME_PARTIAL: u32 = 0x2;
/// Overrides the session's default schema.
pub const NNRP_FRAME_SCHEMA_OVERRIDE: u32 = 0x4;
/// Schema or body has hints of the profile.
pub const NNRP_FRAME_PROFILE_HINT_PRESENT: u32 = 0x8;

/// As the schema says.
pub const NNRP_STREAM_DEFAULT: u32 = 0;
/// The whole state.
pub const NNRP_STREAM_SNAPSHOT: u32 = 1;
/// Appended to what came before.
pub const NNRP_STREAM_APPEND: u32 = 2;
/// In place of what came before.
pub const NNRP_STREAM_REPLACE: u32 = 3;
/// An event.
pub const NNRP_STREAM_EVENT: u32 = 4;
/// Progress of a tool.
pub const NNRP_STREAM_TOOL_UPDATE: u32 = 5;

/// Bytes of a typed payload descriptor.
pub const NNRP_PAYLOAD_FRAME_BYTES: u32 = 24;
const _: () = assert!(TypedPayloadDescriptor::SIZE == NNRP_PAYLOAD_FRAME_BYTES as usize);

/// Most schemas that one check installs.
const MOST_SCHEMAS: u32 = 65_536;

/// Most frames of one message.
const MOST_FRAMES: u32 = 65_535;

/// A typed payload descriptor. 32 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpPayloadFrame {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// 0..65535.
    pub profile_id: u32,
    /// Bits 0..3.
    pub descriptor_flags: u32,
    /// The schema that interprets the frame.
    pub schema_id: u32,
    /// Its version.
    pub schema_version: u32,
    /// 0..65535.
    pub stream_semantics: u32,
    /// In the frame region, never in the body.
    pub offset: u32,
    /// Bytes of the frame.
    pub length: u32,
}

const _: () = assert!(size_of::<NnrpPayloadFrame>() == 32);

// SAFETY: `repr(C)`, integers at natural offsets without padding, `struct_size` first.
unsafe impl Record for NnrpPayloadFrame {
    const MINIMUM: usize = 32;
}

impl From<TypedPayloadDescriptor> for NnrpPayloadFrame {
    fn from(frame: TypedPayloadDescriptor) -> Self {
        Self {
            struct_size: 32,
            profile_id: frame.profile_id.into(),
            descriptor_flags: frame.descriptor_flags.bits().into(),
            schema_id: frame.schema_id,
            schema_version: frame.schema_version,
            stream_semantics: frame.stream_semantics.0.into(),
            offset: frame.offset,
            length: frame.length,
        }
    }
}

impl NnrpPayloadFrame {
    /// The descriptor, if every field is in its range. `parameter` is the one that holds it.
    pub(crate) fn descriptor(&self, parameter: u32) -> Result<TypedPayloadDescriptor, Failure> {
        self.checked().ok_or_else(|| Failure::argument(parameter))
    }

    fn checked(&self) -> Option<TypedPayloadDescriptor> {
        let flags = self.descriptor_flags.try_into().ok()?;
        Some(TypedPayloadDescriptor {
            profile_id: self.profile_id.try_into().ok()?,
            descriptor_flags: DescriptorFlags::from_bits(flags).ok()?,
            schema_id: self.schema_id,
            schema_version: self.schema_version,
            stream_semantics: StreamSemantics(self.stream_semantics.try_into().ok()?),
            offset: self.offset,
            length: self.length,
        })
    }
}

/// Reads the byte form of a typed payload descriptor; bytes behind its 24 are ignored.
///
/// # Safety
/// `data` is NULL or valid for reads of `size` bytes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_payload_frame_read(
    data: *const u8,
    size: usize,
    out_frame: *mut NnrpPayloadFrame,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let (data, out) = (bytes(data, size, 1)?, Output::new(out_frame, 3)?);
            let frame = TypedPayloadDescriptor::decode(data).map_err(codec_failure)?;
            out.set(frame.into());
            Ok(())
        })
    }
}

/// Writes the byte form to the first 24 bytes of `destination`.
///
/// # Safety
/// `frame` is NULL or valid for reads of the size stated in it, `destination` NULL or valid for `capacity` writes, `error`
/// NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_payload_frame_write(
    frame: *const NnrpPayloadFrame,
    destination: *mut u8,
    capacity: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let frame = record(frame, 1)?.descriptor(1)?;
            let target = memory(destination, capacity, 2)?;
            let mut form = [0; TypedPayloadDescriptor::SIZE];
            frame.encode(&mut form).map_err(codec_failure)?;
            put_bytes(&form, target)
        })
    }
}

/// The descriptor of a chunk of tokens under the token-delta schema.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_payload_frame_token(
    is_terminal: u32,
    out_frame: *mut NnrpPayloadFrame,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_frame, 2)?;
            let chunk = match is_terminal {
                0 => TokenChunk::Partial,
                1 => TokenChunk::Terminal,
                _ => return Err(Failure::argument(1)),
            };
            out.set(chunk.descriptor().into());
            Ok(())
        })
    }
}

/// Whether the payload that `frame` describes can be interpreted with these schemas.
///
/// # Safety
/// `frame` is NULL or valid for reads of the size stated in it, `schemas` NULL or valid for reads of `count` records of the
/// size stated in the first, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_payload_check_binding(
    frame: *const NnrpPayloadFrame,
    schemas: *const NnrpSchema,
    count: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let payload = record(frame, 1)?.descriptor(1)?;
            if count > MOST_SCHEMAS {
                return Err(Failure::argument(3));
            }
            let mut registry = SchemaRegistry::new(count as usize);
            if count > 0 {
                for schema in Records::new(schemas, count as usize, 2)?.iter() {
                    let installed = registry.install(schema?.descriptor(2)?);
                    installed.map_err(schema_failure)?;
                }
            }
            registry.check_binding(&payload).map_err(schema_failure)
        })
    }
}

/// Whether the frames cover a frame region of `region_size` bytes without gap or overlap, and fit the payload kinds.
///
/// # Safety
/// `frames` is NULL or valid for reads of `count` records of the size stated in the first, `error` NULL or valid for one
/// write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_payload_check_partition(
    payload_kind_bitmap: u32,
    frames: *const NnrpPayloadFrame,
    count: u32,
    region_size: u64,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let kinds = PayloadKinds::from_bits(payload_kind_bitmap);
            let kinds = kinds.map_err(|_| Failure::argument(1))?;
            if count > MOST_FRAMES {
                return Err(Failure::argument(3));
            }
            let mut descriptors = Vec::with_capacity(count as usize);
            if count > 0 {
                for frame in Records::new(frames, count as usize, 2)?.iter() {
                    descriptors.push(frame?.descriptor(2)?);
                }
            }
            check_partition(kinds, &descriptors, region_size).map_err(codec_failure)
        })
    }
}
