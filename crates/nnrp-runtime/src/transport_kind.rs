//! The transports of this build: which one serves an endpoint, and whether a configuration fits it.

use nnrp_transport_provider::selection::{
    ProviderFeatureSet, TransportProviderDescriptor, TransportProviderRegistry,
};
use nnrp_transport_provider::{Endpoint, MemoryTransport, Security, Transport, TransportError};
#[cfg(feature = "quic")]
use nnrp_transport_quic::QuicTransport;
use nnrp_transport_tcp::TcpTransport;
#[cfg(feature = "tls")]
use nnrp_transport_tcp::TlsTransport;
#[cfg(feature = "websocket")]
use nnrp_transport_websocket::WebSocketTransport;

use crate::RuntimeError;
#[cfg(all(feature = "quic", feature = "tls"))]
use crate::secure_transport::SecureTransport;

/// A transport as configurations name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RuntimeTransportKind {
    /// TCP, with or without TLS and WebSocket.
    #[default]
    Tcp,
    /// QUIC.
    Quic,
}

/// The provider families of this build.
#[must_use]
pub fn compile_time_provider_features() -> ProviderFeatureSet {
    ProviderFeatureSet {
        quic: cfg!(feature = "quic"),
        wasm: cfg!(target_family = "wasm"),
        ..ProviderFeatureSet::default()
    }
}

/// The providers of this build: a start for selection (spec 14).
#[must_use]
pub fn compiled_providers() -> TransportProviderRegistry {
    let registry = TransportProviderRegistry::new();
    let registry = registry.with_provider(TransportProviderDescriptor::standard_tcp());
    if compile_time_provider_features().quic {
        registry.with_provider(TransportProviderDescriptor::standard_quic())
    } else {
        registry
    }
}

/// The transport that serves an endpoint.
pub(crate) fn transport_of(
    endpoint: &Endpoint,
    #[cfg_attr(
        not(any(feature = "tls", feature = "quic", feature = "websocket")),
        expect(unused_variables, reason = "without these nothing is secured")
    )]
    security: &Security,
) -> Result<Box<dyn Transport>, TransportError> {
    match endpoint {
        Endpoint::Tcp { .. } => Ok(Box::new(TcpTransport)),
        Endpoint::Memory { .. } => Ok(Box::new(MemoryTransport)),
        #[cfg(feature = "tls")]
        Endpoint::Tls { .. } => Ok(Box::new(TlsTransport::new(security.clone()))),
        #[cfg(feature = "quic")]
        Endpoint::Quic { .. } => Ok(Box::new(QuicTransport::new(security.clone()))),
        #[cfg(all(feature = "quic", feature = "tls"))]
        Endpoint::Secure { .. } => Ok(Box::new(SecureTransport::new(security))),
        #[cfg(feature = "websocket")]
        Endpoint::WebSocket { .. } => Ok(Box::new(WebSocketTransport::new(security.clone()))),
        #[cfg(all(feature = "websocket", feature = "tls"))]
        Endpoint::SecureWebSocket { .. } => Ok(Box::new(WebSocketTransport::new(security.clone()))),
        _ => Err(TransportError::unsupported(endpoint)),
    }
}

/// Refuses a configuration that does not fit, before any I/O. In-process endpoints fit every configuration.
pub(crate) fn require_kind(
    kind: RuntimeTransportKind,
    endpoint: &Endpoint,
) -> Result<(), RuntimeError> {
    let fits = match endpoint {
        Endpoint::Secure { .. } | Endpoint::Memory { .. } => true,
        Endpoint::Quic { .. } => kind == RuntimeTransportKind::Quic,
        _ => kind == RuntimeTransportKind::Tcp,
    };
    if fits {
        return Ok(());
    }
    let message = format!("{endpoint} is no endpoint of the configured transport, {kind:?}");
    Err(RuntimeError::UnsupportedTransport(message))
}

/// The endpoint of `host:port`.
pub(crate) fn tcp_endpoint(address: &str) -> Result<Endpoint, RuntimeError> {
    Ok(Endpoint::tcp(address)?)
}

/// The endpoint of `host:port`.
pub(crate) fn quic_endpoint(address: &str) -> Result<Endpoint, RuntimeError> {
    Ok(Endpoint::quic(address)?)
}
