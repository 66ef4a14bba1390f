//! Selection and score, JSON text in and JSON text out (spec 16.2–16.5).

use nnrp_transport_provider::TransportId;
use nnrp_transport_provider::selection::{
    ProbeSample, ProbeSelection, RejectedTransportCandidate, RemoteTransportSupport,
    TransportPolicy, TransportProviderRegistry, TransportRejectionReason, score_probe_samples,
};
use serde::{Deserialize, Serialize};

use crate::provider_text::{ProviderInput, ProviderOutput, number_of, transport_of};
use crate::score_text::{SampleInput, ScoreOutput};

/// The provider to use by policy, by what the peer serves and by probes; spec 16.4 has the keys of the result.
///
/// The arguments are read in their order, and the first error is the one that is told.
pub fn select_transport_with_probe_json(
    providers: &str,
    remote_transports: &str,
    policy: &str,
    samples: &str,
) -> Result<String, String> {
    let registry = registry_of(providers)?;
    let remote = remote_of(remote_transports)?;
    let policy = policy_of(policy)?;
    let samples = samples_of(samples)?;
    let selection = registry
        .select_with_probes(&remote, policy, &samples)
        .map_err(|error| error.to_string())?;
    text_of(&SelectionOutput::from(&selection))
}

/// The score of one provider, whether or not it is available and allowed (spec 16.5).
pub fn score_provider_probe_json(
    provider: &str,
    policy: &str,
    samples: &str,
) -> Result<String, String> {
    let provider = parsed::<ProviderInput>("provider", provider)?.into_descriptor()?;
    let policy = policy_of(policy)?;
    let samples = samples_of(samples)?;
    let score = score_probe_samples(&provider, &samples, policy).ok_or_else(|| {
        format!(
            "no matching probe samples for provider \"{}\"",
            provider.name
        )
    })?;
    text_of(&ScoreOutput::from(&score))
}

#[derive(Serialize)]
struct SelectionOutput<'a> {
    selected: ProviderOutput<'a>,
    selected_score: ScoreOutput,
    candidates: Vec<CandidateOutput<'a>>,
    rejected: Vec<RejectedOutput<'a>>,
}

#[derive(Serialize)]
struct CandidateOutput<'a> {
    provider: ProviderOutput<'a>,
    probe_score: ScoreOutput,
}

#[derive(Serialize)]
struct RejectedOutput<'a> {
    transport_id: u8,
    provider_name: &'a str,
    reason: &'static str,
}

impl<'a> From<&'a ProbeSelection> for SelectionOutput<'a> {
    fn from(selection: &'a ProbeSelection) -> Self {
        let candidates = selection.candidates.iter();
        Self {
            selected: (&selection.selected).into(),
            selected_score: (&selection.selected_score).into(),
            candidates: candidates
                .map(|candidate| CandidateOutput {
                    provider: (&candidate.provider).into(),
                    probe_score: (&candidate.probe_score).into(),
                })
                .collect(),
            rejected: selection.rejected.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a RejectedTransportCandidate> for RejectedOutput<'a> {
    fn from(rejected: &'a RejectedTransportCandidate) -> Self {
        Self {
            transport_id: number_of(rejected.transport_id),
            provider_name: &rejected.provider_name,
            reason: match rejected.reason {
                TransportRejectionReason::PolicyDisallowed => "PolicyDisallowed",
                TransportRejectionReason::LocalProviderUnavailable => "LocalProviderUnavailable",
                TransportRejectionReason::RemoteUnsupported => "RemoteUnsupported",
                TransportRejectionReason::ProbeMissing => "ProbeMissing",
                TransportRejectionReason::ProbeFailed => "ProbeFailed",
            },
        }
    }
}

fn registry_of(text: &str) -> Result<TransportProviderRegistry, String> {
    let mut registry = TransportProviderRegistry::new();
    for provider in parsed::<Vec<ProviderInput>>("providers", text)? {
        registry.register(provider.into_descriptor()?);
    }
    Ok(registry)
}

fn remote_of(text: &str) -> Result<RemoteTransportSupport, String> {
    let numbers = parsed::<Vec<u64>>("remote transports", text)?;
    let transports: Result<Vec<TransportId>, String> =
        numbers.into_iter().map(transport_of).collect();
    Ok(transports?.into_iter().collect())
}

fn policy_of(text: &str) -> Result<TransportPolicy, String> {
    match text {
        "auto" => Ok(TransportPolicy::Auto),
        "prefer_quic" => Ok(TransportPolicy::PreferQuic),
        "prefer_tcp" => Ok(TransportPolicy::PreferTcp),
        "force_quic" => Ok(TransportPolicy::ForceQuic),
        "force_tcp" => Ok(TransportPolicy::ForceTcp),
        other => Err(format!(
            "transport policy \"{other}\" does not exist: use auto, prefer_quic, prefer_tcp, force_quic or force_tcp"
        )),
    }
}

fn samples_of(text: &str) -> Result<Vec<ProbeSample>, String> {
    let samples = parsed::<Vec<SampleInput>>("samples", text)?;
    samples.into_iter().map(SampleInput::into_sample).collect()
}

fn parsed<'a, T: Deserialize<'a>>(what: &str, text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("{what}: {error}"))
}

