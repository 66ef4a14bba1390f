//! Plain TCP: `nnrp+tcp://host:port`.

use nnrp_transport_provider::{
    BoxFuture, Endpoint, Incoming, Link, Listener, Transport, TransportError, TransportErrorKind,
    TransportId,
};
use tokio::net::TcpStream;

use crate::socket::{AcceptedSocket, BoundSocket, connect_any, peer_of};

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
            let failed =
                |source| TransportError::new(TransportErrorKind::Connect, endpoint, source);
            let stream = connect_any(tcp_address(endpoint)?).await.map_err(failed)?;
            Ok(link(stream))
        })
    }

    /// Binds the first address of the host name that can be bound.
    fn listen<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let bound: Box<dyn Listener> = Box::new(TcpFramedListener {
                socket: BoundSocket::bind(endpoint, tcp_address(endpoint)?).await?,
            });
            Ok(bound)
        })
    }
}

struct TcpFramedListener {
    socket: BoundSocket,
}

impl Listener for TcpFramedListener {
    fn endpoint(&self) -> &Endpoint {
        &self.socket.endpoint
    }

    fn accept(&mut self) -> BoxFuture<'_, Result<Box<dyn Incoming>, TransportError>> {
        Box::pin(async move {
            let incoming: Box<dyn Incoming> = Box::new(TcpIncoming(self.socket.accept().await?));
            Ok(incoming)
        })
    }
}

struct TcpIncoming(AcceptedSocket);

impl Incoming for TcpIncoming {
    fn peer(&self) -> String {
        self.0.peer()
    }

    fn attach(self: Box<Self>) -> BoxFuture<'static, Result<Link, TransportError>> {
        Box::pin(async move { self.0.attach().map(link) })
    }
}

fn link(stream: TcpStream) -> Link {
    let peer = peer_of(&stream);
    let (reader, writer) = stream.into_split();
    Link {
        reader: Box::new(reader),
        writer: Box::new(writer),
        peer,
        alpn: None,
        control: None,
    }
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

    mod over_ipv6 {
        use super::*;

        struct Tcp6;

        impl Fixture for Tcp6 {
            fn transport(&self) -> &dyn Transport {
                &TcpTransport
            }

            fn free_endpoint(&self, _test: &str) -> Endpoint {
                Endpoint::tcp("[::1]:0").expect("an endpoint")
            }
        }

        nnrp_transport_provider::transport_contract!(super::Tcp6);
    }

    mod with_faults {
        use super::*;
        use nnrp_transport_provider::fault::{FaultTransport, Faults};
        use std::time::Duration;

        struct Ragged(FaultTransport<TcpTransport>);

        impl Fixture for Ragged {
            fn transport(&self) -> &dyn Transport {
                &self.0
            }

            fn free_endpoint(&self, test: &str) -> Endpoint {
                Tcp.free_endpoint(test)
            }
        }

        fn ragged() -> Ragged {
            let faults = Faults {
                seed: 11,
                longest_read: 3000,
                longest_write: 2000,
                delayed_one_in: 50,
                longest_delay: Duration::from_millis(1),
                ..Faults::default()
            };
            Ragged(FaultTransport::new(TcpTransport, faults))
        }

        nnrp_transport_provider::transport_contract!(super::ragged());
    }

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
