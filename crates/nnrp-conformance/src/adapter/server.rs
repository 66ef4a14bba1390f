//! The server and the client under test: the echo application and the async API, over real sockets, as the subject reaches them.

use std::sync::Arc;

use nnrp_core::code::TransportId;
use nnrp_runtime::{
    ConnectionHandle, ConnectionOptions, EventSink, Exchange, ListenOptions, ListenerEnd,
    ListenerHandle, ListenerSink, NnrpClient, NnrpClientConfig, NnrpServer, NnrpServerConfig,
    RuntimeError, RuntimeTransportKind, SessionOptions, listen,
};
use nnrp_transport_provider::security::{ClientSecurity, SelfSigned, ServerSecurity, Trust};
use nnrp_transport_provider::{Endpoint, Security};
use tokio::runtime::Handle;

use super::subject::{Side, Subject};
use super::verdict::{Failure, good, needed, wrong};
use super::wire::{PATIENCE, Wire, within};
use crate::echo::EchoSink;

/// A listening echo server, and the way to it.
pub(super) struct Server {
    _listener: ListenerHandle,
    endpoint: Endpoint,
    security: Security,
}

impl Server {
    /// Listens on loopback. `adjust` changes what is admitted.
    pub(super) async fn start(
        subject: &dyn Subject,
        transport: TransportId,
        adjust: impl FnOnce(&mut ListenOptions),
    ) -> Result<Self, Failure> {
        let security = security_of(transport)?;
        let mut options = ListenOptions {
            connection: patient(),
            handshake_timeout: PATIENCE,
            ..ListenOptions::default()
        };
        options.connection.security = security.clone();
        adjust(&mut options);
        let executor = Arc::new(Handle::current());
        let any = any_endpoint(transport)?;
        let listening = listen(any, options, Arc::new(Echoing), executor).await;
        let listener = needed("listening", listening)?;
        let own = listener.endpoint().clone();
        let endpoint = way_to(subject, own, &security).await?;
        Ok(Self {
            _listener: listener,
            endpoint,
            security,
        })
    }

    /// A connection that the case speaks for itself.
    pub(super) async fn connect(&self) -> Result<Wire, Failure> {
        Wire::connect(&self.endpoint, &self.security).await
    }

    /// Where it is reached.
    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// A client under test, too.
    pub(super) async fn client(&self, exchange: Exchange) -> Result<NnrpClient, Failure> {
        client(&self.endpoint, &self.security, exchange).await
    }
}

/// A server whose sessions the case answers, and the way to it.
pub(super) async fn sessions_of(
    subject: &dyn Subject,
    options: ListenOptions,
) -> Result<(NnrpServer, Endpoint), Failure> {
    let config = NnrpServerConfig::default().with_listen(options);
    let server = needed(
        "listening",
        NnrpServer::bind_tcp("127.0.0.1:0", config).await,
    )?;
    let own = server.endpoint().clone();
    let endpoint = way_to(subject, own, &Security::default()).await?;
    Ok((server, endpoint))
}

/// A client under test, connected.
pub(super) async fn client(
    endpoint: &Endpoint,
    security: &Security,
    exchange: Exchange,
) -> Result<NnrpClient, Failure> {
    good(
        "connecting",
        try_client(endpoint, security, exchange).await?,
    )
}

/// A client under test that may refuse, or be refused.
pub(super) async fn try_client(
    endpoint: &Endpoint,
    security: &Security,
    exchange: Exchange,
) -> Result<Result<NnrpClient, RuntimeError>, Failure> {
    let transport = match endpoint {
        Endpoint::Quic { .. } => RuntimeTransportKind::Quic,
        _ => RuntimeTransportKind::Tcp,
    };
    let config = NnrpClientConfig {
        transport,
        session: SessionOptions::default(),
        connection: ConnectionOptions {
            exchange,
            security: security.clone(),
            ..patient()
        },
    };
    within("connecting", NnrpClient::connect(endpoint.clone(), config)).await
}

/// Nobody gives up before the case does, and nobody speaks without being asked.
fn patient() -> ConnectionOptions {
    ConnectionOptions {
        connect_timeout: PATIENCE,
        close_timeout: PATIENCE,
        write_timeout: PATIENCE,
        keep_alive: None,
        ..ConnectionOptions::default()
    }
}

async fn way_to(
    subject: &dyn Subject,
    own: Endpoint,
    security: &Security,
) -> Result<Endpoint, Failure> {
    let reached = subject.reach(Side::Server, own, security).await;
    needed("the way to the server", reached)
}

fn any_endpoint(transport: TransportId) -> Result<Endpoint, Failure> {
    let endpoint = match transport {
        TransportId::Tcp => Endpoint::tcp("127.0.0.1:0"),
        TransportId::Quic => Endpoint::quic("127.0.0.1:0"),
        TransportId::Unspecified => return wrong("no transport is named"),
    };
    needed("an endpoint", endpoint)
}

/// A certificate made for this run, and trust in it, where the transport needs one.
fn security_of(transport: TransportId) -> Result<Security, Failure> {
    if transport != TransportId::Quic {
        return Ok(Security::default());
    }
    let made = needed("a certificate", SelfSigned::generate("localhost"))?;
    let client = ClientSecurity {
        trust: Trust::Roots(vec![made.root]),
        server_name: Some("localhost".to_owned()),
        ..ClientSecurity::default()
    };
    let server = ServerSecurity {
        identity: Some(made.identity),
        ..ServerSecurity::default()
    };
    Ok(Security::new(client, server))
}

/// One echo a connection, verbs obeyed.
struct Echoing;

impl ListenerSink for Echoing {
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink> {
        Arc::new(EchoSink::new(connection.clone(), true))
    }

    fn closed(&self, _: ListenerEnd) {}
}
