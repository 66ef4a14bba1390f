//! Connects and listens: a WebSocket is a link of TCP or TLS after one more handshake.

use std::sync::Arc;

use nnrp_transport_provider::security::Origins;
use nnrp_transport_provider::{
    BoxFuture, Endpoint, Incoming, Link, Listener, Security, Transport, TransportError,
    TransportErrorKind, TransportId,
};
use nnrp_transport_tcp::TcpTransport;

use crate::frame::Role;
use crate::handshake::{Target, Welcome, answer, ask};
use crate::link::framed;

/// The transport of `nnrp+ws://host:port/path` and, with the feature `tls`, of `nnrp+wss://host:port/path`.
///
/// A listener answers to the path of its endpoint, or to every path if it has none, and to pages that [`Security::of_server`] admits. Both sides
/// speak of the subprotocol `nnrp.1` and take peers that speak of none.
#[derive(Clone, Debug, Default)]
pub struct WebSocketTransport {
    security: Security,
}

impl WebSocketTransport {
    /// With these certificates, names and origins.
    #[must_use]
    pub fn new(security: Security) -> Self {
        Self { security }
    }

    /// What carries the WebSocket of an endpoint, and at which endpoint of its own.
    fn beneath(&self, endpoint: &Endpoint) -> Result<Beneath, TransportError> {
        match endpoint {
            Endpoint::WebSocket { host, port, path } => Ok(Beneath {
                carrier: Box::new(TcpTransport),
                endpoint: Endpoint::Tcp {
                    host: host.clone(),
                    port: *port,
                },
                path: path.clone(),
            }),
            #[cfg(feature = "tls")]
            Endpoint::SecureWebSocket { host, port, path } => Ok(Beneath {
                carrier: Box::new(nnrp_transport_tcp::TlsTransport::beneath(
                    nnrp_transport_provider::security::Binding::WebSocket,
                    self.security.clone(),
                )),
                endpoint: Endpoint::Tls {
                    host: host.clone(),
                    port: *port,
                },
                path: path.clone(),
            }),
            _ => Err(TransportError::unsupported(endpoint)),
        }
    }
}

struct Beneath {
    carrier: Box<dyn Transport>,
    endpoint: Endpoint,
    path: String,
}

impl Transport for WebSocketTransport {
    fn id(&self) -> TransportId {
        TransportId::Tcp
    }

    fn connect<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Link, TransportError>> {
        Box::pin(async move { connect_over(&self.beneath(endpoint)?, endpoint).await })
    }

    fn listen<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let beneath = self.beneath(endpoint)?;
            let origins = self.security.of_server().origins.clone();
            listen_over(&beneath, endpoint, origins).await
        })
    }
}

async fn connect_over(beneath: &Beneath, endpoint: &Endpoint) -> Result<Link, TransportError> {
    let carrier = beneath.carrier.connect(&beneath.endpoint).await;
    let mut carrier = carrier.map_err(|error| error.at(endpoint))?;
    let target = Target {
        authority: authority(&beneath.endpoint),
        path: beneath.path.clone(),
    };
    let early = ask(&mut carrier, &target).await;
    let early =
        early.map_err(|error| TransportError::new(TransportErrorKind::Connect, endpoint, error))?;
    Ok(framed(carrier, Role::Client, early))
}

/// Host and port as they stand in the URI.
fn authority(endpoint: &Endpoint) -> String {
    let uri = endpoint.to_string();
    let authority = uri.split_once("://").map(|(_, authority)| authority);
    authority.unwrap_or(&uri).to_owned()
}

async fn listen_over(
    beneath: &Beneath,
    endpoint: &Endpoint,
    origins: Origins,
) -> Result<Box<dyn Listener>, TransportError> {
    let carrier = beneath.carrier.listen(&beneath.endpoint).await;
    let carrier = carrier.map_err(|error| error.at(endpoint))?;
    let port = carrier.endpoint().address().map_or(0, |(_, port)| port);
    Ok(Box::new(WebSocketListener {
        endpoint: endpoint.clone().with_port(port),
        carrier,
        welcome: Arc::new(Welcome {
            path: beneath.path.clone(),
            origins,
        }),
    }))
}

struct WebSocketListener {
    carrier: Box<dyn Listener>,
    endpoint: Endpoint,
    welcome: Arc<Welcome>,
}

impl Listener for WebSocketListener {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn accept(&mut self) -> BoxFuture<'_, Result<Box<dyn Incoming>, TransportError>> {
        Box::pin(async move {
            let carrier = self.carrier.accept().await;
            let incoming: Box<dyn Incoming> = Box::new(WebSocketIncoming {
                carrier: carrier.map_err(|error| error.at(&self.endpoint))?,
                endpoint: self.endpoint.clone(),
                welcome: Arc::clone(&self.welcome),
            });
            Ok(incoming)
        })
    }
}

struct WebSocketIncoming {
    carrier: Box<dyn Incoming>,
    endpoint: Endpoint,
    welcome: Arc<Welcome>,
}

impl Incoming for WebSocketIncoming {
    fn peer(&self) -> String {
        self.carrier.peer()
    }

    fn attach(self: Box<Self>) -> BoxFuture<'static, Result<Link, TransportError>> {
        Box::pin(async move {
            let carrier = self.carrier.attach().await;
            let mut carrier = carrier.map_err(|error| error.at(&self.endpoint))?;
            let early = answer(&mut carrier, &self.welcome).await.map_err(|error| {
                TransportError::new(TransportErrorKind::Accept, &self.endpoint, error)
            })?;
            Ok(framed(carrier, Role::Server, early))
        })
    }
}

#[cfg(test)]
mod tests;
