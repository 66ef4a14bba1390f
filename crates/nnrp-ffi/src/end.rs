//! Statuses of what failed or ended below the ABI: refused commands, ended sessions, connections and listeners.

use crate::failure::Failure;
use crate::status::*;
use nnrp_core::ProtocolError;
use nnrp_runtime::{CommandError, ConnectionEnd, ListenerEnd, SessionEnd};
use nnrp_transport_provider::{EndpointError, TransportError};

/// Protocol errors that break no numbered rule: this plus the number of the error kind.
pub(crate) const DETAIL_ERROR_KIND: u32 = 0x1_0000;

/// Detail of `NNRP_STATUS_UNSUPPORTED` of an endpoint at which nobody can listen.
pub(crate) const DETAIL_CLIENTS_ONLY: u32 = 1;

/// Detail of `NNRP_STATUS_CLOSED` of a session that goes on over another connection.
const CLOSED_ELSEWHERE: u32 = 2;

/// Why something ended, as a closing event says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) status: NnrpStatus,
    pub(crate) detail: u32,
    /// Error code of the wire.
    pub(crate) protocol_code: u32,
    /// Reason of the wire.
    pub(crate) close_reason: u32,
}

impl Ended {
    fn new(status: NnrpStatus) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    fn with_detail(status: NnrpStatus, detail: u32) -> Self {
        Self {
            detail,
            ..Self::new(status)
        }
    }
}

/// The status of an ended connection.
pub(crate) fn connection_end(end: &ConnectionEnd) -> Ended {
    match end {
        ConnectionEnd::ClosedHere | ConnectionEnd::ClosedByPeer => Ended::new(NNRP_STATUS_CLOSED),
        ConnectionEnd::ConnectFailed(error) => {
            Ended::with_detail(NNRP_STATUS_CONNECT_FAILED, os_error(error.os_error()))
        }
        ConnectionEnd::ConnectTimeout(_) => Ended::new(NNRP_STATUS_CONNECT_FAILED),
        ConnectionEnd::Lost {
            os_error: number, ..
        } => Ended::with_detail(NNRP_STATUS_TRANSPORT_LOST, os_error(*number)),
        ConnectionEnd::PeerTimeout(_) | ConnectionEnd::WriteTimeout => {
            Ended::new(NNRP_STATUS_PEER_TIMEOUT)
        }
        ConnectionEnd::Refused { code, .. } => Ended {
            protocol_code: code.0,
            ..Ended::new(NNRP_STATUS_CLOSED)
        },
        ConnectionEnd::GivenUp { last, .. } => connection_end(last),
        ConnectionEnd::Protocol(error) => {
            Ended::with_detail(NNRP_STATUS_PROTOCOL_ERROR, protocol_detail(error))
        }
        _ => Ended::new(NNRP_STATUS_INTERNAL),
    }
}

/// The status of an ended session.
pub(crate) fn session_end(end: &SessionEnd) -> Ended {
    match end {
        SessionEnd::ClosedHere => Ended::new(NNRP_STATUS_CLOSED),
        SessionEnd::ClosedByPeer { reason, code } => Ended {
            protocol_code: code.0,
            close_reason: reason.to_wire().into(),
            ..Ended::new(NNRP_STATUS_CLOSED)
        },
        SessionEnd::Rejected { code } => Ended {
            protocol_code: code.0,
            ..Ended::new(NNRP_STATUS_SESSION_REJECTED)
        },
        SessionEnd::TakenOver => Ended::with_detail(NNRP_STATUS_CLOSED, CLOSED_ELSEWHERE),
        SessionEnd::ConnectionEnded(end) => connection_end(end),
        _ => Ended::new(NNRP_STATUS_INTERNAL),
    }
}

/// The status of an ended listener.
pub(crate) fn listener_end(end: &ListenerEnd) -> Ended {
    match end {
        ListenerEnd::ClosedHere => Ended::new(NNRP_STATUS_CLOSED),
        ListenerEnd::Failed(error) => {
            Ended::with_detail(NNRP_STATUS_LISTEN_FAILED, os_error(error.os_error()))
        }
        _ => Ended::new(NNRP_STATUS_INTERNAL),
    }
}

/// Detail of `NNRP_STATUS_WRONG_STATE` when a closed event, drained or not, says why the object ended.
const WRONG_STATE_ENDED: u32 = 1;

/// A refused command. `parameter` is the one that holds the message.
pub(crate) fn command_failure(error: &CommandError, parameter: u32) -> Failure {
    let limit = |limit: usize| Failure {
        detail: u32::try_from(limit).unwrap_or(u32::MAX),
        ..Failure::new(NNRP_STATUS_LIMIT_EXCEEDED)
    };
    match error {
        CommandError::WouldBlock => Failure::new(NNRP_STATUS_WOULD_BLOCK),
        CommandError::BodyTooLarge { limit: bytes, .. } => limit(*bytes),
        CommandError::TooManySessions { limit: sessions } => limit(*sessions),
        CommandError::FrameIdOverflow => limit(usize::MAX),
        CommandError::Invalid(_) => Failure::argument(parameter),
        CommandError::UnknownFrame { frame_id } => Failure {
            frame_id: *frame_id,
            ..Failure::new(NNRP_STATUS_WRONG_STATE)
        },
        CommandError::Closed => Failure {
            detail: WRONG_STATE_ENDED,
            ..Failure::new(NNRP_STATUS_WRONG_STATE)
        },
        CommandError::UnknownSession | CommandError::WrongState(_) => {
            Failure::new(NNRP_STATUS_WRONG_STATE)
        }
        _ => Failure::new(NNRP_STATUS_INTERNAL),
    }
}

/// An endpoint that is none.
pub(crate) fn endpoint_failure(error: &EndpointError) -> Failure {
    let detail = u32::try_from(error.offset()).unwrap_or(u32::MAX);
    Failure {
        detail,
        ..Failure::new(NNRP_STATUS_INVALID_URI)
    }
}

/// An address that cannot be bound.
pub(crate) fn listen_failure(error: &TransportError) -> Failure {
    Failure {
        detail: os_error(error.os_error()),
        ..Failure::new(NNRP_STATUS_LISTEN_FAILED)
    }
}

/// Error numbers of every operating system are positive; 0 says that there is none.
fn os_error(number: Option<i32>) -> u32 {
    number
        .and_then(|number| u32::try_from(number).ok())
        .unwrap_or(0)
}

fn protocol_detail(error: &ProtocolError) -> u32 {
    error
        .kind
        .rule()
        .map_or(DETAIL_ERROR_KIND + error.code(), |rule| rule.code().into())
}
