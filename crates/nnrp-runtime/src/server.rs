//! The async server (names of spec 13.16).

use std::sync::Arc;
use std::time::Duration;

use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;

use crate::arrivals::Arrivals;
use crate::server_router::Reception;
use crate::transport_kind::{quic_endpoint, require_kind, tcp_endpoint};
use crate::{
    ListenOptions, ListenerHandle, NnrpServerSession, RuntimeError, RuntimeTransportKind, listen,
    listen_beside,
};

/// How a server listens and what it admits.
#[derive(Clone, Debug, Default)]
pub struct NnrpServerConfig {
    /// Transport; must fit the endpoint. Default TCP.
    pub transport: RuntimeTransportKind,
    /// Timeouts, limits and what sessions may ask for.
    pub listen: ListenOptions,
}

impl NnrpServerConfig {
    /// The same configuration with another transport.
    #[must_use]
    pub fn with_transport(self, transport: RuntimeTransportKind) -> Self {
        Self { transport, ..self }
    }

    /// The same configuration with other supported profiles.
    #[must_use]
    pub fn with_supported_profiles(mut self, profiles: impl IntoIterator<Item = u16>) -> Self {
        self.listen.sessions.profiles = profiles.into_iter().collect();
        self
    }

    /// The same configuration with other timeouts and limits.
    #[must_use]
    pub fn with_listen(self, listen: ListenOptions) -> Self {
        Self { listen, ..self }
    }
}

/// A server that hands out the sessions its clients open. Dropping it stops accepting; sessions go on.
#[derive(Debug)]
pub struct NnrpServer {
    listener: ListenerHandle,
    arrivals: Arc<Arrivals>,
}

impl NnrpServer {
    /// Binds `host:port`; port 0 takes a free one. Must be called inside a tokio runtime, which then drives everything.
    pub async fn bind_tcp(address: &str, config: NnrpServerConfig) -> Result<Self, RuntimeError> {
        Self::bind(tcp_endpoint(address)?, config).await
    }

    /// Binds `host:port` on QUIC; as [`bind_tcp`](Self::bind_tcp).
    pub async fn bind_quic(address: &str, config: NnrpServerConfig) -> Result<Self, RuntimeError> {
        Self::bind(quic_endpoint(address)?, config).await
    }

    /// Binds an endpoint. Must be called inside a tokio runtime, which then drives everything.
    pub async fn bind(endpoint: Endpoint, config: NnrpServerConfig) -> Result<Self, RuntimeError> {
        require_kind(config.transport, &endpoint)?;
        let arrivals = Arc::new(Arrivals::default());
        let sink = Arc::new(Reception::new(Arc::clone(&arrivals)));
        let listener = listen(endpoint, config.listen, sink, Arc::new(Handle::current())).await?;
        Ok(Self { listener, arrivals })
    }

    /// Binds another endpoint of the same server: a session that was opened at one of them can be resumed at the other, as a migration does. Each
    /// accepts its own.
    pub async fn bind_beside(
        &self,
        endpoint: Endpoint,
        config: NnrpServerConfig,
    ) -> Result<Self, RuntimeError> {
        require_kind(config.transport, &endpoint)?;
        let arrivals = Arc::new(Arrivals::default());
        let sink = Arc::new(Reception::new(Arc::clone(&arrivals)));
        let executor = Arc::new(Handle::current());
        let listener =
            listen_beside(&self.listener, endpoint, config.listen, sink, executor).await?;
        Ok(Self { listener, arrivals })
    }

    /// The bound endpoint, with its real port.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.listener.endpoint()
    }

    /// Connections that are alive.
    #[must_use]
    pub fn connection_count(&self) -> usize {
        self.listener.connection_count()
    }

    /// Comes to an end in order: as [`ListenerHandle::drain`].
    pub fn drain(&self, time: Duration) {
        self.listener.drain(time);
    }

    /// The next session that a client has opened. Peers that connect and stay silent delay nobody.
    pub async fn accept(&self) -> Result<NnrpServerSession, RuntimeError> {
        self.arrivals.next().await
    }
}

impl Drop for NnrpServer {
    fn drop(&mut self) {
        self.listener.close();
        self.arrivals.desert();
    }
}
