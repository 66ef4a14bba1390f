//! TCP sockets as both transports use them: connected to a name, bound, accepted for another async runtime.

use std::io;
use std::net::SocketAddr;

use nnrp_transport_provider::{Endpoint, TransportError, TransportErrorKind};
use tokio::net::{TcpListener, TcpStream, lookup_host};

/// Connects to the first address of a host name that answers, in the resolver's order.
pub(crate) async fn connect_any((host, port): (&str, u16)) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
    for address in lookup_host((host, port)).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// The other end's address as text.
pub(crate) fn peer_of(stream: &TcpStream) -> String {
    address_text(stream.peer_addr())
}

/// A peer that has vanished meanwhile may have no address any more.
fn address_text(address: io::Result<SocketAddr>) -> String {
    address.map_or_else(|_| "unknown".to_owned(), |address| address.to_string())
}

/// A listening socket.
pub(crate) struct BoundSocket {
    listener: TcpListener,
    pub(crate) endpoint: Endpoint,
}

impl BoundSocket {
    /// Binds the first address of the host name that can be bound.
    pub(crate) async fn bind(
        endpoint: &Endpoint,
        address: (&str, u16),
    ) -> Result<Self, TransportError> {
        let failed = |source| TransportError::new(TransportErrorKind::Listen, endpoint, source);
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let endpoint = endpoint.clone().with_port(port);
        Ok(Self { listener, endpoint })
    }

    pub(crate) async fn accept(&mut self) -> Result<AcceptedSocket, TransportError> {
        let failed =
            |source| TransportError::new(TransportErrorKind::Accept, &self.endpoint, source);
        let (stream, _) = self.listener.accept().await.map_err(failed)?;
        // The driver of the connection may run on another async runtime, so the socket leaves this one.
        let stream = stream.into_std().map_err(failed)?;
        let endpoint = self.endpoint.clone();
        Ok(AcceptedSocket { stream, endpoint })
    }
}

/// An accepted socket that belongs to no async runtime.
pub(crate) struct AcceptedSocket {
    stream: std::net::TcpStream,
    endpoint: Endpoint,
}

impl AcceptedSocket {
    /// The other end's address as text.
    pub(crate) fn peer(&self) -> String {
        address_text(self.stream.peer_addr())
    }

    /// Makes the socket one of the async runtime that calls this.
    pub(crate) fn attach(self) -> Result<TcpStream, TransportError> {
        let attach = || {
            self.stream.set_nodelay(true)?;
            TcpStream::from_std(self.stream)
        };
        attach().map_err(|source| failed_to_accept(&self.endpoint, source))
    }

    #[cfg(feature = "tls")]
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

pub(crate) fn failed_to_accept(endpoint: &Endpoint, source: io::Error) -> TransportError {
    TransportError::new(TransportErrorKind::Accept, endpoint, source)
}
