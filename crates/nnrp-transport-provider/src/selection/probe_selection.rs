//! Selection among the providers that were probed (spec 14.6).

use super::diagnostics::{
    RejectedTransportCandidate, TransportRejectionReason, TransportSelectionError,
};
use super::registry::{Filtered, rejection};
use super::{
    ProbeSample, ProbeScore, RemoteTransportSupport, TransportPolicy, TransportProviderDescriptor,
    TransportProviderRegistry, score_probe_samples,
};

/// A provider with what its samples come to.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeCandidateScore {
    /// The provider.
    pub provider: TransportProviderDescriptor,
    /// Its score.
    pub probe_score: ProbeScore,
}

/// What was selected by probing.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeSelection {
    /// The best candidate.
    pub selected: TransportProviderDescriptor,
    /// Its score.
    pub selected_score: ProbeScore,
    /// All candidates, best first, the selected one included.
    pub candidates: Vec<ProbeCandidateScore>,
    /// The others and why they are none: those of the filter, then those of probing.
    pub rejected: Vec<RejectedTransportCandidate>,
}

impl TransportProviderRegistry {
    /// The viable provider with the lowest score, then the best rank, then the first name. Probing never overrides a forced transport.
    pub fn select_with_probes(
        &self,
        remote: &RemoteTransportSupport,
        policy: TransportPolicy,
        samples: &[ProbeSample],
    ) -> Result<ProbeSelection, TransportSelectionError> {
        let Filtered {
            viable,
            mut rejected,
        } = self.filter(remote, policy);
        let mut candidates = Vec::new();
        for provider in viable {
            match score_probe_samples(provider, samples, policy) {
                None => rejected.push(rejection(provider, TransportRejectionReason::ProbeMissing)),
                Some(score) if score.failure_count == score.sample_count => {
                    rejected.push(rejection(provider, TransportRejectionReason::ProbeFailed));
                }
                Some(probe_score) => candidates.push(ProbeCandidateScore {
                    provider: provider.clone(),
                    probe_score,
                }),
            }
        }
        candidates.sort_by(|left, right| {
            let scores = left.probe_score.score.total_cmp(&right.probe_score.score);
            let rank =
                |candidate: &ProbeCandidateScore| policy.rank(candidate.provider.transport_id);
            scores
                .then_with(|| rank(left).cmp(&rank(right)))
                .then_with(|| left.provider.name.cmp(&right.provider.name))
        });
        match candidates.first() {
            Some(best) => Ok(ProbeSelection {
                selected: best.provider.clone(),
                selected_score: best.probe_score,
                candidates,
                rejected,
            }),
            None => Err(TransportSelectionError::of(policy, rejected)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TransportId;

    fn select(
        policy: TransportPolicy,
        samples: &[ProbeSample],
    ) -> Result<ProbeSelection, TransportSelectionError> {
        let remote = [TransportId::Tcp, TransportId::Quic].into_iter().collect();
        TransportProviderRegistry::new()
            .with_provider(TransportProviderDescriptor::standard_tcp())
            .with_provider(TransportProviderDescriptor::standard_quic())
            .select_with_probes(&remote, policy, samples)
    }

    fn sample(transport: TransportId, rtt_us: Option<u64>) -> ProbeSample {
        let name = match transport {
            TransportId::Quic => "nnrp-transport-quic",
            _ => "nnrp-transport-tcp",
        };
        match rtt_us {
            Some(rtt_us) => ProbeSample::success(transport, name, 0, rtt_us, 0, 0),
            None => ProbeSample::failure(transport, name, 0, true),
        }
    }

    #[test]
    fn the_worked_examples_of_spec_14_6() {
        let quick_tcp = [
            sample(TransportId::Tcp, Some(900)),
            sample(TransportId::Tcp, Some(1100)),
            sample(TransportId::Quic, Some(4000)),
            sample(TransportId::Quic, Some(5000)),
        ];
        let selection = select(TransportPolicy::Auto, &quick_tcp).expect("both work");
        assert_eq!(selection.selected.transport_id, TransportId::Tcp);
        assert_eq!(selection.candidates.len(), 2);
        assert_eq!(
            selection.candidates[0].probe_score,
            selection.selected_score
        );

        let flawed_quic = [
            sample(TransportId::Quic, Some(800)),
            sample(TransportId::Quic, None),
            sample(TransportId::Tcp, Some(5000)),
        ];
        let selection = select(TransportPolicy::PreferQuic, &flawed_quic).expect("TCP works");
        assert_eq!(selection.selected.transport_id, TransportId::Tcp);
        assert_eq!(
            selection.candidates[1].provider.transport_id,
            TransportId::Quic
        );

        let error =
            select(TransportPolicy::Auto, &[sample(TransportId::Quic, None)]).expect_err("none");
        let reasons: Vec<_> = error.rejected().iter().map(|one| one.reason).collect();
        let expected = [
            TransportRejectionReason::ProbeMissing,
            TransportRejectionReason::ProbeFailed,
        ];
        assert_eq!(reasons, expected);
        assert!(matches!(
            error,
            TransportSelectionError::NoViableTransport { .. }
        ));
    }

    #[test]
    fn a_forced_transport_whose_probe_failed_is_an_error_although_the_other_is_healthy() {
        let samples = [
            sample(TransportId::Quic, None),
            sample(TransportId::Tcp, Some(100)),
        ];
        let error = select(TransportPolicy::ForceQuic, &samples).expect_err("forced");
        assert!(matches!(
            error,
            TransportSelectionError::ForcedTransportUnavailable {
                transport_id: TransportId::Quic,
                ..
            }
        ));
    }

    #[test]
    fn equal_scores_are_decided_by_rank() {
        // A rank costs as much as a millisecond.
        let samples = [
            sample(TransportId::Tcp, Some(1000)),
            sample(TransportId::Quic, Some(2000)),
        ];
        let selection = select(TransportPolicy::Auto, &samples).expect("both work");
        assert_eq!(selection.selected.transport_id, TransportId::Quic);
    }
}
