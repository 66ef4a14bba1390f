//! What QUIC reports, as the errors that byte streams have on every transport.

use std::io;

use quinn::ConnectionError;
use quinn_proto::TransportErrorCode;

/// TLS alert `no_application_protocol` (RFC 7301 §3.2).
const NO_APPLICATION_PROTOCOL: u8 = 120;

/// Whether a handshake failed because the server knows none of the offered tokens.
pub(crate) fn is_alpn_refusal(error: &ConnectionError) -> bool {
    let alert = TransportErrorCode::crypto(NO_APPLICATION_PROTOCOL);
    match error {
        ConnectionError::ConnectionClosed(close) => close.error_code == alert,
        ConnectionError::TransportError(error) => error.code == alert,
        _ => false,
    }
}

/// `ConnectionReset` where the peer dropped the connection without a reason, `ConnectionAborted` where it gave one.
pub(crate) fn io_error(error: &ConnectionError) -> io::Error {
    let kind = match error {
        ConnectionError::ApplicationClosed(close) if close.error_code.into_inner() == 0 => {
            io::ErrorKind::ConnectionReset
        }
        ConnectionError::Reset => io::ErrorKind::ConnectionReset,
        ConnectionError::ApplicationClosed(_) | ConnectionError::ConnectionClosed(_) => {
            io::ErrorKind::ConnectionAborted
        }
        ConnectionError::TimedOut => io::ErrorKind::TimedOut,
        ConnectionError::LocallyClosed => io::ErrorKind::NotConnected,
        ConnectionError::TransportError(_) | ConnectionError::VersionMismatch => {
            io::ErrorKind::InvalidData
        }
        ConnectionError::CidsExhausted => io::ErrorKind::Other,
    };
    io::Error::new(kind, error.clone())
}
