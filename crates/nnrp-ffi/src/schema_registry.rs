//! Registries of schemas behind handles. Declared in `nnrp_payload.h`.

use crate::call::run;
use crate::codec::schema_failure;
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::Table;
use crate::layout::NnrpError;
use crate::payload::NnrpPayloadFrame;
use crate::pointer::{Output, record};
use crate::schema::NnrpSchema;
use crate::status::{NNRP_STATUS_OUT_OF_RESOURCES, NnrpStatus};
use nnrp_core::schema::{Installed, SchemaFailure, SchemaRegistry};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
