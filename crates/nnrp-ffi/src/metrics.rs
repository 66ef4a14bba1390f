//! Numbers of connections, listeners and the process, and of the handles that are alive. Declared in `nnrp_observe.h`.

use crate::buffer::BUFFERS;
use crate::call::run;
use crate::connection::{CONNECTIONS, SESSIONS, connection};
use crate::failure::Failure;
use crate::handle::NnrpHandle;
use crate::layout::{EventRecord, NnrpError};
use crate::listener::{LISTENERS, runtime_of};
use crate::options::OPTIONS;
use crate::pointer::memory;
use crate::probe;
use crate::providers::PROVIDERS;
use crate::queue::QUEUES;
use crate::schema::SCHEMAS;
use crate::status::NnrpStatus;
use nnrp_runtime::Metrics;
use std::sync::{Mutex, PoisonError};

/// What has happened on connections so far, and what is under way. 112 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpMetrics {
    /// Alive.
    pub connections: u64,
    /// Accepted or made, ever.
    pub connections_total: u64,
    /// Peers turned away because a limit was reached.
    pub refused: u64,
    /// Open.
    pub sessions: u64,
    /// Opened, ever, resumed ones included.
    pub sessions_total: u64,
    /// Sessions that were resumed.
    pub resumes: u64,
    /// Submits without an answer.
    pub operations: u64,
    /// Received from the transport.
    pub bytes_in: u64,
    /// Taken by the transport.
    pub bytes_out: u64,
    /// Packets received.
    pub frames_in: u64,
    /// Packets queued for the transport.
    pub frames_out: u64,
    /// `RESULT_DROP` sent or received.
    pub drops: u64,
    /// Wait for the transport.
    pub queued_bytes: u64,
    /// Wait for a place in the event queue.
    pub queued_events: u64,
}

/// How many handles of each kind are alive. 72 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpHandleCounts {
    /// Option sets.
    pub options: u64,
    /// Event queues.
    pub queues: u64,
    /// Payload buffers.
    pub buffers: u64,
    /// Connections.
    pub connections: u64,
    /// Sessions.
    pub sessions: u64,
    /// Listeners.
    pub listeners: u64,
    /// Schema registries.
    pub schemas: u64,
    /// Lists of providers.
    pub providers: u64,
    /// Probes under way.
    pub probes: u64,
}

const _: () = assert!(size_of::<NnrpMetrics>() == 112);
const _: () = assert!(size_of::<NnrpHandleCounts>() == 72);

// SAFETY: `repr(C)`, integers at natural offsets without padding, size a multiple of 8.
unsafe impl EventRecord for NnrpMetrics {}
// SAFETY: as above.
unsafe impl EventRecord for NnrpHandleCounts {}

/// The sum over the connections whose handles are gone.
static PAST: Mutex<NnrpMetrics> = Mutex::new(NnrpMetrics {
    connections: 0,
    connections_total: 0,
    refused: 0,
    sessions: 0,
    sessions_total: 0,
    resumes: 0,
    operations: 0,
    bytes_in: 0,
    bytes_out: 0,
    frames_in: 0,
    frames_out: 0,
    drops: 0,
    queued_bytes: 0,
    queued_events: 0,
});

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

/// The handle of a connection is gone: what it did is not.
pub(crate) fn note_connection_end(metrics: Metrics) {
    let so_far = NnrpMetrics::from(metrics);
    past().add(&NnrpMetrics {
        connections: 0,
        sessions: 0,
        operations: 0,
        queued_bytes: 0,
        queued_events: 0,
        ..so_far
    });
}

/// The handle of a listener is gone: whom it turned away is not forgotten.
pub(crate) fn note_listener_end(refused: u64) {
    past().refused += refused;
}

fn past() -> std::sync::MutexGuard<'static, NnrpMetrics> {
    // Numbers cannot be left inconsistent.
    PAST.lock().unwrap_or_else(PoisonError::into_inner)
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

impl NnrpMetrics {
    fn add(&mut self, other: &Self) {
        let fields = [
            (&mut self.connections, other.connections),
            (&mut self.connections_total, other.connections_total),
            (&mut self.refused, other.refused),
            (&mut self.sessions, other.sessions),
            (&mut self.sessions_total, other.sessions_total),
            (&mut self.resumes, other.resumes),
            (&mut self.operations, other.operations),
            (&mut self.bytes_in, other.bytes_in),
            (&mut self.bytes_out, other.bytes_out),
            (&mut self.frames_in, other.frames_in),
            (&mut self.frames_out, other.frames_out),
            (&mut self.drops, other.drops),
            (&mut self.queued_bytes, other.queued_bytes),
            (&mut self.queued_events, other.queued_events),
        ];
        for (total, more) in fields {
            *total += more;
        }
    }
}

impl From<Metrics> for NnrpMetrics {
    fn from(metrics: Metrics) -> Self {
        Self {
            connections: metrics.connections,
            connections_total: metrics.connections_total,
            refused: metrics.refused,
            sessions: metrics.sessions,
            sessions_total: metrics.sessions_total,
            resumes: metrics.resumes,
            operations: metrics.operations,
            bytes_in: metrics.bytes_in,
            bytes_out: metrics.bytes_out,
            frames_in: metrics.frames_in,
            frames_out: metrics.frames_out,
            drops: metrics.drops,
            queued_bytes: metrics.queued_bytes,
            queued_events: metrics.queued_events,
        }
    }
}
