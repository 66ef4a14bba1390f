//! What can be wrong with an endpoint.

/// What is wrong with an endpoint, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid endpoint at byte {offset}: {kind}")]
pub struct EndpointError {
    kind: EndpointErrorKind,
    offset: usize,
}

impl EndpointError {
    pub(super) fn new(kind: EndpointErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> EndpointErrorKind {
        self.kind
    }

    /// Byte of the text at which it is wrong.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }
}

/// The rules of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointErrorKind {
    /// The text does not start with a scheme and `://`.
    #[error(
        "expected scheme://, one of nnrp+tcp, nnrp+tls, nnrp+quic, nnrps (host:port), nnrp+ws, nnrp+wss (host:port/path) and nnrp+mem (name)"
    )]
    MissingScheme,
    /// The scheme is not served by this build.
    #[error(
        "unknown scheme, use nnrp+tcp, nnrp+tls, nnrp+quic or nnrps (host:port), nnrp+ws or nnrp+wss (host:port/path), or nnrp+mem (name)"
    )]
    UnknownScheme,
    /// The host is empty.
    #[error("the host is missing")]
    MissingHost,
    /// A byte that no host or name may hold.
    #[error("this character cannot stand in an endpoint")]
    UnexpectedCharacter,
    /// The bracket of an IPv6 address is not closed.
    #[error("the bracket of the IPv6 address is not closed")]
    UnclosedBracket,
    /// Between the brackets stands no IPv6 address.
    #[error("between the brackets stands no IPv6 address")]
    InvalidIpv6,
    /// An IPv6 address without brackets.
    #[error("an IPv6 address stands in brackets, as in [::1]:4433")]
    BareIpv6,
    /// The port is missing.
    #[error("the port is required, as in host:4433; port 0 binds a free one")]
    MissingPort,
    /// The port is not a number from 0 to 65535.
    #[error("the port is a number from 0 to 65535")]
    InvalidPort,
    /// The name of an in-memory endpoint is empty.
    #[error("the name is missing")]
    MissingName,
    /// The text is longer than any endpoint can be.
    #[error("an endpoint has at most 512 bytes")]
    TooLong,
}
