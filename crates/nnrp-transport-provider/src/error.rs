//! Why a transport could not be had: the step that failed, the endpoint, and the system's reason.

use std::io;

use crate::Endpoint;

/// The step that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportErrorKind {
    /// No connection to the endpoint.
    Connect,
    /// The endpoint cannot be bound.
    Listen,
    /// A peer could not be taken from the listener.
    Accept,
    /// This transport does not serve that kind of endpoint.
    UnsupportedEndpoint,
}

/// A failed transport step.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", self.headline())]
pub struct TransportError {
    kind: TransportErrorKind,
    endpoint: String,
    source: io::Error,
}

impl TransportError {
    /// Describes a failed step at an endpoint.
    #[must_use]
    pub fn new(kind: TransportErrorKind, endpoint: &Endpoint, source: io::Error) -> Self {
        Self {
            kind,
            endpoint: endpoint.to_string(),
            source,
        }
    }

    /// The endpoint belongs to another transport.
    #[must_use]
    pub fn unsupported(endpoint: &Endpoint) -> Self {
        let source = io::Error::new(
            io::ErrorKind::Unsupported,
            "use the transport of its scheme",
        );
        Self::new(TransportErrorKind::UnsupportedEndpoint, endpoint, source)
    }

    /// The same failure of a transport that stands on another one, at the endpoint that was asked for.
    #[must_use]
    pub fn at(self, endpoint: &Endpoint) -> Self {
        Self::new(self.kind, endpoint, self.source)
    }

    /// The step that failed.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// The operating system's reason.
    #[must_use]
    pub fn io_error(&self) -> &io::Error {
        &self.source
    }

    /// The operating system's error number, if there is one.
    #[must_use]
    pub fn os_error(&self) -> Option<i32> {
        self.source.raw_os_error()
    }

    fn headline(&self) -> String {
        match self.kind {
            TransportErrorKind::Connect => format!("cannot connect to {}", self.endpoint),
            TransportErrorKind::Listen => format!("cannot listen on {}", self.endpoint),
            TransportErrorKind::Accept => format!("cannot accept on {}", self.endpoint),
            TransportErrorKind::UnsupportedEndpoint => {
                format!("{} is an endpoint of another transport", self.endpoint)
            }
        }
    }
}
