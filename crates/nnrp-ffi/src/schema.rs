//! Schema descriptors and their bytes. Declared in `nnrp_payload.h`.

use crate::call::run;
use crate::codec::codec_failure;
use crate::failure::Failure;
use crate::layout::{NnrpError, Record};
use crate::pointer::{Output, bytes, memory, put_bytes, record};
use crate::status::NnrpStatus;
use nnrp_core::code::StreamSemantics;
use nnrp_core::flags::SchemaFlags;
use nnrp_core::schema::SchemaDescriptor;

/// May live in the cache under a lease.
pub const NNRP_SCHEMA_CACHEABLE: u32 = 0x1;
/// Must be refused, not skipped, when unknown or incompatible.
pub const NNRP_SCHEMA_CRITICAL: u32 = 0x2;
/// May serve as a session default.
pub const NNRP_SCHEMA_DEFAULT_BINDABLE: u32 = 0x4;
/// Id and version always imply the same hash.
pub const NNRP_SCHEMA_HASH_STABLE: u32 = 0x8;

/// Bytes of a schema descriptor.
pub const NNRP_SCHEMA_BYTES: u32 = 32;
const _: () = assert!(SchemaDescriptor::SIZE == NNRP_SCHEMA_BYTES as usize);

/// A schema descriptor. 48 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpSchema {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// The schema.
    pub schema_id: u32,
    /// Its version.
    pub schema_version: u32,
    /// 0..65535, the profile that owns it.
    pub profile_id: u32,
    /// Bits 0..3.
    pub schema_flags: u32,
    /// 0..255, lowest protocol major it applies to.
    pub min_version_major: u32,
    /// 0..255, highest.
    pub max_version_major: u32,
    /// Bytes of the schema body.
    pub body_bytes: u32,
    /// 0..65535, schemas it depends on.
    pub dependency_count: u32,
    /// 0..65535.
    pub default_stream_semantics: u32,
    /// Digest of the body.
    pub schema_hash: u64,
}

const _: () = assert!(size_of::<NnrpSchema>() == 48);

// SAFETY: `repr(C)`, integers at natural offsets without padding, `struct_size` first.
unsafe impl Record for NnrpSchema {
    const MINIMUM: usize = 48;
}

impl From<SchemaDescriptor> for NnrpSchema {
    fn from(schema: SchemaDescriptor) -> Self {
        Self {
            struct_size: 48,
            schema_id: schema.schema_id,
            schema_version: schema.schema_version,
            profile_id: schema.profile_id.into(),
            schema_flags: schema.schema_flags.bits().into(),
            min_version_major: schema.min_version_major.into(),
            max_version_major: schema.max_version_major.into(),
            body_bytes: schema.body_bytes,
            dependency_count: schema.dependency_count.into(),
            default_stream_semantics: schema.default_stream_semantics.0.into(),
            schema_hash: schema.schema_hash,
        }
    }
}

impl NnrpSchema {
    /// The descriptor, if every field is in its range. `parameter` is the one that holds it.
    pub(crate) fn descriptor(&self, parameter: u32) -> Result<SchemaDescriptor, Failure> {
        self.checked().ok_or_else(|| Failure::argument(parameter))
    }

    fn checked(&self) -> Option<SchemaDescriptor> {
        Some(SchemaDescriptor {
            schema_id: self.schema_id,
            schema_version: self.schema_version,
            profile_id: self.profile_id.try_into().ok()?,
            schema_flags: SchemaFlags::from_bits(self.schema_flags.try_into().ok()?).ok()?,
            min_version_major: self.min_version_major.try_into().ok()?,
            max_version_major: self.max_version_major.try_into().ok()?,
            body_bytes: self.body_bytes,
            dependency_count: self.dependency_count.try_into().ok()?,
            default_stream_semantics: StreamSemantics(
                self.default_stream_semantics.try_into().ok()?,
            ),
            schema_hash: self.schema_hash,
        })
    }
}

/// Reads the byte form of a schema descriptor; bytes behind its 32 are ignored.
///
/// # Safety
/// `data` is NULL or valid for reads of `size` bytes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_schema_read(
    data: *const u8,
    size: usize,
    out_schema: *mut NnrpSchema,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let (data, out) = (bytes(data, size, 1)?, Output::new(out_schema, 3)?);
            out.set(
                SchemaDescriptor::decode(data)
                    .map_err(codec_failure)?
                    .into(),
            );
            Ok(())
        })
    }
}

/// Writes the byte form to the first 32 bytes of `destination`.
///
/// # Safety
/// `schema` is NULL or valid for reads of the size stated in it, `destination` NULL or valid for `capacity` writes, `error`
/// NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_schema_write(
    schema: *const NnrpSchema,
    destination: *mut u8,
    capacity: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let schema = record(schema, 1)?.descriptor(1)?;
            let target = memory(destination, capacity, 2)?;
            let mut form = [0; SchemaDescriptor::SIZE];
            schema.encode(&mut form).map_err(codec_failure)?;
            put_bytes(&form, target)
        })
    }
}

/// The token-delta schema, which every peer has installed.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_schema_token_delta(
    out_schema: *mut NnrpSchema,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            Output::new(out_schema, 1)?.set(SchemaDescriptor::token_delta().into());
            Ok(())
        })
    }
}
