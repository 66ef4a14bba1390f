//! The async client (names of spec 13.16).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nnrp_core::connection::client::ResumableSession;
use nnrp_core::message::cache::{CacheAck, CacheInvalidate, CachePut};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::migrate::SessionMigrateAck;
use nnrp_core::message::patch::SessionPatchAck;
use nnrp_core::message::result::{ResultHint, ResultPush};
use nnrp_core::message::session::SessionOpenAck;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;

use crate::client_router::ClientRouter;
use crate::inbox::Inbox;
use crate::transport_kind::{quic_endpoint, require_kind, tcp_endpoint};
use crate::{
    ConnectionHandle, ConnectionOptions, Event, RuntimeError, RuntimeTransportKind, SessionKey,
    SessionOptions, Submission, connect,
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

/// A connection that ends with its last owner.
#[derive(Debug)]
struct ClientLink {
    connection: ConnectionHandle,
    router: Arc<ClientRouter>,
}

impl Drop for ClientLink {
    fn drop(&mut self) {
        self.connection.close();
        self.router.go_deaf();
    }
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
        self.opened(key).await
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
        self.opened(key).await
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

    async fn opened(&self, key: SessionKey) -> Result<NnrpClientSession, RuntimeError> {
        let mut session = NnrpClientSession {
            inbox: self.link.router.inbox_of(key),
            link: Arc::clone(&self.link),
            key,
            ack: SessionOpenAck::default(),
        };
        match session.inbox.next().await? {
            Event::SessionOpened { ack, .. } => session.ack = ack,
            event => return Err(unexpected(&event)),
        }
        Ok(session)
    }
}

/// An open session of a client. Dropping it closes it.
///
/// Its methods may be used at the same time, so one future can submit while another awaits results.
#[derive(Debug)]
pub struct NnrpClientSession {
    link: Arc<ClientLink>,
    inbox: Arc<Inbox>,
    key: SessionKey,
    ack: SessionOpenAck,
}

impl Drop for NnrpClientSession {
    fn drop(&mut self) {
        // Ok, already ended or taken off: all leave nothing to do.
        let _ = self.link.connection.close_session(self.key);
        self.link.router.forget(self.key);
    }
}

/// What a server sends to a session.
#[derive(Clone, Debug, PartialEq)]
pub enum NnrpClientEvent {
    /// A result.
    Result(NnrpResult),
    /// No result will come for a frame.
    ResultDrop {
        /// The frame.
        frame_id: u32,
    },
    /// A change of credit.
    FlowUpdate(FlowUpdate),
    /// The server's advice about the session, or about a frame of it.
    Hint {
        /// The frame; 0 = the session.
        frame_id: u32,
        /// The advice.
        hint: ResultHint,
    },
    /// The server reports an error of the session, or of a frame of it.
    Error {
        /// The report.
        report: ErrorReport,
        /// Text for humans.
        diagnostic: Bytes,
    },
    /// Frames that the server knows nothing of after a resume: no answer will come.
    FramesLost(Vec<u32>),
    /// The server agrees to carry the session on over another transport.
    Migrated(SessionMigrateAck),
    /// Session settings have changed, or not, as asked for.
    Patched(SessionPatchAck),
    /// An object is cached, or not, as asked for.
    CacheAnswered {
        /// What was put.
        put: CachePut,
        /// The server's answer.
        ack: CacheAck,
    },
    /// The server has removed objects of the session from its cache.
    ObjectsInvalidated(CacheInvalidate),
}

/// A result of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct NnrpResult {
    /// The submit answered.
    pub frame_id: u32,
    /// Metadata.
    pub metadata: ResultPush,
    /// Body.
    pub body: Bytes,
}

impl NnrpClientSession {
    /// The session's id on the wire.
    #[must_use]
    pub fn session_id(&self) -> u32 {
        self.ack.session_id
    }

    /// What the server granted.
    #[must_use]
    pub fn granted(&self) -> &SessionOpenAck {
        &self.ack
    }

    /// Submits as soon as limits, credit and send queue allow, and returns the frame id.
    pub async fn submit(
        &self,
        metadata: FrameSubmit,
        body: impl Into<Bytes>,
    ) -> Result<u32, RuntimeError> {
        let submission = Submission {
            metadata,
            body: body.into(),
            ..Submission::default()
        };
        self.inbox
            .when_writable(|| self.send(submission.clone()))
            .await
    }

    /// Submits at once or fails with [`CommandError::WouldBlock`](crate::CommandError::WouldBlock).
    pub fn submit_nowait(
        &self,
        metadata: FrameSubmit,
        body: impl Into<Bytes>,
    ) -> Result<u32, RuntimeError> {
        let submission = Submission {
            metadata,
            body: body.into(),
            ..Submission::default()
        };
        self.send(submission)
            .map_err(|error| self.inbox.explain(error))
    }

