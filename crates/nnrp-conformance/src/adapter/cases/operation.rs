//! `l1.operation.*`: the transition table and the cancel table (spec 11 §11.1).

use bytes::Bytes;
use nnrp_core::code::{CancelScope, OperationState, TransportId};
use nnrp_core::operation::OperationDescriptor;
use nnrp_core::{ErrorKind, MessageType, Rule};

use OperationState::{
    Accepted, Cancelled, Completed, Failed, Partial, Running, Superseded, WaitingTool,
};

use super::super::dialogue::HOLD;
use super::super::server::Server;
use super::super::subject::{Operations, Subject};
use super::super::verdict::{Verdict, same};
use super::super::wire::on_sockets;

/// `l1.operation.lifecycle.progression.validation`
pub(in super::super) fn progression(subject: &dyn Subject) -> Verdict {
    let row =
        |path: &[OperationState], allowed: &[OperationState]| transitions(subject, path, allowed);
    row(&[], &[Running, Superseded, Cancelled, Failed])?;
    let running = [
        Partial,
        WaitingTool,
        Superseded,
        Cancelled,
        Failed,
        Completed,
    ];
    row(&[Running], &running)?;
    row(&[Running, Partial], &running)?;
    row(&[Running, Partial, Partial], &running)?;
    let mut operations = subject.operations();
    let unknown = operations.transition(9, Running);
    same(
        "an unknown operation",
        unknown,
        Err(ErrorKind::UnknownOperation(9)),
    )?;
    registration(subject)
}

/// `l1.operation.lifecycle.waiting_tool.validation`
pub(in super::super) fn waiting_tool(subject: &dyn Subject) -> Verdict {
    let allowed = [Running, Superseded, Cancelled, Failed];
    transitions(subject, &[Running, WaitingTool], &allowed)?;
    transitions(subject, &[Running, Partial, WaitingTool], &allowed)?;
    // Only through running does it come back.
    let mut operations = subject.operations();
    register(operations.as_mut(), 1, 42, None, None)?;
    for next in [Running, WaitingTool, Running, Partial, Completed] {
        same(next.name(), operations.transition(1, next), Ok(()))?;
    }
    Ok(())
}

/// `l1.operation.lifecycle.terminal_resolution.validation`
pub(in super::super) fn terminal_resolution(subject: &dyn Subject) -> Verdict {
    for path in [
        &[Superseded][..],
        &[Cancelled],
        &[Failed],
        &[Running, Completed],
        &[Running, Superseded],
        &[Running, Partial, Completed],
        &[Running, WaitingTool, Failed],
    ] {
        transitions(subject, path, &[])?;
    }
    // A finished operation keeps its id, and cancelling it changes nothing.
    let mut operations = subject.operations();
    register(operations.as_mut(), 1, 42, None, None)?;
    for next in [Running, Completed] {
        same(next.name(), operations.transition(1, next), Ok(()))?;
    }
    let again = operations.register(descriptor(1, 42, None, None));
    same(
        "its id again",
        again,
        Err(ErrorKind::OperationAlreadyExists(1)),
    )?;
    let cancelled = operations.cancel(42, 1, CancelScope::Operation);
    same("cancelling it", cancelled, Ok(vec![]))?;
    same("its state", operations.state_of(1), Some(Completed))
}

/// `l1.operation.cancel_scope.validation`
pub(in super::super) fn cancel_scope(subject: &dyn Subject) -> Verdict {
    for (scope, target, wanted) in [
        (CancelScope::Operation, 2, &[2][..]),
        (CancelScope::Operation, 5, &[]),
        (CancelScope::Subtree, 2, &[2, 3]),
        (CancelScope::Subtree, 1, &[1, 2, 3, 4]),
        (CancelScope::Group, 2, &[2, 4]),
        (CancelScope::Session, 4, &[1, 2, 3, 4]),
        (CancelScope::Session, 5, &[1, 2, 3, 4]),
    ] {
        let mut operations = family(subject)?;
        let what = format!("cancel {} of {target}", scope.name());
        let cancelled = operations.cancel(42, target, scope);
        same(&what, cancelled, Ok(wanted.to_vec()))?;
        for id in 1..=6 {
            let state = match id {
                id if wanted.contains(&id) => Cancelled,
                5 => Completed,
                _ => Accepted,
            };
            let what = format!("{what}: state of {id}");
            same(&what, operations.state_of(id), Some(state))?;
        }
        let again = operations.cancel(42, target, scope);
        same(&format!("{what}, twice"), again, Ok(vec![]))?;
    }
    refusals(subject)?;
    on_sockets(cancel_of_one_frame(subject))
}

