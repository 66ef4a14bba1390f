//! Tables of the session lifecycle: opens, closes, siblings, the end of the connection (spec 10).

use nnrp_core::code::{FlowScopeKind, SessionCloseStatus, SessionErrorCode, SessionStatus};
use nnrp_core::lifecycle::{ConnectionState, SessionState};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::session::{SessionClose, SessionCloseAck, SessionOpenAck};
use nnrp_core::{CodecError, ErrorKind, Header, MessageType, Rule};

use super::super::subject::{Lifecycle, Subject};
use super::super::verdict::{Failure, Verdict, same};

/// What an ack of each status does (10.4).
pub(super) fn open_acks(subject: &dyn Subject) -> Verdict {
    use SessionStatus::{Opened, Rejected, Resumed, RetryLater};
    let zero_session = broken(Rule::OpenAckSuccessZeroSession);
    let nonzero_session = broken(Rule::OpenAckRejectNonzeroSession);
    for (status, session_id, wanted, state) in [
        (Opened, 42, Ok(()), Some(SessionState::Open)),
        (Resumed, 42, Ok(()), Some(SessionState::Resumed)),
        (Opened, 0, zero_session, None),
        (Resumed, 0, zero_session, None),
        (Rejected, 0, Ok(()), None),
        (RetryLater, 0, Ok(()), None),
        (Rejected, 42, nonzero_session, None),
        (RetryLater, 42, nonzero_session, None),
    ] {
        let mut lifecycle = subject.lifecycle();
        let ack = SessionOpenAck {
            session_id,
            session_status: status,
            ..SessionOpenAck::default()
        };
        let what = format!("ack {} for session {session_id}", status.name());
        same(&what, lifecycle.apply_open_ack(&ack), wanted)?;
        same(
            &format!("{what}: the session"),
            state_of(lifecycle.as_ref(), session_id),
            state,
        )?;
    }
    record(subject)
}

/// What is taken from an ack.
fn record(subject: &dyn Subject) -> Verdict {
    let mut lifecycle = subject.lifecycle();
    let ack = SessionOpenAck {
        session_id: 42,
        accepted_profile_id: 2,
        schema_id: 0x1001,
        schema_version: 3,
        max_in_flight_operations: 4,
        route_scope_id: 7,
        session_error_code: SessionErrorCode(5),
        ..SessionOpenAck::default()
    };
    same("an ack", lifecycle.apply_open_ack(&ack), Ok(()))?;
    let found = lifecycle.session(42).map(|record| {
        (
            (record.profile_id, record.schema_id, record.schema_version),
            (record.max_in_flight_operations, record.route_scope_id),
            (record.last_operation_id, record.session_error_code.0),
        )
    });
    same("the record", found, Some(((2, 0x1001, 3), (4, 7), (0, 5))))?;
    let again = lifecycle.apply_open_ack(&ack);
    same(
        "the same id again",
        again,
        Err(ErrorKind::SessionAlreadyExists(42)),
    )
}

/// The close tables (10.5) from every state, with every status.
pub(super) fn closes(subject: &dyn Subject) -> Verdict {
    let states = [
        (SessionState::Open, None),
        (
            SessionState::Closing,
            Some(SessionCloseStatus::Acknowledged),
        ),
        (SessionState::Draining, Some(SessionCloseStatus::Draining)),
        (SessionState::Closed, Some(SessionCloseStatus::Closed)),
    ];
    for (from, reached_by) in states {
        for status in SessionCloseStatus::ALL {
            let mut lifecycle = opened(subject, &[42])?;
            reach(lifecycle.as_mut(), reached_by)?;
            close_ack_from(lifecycle.as_mut(), from, *status)?;
        }
        let mut lifecycle = opened(subject, &[42])?;
        reach(lifecycle.as_mut(), reached_by)?;
        let wanted = match from {
            SessionState::Open => Ok(()),
            _ => Err(ErrorKind::SessionNotOpen(42)),
        };
        let begun = lifecycle.begin_close(&header(MessageType::SessionClose, 42), &close(99));
        same(&format!("SESSION_CLOSE in state {from:?}"), begun, wanted)?;
    }
    resumed_closes(subject)?;
    headers_of_closes(subject)
}

fn close_ack_from(
    lifecycle: &mut dyn Lifecycle,
    from: SessionState,
    status: SessionCloseStatus,
) -> Verdict {
    let what = format!("ack {} in state {from:?}", status.name());
    let (wanted, then) = match (from, status) {
        (SessionState::Closed, _) => (Err(ErrorKind::SessionNotOpen(42)), SessionState::Closed),
        (_, SessionCloseStatus::Acknowledged) => (Ok(()), SessionState::Closing),
        (_, SessionCloseStatus::Draining) => (Ok(()), SessionState::Draining),
        (_, SessionCloseStatus::Closed) => (Ok(()), SessionState::Closed),
        (_, SessionCloseStatus::Rejected) => (Ok(()), SessionState::Open),
    };
    same(
        &what,
        lifecycle.apply_close_ack(&close_ack_header(42), &close_ack(status, 7)),
        wanted,
    )?;
    same(
        &format!("{what}: the state"),
        state_of(lifecycle, 42),
        Some(then),
    )
}

