//! A bound QUIC endpoint and the peers that knock on it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nnrp_transport_provider::{
    BoxFuture, Endpoint, Incoming, Link, Listener, TransportError, TransportErrorKind,
};
use quinn::TokioRuntime;
use tokio::net::lookup_host;

use crate::error::io_error;
use crate::link::accepted_link;
use crate::parameters::{ServerConfigs, endpoint_config};
use crate::socket;

/// The socket of a dropped listener belongs to a task, which lets go of it when it runs next.
const RELEASE_PAUSE: Duration = Duration::from_millis(5);
const RELEASE_TRIES: u32 = 20;

pub(crate) struct QuicFramedListener {
    quinn: quinn::Endpoint,
    endpoint: Endpoint,
    configs: ServerConfigs,
}

impl QuicFramedListener {
    pub(crate) async fn bind(
        endpoint: &Endpoint,
        address: (&str, u16),
        configs: ServerConfigs,
    ) -> io::Result<Self> {
        let socket = bind_any(address).await?;
        let port = socket.local_addr()?.port();
        let runtime = Arc::new(TokioRuntime);
        let far = quinn::ServerConfig::clone(&configs.far);
        let quinn = quinn::Endpoint::new(endpoint_config(), Some(far), socket, runtime)?;
        let endpoint = endpoint.clone().with_port(port);
        Ok(Self {
            quinn,
            endpoint,
            configs,
        })
    }
}

async fn bind_any(address: (&str, u16)) -> io::Result<std::net::UdpSocket> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
    for address in lookup_host(address).await? {
        match bind_released(address).await {
            Ok(socket) => return Ok(socket),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

async fn bind_released(address: SocketAddr) -> io::Result<std::net::UdpSocket> {
    for _ in 0..RELEASE_TRIES {
        match socket::bind(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                tokio::time::sleep(RELEASE_PAUSE).await;
            }
            outcome => return outcome,
        }
    }
    socket::bind(address)
}

impl Drop for QuicFramedListener {
    fn drop(&mut self) {
        // Connections share the socket, so it stays until the last of them has gone; nobody new is let in.
        self.quinn.set_server_config(None);
    }
}

impl Listener for QuicFramedListener {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn accept(&mut self) -> BoxFuture<'_, Result<Box<dyn Incoming>, TransportError>> {
        Box::pin(async move {
            match self.quinn.accept().await {
                Some(knocking) => {
                    let incoming: Box<dyn Incoming> = Box::new(QuicIncoming {
                        config: self.configs.for_peer(knocking.remote_address()),
                        knocking,
                        endpoint: self.endpoint.clone(),
                    });
                    Ok(incoming)
                }
                None => Err(TransportError::new(
                    TransportErrorKind::Accept,
                    &self.endpoint,
                    io::Error::new(
                        io::ErrorKind::NotConnected,
                        "the task of the UDP socket has ended",
                    ),
                )),
            }
        })
    }
}

struct QuicIncoming {
    knocking: quinn::Incoming,
    config: Arc<quinn::ServerConfig>,
    endpoint: Endpoint,
}

impl Incoming for QuicIncoming {
    fn peer(&self) -> String {
        self.knocking.remote_address().to_string()
    }

    fn attach(self: Box<Self>) -> BoxFuture<'static, Result<Link, TransportError>> {
        Box::pin(async move {
            let Self {
                knocking,
                config,
                endpoint,
            } = *self;
            let handshake = async { knocking.accept_with(config)?.await };
            match handshake.await {
                Ok(connection) => Ok(accepted_link(connection)),
                Err(error) => Err(TransportError::new(
                    TransportErrorKind::Accept,
                    &endpoint,
                    io_error(&error),
                )),
            }
        })
    }
}
