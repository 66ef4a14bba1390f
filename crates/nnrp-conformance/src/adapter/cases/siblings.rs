//! Tables of sessions that share a connection: what the end of one, or of the connection, leaves of the others (spec 10).

use nnrp_core::code::{FlowScopeKind, SessionCloseStatus};
use nnrp_core::lifecycle::{ConnectionState, SessionState};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::{ErrorKind, MessageType};

use super::super::subject::Subject;
use super::super::verdict::{Verdict, same};
use super::lifecycle_step::{ack, close, close_ack, close_ack_header, header, opened, state_of};

/// Two sessions on one connection (10.9, first row).
pub(super) fn parallel(subject: &dyn Subject) -> Verdict {
    let lifecycle = opened(subject, &[42, 43])?;
    for id in [42, 43] {
        same(
            "the session",
            state_of(lifecycle.as_ref(), id),
            Some(SessionState::Open),
        )?;
    }
    Ok(())
}

/// What the close of 42 leaves of 43 (10.9).
pub(super) fn siblings(subject: &dyn Subject) -> Verdict {
    let mut lifecycle = opened(subject, &[42, 43])?;
    let begun = lifecycle.begin_close(&header(MessageType::SessionClose, 42), &close(99));
    same("a close of 42", begun, Ok(()))?;
    same(
        "43 meanwhile",
        state_of(lifecycle.as_ref(), 43),
        Some(SessionState::Open),
    )?;
    let ack = close_ack(SessionCloseStatus::Closed, 99);
    same(
        "its ack",
        lifecycle.apply_close_ack(&close_ack_header(42), &ack),
        Ok(()),
    )?;
    same(
        "42 then",
        state_of(lifecycle.as_ref(), 42),
        Some(SessionState::Closed),
    )?;
    same(
        "43 then",
        state_of(lifecycle.as_ref(), 43),
        Some(SessionState::Open),
    )?;
    for update in [session_grant(), operation_grant()] {
        let scope = update.scope_kind.name();
        let accepted = lifecycle.check_flow_update(&header(MessageType::FlowUpdate, 43), &update);
        same(&format!("{scope} scope in 43"), accepted, Ok(()))?;
        let refused = lifecycle.check_flow_update(&header(MessageType::FlowUpdate, 42), &update);
        let wanted = Err(ErrorKind::UnknownSession(42));
        same(&format!("{scope} scope in 42"), refused, wanted)?;
    }
    Ok(())
}

/// What the close of the connection does (10.9, last row).
pub(super) fn cascade(subject: &dyn Subject) -> Verdict {
    let mut lifecycle = opened(subject, &[42, 43])?;
    same("closing", lifecycle.close(), Ok(()))?;
    same("the connection", lifecycle.state(), ConnectionState::Closed)?;
    for id in [42, 43] {
        same(
            "a session",
            state_of(lifecycle.as_ref(), id),
            Some(SessionState::Closed),
        )?;
    }
    let not_open = Err(ErrorKind::ConnectionNotOpen);
    let again = lifecycle.close();
    same(
        "closing again",
        again,
        Err(ErrorKind::ConnectionAlreadyClosed),
    )?;
    same(
        "a further ack",
        lifecycle.apply_open_ack(&ack(44)),
        not_open,
    )?;
    let begun = lifecycle.begin_close(&header(MessageType::SessionClose, 42), &close(0));
    same("a further close", begun, not_open)?;
    let closed = close_ack(SessionCloseStatus::Closed, 0);
    let applied = lifecycle.apply_close_ack(&close_ack_header(42), &closed);
    same("a further close ack", applied, not_open)?;
    let update = session_grant();
    let checked = lifecycle.check_flow_update(&header(MessageType::FlowUpdate, 42), &update);
    same("a further flow update", checked, not_open)
}

fn session_grant() -> FlowUpdate {
    FlowUpdate {
        scope_kind: FlowScopeKind::Session,
        session_credit: 3,
        ..FlowUpdate::default()
    }
}

fn operation_grant() -> FlowUpdate {
    FlowUpdate {
        scope_kind: FlowScopeKind::Operation,
        operation_credit: 3,
        operation_id: 1,
        ..FlowUpdate::default()
    }
}
