//! Why a security setting cannot be used: which one, and what to give instead.

use std::io;

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecurityError {
    /// A server without a certificate.
    #[error(
        "a server on TLS or QUIC needs a certificate chain and its private key; none is configured"
    )]
    NoIdentity,
    /// The system's roots are wanted and this build cannot read them.
    #[error(
        "this build does not read the system's root certificates; configure the roots to trust"
    )]
    NoSystemRoots,
    /// An empty list of roots.
    #[error("no root certificate is configured, so that no server could be trusted")]
    NoRoots,
    /// A certificate that is none.
    #[error("certificate {index} cannot be used: {reason}")]
    Certificate {
        /// Its place in the list, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A private key that is none, or of another certificate.
    #[error("the private key cannot be used: {0}")]
    PrivateKey(String),
    /// Neither PEM nor DER.
    #[error("{what}: expected PEM or DER, {reason}")]
    Encoding {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A name no certificate can have.
    #[error(
        "{0:?} is neither a DNS name nor an IP address, so no certificate can be checked for it"
    )]
    ServerName(String),
    /// An ALPN token of no or more than 255 bytes.
    #[error("an ALPN token has 1 to 255 bytes, not {0}")]
    AlpnLength(usize),
    /// The crypto provider cannot do what is needed.
    #[error("the crypto provider cannot be used: {0}")]
    Provider(String),
}

impl From<SecurityError> for io::Error {
    fn from(error: SecurityError) -> Self {
        Self::new(io::ErrorKind::InvalidInput, error)
    }
}
