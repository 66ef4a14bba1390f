//! What probing has measured, as one number (spec 14.5).

use super::{TransportPolicy, TransportProviderDescriptor};
use crate::TransportId;

/// One measurement of one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeSample {
    /// The transport measured.
    pub transport_id: TransportId,
    /// The provider measured.
    pub provider_name: String,
    /// How long the whole of it took, microseconds.
    pub elapsed_us: u64,
    /// Round trip time, microseconds.
    pub rtt_us: Option<u64>,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// No answer in time.
    pub timed_out: bool,
    /// No measurement.
    pub failed: bool,
}

impl ProbeSample {
    /// A measurement.
    #[must_use]
    pub fn success(
        transport_id: TransportId,
        provider_name: impl Into<String>,
        elapsed_us: u64,
        rtt_us: u64,
        bytes_sent: u64,
        bytes_received: u64,
    ) -> Self {
        Self {
            transport_id,
            provider_name: provider_name.into(),
            elapsed_us,
            rtt_us: Some(rtt_us),
            bytes_sent,
            bytes_received,
            timed_out: false,
            failed: false,
        }
    }

    /// A try that measured nothing.
    #[must_use]
    pub fn failure(
        transport_id: TransportId,
        provider_name: impl Into<String>,
        elapsed_us: u64,
        timed_out: bool,
    ) -> Self {
        Self {
            transport_id,
            provider_name: provider_name.into(),
            elapsed_us,
            rtt_us: None,
            bytes_sent: 0,
            bytes_received: 0,
            timed_out,
            failed: true,
        }
    }

    fn is_of(&self, provider: &TransportProviderDescriptor) -> bool {
        self.transport_id == provider.transport_id && self.provider_name == provider.name
    }

    fn is_failure(&self) -> bool {
        self.failed || self.timed_out || self.rtt_us.is_none()
    }
}

/// What the samples of a provider come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeScore {
    /// Samples.
    pub sample_count: usize,
    /// Those that failed.
    pub failure_count: usize,
    /// Their share.
    pub failure_rate: f64,
    /// Upper median of the round trip times, microseconds.
    pub median_rtt_us: u64,
    /// Bytes in both directions over time.
    pub throughput_bytes_per_sec: u64,
    /// The number that is compared; lower is better, and it can be negative.
    pub score: f64,
}

/// Stands for a round trip time that nobody has measured, and for the cost of failing always.
const NEVER_US: u32 = 10_000_000;
/// Cost of a rank, microseconds.
const RANK_PENALTY_US: f64 = 1000.0;
/// Most that throughput makes up for, microseconds.
const BEST_THROUGHPUT_BONUS: u64 = 500;
/// Bytes per second that are worth one microsecond.
const BYTES_PER_SEC_PER_US: u64 = 1000;

/// The score of a provider; `None` if no sample is of it.
#[must_use]
pub fn score_probe_samples(
    provider: &TransportProviderDescriptor,
    samples: &[ProbeSample],
    policy: TransportPolicy,
) -> Option<ProbeScore> {
    let of_provider = || samples.iter().filter(|sample| sample.is_of(provider));
    let sample_count = of_provider().count();
    if sample_count == 0 {
        return None;
    }
    let failure_count = of_provider().filter(|sample| sample.is_failure()).count();
    let failure_rate = to_f64(failure_count as u64) / to_f64(sample_count as u64);
    let median_rtt_us = upper_median(of_provider().filter_map(|sample| sample.rtt_us));
    let throughput_bytes_per_sec = throughput(of_provider());
    let bonus = (throughput_bytes_per_sec / BYTES_PER_SEC_PER_US).min(BEST_THROUGHPUT_BONUS);
    let penalty = f64::from(policy.rank(provider.transport_id)) * RANK_PENALTY_US;
    Some(ProbeScore {
        sample_count,
        failure_count,
        failure_rate,
        median_rtt_us,
        throughput_bytes_per_sec,
        score: to_f64(median_rtt_us) + failure_rate * f64::from(NEVER_US) + penalty - to_f64(bonus),
    })
}

/// Counts and times below 2^53, which are all there are, stay exact.
#[allow(clippy::cast_precision_loss)]
fn to_f64(number: u64) -> f64 {
    number as f64
}

fn upper_median(times: impl Iterator<Item = u64>) -> u64 {
    let mut times: Vec<u64> = times.collect();
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .copied()
        .unwrap_or(NEVER_US.into())
}

