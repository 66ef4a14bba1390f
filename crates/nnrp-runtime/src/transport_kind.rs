//! The transports a configuration can name, and whether an endpoint fits.

use nnrp_transport_provider::Endpoint;

use crate::RuntimeError;

/// A transport as configurations name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RuntimeTransportKind {
    /// TCP.
    #[default]
    Tcp,
    /// QUIC; not in this build.
    Quic,
}

/// Refuses a configuration that does not fit, before any I/O. In-process endpoints fit every configuration.
pub(crate) fn require_kind(
    kind: RuntimeTransportKind,
    endpoint: &Endpoint,
) -> Result<(), RuntimeError> {
    match (kind, endpoint) {
        (RuntimeTransportKind::Tcp, _) => Ok(()),
        (RuntimeTransportKind::Quic, _) => {
            let message =
                format!("QUIC is not in this build and {endpoint} is no QUIC endpoint; use Tcp");
            Err(RuntimeError::UnsupportedTransport(message))
        }
    }
}

/// The endpoint of `host:port`.
pub(crate) fn tcp_endpoint(address: &str) -> Result<Endpoint, RuntimeError> {
    Ok(Endpoint::tcp(address)?)
}
