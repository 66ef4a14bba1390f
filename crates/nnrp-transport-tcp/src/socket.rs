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
                prepare(&stream)?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Sets what every connection needs, whichever side opened it.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    send_without_pauses(stream);
    Ok(())
}

/// Within one machine there is no network whose rate had to be found out. BBR, the default of some machines, would find one all the same and hold what
/// follows a large packet back until a timer has run out: 64 KiB bodies took twice the time. Reno has no timers, and every kernel has it.
#[cfg(target_os = "linux")]
fn send_without_pauses(stream: &TcpStream) {
    let is_near = |peer: SocketAddr| peer.ip().to_canonical().is_loopback();
    if stream.peer_addr().is_ok_and(is_near) {
        // Where it is refused, the connection is slower and works.
        let _ = socket2::SockRef::from(stream).set_tcp_congestion(b"reno");
    }
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
            let stream = TcpStream::from_std(self.stream)?;
            prepare(&stream)?;
            Ok(stream)
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_within_the_machine_has_no_pauses_on_either_side() {
        let endpoint = Endpoint::tcp("127.0.0.1:0").expect("an endpoint");
        let address = ("127.0.0.1", 0);
        let mut bound = BoundSocket::bind(&endpoint, address).await.expect("bind");
        let port = bound.listener.local_addr().expect("an address").port();
        let (near, far) = tokio::join!(connect_any((address.0, port)), bound.accept());
        let far = far.expect("accept").attach().expect("attach");
        for stream in [near.expect("connect"), far] {
            let algorithm = socket2::SockRef::from(&stream).tcp_congestion();
            let name = algorithm.expect("the name of the algorithm");
            assert_eq!(
                name.strip_prefix(b"reno")
                    .map(|rest| rest.iter().all(|byte| *byte == 0)),
                Some(true)
            );
            assert!(stream.nodelay().expect("the option"));
        }
    }
}
