//! From what a machine reports to why a connection ended.

use std::io;

use nnrp_core::code::ErrorCode;
use nnrp_core::connection::EndCause;
use nnrp_core::{ErrorKind, ProtocolError};

use crate::ConnectionEnd;

/// Characters of a peer's text that are worth showing.
const SHOWN_TEXT: usize = 200;

/// `end` is what the task of the connection knows, which is more than the machine can.
pub(crate) fn connection_end(cause: EndCause, end: Option<&ConnectionEnd>) -> ConnectionEnd {
    match (end, cause) {
        (Some(end), _) => end.clone(),
        (None, EndCause::ClosedByPeer | EndCause::Closed(_)) => ConnectionEnd::ClosedByPeer,
        (None, EndCause::ClosedLocally | EndCause::TakenOver) => ConnectionEnd::ClosedHere,
        (None, EndCause::TransportLost) => end_of_stream(),
        (None, EndCause::Failed(error)) => failed(error),
    }
}

/// The peer ended the stream while something was open.
pub(crate) fn end_of_stream() -> ConnectionEnd {
    ConnectionEnd::Lost {
        kind: io::ErrorKind::UnexpectedEof,
        os_error: None,
    }
}

/// The answer to a hello was this report.
pub(crate) fn refused(code: ErrorCode, text: &[u8]) -> ConnectionEnd {
    let text = String::from_utf8_lossy(text);
    let printable = text.chars().filter(|character| !character.is_control());
    ConnectionEnd::Refused {
        code,
        text: printable.take(SHOWN_TEXT).collect(),
    }
}

/// Reading or writing failed.
pub(crate) fn lost(error: &io::Error) -> ConnectionEnd {
    ConnectionEnd::Lost {
        kind: error.kind(),
        os_error: error.raw_os_error(),
    }
}

/// The machine gave the connection up.
pub(crate) fn failed(error: ProtocolError) -> ConnectionEnd {
    match error.kind {
        ErrorKind::TimedOut(timeout) => ConnectionEnd::PeerTimeout(timeout),
        _ => ConnectionEnd::Protocol(error),
    }
}

impl ConnectionEnd {
    /// The kind of end as a short name that stays the same, for logs and counters.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClosedHere => "closed-here",
            Self::ClosedByPeer => "closed-by-peer",
            Self::ConnectFailed(_) => "connect-failed",
            Self::ConnectTimeout(_) => "connect-timeout",
            Self::Lost { .. } => "transport-lost",
            Self::PeerTimeout(_) => "peer-timeout",
            Self::WriteTimeout => "write-timeout",
            Self::Refused { .. } => "refused",
            Self::Protocol(_) => "protocol-error",
            Self::GivenUp { .. } => "given-up",
        }
    }
}
