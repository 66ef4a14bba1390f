//! Probing a running `nnrp-echo`, and selecting by what that finds.

use nnrp_runtime::compiled_providers;
use nnrp_runtime::selection::TransportPolicy;
use nnrp_transport_provider::Endpoint;
use nnrp_transport_provider::probe::{ProbeOptions, probe_transport};

use crate::bridge::transport;
use crate::support::*;

#[tokio::test]
async fn the_provider_that_was_probed_is_selected_and_the_other_was_not_probed() {
    let echo = Echo::start(&[]);
    let endpoint: Endpoint = echo.uri().parse().expect("an endpoint");
    let registry = compiled_providers();
    let provider = registry.available_for(endpoint.transport_id()).next();
    let provider = provider.expect("a provider of this build");
    let options = ProbeOptions::default();
    let transport = transport(&endpoint);
    let samples = probe_transport(provider, transport.as_ref(), &endpoint, &options).await;
    let sent = u64::from(options.payload_bytes) + 56;
    assert!(
        samples
            .iter()
            .all(|sample| !sample.failed && sample.bytes_sent == sent),
        "{samples:?}"
    );

    let remote = [endpoint.transport_id()].into_iter().collect();
    let selection = registry.select_with_probes(&remote, TransportPolicy::Auto, &samples);
    let selection = selection.expect("probed");
    assert_eq!(&selection.selected, provider);
    assert!(selection.selected_score.median_rtt_us < 1_000_000);
    assert_eq!(selection.rejected.len(), 1);
}
