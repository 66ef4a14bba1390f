//! Samples of probes and the score they give, as JSON (spec 16.2, 16.4).

use nnrp_transport_provider::selection::{ProbeSample, ProbeScore};
use serde::{Deserialize, Serialize};

use crate::provider_text::transport_of;

/// One probe as the host measured it.
#[derive(Deserialize)]
pub(crate) struct SampleInput {
    transport_id: u8,
    provider_name: String,
    elapsed_us: u64,
    rtt_us: Option<u64>,
    bytes_sent: u64,
    bytes_received: u64,
    timed_out: Option<bool>,
    failed: Option<bool>,
}

impl SampleInput {
    /// Fails with a text for a transport that does not exist.
    pub(crate) fn into_sample(self) -> Result<ProbeSample, String> {
        Ok(ProbeSample {
            transport_id: transport_of(u64::from(self.transport_id))?,
            provider_name: self.provider_name,
            elapsed_us: self.elapsed_us,
            rtt_us: self.rtt_us,
            bytes_sent: self.bytes_sent,
            bytes_received: self.bytes_received,
            timed_out: self.timed_out.unwrap_or(false),
            failed: self.failed.unwrap_or(false),
        })
    }
}

/// A score as the host reads it: its keys in the order of spec 16.4.
#[derive(Serialize)]
pub(crate) struct ScoreOutput {
    sample_count: usize,
    failure_count: usize,
    failure_rate: f64,
    median_rtt_us: u64,
    throughput_bytes_per_sec: u64,
    score: f64,
}

impl From<&ProbeScore> for ScoreOutput {
    fn from(score: &ProbeScore) -> Self {
        Self {
            sample_count: score.sample_count,
            failure_count: score.failure_count,
            failure_rate: score.failure_rate,
            median_rtt_us: score.median_rtt_us,
            throughput_bytes_per_sec: score.throughput_bytes_per_sec,
            score: score.score,
        }
    }
}
