//! The exported functions that move sessions to another transport, and end a listener in order.

use crate::call::run;
use crate::connection::{connection, session};
use crate::endpoint::endpoint;
use crate::failure::Failure;
use crate::handle::NnrpHandle;
use crate::layout::NnrpError;
use crate::listener;
use crate::pointer::{Output, bytes};
use crate::status::*;
use nnrp_core::code::TransportId;
use std::ffi::c_char;
use std::time::Duration;

/// Client: moves all sessions of a connection to another endpoint of the same server.
///
/// # Safety
/// `uri` is NULL or valid for reads of `uri_size` bytes, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connection_migrate(
    connection: NnrpHandle,
    uri: *const c_char,
    uri_size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let uri = bytes(uri.cast(), uri_size, 2)?;
            let connection = self::connection(connection)?;
            let moved = connection.runtime().migrate(endpoint(uri)?);
            moved.map_err(|error| connection.failure(&error))
        })
    }
}

/// Client: announces the move of one session to another transport.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_migrate(
    session: NnrpHandle,
    from_transport: u32,
    to_transport: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            let transport = |number: u32, parameter| {
                TransportId::from_wire(number.into()).map_err(|_| Failure::argument(parameter))
            };
            let (from, to) = (transport(from_transport, 2)?, transport(to_transport, 3)?);
            let session = self::session(session)?;
            let runtime = session.connection.runtime();
            let announced = runtime.migrate_session(session.key, from, to);
            announced.map_err(|error| session.failure(&error))
        })
    }
}

/// Client: whether a session goes on over another connection if this one is lost.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_is_resumable(
    session: NnrpHandle,
    out_resumable: *mut u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_resumable, 2)?;
            let session = self::session(session)?;
            let resumable = session.connection.runtime().is_resumable(session.key);
            out.set(resumable.map_err(|error| session.failure(&error))?.into());
            Ok(())
        })
    }
}

/// Ends a listener in order: no further peers and sessions; connections end once their submits are answered.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_listener_drain(
    listener: NnrpHandle,
    time_ms: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            let time = Duration::from_millis(time_ms.into());
            listener::runtime_of(listener)?.drain(time);
            Ok(())
        })
    }
}
