//! Probes of a way to a server: started by a call, ended by an event with what was measured. Declared in `nnrp_transport.h`.

use crate::call::run;
use crate::endpoint::endpoint;
use crate::event_builder::of_kind;
use crate::executor;
use crate::failure::Failure;
use crate::handle::NnrpHandle;
use crate::layout::{EventRecord, NnrpError, NnrpEvent};
use crate::option_keys::*;
use crate::options::Settings;
use crate::pointer::{Output, bytes};
use crate::probe_score::NnrpProbeSample;
use crate::providers::limit;
use crate::queue::{Queue, find};
use crate::settings::security;
use crate::status::{NNRP_STATUS_UNSUPPORTED, NnrpStatus};
use bytes::Bytes;
use nnrp_runtime::selection::{ProbeSample, TransportProviderDescriptor, TransportProviderKind};
use nnrp_runtime::{ProbeOptions, probe};
use std::collections::VecDeque;
use std::ffi::c_char;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// A probe has ended.
pub const NNRP_EVENT_PROBED: u32 = 43;

/// Most probes under way.
const LIMIT: usize = 64;

/// Probes under way.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// The number of the next probe.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Starts to measure a way to a server.
///
/// # Safety
/// `uri` is NULL or valid for reads of `uri_size` bytes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_probe_start(
    queue: NnrpHandle,
    uri: *const c_char,
    uri_size: usize,
    options: NnrpHandle,
    out_probe: *mut u64,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let uri = bytes(uri.cast(), uri_size, 2)?;
            let out = Output::new(out_probe, 5)?;
            let queue = find(queue)?;
            let settings = Settings::of(options)?;
            let security = security(&settings)?;
            let endpoint = endpoint(uri)?;
            let executor = executor::next()?;
            // Whose samples they are is said when they are added to a list.
            let anybody = TransportProviderDescriptor::available(
                "",
                "",
                endpoint.transport_id(),
                TransportProviderKind::PureRust,
            );
            let options = probe_options(&settings);
            let samples = probe(anybody, endpoint, &security, options)
                .map_err(|_| Failure::new(NNRP_STATUS_UNSUPPORTED))?;
            let slot = Slot::take().ok_or_else(|| limit(LIMIT))?;
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            drop(executor.spawn(async move {
                let samples = samples.await;
                drop(slot);
                deliver(&queue, number, &samples);
            }));
            out.set(number);
            Ok(())
        })
    }
}

/// How a probe is made.
pub(crate) fn probe_options(settings: &Settings) -> ProbeOptions {
    let defaults = ProbeOptions::default();
    ProbeOptions {
        samples: settings
            .get(NNRP_OPTION_PROBE_SAMPLES)
            .unwrap_or(defaults.samples),
        payload_bytes: settings
            .get(NNRP_OPTION_PROBE_PAYLOAD_BYTES)
            .unwrap_or(defaults.payload_bytes),
        timeout: settings
            .get(NNRP_OPTION_PROBE_TIMEOUT_MS)
            .map_or(defaults.timeout, Duration::from_millis),
    }
}

/// Probes under way are few, so their events need no place in the queue.
fn deliver(queue: &Arc<Queue>, number: u64, samples: &[ProbeSample]) {
    let mut body = Vec::with_capacity(size_of_val(samples));
    for sample in samples {
        body.extend_from_slice(NnrpProbeSample::from(sample).as_bytes());
    }
    let event = NnrpEvent {
        operation_id: number,
        ..of_kind(NNRP_EVENT_PROBED)
    };
    let mut one = VecDeque::from([(event, Bytes::from(body))]);
    queue.append(&mut one, |_| false, Some);
}

/// One of the probes that may be under way.
struct Slot;

impl Slot {
    fn take() -> Option<Self> {
        let below = |running| (running < LIMIT).then_some(running + 1);
        let taken = RUNNING.fetch_update(Ordering::Relaxed, Ordering::Relaxed, below);
        taken.ok().map(|_| Self)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many probes are under way.
pub(crate) fn running() -> u64 {
    RUNNING.load(Ordering::Relaxed) as u64
}