/// A refused close opens a resumed session, which may be closed again.
fn resumed_closes(subject: &dyn Subject) -> Verdict {
    let mut lifecycle = subject.lifecycle();
    let ack = SessionOpenAck {
        session_id: 42,
        session_status: SessionStatus::Resumed,
        ..SessionOpenAck::default()
    };
    same("resumed", lifecycle.apply_open_ack(&ack), Ok(()))?;
    for _ in 0..2 {
        let header = header(MessageType::SessionClose, 42);
        same(
            "a close",
            lifecycle.begin_close(&header, &close(99)),
            Ok(()),
        )?;
        let record = lifecycle.session(42);
        let found = record.map(|record| (record.state, record.last_operation_id));
        same("closing", found, Some((SessionState::Closing, 99)))?;
        let refused = close_ack(SessionCloseStatus::Rejected, 98);
        let applied = lifecycle.apply_close_ack(&close_ack_header(42), &refused);
        same("a refusal", applied, Ok(()))?;
        let record = lifecycle.session(42);
        let found = record.map(|record| (record.state, record.last_operation_id));
        same("open again", found, Some((SessionState::Open, 98)))?;
    }
    Ok(())
}

fn headers_of_closes(subject: &dyn Subject) -> Verdict {
    let mut lifecycle = opened(subject, &[42])?;
    for (what, header, wanted) in [
        (
            "a close under another header",
            header(MessageType::Ping, 42),
            broken(Rule::SessionCloseWrongHeader),
        ),
        (
            "a close of session 0",
            header(MessageType::SessionClose, 0),
            broken(Rule::SessionCloseZeroSession),
        ),
        (
            "a close of an unknown session",
            header(MessageType::SessionClose, 43),
            Err(ErrorKind::UnknownSession(43)),
        ),
    ] {
        same(what, lifecycle.begin_close(&header, &close(0)), wanted)?;
    }
    let ack = close_ack(SessionCloseStatus::Closed, 0);
    for (what, header, wanted) in [
        (
            "an ack under another header",
            header(MessageType::Ping, 42),
            broken(Rule::SessionCloseAckWrongHeader),
        ),
        (
            "an ack for session 0",
            close_ack_header(0),
            broken(Rule::SessionCloseAckZeroSession),
        ),
        (
            "an ack for an unknown session",
            close_ack_header(43),
            Err(ErrorKind::UnknownSession(43)),
        ),
    ] {
        same(what, lifecycle.apply_close_ack(&header, &ack), wanted)?;
    }
    same(
        "the session",
        state_of(lifecycle.as_ref(), 42),
        Some(SessionState::Open),
    )
}

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

fn opened(subject: &dyn Subject, ids: &[u32]) -> Result<Box<dyn Lifecycle>, Failure> {
    let mut lifecycle = subject.lifecycle();
    for id in ids {
        same("an open ack", lifecycle.apply_open_ack(&ack(*id)), Ok(()))?;
    }
    Ok(lifecycle)
}

fn reach(lifecycle: &mut dyn Lifecycle, by: Option<SessionCloseStatus>) -> Verdict {
    let Some(status) = by else { return Ok(()) };
    let applied = lifecycle.apply_close_ack(&close_ack_header(42), &close_ack(status, 1));
    same("an ack without a close", applied, Ok(()))
}

fn state_of(lifecycle: &dyn Lifecycle, id: u32) -> Option<SessionState> {
    lifecycle.session(id).map(|record| record.state)
}

fn ack(session_id: u32) -> SessionOpenAck {
    SessionOpenAck {
        session_id,
        ..SessionOpenAck::default()
    }
}

fn close(last_operation_id: u64) -> SessionClose {
    SessionClose {
        last_operation_id,
        ..SessionClose::default()
    }
}

fn close_ack(close_status: SessionCloseStatus, last_operation_id: u64) -> SessionCloseAck {
    SessionCloseAck {
        close_status,
        last_operation_id,
        ..SessionCloseAck::default()
    }
}

fn close_ack_header(session_id: u32) -> Header {
    header(MessageType::SessionCloseAck, session_id)
}

fn header(message_type: MessageType, session_id: u32) -> Header {
    Header {
        session_id,
        ..Header::new(message_type)
    }
}

fn broken(rule: Rule) -> Result<(), ErrorKind> {
    Err(ErrorKind::Codec(CodecError::InvalidProtocolCombination(
        rule,
    )))
}
