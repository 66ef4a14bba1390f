//! Selection and score through the slots: JSON in, JSON out, words for what is wrong.

use super::module::{
    nnrp_wasm_score_provider_probe, nnrp_wasm_select_transport_with_probe, output_json,
    output_text, set_inputs,
};

const PROVIDERS: &str = r#"[
    {"name":"quic","version":"1","transport_id":1},
    {"name":"tcp","version":"1","transport_id":2,"kind":"native_dynamic","diagnostic":"unused"},
    {"name":"gone","version":"1","transport_id":2,"available":false,"diagnostic":"no socket"}]"#;
const SAMPLES: &str = r#"[
    {"transport_id":1,"provider_name":"quic","elapsed_us":1000,"rtt_us":900,"bytes_sent":64,"bytes_received":64},
    {"transport_id":2,"provider_name":"tcp","elapsed_us":1000,"rtt_us":100,"bytes_sent":64,"bytes_received":64}]"#;

fn select(policy: &str, remote: &str) -> u32 {
    set_inputs(&[PROVIDERS, remote, policy, SAMPLES].map(str::as_bytes));
    nnrp_wasm_select_transport_with_probe()
}

#[test]
fn each_policy_selects_among_the_transports_of_both_sides() {
    for (policy, remote, selected) in [
        ("auto", "[2]", "tcp"),
        ("force_quic", "[1,2]", "quic"),
        ("force_tcp", "[1,2]", "tcp"),
        ("prefer_quic", "[1]", "quic"),
        ("prefer_tcp", "[2]", "tcp"),
    ] {
        assert_eq!(select(policy, remote), 1, "{policy}: {}", output_text());
        let selection = output_json();
        assert_eq!(selection["selected"]["name"], selected, "{policy}");
        let rejected = selection["rejected"].as_array().expect("a list");
        assert!(
            rejected
                .iter()
                .any(|entry| entry["provider_name"] == "gone"),
            "{selection}"
        );
    }
}

#[test]
fn each_reason_of_a_rejection_has_its_name() {
    let reason = |policy, remote| {
        assert_eq!(select(policy, remote), 1, "{}", output_text());
        let selection = output_json();
        let rejected = selection["rejected"].as_array().expect("a list").clone();
        let of = |name: &str| {
            let entry = rejected.iter().find(|entry| entry["provider_name"] == name);
            entry.map_or(String::new(), |entry| entry["reason"].to_string())
        };
        (of("quic"), of("gone"))
    };
    let (quic, gone) = reason("force_tcp", "[1,2]");
    assert!(quic.contains("PolicyDisallowed"), "{quic}");
    assert!(gone.contains("LocalProviderUnavailable"), "{gone}");
    let (quic, _) = reason("auto", "[2]");
    assert!(quic.contains("RemoteUnsupported"), "{quic}");

    let without_samples = [PROVIDERS, "[1,2]", "auto", "[]"].map(str::as_bytes);
    set_inputs(&without_samples);
    assert_eq!(nnrp_wasm_select_transport_with_probe(), 0);
    assert!(!output_text().is_empty());
}

#[test]
fn a_provider_has_its_score() {
    let provider = r#"{"name":"tcp","version":"1","transport_id":2,"kind":"pure_rust"}"#;
    set_inputs(&[provider, "auto", SAMPLES].map(str::as_bytes));
    assert_eq!(nnrp_wasm_score_provider_probe(), 1, "{}", output_text());
    assert_eq!(output_json()["median_rtt_us"], 100);
}

#[test]
fn what_is_wrong_is_said_in_words() {
    for (arguments, word) in [
        (["[", "[]", "auto", "[]"], "providers"),
        (["[]", "[9]", "auto", "[]"], "transport id 9"),
        (["[]", "[1]", "AUTO", "[]"], "policy"),
        (["[]", "[1]", "auto", "{}"], "samples"),
    ] {
        set_inputs(&arguments.map(str::as_bytes));
        assert_eq!(nnrp_wasm_select_transport_with_probe(), 0);
        let words = output_text();
        assert!(words.contains(word), "{arguments:?}: {words}");
    }
    set_inputs(&[b"\xff\xfe"]);
    assert_eq!(nnrp_wasm_select_transport_with_probe(), 0);
    assert!(output_text().contains("no text"), "{}", output_text());
}
