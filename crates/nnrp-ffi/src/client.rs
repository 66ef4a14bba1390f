//! The exported functions that make and end client connections and open sessions.

use crate::call::run;
use crate::connection::{
    CONNECTIONS, Connection, SESSIONS, Sink, connection, forget_connection, forget_session, session,
};
use crate::end::command_failure;
use crate::endpoint::endpoint;
use crate::executor;
use crate::failure::Failure;
use crate::handle::{NNRP_HANDLE_INVALID, NnrpHandle};
use crate::layout::NnrpError;
use crate::options::Settings;
use crate::pointer::{Output, bytes};
use crate::queue::find;
use crate::security::check_client;
use crate::settings::{connection_options, session_options};
use crate::status::*;
use nnrp_runtime::connect;
use std::ffi::c_char;
use std::sync::Arc;

/// Starts to connect; names are looked up in the background.
///
/// # Safety
/// `uri` is NULL or valid for reads of `uri_size` bytes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connect(
    queue: NnrpHandle,
    uri: *const c_char,
    uri_size: usize,
    options: NnrpHandle,
    out_connection: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let (uri, out) = (
                bytes(uri.cast(), uri_size, 2)?,
                Output::new(out_connection, 5)?,
            );
            let queue = find(queue)?;
            let options = connection_options(&Settings::of(options)?)?;
            let endpoint = endpoint(uri)?;
            check_client(&options.security, &endpoint)?;
            let executor = executor::next()?;
            let connection =
                Connection::register(&queue, NNRP_HANDLE_INVALID, &endpoint.to_string())
                    .map_err(|_| Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))?;
            // Before there can be a last event, which takes the handle out of the queue's again.
            if queue.adopt(connection.handle).is_err() {
                forget_connection(connection.handle);
                return Err(Failure::handle());
            }
            if options.reconnect.is_some() {
                connection.expect_resumable_sessions();
            }
            let sink = Arc::new(Sink(Arc::clone(&connection)));
            connection.join(connect(endpoint, options, sink, &executor));
            out.set(connection.handle);
            Ok(())
        })
    }
}

/// Asks for a session on a client connection.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connection_open_session(
    connection: NnrpHandle,
    options: NnrpHandle,
    out_session: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_session, 3)?;
            let connection = self::connection(connection)?;
            let options = session_options(&Settings::of(options)?);
            if options.allow_resume {
                connection.expect_resumable_sessions();
            }
            let located = |failure| Failure {
                connection: connection.handle,
                ..failure
            };
            let key = connection
                .runtime()
                .open_session(&options)
                .map_err(|error| located(command_failure(&error, 2)))?;
            let handle = connection.name_session(key).map_err(|_| {
                connection.runtime().abort();
                located(Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))
            })?;
            if connection.queue.is_closed() {
                forget_session(handle);
                return Err(Failure::handle());
            }
            out.set(handle);
            Ok(())
        })
    }
}

/// Closes a session in order, on either side.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_shutdown(
    session: NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || match self::session(session) {
            Ok(session) => session.close(),
            Err(_) if SESSIONS.was_issued(session) => Ok(()),
            Err(failure) => Err(failure),
        })
    }
}

/// Ends a connection, on either side; sessions still open end with it.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connection_shutdown(
    connection: NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || match self::connection(connection) {
            Ok(connection) => {
                connection.runtime().close();
                Ok(())
            }
            Err(_) if CONNECTIONS.was_issued(connection) => Ok(()),
            Err(failure) => Err(failure),
        })
    }
}