fn text_of(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDERS: &str = r#"[
        {"name":"tcp","version":"0.0.0","transport_id":2,"kind":"wasm"},
        {"name":"quic","version":"0.0.0","transport_id":1},
        {"name":"q2","version":"0.0.0","transport_id":1,"kind":"native_dynamic","available":false},
        {"name":"none","version":"0.0.0","transport_id":0}]"#;
    const SAMPLES: &str = r#"[
        {"transport_id":2,"provider_name":"tcp","elapsed_us":20000,"rtt_us":5000,"bytes_sent":1024,"bytes_received":1024},
        {"transport_id":2,"provider_name":"tcp","elapsed_us":20000,"rtt_us":5100,"bytes_sent":1024,"bytes_received":1024,"failed":null},
        {"transport_id":1,"provider_name":"quic","elapsed_us":20000,"rtt_us":800,"bytes_sent":1024,"bytes_received":1024},
        {"transport_id":1,"provider_name":"quic","elapsed_us":20000,"rtt_us":null,"bytes_sent":0,"bytes_received":0,"timed_out":true,"failed":true}]"#;

    #[test]
    fn the_recorded_example_of_spec_16_4_comes_out_to_the_byte() {
        let selection =
            select_transport_with_probe_json(PROVIDERS, "[1,2]", "prefer_quic", SAMPLES);
        let recorded = r#"{"selected":{"name":"tcp","version":"0.0.0","transport_id":2,"kind":"wasm","available":true,"diagnostic":null},"selected_score":{"sample_count":2,"failure_count":0,"failure_rate":0.0,"median_rtt_us":5100,"throughput_bytes_per_sec":102400,"score":5998.0},"candidates":[{"provider":{"name":"tcp","version":"0.0.0","transport_id":2,"kind":"wasm","available":true,"diagnostic":null},"probe_score":{"sample_count":2,"failure_count":0,"failure_rate":0.0,"median_rtt_us":5100,"throughput_bytes_per_sec":102400,"score":5998.0}},{"provider":{"name":"quic","version":"0.0.0","transport_id":1,"kind":"wasm","available":true,"diagnostic":null},"probe_score":{"sample_count":2,"failure_count":1,"failure_rate":0.5,"median_rtt_us":800,"throughput_bytes_per_sec":51200,"score":5000749.0}}],"rejected":[{"transport_id":1,"provider_name":"q2","reason":"LocalProviderUnavailable"}]}"#;
        assert_eq!(selection.as_deref(), Ok(recorded));
    }

    #[test]
    fn a_score_looks_neither_at_policy_nor_at_availability() {
        let provider = r#"{"name":"quic","version":"1","transport_id":1,"available":false}"#;
        let score = score_provider_probe_json(provider, "force_tcp", SAMPLES).expect("score");
        assert!(score.ends_with(r#""score":5255749.0}"#), "{score}");
    }

    #[test]
    fn the_first_wrong_argument_is_the_one_that_is_told() {
        let error = |providers, remote, policy, samples| {
            select_transport_with_probe_json(providers, remote, policy, samples)
                .expect_err("an error")
        };
        assert!(error("[", "[9]", "?", "[").starts_with("providers: "));
        assert!(error("[]", "[9]", "?", "[").contains("transport id 9"));
        assert!(error("[]", "[0,1]", "AUTO", "[").contains("policy \"AUTO\""));
        assert!(error("[]", "[0,1]", "auto", "[").starts_with("samples: "));
        assert!(error("[]", "[5.0]", "auto", "[]").starts_with("remote transports: "));
        let twin = r#"[{"name":"x","version":"1","transport_id":2,"kind":"jit"}]"#;
        assert!(error(twin, "[]", "auto", "[]").contains("kind \"jit\""));
    }

    #[test]
    fn without_a_matching_sample_there_is_no_score() {
        let provider = r#"{"name":"x","version":"1","transport_id":2}"#;
        let error = score_provider_probe_json(provider, "auto", SAMPLES).expect_err("an error");
        assert!(error.contains("no matching probe samples"), "{error}");
    }

    #[test]
    fn numbers_up_to_the_last_of_64_bits_are_read() {
        let provider = r#"{"name":"x","version":"1","transport_id":2}"#;
        let samples = r#"[{"transport_id":2,"provider_name":"x","elapsed_us":1,"rtt_us":18446744073709551615,"bytes_sent":0,"bytes_received":0}]"#;
        let score = score_provider_probe_json(provider, "auto", samples).expect("score");
        assert!(
            score.contains("\"median_rtt_us\":18446744073709551615"),
            "{score}"
        );
    }
}
