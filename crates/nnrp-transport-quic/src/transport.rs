//! Connects and listens on QUIC.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use nnrp_transport_provider::security::{Alpn, Binding, SecurityError};
use nnrp_transport_provider::{
    BoxFuture, Endpoint, Link, Listener, Security, Transport, TransportError, TransportErrorKind,
    TransportId,
};
use quinn::ConnectionError;
use quinn::crypto::rustls::QuicClientConfig;
use tokio::net::lookup_host;

use crate::client_endpoint::client_endpoint;
use crate::error::{io_error, is_alpn_refusal};
use crate::knock::refused;
use crate::link::connected_link;
use crate::listener::QuicFramedListener;
use crate::parameters;

/// The transport of `nnrp+quic://host:port`.
///
/// Connections made on one async runtime share a UDP socket for each address family.
#[derive(Clone, Debug, Default)]
pub struct QuicTransport {
    security: Security,
}

impl QuicTransport {
    /// With these certificates, names and tokens.
    #[must_use]
    pub fn new(security: Security) -> Self {
        Self { security }
    }
}

impl Transport for QuicTransport {
    fn id(&self) -> TransportId {
        TransportId::Quic
    }

    /// Tries every address of the host name in the resolver's order.
    fn connect<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Link, TransportError>> {
        Box::pin(async move {
            let (host, port) = quic_address(endpoint)?;
            let failed =
                |source| TransportError::new(TransportErrorKind::Connect, endpoint, source);
            let name = self.security.server_name(endpoint);
            let name = name.map_err(|error| failed(error.into()))?;
            let mut failure =
                io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
            for address in lookup_host((host, port)).await.map_err(failed)? {
                match self.connect_address(address, &name).await {
                    Ok(link) => return Ok(link),
                    Err(error) => failure = error,
                }
            }
            Err(failed(failure))
        })
    }

    /// Binds the first address of the host name that can be bound. A missing or unusable certificate is found here, not at the first peer.
    fn listen<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let address = quic_address(endpoint)?;
            let failed = |source| TransportError::new(TransportErrorKind::Listen, endpoint, source);
            let configs =
                parameters::server_configs(&self.security).map_err(|error| failed(error.into()))?;
            let listener = QuicFramedListener::bind(endpoint, address, configs).await;
            let bound: Box<dyn Listener> = Box::new(listener.map_err(failed)?);
            Ok(bound)
        })
    }
}

impl QuicTransport {
    /// Offers the token first, where there is one. A server that knows none (a published one) ends such a handshake; the next one offers none.
    async fn connect_address(&self, address: SocketAddr, name: &str) -> io::Result<Link> {
        match self.handshake(address, name, true).await? {
            Ok(link) => Ok(link),
            Err(error) if is_alpn_refusal(&error) && self.may_go_without_token() => self
                .handshake(address, name, false)
                .await?
                .map_err(|error| io_error(&error)),
            Err(error) => Err(io_error(&error)),
        }
    }

    fn may_go_without_token(&self) -> bool {
        self.security.of_client().alpn == Alpn::Binding
    }

    async fn handshake(
        &self,
        address: SocketAddr,
        name: &str,
        with_token: bool,
    ) -> io::Result<Result<Link, ConnectionError>> {
        let config = self.client_config(address, with_token)?;
        let endpoint = client_endpoint(address)?;
        let connecting = endpoint
            .connect(config, address, name)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let (mut connecting, mut refused) = (pin!(connecting), pin!(refused(address)));
        let connection = poll_fn(|cx| match connecting.as_mut().poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(Ok(outcome)),
            Poll::Pending => refused.as_mut().poll(cx).map(Err),
        });
        match connection.await? {
            Ok(connection) => Ok(connected_link(connection, endpoint).await),
            Err(error) => Ok(Err(error)),
        }
    }

    fn client_config(
        &self,
        address: SocketAddr,
        with_token: bool,
    ) -> Result<quinn::ClientConfig, SecurityError> {
        let tls = self.security.client_config(Binding::Quic, with_token)?;
        let crypto = QuicClientConfig::try_from(tls)
            .map_err(|error| SecurityError::Provider(error.to_string()))?;
        let mut config = quinn::ClientConfig::new(Arc::new(crypto));
        config.transport_config(parameters::of_client(address));
        Ok(config)
    }
}

fn quic_address(endpoint: &Endpoint) -> Result<(&str, u16), TransportError> {
    match endpoint {
        Endpoint::Quic { host, port } => Ok((host, *port)),
        _ => Err(TransportError::unsupported(endpoint)),
    }
}

#[cfg(test)]
mod tests;
