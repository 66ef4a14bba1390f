//! The contract of transports over WebSocket, also with what is beneath it torn into pieces, and the handshake as others see it.

mod foreign;
mod handshakes;

use super::*;
use nnrp_transport_provider::contract::Fixture;
use nnrp_transport_provider::fault::{FaultTransport, Faults};
use std::time::Duration;

/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_mins(1);

async fn within<T>(step: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, step)
        .await
        .expect("it happens in time")
}

fn endpoint(uri: &str) -> Endpoint {
    uri.parse().expect("an endpoint")
}

struct Plain(WebSocketTransport);

impl Plain {
    fn new() -> Self {
        Self(WebSocketTransport::default())
    }
}

impl Fixture for Plain {
    fn transport(&self) -> &dyn Transport {
        &self.0
    }

    fn free_endpoint(&self, _test: &str) -> Endpoint {
        endpoint("nnrp+ws://127.0.0.1:0/nnrp")
    }
}

nnrp_transport_provider::transport_contract!(super::Plain::new());

mod over_ipv6 {
    use super::*;

    struct Plain6(WebSocketTransport);

    impl Fixture for Plain6 {
        fn transport(&self) -> &dyn Transport {
            &self.0
        }

        fn free_endpoint(&self, _test: &str) -> Endpoint {
            endpoint("nnrp+ws://[::1]:0")
        }
    }

    fn over_v6() -> Plain6 {
        Plain6(WebSocketTransport::default())
    }

    nnrp_transport_provider::transport_contract!(super::over_v6());
}

mod with_faults {
    use super::*;

    fn faults() -> Faults {
        Faults {
            seed: 7,
            longest_read: 3000,
            longest_write: 2000,
            delayed_one_in: 50,
            longest_delay: Duration::from_millis(1),
            ..Faults::default()
        }
    }

    struct Above(FaultTransport<WebSocketTransport>);

    impl Fixture for Above {
        fn transport(&self) -> &dyn Transport {
            &self.0
        }

        fn free_endpoint(&self, _test: &str) -> Endpoint {
            endpoint("nnrp+ws://127.0.0.1:0")
        }
    }

    mod above {
        use super::*;

        fn ragged() -> Above {
            Above(FaultTransport::new(WebSocketTransport::default(), faults()))
        }

        nnrp_transport_provider::transport_contract!(super::ragged());
    }

    /// WebSocket over a TCP whose reads and writes are short.
    struct Below;

    impl Below {
        fn beneath(endpoint: &Endpoint) -> Result<Beneath, TransportError> {
            let beneath = WebSocketTransport::default().beneath(endpoint)?;
            Ok(Beneath {
                carrier: Box::new(FaultTransport::new(TcpTransport, faults())),
                ..beneath
            })
        }
    }

    impl Transport for Below {
        fn id(&self) -> TransportId {
            TransportId::Tcp
        }

        fn connect<'a>(
            &'a self,
            endpoint: &'a Endpoint,
        ) -> BoxFuture<'a, Result<Link, TransportError>> {
            Box::pin(async move { connect_over(&Self::beneath(endpoint)?, endpoint).await })
        }

        fn listen<'a>(
            &'a self,
            endpoint: &'a Endpoint,
        ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
            Box::pin(async move {
                listen_over(&Self::beneath(endpoint)?, endpoint, Origins::default()).await
            })
        }
    }

    impl Fixture for Below {
        fn transport(&self) -> &dyn Transport {
            self
        }

        fn free_endpoint(&self, _test: &str) -> Endpoint {
            endpoint("nnrp+ws://127.0.0.1:0/")
        }
    }

    mod below {
        use super::*;

        nnrp_transport_provider::transport_contract!(super::Below);
    }
}

#[cfg(feature = "tls")]
mod over_tls {
    use super::*;
    use nnrp_transport_provider::contract::pair_with;
    use nnrp_transport_provider::security::{ClientSecurity, SelfSigned, ServerSecurity, Trust};

    struct Secure(WebSocketTransport);

    fn secure() -> Secure {
        let certificate = SelfSigned::generate("localhost").expect("a certificate");
        let client = ClientSecurity {
            trust: Trust::Roots(vec![certificate.root]),
            server_name: Some("localhost".into()),
            ..ClientSecurity::default()
        };
        let server = ServerSecurity {
            identity: Some(certificate.identity),
            ..ServerSecurity::default()
        };
        Secure(WebSocketTransport::new(Security::new(client, server)))
    }

    impl Fixture for Secure {
        fn transport(&self) -> &dyn Transport {
            &self.0
        }

        fn free_endpoint(&self, _test: &str) -> Endpoint {
            endpoint("nnrp+wss://127.0.0.1:0/nnrp")
        }
    }

    nnrp_transport_provider::transport_contract!(super::secure());

    #[tokio::test]
    async fn its_token_is_that_of_http() {
        let Secure(transport) = secure();
        let pair = pair_with(&transport, &endpoint("nnrp+wss://127.0.0.1:0")).await;
        let (near, far) = pair.expect("a pair");
        assert_eq!(near.alpn.as_deref(), Some("http/1.1"));
        assert_eq!(far.alpn, near.alpn);
    }
}
