//! Probing a way to a server with the transports of this build, for the selection among them.

use std::future::Future;

use nnrp_transport_provider::probe::{ProbeOptions, probe_transport};
use nnrp_transport_provider::selection::{ProbeSample, TransportProviderDescriptor};
use nnrp_transport_provider::{Endpoint, Security, TransportError};

use crate::transport_kind::transport_of;

/// Measures the way to `endpoint` as one of `provider`; always gives as many samples as asked for.
///
/// The future must be polled inside a tokio runtime. Fails at once if this build has no transport for the endpoint.
pub fn probe(
    provider: TransportProviderDescriptor,
    endpoint: Endpoint,
    security: &Security,
    options: ProbeOptions,
) -> Result<impl Future<Output = Vec<ProbeSample>> + Send + use<>, TransportError> {
    let transport = transport_of(&endpoint, security)?;
    Ok(async move { probe_transport(&provider, &*transport, &endpoint, &options).await })
}
