//! TLS 1.3 over TCP: `nnrp+tls://host:port`, ALPN `nnrp/1-tcp`.

use std::sync::Arc;

use nnrp_transport_provider::security::Binding;
use nnrp_transport_provider::{
    BoxFuture, Endpoint, Incoming, Link, Listener, Security, Transport, TransportError,
    TransportErrorKind, TransportId,
};
use rustls::{CommonState, ServerConfig};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, split};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::socket::{AcceptedSocket, BoundSocket, connect_any, failed_to_accept, peer_of};

/// The transport of `nnrp+tls://host:port`.
///
/// A server selects the token where one is offered and serves peers that offer none. Ending the writing side tells the peer so under the
/// protection of TLS; a stream that ends without it reads as `UnexpectedEof`, so nobody in between can cut it short unnoticed.
#[derive(Clone, Debug)]
pub struct TlsTransport {
    security: Security,
    binding: Binding,
}

impl Default for TlsTransport {
    fn default() -> Self {
        Self::new(Security::default())
    }
}

impl TlsTransport {
    /// With these certificates, names and tokens.
    #[must_use]
    pub fn new(security: Security) -> Self {
        Self::beneath(Binding::Tls, security)
    }

    /// TLS over TCP beneath something else, whose token is the one to speak of.
    #[must_use]
    pub fn beneath(binding: Binding, security: Security) -> Self {
        Self { security, binding }
    }
}

impl Transport for TlsTransport {
    fn id(&self) -> TransportId {
        TransportId::Tcp
    }

    /// Tries every address of the host name in the resolver's order, then shakes hands with the first that answers.
    fn connect<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Link, TransportError>> {
        Box::pin(async move {
            let address = tls_address(endpoint)?;
            let failed =
                |source| TransportError::new(TransportErrorKind::Connect, endpoint, source);
            let config = self
                .security
                .client_config(self.binding, true)
                .map_err(|error| failed(error.into()))?;
            let name = self
                .security
                .server_name(endpoint)
                .map_err(|error| failed(error.into()))?;
            let name =
                ServerName::try_from(name).map_err(|error| failed(std::io::Error::other(error)))?;
            let stream = connect_any(address).await.map_err(failed)?;
            let peer = peer_of(&stream);
            let stream = TlsConnector::from(config).connect(name, stream).await;
            let stream = stream.map_err(failed)?;
            let alpn = alpn_of(stream.get_ref().1);
            Ok(link(stream, peer, alpn))
        })
    }

    /// Binds the first address of the host name that can be bound. A missing or unusable certificate is found here, not at the first peer.
    fn listen<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let address = tls_address(endpoint)?;
            let config = self
                .security
                .server_config(self.binding, true)
                .map_err(|error| {
                    TransportError::new(TransportErrorKind::Listen, endpoint, error.into())
                })?;
            let bound: Box<dyn Listener> = Box::new(TlsFramedListener {
                socket: BoundSocket::bind(endpoint, address).await?,
                config,
            });
            Ok(bound)
        })
    }
}

struct TlsFramedListener {
    socket: BoundSocket,
    config: Arc<ServerConfig>,
}

impl Listener for TlsFramedListener {
    fn endpoint(&self) -> &Endpoint {
        &self.socket.endpoint
    }

    fn accept(&mut self) -> BoxFuture<'_, Result<Box<dyn Incoming>, TransportError>> {
        Box::pin(async move {
            let incoming: Box<dyn Incoming> = Box::new(TlsIncoming {
                socket: self.socket.accept().await?,
                config: Arc::clone(&self.config),
            });
            Ok(incoming)
        })
    }
}

struct TlsIncoming {
    socket: AcceptedSocket,
    config: Arc<ServerConfig>,
}

impl Incoming for TlsIncoming {
    fn peer(&self) -> String {
        self.socket.peer()
    }

    fn attach(self: Box<Self>) -> BoxFuture<'static, Result<Link, TransportError>> {
        Box::pin(async move {
            let endpoint = self.socket.endpoint().clone();
            let stream = self.socket.attach()?;
            let peer = peer_of(&stream);
            let stream = TlsAcceptor::from(self.config).accept(stream).await;
            let stream = stream.map_err(|source| failed_to_accept(&endpoint, source))?;
            let alpn = alpn_of(stream.get_ref().1);
            Ok(link(stream, peer, alpn))
        })
    }
}

fn alpn_of(state: &CommonState) -> Option<String> {
    let token = state.alpn_protocol()?;
    Some(String::from_utf8_lossy(token).into_owned())
}

fn link(
    stream: impl AsyncRead + AsyncWrite + Send + 'static,
    peer: String,
    alpn: Option<String>,
) -> Link {
    let (reader, writer) = split(stream);
    Link {
        reader: Box::new(reader),
        writer: Box::new(writer),
        peer,
        alpn,
        control: None,
    }
}

fn tls_address(endpoint: &Endpoint) -> Result<(&str, u16), TransportError> {
    match endpoint {
        Endpoint::Tls { host, port } => Ok((host, *port)),
        _ => Err(TransportError::unsupported(endpoint)),
    }
}

#[cfg(test)]
mod tests;
