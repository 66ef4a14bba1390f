//! The traits a transport implements: connect, listen, and the two byte-stream halves of a link.

use std::future::Future;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Endpoint, TransportError};

/// A boxed future, so that transports can be chosen while the program runs.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Number of a transport as the wire and the selection policies know it (spec 14.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportId {
    /// No number of its own on the wire: the in-memory transport.
    Unspecified,
    /// TCP, number 2.
    Tcp,
}

impl TransportId {
    /// The number on the wire.
    #[must_use]
    pub fn wire_value(self) -> u32 {
        match self {
            Self::Unspecified => 0,
            Self::Tcp => 2,
        }
    }
}

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

/// A peer that has connected and does not belong to an async runtime yet.
pub trait Incoming: Send {
    /// Turns the peer into a link of the async runtime that calls this.
    fn attach(self: Box<Self>) -> Result<Link, TransportError>;
}

/// Both directions of one established connection.
///
/// Dropping both halves ends the connection; the peer reads an end of stream or an error, never silence.
pub struct Link {
    /// Bytes from the peer.
    pub reader: Box<dyn AsyncRead + Send + Unpin>,
    /// Bytes to the peer; its shutdown ends this direction only.
    pub writer: Box<dyn AsyncWrite + Send + Unpin>,
    /// The peer's address as text, for diagnostics.
    pub peer: String,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Link")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
