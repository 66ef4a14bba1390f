//! The async client (names of spec 13.16).

use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpenAck;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;

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

/// A client connection without a session.
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
    link: ClientLink,
    session: SessionOptions,
}

/// A connection that ends with its owner.
#[derive(Debug)]
struct ClientLink {
    connection: ConnectionHandle,
    inbox: Arc<Inbox>,
}

impl Drop for ClientLink {
    fn drop(&mut self) {
        self.connection.close();
        self.inbox.go_deaf();
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

    /// Connects to `host:port` over QUIC. Must be called inside a tokio runtime, which then drives the connection.
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
        let inbox = Arc::new(Inbox::default());
        let sink: Arc<Inbox> = Arc::clone(&inbox);
        let connection = connect(endpoint, config.connection, sink, &Handle::current());
        let link = ClientLink { connection, inbox };
        match link.inbox.next().await? {
            Event::Connected { .. } => Ok(Self {
                link,
                session: config.session,
            }),
            event => Err(unexpected(&event)),
        }
    }

    /// Opens the session of this connection.
    pub async fn open_session(self) -> Result<NnrpClientSession, RuntimeError> {
        let Self { link, session } = self;
        let key = link.connection.open_session(&session)?;
        match link.inbox.next().await? {
            Event::SessionOpened { ack, .. } => Ok(NnrpClientSession { link, key, ack }),
            event => Err(unexpected(&event)),
        }
    }
}

/// An open session of a client. Dropping it ends the connection after what is queued.
///
/// Its methods may be used at the same time, so one future can submit while another awaits results.
#[derive(Debug)]
pub struct NnrpClientSession {
    link: ClientLink,
    key: SessionKey,
    ack: SessionOpenAck,
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
        self.link
            .inbox
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
            .map_err(|error| self.link.inbox.explain(error))
    }

    /// The next result, drop or flow update.
    pub async fn await_event(&self) -> Result<NnrpClientEvent, RuntimeError> {
        match self.link.inbox.next().await? {
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
        self.link
            .inbox
            .when_writable(|| connection.cancel(self.key, frame_id))
            .await
    }

    /// Closes the session in order and then the connection. Results not awaited yet are lost.
    pub async fn close(self) -> Result<(), RuntimeError> {
        let inbox = &self.link.inbox;
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

    /// Ends the connection without closing the session.
    pub fn close_transport(self) {
        drop(self);
    }

    fn send(&self, submission: Submission) -> Result<u32, crate::CommandError> {
        let accepted = self.link.connection.submit(self.key, [submission])?;
        Ok(accepted.first_frame_id)
    }
}

fn unexpected(event: &Event) -> RuntimeError {
    RuntimeError::UnexpectedMessage(format!("{event:?}"))
}