    /// The next result, drop, flow update or report.
    pub async fn await_event(&self) -> Result<NnrpClientEvent, RuntimeError> {
        match self.inbox.next().await? {
            Event::Result {
                header,
                metadata,
                body,
                ..
            } => Ok(NnrpClientEvent::Result(NnrpResult {
                frame_id: header.frame_id,
                metadata,
                body,
            })),
            Event::ResultDrop { header, .. } => Ok(NnrpClientEvent::ResultDrop {
                frame_id: header.frame_id,
            }),
            Event::FlowUpdate { metadata, .. } => Ok(NnrpClientEvent::FlowUpdate(metadata)),
            Event::Hint {
                frame_id, metadata, ..
            } => Ok(NnrpClientEvent::Hint {
                frame_id,
                hint: metadata,
            }),
            Event::PeerError {
                report, diagnostic, ..
            } => Ok(NnrpClientEvent::Error { report, diagnostic }),
            Event::FramesLost { frame_ids, .. } => Ok(NnrpClientEvent::FramesLost(frame_ids)),
            Event::SessionMigrated { ack, .. } => Ok(NnrpClientEvent::Migrated(ack)),
            Event::SessionPatched { ack, .. } => Ok(NnrpClientEvent::Patched(ack)),
            Event::CacheAnswered { put, ack, .. } => {
                Ok(NnrpClientEvent::CacheAnswered { put, ack })
            }
            Event::ObjectsInvalidated { invalidate, .. } => {
                Ok(NnrpClientEvent::ObjectsInvalidated(invalidate))
            }
            event => Err(unexpected(&event)),
        }
    }

    /// The next event, which has to be a result; anything else is consumed and an `UnexpectedMessage`.
    pub async fn await_result(&self) -> Result<NnrpResult, RuntimeError> {
        match self.await_event().await? {
            NnrpClientEvent::Result(result) => Ok(result),
            other => Err(RuntimeError::UnexpectedMessage(format!(
                "{other:?} instead of a result"
            ))),
        }
    }

    /// Asks the server to cancel a frame; whether a result or a drop follows is up to the server.
    pub async fn cancel_frame(&self, frame_id: u32) -> Result<(), RuntimeError> {
        let connection = &self.link.connection;
        self.inbox
            .when_writable(|| connection.cancel(self.key, frame_id))
            .await
    }

    /// Puts an object into the server's cache for this session, or renews its lease there; [`NnrpClientEvent::CacheAnswered`] follows, and submits
    /// may name it at once. Needs a server that caches.
    pub async fn put_object(
        &self,
        put: CachePut,
        object: impl Into<Bytes>,
    ) -> Result<(), RuntimeError> {
        let (key, object) = (Some(self.key), object.into());
        let connection = &self.link.connection;
        self.inbox
            .when_writable(|| connection.put_object(key, &put, object.clone()))
            .await
    }

    /// Removes objects of this session from the server's cache.
    pub async fn invalidate_objects(
        &self,
        invalidate: CacheInvalidate,
    ) -> Result<(), RuntimeError> {
        let (key, connection) = (Some(self.key), &self.link.connection);
        self.inbox
            .when_writable(|| connection.invalidate_objects(key, &invalidate))
            .await
    }

    /// Closes the session in order; the connection ends with its last owner. Results not awaited yet are lost.
    pub async fn close(self) -> Result<(), RuntimeError> {
        let inbox = &self.inbox;
        self.link
            .connection
            .close_session(self.key)
            .map_err(|error| inbox.explain(error))?;
        loop {
            match inbox.next().await {
                Ok(_) => {}
                Err(RuntimeError::SessionEnded(_)) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends the connection, with all its sessions, without closing any of them.
    pub fn close_transport(self) {
        self.link.connection.close();
    }

    /// Takes the session off its connection, to carry it on over another one.
    pub fn detach(self) -> Result<Box<ResumableSession>, RuntimeError> {
        let detached = self.link.connection.detach_session(self.key);
        detached.map_err(|error| self.inbox.explain(error))
    }

    /// What the session needs to go on over another connection, once it has ended with its own.
    #[must_use]
    pub fn take_resumable(&self) -> Option<Box<ResumableSession>> {
        self.link.connection.take_resumable(self.key)
    }

    /// The key of the session on its [`connection`](NnrpClient::connection).
    #[must_use]
    pub fn key(&self) -> SessionKey {
        self.key
    }

    fn send(&self, submission: Submission) -> Result<u32, crate::CommandError> {
        let accepted = self.link.connection.submit(self.key, [submission])?;
        Ok(accepted.first_frame_id)
    }
}

fn unexpected(event: &Event) -> RuntimeError {
    RuntimeError::UnexpectedMessage(format!("{event:?}"))
}
