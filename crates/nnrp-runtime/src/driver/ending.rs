//! How the end of a connection is told: to a peer whose transport has close codes, and to the log.

use nnrp_core::ErrorKind;
use nnrp_transport_provider::CloseCode;

use super::Driver;
use crate::{ConnectionEnd, Metrics};

impl Driver {
    /// Gives the transport up, with the reason where it can carry one. Everything queued was acknowledged before, or the peer was given up.
    pub(super) fn end_transport(self, end: &ConnectionEnd, server: bool) {
        let shutdown = server && self.stop_deadline.is_some();
        let code = if shutdown {
            CloseCode::Shutdown
        } else {
            close_code(end)
        };
        if let Some(control) = &self.control
            && code != CloseCode::Ordinary
        {
            control.abort(code);
        }
    }
}

/// A lost transport needs no code, and an ordinary end has none.
fn close_code(end: &ConnectionEnd) -> CloseCode {
    match end {
        ConnectionEnd::Protocol(error) => match error.kind {
            ErrorKind::LimitExceeded { .. } => CloseCode::Limit,
            _ => CloseCode::Protocol,
        },
        ConnectionEnd::PeerTimeout(_) | ConnectionEnd::WriteTimeout => CloseCode::Timeout,
        _ => CloseCode::Ordinary,
    }
}

/// One line for each connection, with the reason as a name that stays the same; a warning where something went wrong.
pub(super) fn log(end: &ConnectionEnd, peer: &str, metrics: &Metrics) {
    macro_rules! log_at {
        ($level:expr) => {
            tracing::event!(
                $level,
                reason = end.name(),
                peer,
                bytes_in = metrics.bytes_in,
                bytes_out = metrics.bytes_out,
                frames_in = metrics.frames_in,
                frames_out = metrics.frames_out,
                "{end}"
            )
        };
    }
    match end {
        ConnectionEnd::ClosedHere | ConnectionEnd::ClosedByPeer => log_at!(tracing::Level::INFO),
        _ => log_at!(tracing::Level::WARN),
    }
}
