//! Schema descriptors: their bytes, and registries behind handles. Declared in `nnrp_payload.h`.

use crate::call::run;
use crate::codec::{codec_failure, schema_failure};
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::Table;
use crate::layout::{NnrpError, Record};
use crate::payload::NnrpPayloadFrame;
use crate::pointer::{Output, bytes, memory, put_bytes, record};
use crate::status::{NNRP_STATUS_OUT_OF_RESOURCES, NnrpStatus};
use nnrp_core::code::StreamSemantics;
use nnrp_core::flags::SchemaFlags;
use nnrp_core::schema::{Installed, SchemaDescriptor, SchemaFailure, SchemaRegistry};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// May live in the cache under a lease.
pub const NNRP_SCHEMA_CACHEABLE: u32 = 0x1;
/// Must be refused, not skipped, when unknown or incompatible.
pub const NNRP_SCHEMA_CRITICAL: u32 = 0x2;
/// May serve as a session default.
pub const NNRP_SCHEMA_DEFAULT_BINDABLE: u32 = 0x4;
/// Id and version always imply the same hash.
pub const NNRP_SCHEMA_HASH_STABLE: u32 = 0x8;

/// The schema id is not installed.
pub const NNRP_SCHEMA_ERROR_UNKNOWN: u32 = 0x0004_0001;
/// Installed in another version only.
pub const NNRP_SCHEMA_ERROR_VERSION_UNKNOWN: u32 = 0x0004_0002;
/// Installed with another content.
pub const NNRP_SCHEMA_ERROR_HASH_CONFLICT: u32 = 0x0004_0003;
/// Belongs to another profile than the payload.
pub const NNRP_SCHEMA_ERROR_INCOMPATIBLE: u32 = 0x0004_0004;
/// Another schema has to be installed first.
pub const NNRP_SCHEMA_ERROR_DEPENDENCY_MISSING: u32 = 0x0004_0005;
/// The profile is not assigned, or the registry is full.
pub const NNRP_SCHEMA_ERROR_UPDATE_REJECTED: u32 = 0x0004_0006;

/// Bytes of a schema descriptor.
pub const NNRP_SCHEMA_BYTES: u32 = 32;
const _: () = assert!(SchemaDescriptor::SIZE == NNRP_SCHEMA_BYTES as usize);

/// Stored; no lower version was there.
pub const NNRP_INSTALLED_NEW: u32 = 0;
/// The same schema was there already.
pub const NNRP_INSTALLED_ALREADY: u32 = 1;
/// Stored beside a lower version, which stays.
pub const NNRP_INSTALLED_UPDATE: u32 = 2;

/// Most registries alive at once.
const LIMIT: u32 = 1 << 16;

/// Schemas a registry may hold.
const CAPACITY: RangeInclusive<u32> = 1..=65_536;

/// Every live registry.
pub(crate) static SCHEMAS: Table<Schemas> = Table::new(Kind::Schemas, LIMIT);

/// One registry, shared by the threads that use its handle.
#[derive(Debug)]
pub(crate) struct Schemas(Mutex<SchemaRegistry>);

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

/// Creates a registry that holds the token-delta schema.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_schemas_create(
    capacity: u32,
    out_schemas: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_schemas, 2)?;
            if !CAPACITY.contains(&capacity) {
                return Err(Failure::argument(1));
            }
            let mut created = 0;
            SCHEMAS
                .insert_with(|handle| {
                    created = handle;
                    let registry = SchemaRegistry::with_standard_profiles(capacity as usize);
                    Arc::new(Schemas(Mutex::new(registry)))
                })
                .map_err(|_| Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))?;
            out.set(created);
            Ok(())
        })
    }
}

/// Installs a schema; other versions of it stay.
///
/// # Safety
/// `schema` is NULL or valid for reads of the size stated in it, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_schemas_install(
    schemas: NnrpHandle,
    schema: *const NnrpSchema,
    out_installed: *mut u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let descriptor = record(schema, 2)?.descriptor(2)?;
            let out = Output::new(out_installed, 3)?;
            let registry = find(schemas)?;
            let installed = registry.lock().install(descriptor);
            out.set(match installed.map_err(schema_failure)? {
                Installed::Installed => NNRP_INSTALLED_NEW,
                Installed::AlreadyInstalled => NNRP_INSTALLED_ALREADY,
                Installed::Updated => NNRP_INSTALLED_UPDATE,
            });
            Ok(())
        })
    }
}

/// Removes one version of a schema.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_schemas_remove(
    schemas: NnrpHandle,
    schema_id: u32,
    schema_version: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            let registry = find(schemas)?;
            let removed = registry.lock().invalidate(schema_id, schema_version);
            removed.map_err(schema_failure)
        })
    }
}

/// Finds one version of a schema.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_schemas_find(
    schemas: NnrpHandle,
    schema_id: u32,
    schema_version: u32,
    out_schema: *mut NnrpSchema,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_schema, 4)?;
            let registry = find(schemas)?;
            let found = registry.lock().get(schema_id, schema_version).copied();
            let missing = || schema_failure(SchemaFailure::VersionUnknown);
            out.set(found.ok_or_else(missing)?.into());
            Ok(())
        })
    }
}

/// Whether the payload that `frame` describes can be interpreted with what the registry holds.
///
/// # Safety
/// `frame` is NULL or valid for reads of the size stated in it, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_schemas_check_binding(
    schemas: NnrpHandle,
    frame: *const NnrpPayloadFrame,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let payload = record(frame, 2)?.descriptor(2)?;
            let registry = find(schemas)?;
            let bound = registry.lock().check_binding(&payload);
            bound.map_err(schema_failure)
        })
    }
}

impl Schemas {
    // A panic cannot leave the registry inconsistent: each change of it is one insertion or removal.
    fn lock(&self) -> MutexGuard<'_, SchemaRegistry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find(schemas: NnrpHandle) -> Result<Arc<Schemas>, Failure> {
    SCHEMAS.get(schemas).ok_or_else(Failure::handle)
}
