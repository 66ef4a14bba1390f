//! Cached objects: puts, invalidations, dependencies, references. Declared in `nnrp_cache.h`.

use crate::cache_record::{NnrpCacheDependency, NnrpCacheInvalidate, NnrpCachePut, NnrpObjectKey};
use crate::call::run;
use crate::codec::codec_failure;
use crate::connection::{Connection, connection, session};
use crate::end::command_failure;
use crate::failure::Failure;
use crate::handle::{Kind, NNRP_HANDLE_INVALID, NnrpHandle};
use crate::layout::NnrpError;
use crate::pointer::{Records, bytes, memory, put_bytes, record};
use crate::status::NnrpStatus;
use bytes::Bytes;
use nnrp_core::body::object_reference::ObjectReference;
use nnrp_runtime::{CommandError, SessionKey};
use std::sync::Arc;

/// Most dependencies of one object.
const MOST_DEPENDENCIES: u32 = 64;

/// Puts an object into the server's cache, or renews its lease there.
///
/// # Safety
/// `put` is NULL or valid for reads of the size stated in it, `object` NULL or valid for reads of `object_size` bytes,
/// `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_cache_put(
    owner: NnrpHandle,
    put: *const NnrpCachePut,
    object: *const u8,
    object_size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let put = record(put, 2)?.parsed(2)?;
            let object = bytes(object, object_size, 3)?;
            let owner = Owner::of(owner)?;
            let object = Bytes::copy_from_slice(object);
            let sent = owner
                .connection
                .runtime()
                .put_object(owner.session, &put, object);
            sent.map_err(|error| owner.failure(&error))
        })
    }
}

/// Removes objects from the server's cache, on either side.
///
/// # Safety
/// `invalidate` is NULL or valid for reads of the size stated in it, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_cache_invalidate(
    owner: NnrpHandle,
    invalidate: *const NnrpCacheInvalidate,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let invalidate = record(invalidate, 2)?.parsed(2)?;
            let owner = Owner::of(owner)?;
            let sent = owner
                .connection
                .runtime()
                .invalidate_objects(owner.session, &invalidate);
            sent.map_err(|error| owner.failure(&error))
        })
    }
}

/// Makes an object usable only while each of its dependencies is cached in the version it names.
///
/// # Safety
/// `object` is NULL or valid for reads of the size stated in it, `dependencies` NULL or valid for reads of `count` records of
/// the size stated in the first, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_cache_set_dependencies(
    owner: NnrpHandle,
    object: *const NnrpObjectKey,
    dependencies: *const NnrpCacheDependency,
    count: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let object = record(object, 2)?.identity(2)?;
            if count > MOST_DEPENDENCIES {
                return Err(Failure::argument(4));
            }
            let mut all = Vec::with_capacity(count as usize);
            if count > 0 {
                for dependency in Records::new(dependencies, count as usize, 3)?.iter() {
                    all.push(dependency?.parsed(3)?);
                }
            }
            let owner = Owner::of(owner)?;
            let set =
                owner
                    .connection
                    .runtime()
                    .set_object_dependencies(owner.session, &object, all);
            set.map_err(|error| owner.failure(&error))
        })
    }
}

/// Writes a reference to an object to the first 16 bytes of `destination`.
///
/// # Safety
/// `object` is NULL or valid for reads of the size stated in it, `destination` NULL or valid for `capacity` writes, `error`
/// NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_object_reference_write(
    object: *const NnrpObjectKey,
    destination: *mut u8,
    capacity: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let reference = ObjectReference::from(record(object, 1)?.identity(1)?);
            let target = memory(destination, capacity, 2)?;
            let mut form = [0; ObjectReference::SIZE];
            reference.encode(&mut form).map_err(codec_failure)?;
            put_bytes(&form, target)
        })
    }
}

/// Whose objects are meant: those of a session, or of a connection.
struct Owner {
    handle: NnrpHandle,
    connection: Arc<Connection>,
    session: Option<SessionKey>,
}

impl Owner {
    fn of(handle: NnrpHandle) -> Result<Self, Failure> {
        let (connection, session) = if Kind::of(handle) == Some(Kind::Session) {
            let session = session(handle)?;
            (Arc::clone(&session.connection), Some(session.key))
        } else {
            (connection(handle)?, None)
        };
        Ok(Self {
            handle,
            connection,
            session,
        })
    }

    /// A refused command, with the place where it was.
    fn failure(&self, error: &CommandError) -> Failure {
        let session = match self.session {
            Some(_) => self.handle,
            None => NNRP_HANDLE_INVALID,
        };
        Failure {
            connection: self.connection.handle,
            session,
            ..command_failure(error, 2)
        }
    }
}
