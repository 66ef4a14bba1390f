//! Tables of the session lifecycle: opens and closes (spec 10).

use nnrp_core::code::{SessionCloseStatus, SessionErrorCode, SessionStatus};
use nnrp_core::lifecycle::SessionState;
use nnrp_core::message::session::SessionOpenAck;
use nnrp_core::{CodecError, ErrorKind, MessageType, Rule};

use super::super::subject::{Lifecycle, Subject};
use super::super::verdict::{Verdict, same};
use super::lifecycle_step::{close, close_ack, close_ack_header, header, opened, reach, state_of};

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

fn broken(rule: Rule) -> Result<(), ErrorKind> {
    Err(ErrorKind::Codec(CodecError::InvalidProtocolCombination(
        rule,
    )))
}