/// A cancel on the wire means one frame, whatever else is unanswered.
async fn cancel_of_one_frame(subject: &dyn Subject) -> Verdict {
    let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
    let mut wire = server.connect().await?;
    wire.open(42).await?;
    let body = Bytes::from_static(b"withheld");
    for frame_id in [1, 2] {
        wire.submit(42, frame_id, HOLD, &body).await?;
    }
    wire.cancel(42, 1).await?;
    let dropped = wire.expect(MessageType::ResultDrop).await?;
    same("the frame dropped", dropped.header().frame_id, 1)?;
    wire.submit(42, 3, 0, &body).await?;
    wire.expect_result(42, 3, &body).await.map(drop)
}

fn refusals(subject: &dyn Subject) -> Verdict {
    let mut operations = family(subject)?;
    for (what, session_id, target, scope, error) in [
        (
            "unknown",
            42,
            9,
            CancelScope::Operation,
            ErrorKind::UnknownOperation(9),
        ),
        (
            "of another session",
            43,
            1,
            CancelScope::Operation,
            ErrorKind::InvalidOperationRelationship(Rule::CancelSessionMismatch),
        ),
        (
            "without a group",
            42,
            1,
            CancelScope::Group,
            ErrorKind::InvalidOperationRelationship(Rule::CancelGroupMissing),
        ),
    ] {
        let refused = operations.cancel(session_id, target, scope);
        same(&format!("cancel {what}"), refused, Err(error))?;
    }
    Ok(())
}

/// Session 42 with 1 ← 2 ← 3, 1 ← 4 (2 and 4 in a group) and the finished 5; session 43 with 6.
fn family(subject: &dyn Subject) -> Result<Box<dyn Operations>, super::super::verdict::Failure> {
    let mut operations = subject.operations();
    for (id, session_id, parent, group) in [
        (1, 42, None, None),
        (2, 42, Some(1), Some(7)),
        (3, 42, Some(2), None),
        (4, 42, Some(1), Some(7)),
        (5, 42, None, None),
        (6, 43, None, None),
    ] {
        register(operations.as_mut(), id, session_id, parent, group)?;
    }
    for next in [Running, Completed] {
        same("operation 5", operations.transition(5, next), Ok(()))?;
    }
    Ok(operations)
}

/// What cannot be registered, in the order of the table.
fn registration(subject: &dyn Subject) -> Verdict {
    let mut operations = subject.operations();
    register(operations.as_mut(), 1, 42, None, None)?;
    register(operations.as_mut(), 6, 43, None, None)?;
    let relation = ErrorKind::InvalidOperationRelationship;
    for (what, descriptor, error) in [
        (
            "session 0",
            descriptor(2, 0, None, None),
            relation(Rule::OperationZeroSession),
        ),
        (
            "id 0",
            descriptor(0, 42, None, None),
            relation(Rule::OperationZeroId),
        ),
        (
            "its own parent",
            descriptor(2, 42, Some(2), None),
            relation(Rule::OperationSelfParent),
        ),
        (
            "group 0",
            descriptor(2, 42, None, Some(0)),
            relation(Rule::OperationZeroGroup),
        ),
        (
            "a used id",
            descriptor(1, 42, None, None),
            ErrorKind::OperationAlreadyExists(1),
        ),
        (
            "no such parent",
            descriptor(2, 42, Some(9), None),
            ErrorKind::UnknownOperation(9),
        ),
        (
            "a parent of another session",
            descriptor(2, 42, Some(6), None),
            relation(Rule::OperationParentOtherSession),
        ),
    ] {
        same(what, operations.register(descriptor), Err(error))?;
    }
    Ok(())
}

/// Leads an operation along `path`; from there exactly `allowed` may follow, and nothing else changes anything.
fn transitions(
    subject: &dyn Subject,
    path: &[OperationState],
    allowed: &[OperationState],
) -> Verdict {
    for next in OperationState::ALL {
        let mut operations = subject.operations();
        register(operations.as_mut(), 1, 42, None, None)?;
        for step in path {
            same(step.name(), operations.transition(1, *step), Ok(()))?;
        }
        let from = *path.last().unwrap_or(&Accepted);
        let what = format!("from {} to {}", from.name(), next.name());
        let (wanted, then) = if allowed.contains(next) {
            (Ok(()), *next)
        } else {
            (
                Err(ErrorKind::InvalidOperationTransition { from, to: *next }),
                from,
            )
        };
        same(&what, operations.transition(1, *next), wanted)?;
        same(
            &format!("{what}: the state"),
            operations.state_of(1),
            Some(then),
        )?;
    }
    Ok(())
}

fn register(
    operations: &mut dyn Operations,
    id: u64,
    session_id: u32,
    parent: Option<u64>,
    group: Option<u64>,
) -> Verdict {
    let descriptor = descriptor(id, session_id, parent, group);
    let what = format!("registering {id}");
    same(&what, operations.register(descriptor), Ok(()))
}

fn descriptor(
    operation_id: u64,
    session_id: u32,
    parent: Option<u64>,
    group: Option<u64>,
) -> OperationDescriptor {
    OperationDescriptor {
        session_id,
        operation_id,
        parent_operation_id: parent,
        operation_group_id: group,
    }
}
