//! Probing a running `nnrp-echo`, and selecting by what that finds.

use nnrp_runtime::compiled_providers;
use nnrp_runtime::selection::TransportPolicy;
use nnrp_transport_provider::probe::{ProbeOptions, probe_transport};
use nnrp_transport_provider::security::{ClientSecurity, Trust};
use nnrp_transport_provider::{Endpoint, Security, Transport};
use nnrp_transport_quic::QuicTransport;
use nnrp_transport_tcp::{TcpTransport, TlsTransport};
use nnrp_transport_websocket::WebSocketTransport;

use crate::PATIENCE;
use crate::support::*;

#[tokio::test]
async fn the_provider_that_was_probed_is_selected_and_the_other_was_not_probed() {
    let echo = Echo::start(&[]);
    let endpoint: Endpoint = echo.uri().parse().expect("an endpoint");
    let registry = compiled_providers();
    let provider = registry.available_for(endpoint.transport_id()).next();
    let provider = provider.expect("a provider of this build");
    let options = ProbeOptions {
        timeout: PATIENCE,
        ..ProbeOptions::default()
    };
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
    assert!(u128::from(selection.selected_score.median_rtt_us) < PATIENCE.as_micros());
    assert_eq!(selection.rejected.len(), 1);
}

/// The transport of an endpoint, whoever the server is.
fn transport(server: &Endpoint) -> Box<dyn Transport> {
    let security = Security::client(ClientSecurity {
        trust: Trust::DangerouslyAnyone,
        ..ClientSecurity::default()
    });
    match server {
        Endpoint::Tcp { .. } => Box::new(TcpTransport),
        Endpoint::Quic { .. } => Box::new(QuicTransport::new(security)),
        Endpoint::WebSocket { .. } => Box::new(WebSocketTransport::new(security)),
        _ => Box::new(TlsTransport::new(security)),
    }
}
