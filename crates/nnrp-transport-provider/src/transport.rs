//! The traits a transport implements: connect, listen, and the two byte-stream halves of a link.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Endpoint, TransportError, TransportId};

/// A boxed future, so that transports can be chosen while the program runs.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way to reach and to be reached by peers.
pub trait Transport: Send + Sync {
    /// Which transport this is.
    fn id(&self) -> TransportId;

    /// Connects to a listening peer. Dropping the future abandons the attempt.
    ///
    /// The link belongs to the async runtime on which the future was polled.
    fn connect<'a>(&'a self, endpoint: &'a Endpoint)
    -> BoxFuture<'a, Result<Link, TransportError>>;

    /// Binds an endpoint; peers can connect as soon as the future is done.
    fn listen<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>>;
}

/// A bound endpoint. Dropping it frees the address.
pub trait Listener: Send {
    /// The bound endpoint, with its real port.
    fn endpoint(&self) -> &Endpoint;

    /// Waits for the next peer. Dropping the future loses no peer.
    fn accept(&mut self) -> BoxFuture<'_, Result<Box<dyn Incoming>, TransportError>>;
}

/// A peer that has knocked and does not belong to an async runtime yet. Dropping it turns the peer away.
pub trait Incoming: Send {
    /// The peer's address as text, for diagnostics.
    fn peer(&self) -> String;

    /// Turns the peer into a link of the async runtime that polls this.
    ///
    /// A secure transport shakes hands here, so this can wait for the peer: it belongs into a task of its own, under a timeout.
    fn attach(self: Box<Self>) -> BoxFuture<'static, Result<Link, TransportError>>;
}

/// Both directions of one established connection.
///
/// Reading gives `UnexpectedEof` or `ConnectionReset` where a peer vanished without ending its direction, if the transport can tell. Shutting the
/// writer down is done when the transport needs this side no more for the delivery: on QUIC, when the peer's side has acknowledged every byte; on
/// TCP, where the system goes on alone, at once. Dropping both halves ends the connection; the peer reads an end of stream or an error, never silence.
/// On QUIC it also throws away what is not acknowledged, so shut down first what has to arrive.
pub struct Link {
    /// Bytes from the peer.
    pub reader: Box<dyn AsyncRead + Send + Unpin>,
    /// Bytes to the peer. What it has taken is sure to be on its way only when it is flushed. Its shutdown flushes, and ends this direction only.
    pub writer: Box<dyn AsyncWrite + Send + Unpin>,
    /// The peer's address as text, for diagnostics.
    pub peer: String,
    /// The ALPN token that both sides agreed on; `None` without TLS, and where no token was offered.
    pub alpn: Option<String>,
    /// What the transport can do beyond the two streams; `None` on TCP, TLS and in memory.
    pub control: Option<Arc<dyn LinkControl>>,
}

/// What a transport with close codes of its own (QUIC) can do beyond the two streams of a link.
pub trait LinkControl: Send + Sync {
    /// Ends both directions at once and gives the peer this reason. What is unacknowledged is lost. Later calls do nothing.
    fn abort(&self, code: CloseCode);

    /// The code with which the peer ended the connection, once it has.
    fn peer_code(&self) -> Option<u64>;
}

/// Why this side ended a connection: the application close codes of the QUIC binding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseCode {
    /// 0: in order, or for no reason worth telling. Also what a published peer sends.
    #[default]
    Ordinary,
    /// 1: the peer broke the protocol.
    Protocol,
    /// 2: the peer let a timeout pass.
    Timeout,
    /// 3: a limit of this side is reached.
    Limit,
    /// 4: this side shuts down.
    Shutdown,
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub fn wire_value(self) -> u32 {
        match self {
            Self::Ordinary => 0,
            Self::Protocol => 1,
            Self::Timeout => 2,
            Self::Limit => 3,
            Self::Shutdown => 4,
        }
    }

    /// What stands beside the number.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ordinary => "",
            Self::Protocol => "protocol error",
            Self::Timeout => "timeout",
            Self::Limit => "limit reached",
            Self::Shutdown => "shutting down",
        }
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Link")
            .field("peer", &self.peer)
            .field("alpn", &self.alpn)
            .finish_non_exhaustive()
    }
}
