//! TCP sockets as a transport: `nnrp+tcp://host:port`, without TLS.
//!
//! Every socket has `TCP_NODELAY` set: packets are joined by the coalescing writer, never held back by a timer.

use std::io;

use nnrp_transport_provider::{
    BoxFuture, Endpoint, Incoming, Link, Listener, Transport, TransportError, TransportErrorKind,
    TransportId,
};
use tokio::net::{TcpListener, TcpStream, lookup_host};

/// The transport of `nnrp+tcp://host:port`.
#[derive(Clone, Copy, Debug, Default)]
pub struct TcpTransport;

impl Transport for TcpTransport {
    fn id(&self) -> TransportId {
        TransportId::Tcp
    }

    /// Tries every address of the host name in the resolver's order.
    fn connect<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Link, TransportError>> {
        Box::pin(async move {
            let (host, port) = tcp_address(endpoint)?;
            let failed =
                |source| TransportError::new(TransportErrorKind::Connect, endpoint, source);
            let stream = connect_any(host, port).await.map_err(failed)?;
            link(stream).map_err(failed)
        })
    }

    /// Binds the first address of the host name that can be bound.
    fn listen<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let address = tcp_address(endpoint)?;
            let failed = |source| TransportError::new(TransportErrorKind::Listen, endpoint, source);
            let listener = TcpListener::bind(address).await.map_err(failed)?;
            let port = listener.local_addr().map_err(failed)?.port();
            let bound: Box<dyn Listener> = Box::new(BoundTcpListener {
                listener,
                endpoint: endpoint.clone().with_port(port),
            });
            Ok(bound)
        })
    }
}

struct BoundTcpListener {
    listener: TcpListener,
    endpoint: Endpoint,
}

impl Listener for BoundTcpListener {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn accept(&mut self) -> BoxFuture<'_, Result<Box<dyn Incoming>, TransportError>> {
        Box::pin(async move {
            let failed =
                |source| TransportError::new(TransportErrorKind::Accept, &self.endpoint, source);
            let (stream, _) = self.listener.accept().await.map_err(failed)?;
            // The driver of the connection may run on another async runtime, so the socket leaves this one.
            let stream = stream.into_std().map_err(failed)?;
            let incoming: Box<dyn Incoming> = Box::new(TcpIncoming {
                stream,
                endpoint: self.endpoint.clone(),
            });
            Ok(incoming)
        })
    }
}

struct TcpIncoming {
    stream: std::net::TcpStream,
    endpoint: Endpoint,
}

impl Incoming for TcpIncoming {
    fn attach(self: Box<Self>) -> BoxFuture<'static, Result<Link, TransportError>> {
        Box::pin(async move {
            TcpStream::from_std(self.stream)
                .and_then(link)
                .map_err(|source| {
                    TransportError::new(TransportErrorKind::Accept, &self.endpoint, source)
                })
        })
    }
}

async fn connect_any(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
    for address in lookup_host((host, port)).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn link(stream: TcpStream) -> io::Result<Link> {
    stream.set_nodelay(true)?;
    let peer = stream
        .peer_addr()
        .map_or_else(|_| "unknown".to_owned(), |address| address.to_string());
    let (reader, writer) = stream.into_split();
    Ok(Link {
        reader: Box::new(reader),
        writer: Box::new(writer),
        peer,
        alpn: None,
        control: None,
    })
}

fn tcp_address(endpoint: &Endpoint) -> Result<(&str, u16), TransportError> {
    match endpoint {
        Endpoint::Tcp { host, port } => Ok((host, *port)),
        _ => Err(TransportError::unsupported(endpoint)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nnrp_transport_provider::contract::Fixture;

    struct Tcp;

    impl Fixture for Tcp {
        fn transport(&self) -> &dyn Transport {
            &TcpTransport
        }

        fn free_endpoint(&self, _test: &str) -> Endpoint {
            Endpoint::Tcp {
                host: "127.0.0.1".into(),
                port: 0,
            }
        }
    }

    nnrp_transport_provider::transport_contract!(super::Tcp);

    #[tokio::test]
    async fn a_host_name_is_looked_up() {
        let mut listener = TcpTransport
            .listen(&Tcp.free_endpoint(""))
            .await
            .expect("listen");
        let Endpoint::Tcp { port, .. } = *listener.endpoint() else {
            panic!("a TCP endpoint")
        };
        let by_name = Endpoint::Tcp {
            host: "localhost".into(),
            port,
        };
        let (near, far) = tokio::join!(TcpTransport.connect(&by_name), listener.accept());
        near.expect("connect by name");
        far.expect("accept");
    }

    #[tokio::test]
    async fn a_name_without_address_is_a_connect_error() {
        let nowhere = Endpoint::Tcp {
            host: "no-such-host.invalid".into(),
            port: 1,
        };
        let error = TcpTransport
            .connect(&nowhere)
            .await
            .expect_err("no address");
        assert_eq!(error.kind(), TransportErrorKind::Connect);
    }
}