fn throughput<'a>(samples: impl Iterator<Item = &'a ProbeSample>) -> u64 {
    let (mut elapsed_us, mut transferred) = (0_u64, 0_u64);
    for sample in samples {
        elapsed_us = elapsed_us.saturating_add(sample.elapsed_us);
        let both = sample.bytes_sent.saturating_add(sample.bytes_received);
        transferred = transferred.saturating_add(both);
    }
    transferred
        .saturating_mul(1_000_000)
        .checked_div(elapsed_us)
        .unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The check values are exact.
mod tests {
    use super::*;

    fn provider(transport_id: TransportId) -> TransportProviderDescriptor {
        match transport_id {
            TransportId::Quic => TransportProviderDescriptor::standard_quic(),
            _ => TransportProviderDescriptor::standard_tcp(),
        }
    }

    /// (elapsed, rtt, sent, received, failed) as the check values of spec 14.5 give them.
    type Given = (u64, Option<u64>, u64, u64, bool);

    fn score(transport: TransportId, policy: TransportPolicy, given: &[Given]) -> ProbeScore {
        let provider = provider(transport);
        let sample =
            |&(elapsed_us, rtt_us, bytes_sent, bytes_received, failed): &Given| ProbeSample {
                transport_id: transport,
                provider_name: provider.name.clone(),
                elapsed_us,
                rtt_us,
                bytes_sent,
                bytes_received,
                timed_out: failed,
                failed,
            };
        let samples: Vec<_> = given.iter().map(sample).collect();
        score_probe_samples(&provider, &samples, policy).expect("samples")
    }

    #[test]
    fn the_check_values_of_spec_14_5() {
        let two = [
            (20_000, Some(5000), 1024, 1024, false),
            (20_000, Some(5100), 1024, 1024, false),
        ];
        let clean = score(TransportId::Tcp, TransportPolicy::PreferQuic, &two);
        assert_eq!(
            (clean.median_rtt_us, clean.throughput_bytes_per_sec),
            (5100, 102_400)
        );
        assert_eq!((clean.failure_rate, clean.score), (0.0, 5998.0));

        let half = [
            (20_000, Some(800), 1024, 1024, false),
            (20_000, None, 0, 0, true),
        ];
        let flawed = score(TransportId::Quic, TransportPolicy::PreferQuic, &half);
        assert_eq!((flawed.failure_rate, flawed.median_rtt_us), (0.5, 800));
        assert_eq!(
            (flawed.throughput_bytes_per_sec, flawed.score),
            (51_200, 5_000_749.0)
        );
        let foreign = score(TransportId::Quic, TransportPolicy::ForceTcp, &half);
        assert_eq!(foreign.score, 5_255_749.0);

        let instant = score(
            TransportId::Tcp,
            TransportPolicy::Auto,
            &[(0, Some(7), 10, 0, false)],
        );
        assert_eq!(
            (instant.throughput_bytes_per_sec, instant.score),
            (0, 1007.0)
        );

        let failed = score(
            TransportId::Tcp,
            TransportPolicy::Auto,
            &[(5, None, 10, 0, true)],
        );
        assert_eq!(
            (failed.failure_rate, failed.median_rtt_us),
            (1.0, 10_000_000)
        );
        assert_eq!(
            (failed.throughput_bytes_per_sec, failed.score),
            (2_000_000, 20_000_500.0)
        );
    }

    #[test]
    fn samples_of_another_provider_or_transport_do_not_count() {
        let tcp = provider(TransportId::Tcp);
        let samples = [
            ProbeSample::success(TransportId::Quic, tcp.name.clone(), 1, 1, 1, 1),
            ProbeSample::success(TransportId::Tcp, "another", 1, 1, 1, 1),
        ];
        assert_eq!(
            score_probe_samples(&tcp, &samples, TransportPolicy::Auto),
            None
        );
    }

    #[test]
    fn the_largest_numbers_saturate() {
        let most = [(1, Some(u64::MAX), u64::MAX, u64::MAX, false); 3];
        let score = score(TransportId::Quic, TransportPolicy::Auto, &most);
        assert_eq!(score.throughput_bytes_per_sec, u64::MAX / 3);
        assert_eq!(score.median_rtt_us, u64::MAX);
    }
}
