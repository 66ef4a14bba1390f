//! Numbers of connections, listeners and the process, and of the handles that are alive. Declared in `nnrp_observe.h`.

use crate::buffer::BUFFERS;
use crate::call::run;
use crate::connection::{CONNECTIONS, SESSIONS, connection};
use crate::failure::Failure;
use crate::handle::NnrpHandle;
use crate::layout::{EventRecord, NnrpError};
use crate::listener::{LISTENERS, runtime_of};
use crate::metrics_layout::{NnrpHandleCounts, NnrpMetrics};
use crate::options::OPTIONS;
use crate::past_metrics::past;
use crate::pointer::memory;
use crate::probe;
use crate::providers::PROVIDERS;
use crate::queue::QUEUES;
use crate::schema_registry::SCHEMAS;
use crate::status::NnrpStatus;

/// The numbers of one connection.
///
/// # Safety
/// `out_metrics` is NULL or valid for `metrics_size` bytes of writes, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connection_metrics(
    connection: NnrpHandle,
    out_metrics: *mut NnrpMetrics,
    metrics_size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        put(out_metrics, metrics_size, 2, error, || {
            let connection = self::connection(connection)?;
            Ok(connection.metrics().into())
        })
    }
}

/// The sum over the connections of a listener.
///
/// # Safety
/// `out_metrics` is NULL or valid for `metrics_size` bytes of writes, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_listener_metrics(
    listener: NnrpHandle,
    out_metrics: *mut NnrpMetrics,
    metrics_size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        put(out_metrics, metrics_size, 2, error, || {
            Ok(runtime_of(listener)?.metrics().into())
        })
    }
}

/// The sum over all connections of the process.
///
/// # Safety
/// `out_metrics` is NULL or valid for `metrics_size` bytes of writes, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_process_metrics(
    out_metrics: *mut NnrpMetrics,
    metrics_size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        put(out_metrics, metrics_size, 1, error, || {
            let mut sum = *past();
            for connection in CONNECTIONS.all() {
                sum.add(&connection.metrics().into());
            }
            for listener in LISTENERS.all() {
                sum.refused += listener.refused();
            }
            Ok(sum)
        })
    }
}

/// Counts the handles of the process.
///
/// # Safety
/// `out_counts` is NULL or valid for `counts_size` bytes of writes, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_handle_counts(
    out_counts: *mut NnrpHandleCounts,
    counts_size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        put(out_counts, counts_size, 1, error, || {
            Ok(NnrpHandleCounts {
                options: OPTIONS.count(),
                queues: QUEUES.count(),
                buffers: BUFFERS.count(),
                connections: CONNECTIONS.count(),
                sessions: SESSIONS.count(),
                listeners: LISTENERS.count(),
                schemas: SCHEMAS.count(),
                providers: PROVIDERS.count(),
                probes: probe::running(),
            })
        })
    }
}

/// Writes as much of a struct of numbers as the caller knows of.
///
/// # Safety
/// `out` is NULL or valid for `size` bytes of writes, `error` NULL or valid for one write.
unsafe fn put<T: EventRecord>(
    out: *mut T,
    size: usize,
    parameter: u32,
    error: *mut NnrpError,
    numbers: impl FnOnce() -> Result<T, Failure>,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            if size == 0 || !size.is_multiple_of(size_of::<u64>()) {
                return Err(Failure::argument(parameter + 1));
            }
            let target = memory(out.cast::<u8>(), size, parameter)?;
            let numbers = numbers()?;
            let known = size.min(size_of::<T>());
            target[..known].write_copy_of_slice(&numbers.as_bytes()[..known]);
            Ok(())
        })
    }
}
