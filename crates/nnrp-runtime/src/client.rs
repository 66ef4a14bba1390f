//! The async client (names of spec 13.16).

use std::sync::Arc;
use std::time::Duration;

use nnrp_core::connection::client::ResumableSession;
use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;

use crate::client_event::unexpected;
use crate::client_link::ClientLink;
use crate::client_router::ClientRouter;
use crate::client_session::NnrpClientSession;
use crate::transport_kind::{quic_endpoint, require_kind, tcp_endpoint};
use crate::{
    ConnectionHandle, ConnectionOptions, Event, RuntimeError, RuntimeTransportKind, SessionOptions,
    connect,
};

/// How a client connects and what its session asks for.
#[derive(Clone, Debug, Default)]
pub struct NnrpClientConfig {
    /// Transport; must fit the endpoint. Default TCP.
    pub transport: RuntimeTransportKind,
    /// What the session asks for.
    pub session: SessionOptions,
    /// Timeouts and limits.
    pub connection: ConnectionOptions,
}

impl NnrpClientConfig {
    /// The same configuration with another transport.
    #[must_use]
    pub fn with_transport(self, transport: RuntimeTransportKind) -> Self {
        Self { transport, ..self }
    }

    /// The same configuration with other wishes for the session.
    #[must_use]
    pub fn with_session(self, session: SessionOptions) -> Self {
        Self { session, ..self }
    }

    /// The same configuration with other timeouts and limits.
    #[must_use]
    pub fn with_connection(self, connection: ConnectionOptions) -> Self {
        Self { connection, ..self }
    }
}

/// A client connection, which carries as many sessions as the server allows; one, if it knows no hello. It ends with its last owner: the client itself
/// and each of its sessions.
///
/// ```
/// # use nnrp_runtime::{NnrpServer, NnrpServerConfig};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), nnrp_runtime::RuntimeError> {
/// # let Ok(server) = NnrpServer::bind_tcp("127.0.0.1:4433", NnrpServerConfig::default()).await else {
/// #     eprintln!("skipped: another program listens on port 4433");
/// #     return Ok(());
/// # };
/// # let serving = tokio::spawn(async move { server.accept().await?.receive_close().await });
/// use nnrp_runtime::{NnrpClient, NnrpClientConfig, RuntimeTransportKind};
/// let config = NnrpClientConfig::default().with_transport(RuntimeTransportKind::Tcp);
/// let client = NnrpClient::connect_tcp("127.0.0.1:4433", config).await?;
/// let session = client.open_session().await?;
/// # assert_ne!(session.session_id(), 0);
/// # session.close().await?;
/// # serving.await.expect("the server does not panic")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct NnrpClient {
    link: Arc<ClientLink>,
    session: SessionOptions,
}

impl NnrpClient {
    /// Connects to `host:port` over TCP. Must be called inside a tokio runtime, which then drives the connection.
    pub async fn connect_tcp(
        address: &str,
        config: NnrpClientConfig,
    ) -> Result<Self, RuntimeError> {
        Self::connect(tcp_endpoint(address)?, config).await
    }

    /// Connects to `host:port` over QUIC; the configuration has the certificates. Must be called inside a tokio runtime, which then drives the connection.
    pub async fn connect_quic(
        address: &str,
        config: NnrpClientConfig,
    ) -> Result<Self, RuntimeError> {
        Self::connect(quic_endpoint(address)?, config).await
    }

    /// Connects to an endpoint. Must be called inside a tokio runtime, which then drives the connection.
    pub async fn connect(
        endpoint: Endpoint,
        config: NnrpClientConfig,
    ) -> Result<Self, RuntimeError> {
        require_kind(config.transport, &endpoint)?;
        let router = Arc::new(ClientRouter::default());
        let sink: Arc<ClientRouter> = Arc::clone(&router);
        let connection = connect(endpoint, config.connection, sink, &Handle::current());
        let link = ClientLink { connection, router };
        match link.router.connection.next().await? {
            Event::Connected { .. } => Ok(Self {
                link: Arc::new(link),
                session: config.session,
            }),
            event => Err(unexpected(&event)),
        }
    }

    /// Opens a session as the configuration asks for. A second one needs a server that has answered the hello.
    pub async fn open_session(&self) -> Result<NnrpClientSession, RuntimeError> {
        self.open_session_with(&self.session).await
    }

    /// Opens a session with other wishes.
    pub async fn open_session_with(
        &self,
        options: &SessionOptions,
    ) -> Result<NnrpClientSession, RuntimeError> {
        let key = self.link.connection.open_session(options);
        let key = key.map_err(|error| self.link.router.connection.explain(error))?;
        NnrpClientSession::opened(&self.link, key).await
    }

    /// Carries a session on that was lost with, or taken off, another connection: what is unanswered is answered here.
    ///
    /// A failure of the server to do so is a failure of this call; then, [`take_resumable`](ConnectionHandle::take_resumable) of the
    /// [`connection`](Self::connection) may give the session back for another attempt.
    pub async fn resume_session(
        &self,
        earlier: Box<ResumableSession>,
    ) -> Result<NnrpClientSession, RuntimeError> {
        let key = self.link.connection.resume_session(earlier);
        let key = key.map_err(|(error, _)| self.link.router.connection.explain(error))?;
        NnrpClientSession::opened(&self.link, key).await
    }

    /// Measures the time to the server and back. Needs a server that has answered the hello.
    pub async fn ping(&self) -> Result<Duration, RuntimeError> {
        self.link.connection.ping()?;
        loop {
            if let Event::Pong { round_trip } = self.next_event().await? {
                return Ok(round_trip);
            }
        }
    }

    /// Moves all sessions to another transport of the same server, without any result lost or doubled. If that fails, they go on where they were.
    pub async fn migrate(&self, to: Endpoint) -> Result<(), RuntimeError> {
        self.link.connection.migrate(to)?;
        loop {
            match self.next_event().await? {
                Event::Migrated { .. } => return Ok(()),
                Event::MigrationFailed { reason } => return Err(reason.into()),
                _ => {}
            }
        }
    }

    /// The next event that is about no session: pongs, probes, reports, credit of the connection.
    pub async fn next_event(&self) -> Result<Event, RuntimeError> {
        self.link.router.connection.next().await
    }

    /// The connection itself, for commands that this type has no method for.
    #[must_use]
    pub fn connection(&self) -> &ConnectionHandle {
        &self.link.connection
    }
}
