//! What the tables of lifecycles are made of: packets that arrive, and the sessions that they leave.

use nnrp_core::code::SessionCloseStatus;
use nnrp_core::lifecycle::SessionState;
use nnrp_core::message::session::{SessionClose, SessionCloseAck, SessionOpenAck};
use nnrp_core::{Header, MessageType};

use super::super::subject::{Lifecycle, Subject};
use super::super::verdict::{Failure, Verdict, same};

/// A connection with these sessions open.
pub(super) fn opened(subject: &dyn Subject, ids: &[u32]) -> Result<Box<dyn Lifecycle>, Failure> {
    let mut lifecycle = subject.lifecycle();
    for id in ids {
        same("an open ack", lifecycle.apply_open_ack(&ack(*id)), Ok(()))?;
    }
    Ok(lifecycle)
}

/// Brings session 42 to the state of this status, which arrives without a close.
pub(super) fn reach(lifecycle: &mut dyn Lifecycle, by: Option<SessionCloseStatus>) -> Verdict {
    let Some(status) = by else { return Ok(()) };
    let applied = lifecycle.apply_close_ack(&close_ack_header(42), &close_ack(status, 1));
    same("an ack without a close", applied, Ok(()))
}

/// The state of a session, if there is one.
pub(super) fn state_of(lifecycle: &dyn Lifecycle, id: u32) -> Option<SessionState> {
    lifecycle.session(id).map(|record| record.state)
}

/// An ack that opens this session.
pub(super) fn ack(session_id: u32) -> SessionOpenAck {
    SessionOpenAck {
        session_id,
        ..SessionOpenAck::default()
    }
}

/// A close after this operation.
pub(super) fn close(last_operation_id: u64) -> SessionClose {
    SessionClose {
        last_operation_id,
        ..SessionClose::default()
    }
}

/// An ack of a close.
pub(super) fn close_ack(
    close_status: SessionCloseStatus,
    last_operation_id: u64,
) -> SessionCloseAck {
    SessionCloseAck {
        close_status,
        last_operation_id,
        ..SessionCloseAck::default()
    }
}

/// The header of an ack of a close.
pub(super) fn close_ack_header(session_id: u32) -> Header {
    header(MessageType::SessionCloseAck, session_id)
}

/// A header in this session.
pub(super) fn header(message_type: MessageType, session_id: u32) -> Header {
    Header {
        session_id,
        ..Header::new(message_type)
    }
}
