//! Samples of providers and the score they come to. Declared in `nnrp_transport.h`.

use crate::call::run;
use crate::failure::Failure;
use crate::handle::NnrpHandle;
use crate::layout::{EventRecord, NnrpError, Record};
use crate::pointer::{Output, Records};
use crate::provider_record::number;
use crate::providers::{find, limit};
use crate::status::{NNRP_STATUS_WRONG_STATE, NnrpStatus};
use crate::transport_policy::policy_of;
use nnrp_runtime::selection::{
    ProbeSample, ProbeScore, TransportProviderDescriptor, score_probe_samples,
};

/// Nothing was measured.
pub const NNRP_SAMPLE_FAILED: u32 = 0x1;
/// No answer in time.
pub const NNRP_SAMPLE_TIMED_OUT: u32 = 0x2;
/// The round trip time counts.
pub const NNRP_SAMPLE_HAS_RTT: u32 = 0x4;
const SAMPLE_FLAGS: u32 = NNRP_SAMPLE_FAILED | NNRP_SAMPLE_TIMED_OUT | NNRP_SAMPLE_HAS_RTT;

/// Most samples of a list, and of one call.
const MOST_SAMPLES: usize = 65_536;

/// One measurement of one way. 40 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpProbeSample {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// `NNRP_SAMPLE_*`.
    pub flags: u32,
    /// How long the whole of it took.
    pub elapsed_us: u64,
    /// Round trip time.
    pub rtt_us: u64,
    /// Bytes.
    pub bytes_sent: u64,
    /// Bytes.
    pub bytes_received: u64,
}

/// What the samples of a provider come to. 32 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpProbeScore {
    /// Samples.
    pub sample_count: u32,
    /// Those that failed.
    pub failure_count: u32,
    /// Upper median.
    pub median_rtt_us: u64,
    /// Bytes of both directions over time.
    pub throughput_bytes_per_sec: u64,
    /// What is compared, in thousandths of the specification's unit; lower is better.
    pub score_ns: i64,
}

const _: () = assert!(size_of::<NnrpProbeSample>() == 40);
const _: () = assert!(size_of::<NnrpProbeScore>() == 32);

// SAFETY: `repr(C)`, integers at natural offsets without padding, `struct_size` first.
unsafe impl Record for NnrpProbeSample {
    const MINIMUM: usize = 40;
}

// SAFETY: as above.
unsafe impl EventRecord for NnrpProbeSample {}

/// Adds samples to those of the provider at a place of the list.
///
/// # Safety
/// `samples` is NULL or valid for reads of `count` records of the size stated in the first, `error` NULL or valid for one
/// write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_providers_add_samples(
    providers: NnrpHandle,
    index: u32,
    samples: *const NnrpProbeSample,
    count: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            if count == 0 || count as usize > MOST_SAMPLES {
                return Err(Failure::argument(4));
            }
            let records = Records::new(samples, count as usize, 3)?;
            let list = find(providers)?;
            let mut content = list.lock();
            let provider = content.at(index)?.clone();
            let parse = |sample: Result<NnrpProbeSample, Failure>| sample?.of(&provider);
            let mut added = records.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
            if content.samples.len() + added.len() > MOST_SAMPLES {
                return Err(limit(MOST_SAMPLES));
            }
            content.samples.append(&mut added);
            Ok(())
        })
    }
}

/// Forgets all samples of the list.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_providers_clear_samples(
    providers: NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            find(providers)?.lock().samples.clear();
            Ok(())
        })
    }
}

/// The score of the provider at a place of the list under a policy.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_providers_score(
    providers: NnrpHandle,
    index: u32,
    policy: u32,
    out_score: *mut NnrpProbeScore,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let policy = policy_of(policy).ok_or_else(|| Failure::argument(3))?;
            let out = Output::new(out_score, 4)?;
            let list = find(providers)?;
            let content = list.lock();
            let score = score_probe_samples(content.at(index)?, &content.samples, policy);
            let score = score.ok_or_else(|| Failure::new(NNRP_STATUS_WRONG_STATE))?;
            out.set(score.into());
            Ok(())
        })
    }
}

impl From<ProbeScore> for NnrpProbeScore {
    fn from(score: ProbeScore) -> Self {
        Self {
            sample_count: number(score.sample_count),
            failure_count: number(score.failure_count),
            median_rtt_us: score.median_rtt_us,
            throughput_bytes_per_sec: score.throughput_bytes_per_sec,
            score_ns: thousandths(score.score),
        }
    }
}

/// Rounded; beyond 64 bits the nearest end.
#[allow(clippy::cast_possible_truncation)] // The conversion saturates.
fn thousandths(score: f64) -> i64 {
    (score * 1000.0).round() as i64
}

impl NnrpProbeSample {
    /// The sample, if its flags are known.
    fn of(&self, provider: &TransportProviderDescriptor) -> Result<ProbeSample, Failure> {
        if self.flags & !SAMPLE_FLAGS != 0 {
            return Err(Failure::argument(3));
        }
        let has = |flag| self.flags & flag != 0;
        Ok(ProbeSample {
            transport_id: provider.transport_id,
            provider_name: provider.name.clone(),
            elapsed_us: self.elapsed_us,
            rtt_us: has(NNRP_SAMPLE_HAS_RTT).then_some(self.rtt_us),
            bytes_sent: self.bytes_sent,
            bytes_received: self.bytes_received,
            timed_out: has(NNRP_SAMPLE_TIMED_OUT),
            failed: has(NNRP_SAMPLE_FAILED),
        })
    }
}

impl From<&ProbeSample> for NnrpProbeSample {
    fn from(sample: &ProbeSample) -> Self {
        let flag = |set, flag| if set { flag } else { 0 };
        Self {
            struct_size: 40,
            flags: flag(sample.failed, NNRP_SAMPLE_FAILED)
                | flag(sample.timed_out, NNRP_SAMPLE_TIMED_OUT)
                | flag(sample.rtt_us.is_some(), NNRP_SAMPLE_HAS_RTT),
            elapsed_us: sample.elapsed_us,
            rtt_us: sample.rtt_us.unwrap_or(0),
            bytes_sent: sample.bytes_sent,
            bytes_received: sample.bytes_received,
        }
    }
}
