//! What connections and listeners did whose handles are gone, so that the totals of the process keep it.

use crate::metrics_layout::NnrpMetrics;
use nnrp_runtime::Metrics;
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// The sum so far.
pub(crate) fn past() -> MutexGuard<'static, NnrpMetrics> {
    // Numbers cannot be left inconsistent.
    PAST.lock().unwrap_or_else(PoisonError::into_inner)
}
