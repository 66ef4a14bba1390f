//! The registry of operations: relations, states, cancelling, forgetting (spec 11 §11.1).

use nnrp_core::code::{CancelScope, OperationState};
use nnrp_core::operation::{OperationDescriptor, OperationRegistry};
use nnrp_core::{ErrorKind, Rule};

fn operation(operation_id: u64, parent_operation_id: Option<u64>) -> OperationDescriptor {
    OperationDescriptor {
        session_id: 42,
        operation_id,
        parent_operation_id,
        operation_group_id: None,
    }
}

#[test]
fn operations_follow_the_table_of_states() {
    use OperationState::{Accepted, Cancelled, Completed, Failed, Partial};
    use OperationState::{Running, Superseded, WaitingTool};
    let allowed: &[(OperationState, &[OperationState])] = &[
        (Accepted, &[Running, Superseded, Cancelled, Failed]),
        (
            Running,
            &[
                Partial,
                WaitingTool,
                Superseded,
                Cancelled,
                Failed,
                Completed,
            ],
        ),
        (
            Partial,
            &[
                Partial,
                WaitingTool,
                Superseded,
                Cancelled,
                Failed,
                Completed,
            ],
        ),
        (WaitingTool, &[Running, Superseded, Cancelled, Failed]),
        (Superseded, &[]),
        (Cancelled, &[]),
        (Failed, &[]),
        (Completed, &[]),
    ];
    for (from, next) in allowed {
        for to in OperationState::ALL {
            assert_eq!(
                from.can_become(*to),
                next.contains(to),
                "{from:?} to {to:?}"
            );
        }
    }

    let mut registry = OperationRegistry::new(8, 8);
    registry.register(operation(1, None)).expect("fresh id");
    for to in [Running, WaitingTool, Running, Partial, Completed] {
        registry.transition(1, to).expect("a legal step");
    }
    let back = registry.transition(1, Running);
    assert_eq!(
        back,
        Err(ErrorKind::InvalidOperationTransition {
            from: Completed,
            to: Running
        })
    );
    assert_eq!(
        registry.transition(2, Running),
        Err(ErrorKind::UnknownOperation(2))
    );
}

#[test]
fn operations_are_registered_once_and_within_their_relations() {
    let mut registry = OperationRegistry::new(8, 8);
    registry.register(operation(1, None)).expect("fresh id");
    let relation = |rule| Err(ErrorKind::InvalidOperationRelationship(rule));
    let zero_session = OperationDescriptor {
        session_id: 0,
        ..operation(2, None)
    };
    assert_eq!(
        registry.register(zero_session),
        relation(Rule::OperationZeroSession)
    );
    assert_eq!(
        registry.register(operation(0, None)),
        relation(Rule::OperationZeroId)
    );
    assert_eq!(
        registry.register(operation(2, Some(2))),
        relation(Rule::OperationSelfParent)
    );
    let zero_group = OperationDescriptor {
        operation_group_id: Some(0),
        ..operation(2, None)
    };
    assert_eq!(
        registry.register(zero_group),
        relation(Rule::OperationZeroGroup)
    );
    let twice = registry.register(operation(1, Some(9)));
    assert_eq!(twice, Err(ErrorKind::OperationAlreadyExists(1)));
    let orphan = registry.register(operation(2, Some(9)));
    assert_eq!(orphan, Err(ErrorKind::UnknownOperation(9)));
    let foreign = OperationDescriptor {
        session_id: 43,
        ..operation(2, Some(1))
    };
    assert_eq!(
        registry.register(foreign),
        relation(Rule::OperationParentOtherSession)
    );
    assert_eq!(registry.operation_count(), 1);
}

#[test]
fn cancelling_reaches_what_its_scope_says() {
    let mut registry = OperationRegistry::new(8, 8);
    for (id, parent) in [(1, None), (2, Some(1)), (3, Some(2))] {
        registry.register(operation(id, parent)).expect("fresh id");
    }
    let relation = |rule| Err(ErrorKind::InvalidOperationRelationship(rule));
    assert_eq!(
        registry.cancel(42, 9, CancelScope::Operation),
        Err(ErrorKind::UnknownOperation(9))
    );
    assert_eq!(
        registry.cancel(43, 1, CancelScope::Group),
        relation(Rule::CancelSessionMismatch)
    );
    assert_eq!(
        registry.cancel(42, 1, CancelScope::Group),
        relation(Rule::CancelGroupMissing)
    );
    assert_eq!(registry.cancel(42, 2, CancelScope::Subtree), Ok(vec![2, 3]));
    assert_eq!(registry.cancel(42, 2, CancelScope::Subtree), Ok(vec![]));
    let state = registry.operation(1).map(|record| record.state);
    assert_eq!(state, Some(OperationState::Accepted));

    for id in [5, 4] {
        let grouped = OperationDescriptor {
            operation_group_id: Some(7),
            ..operation(id, None)
        };
        registry.register(grouped).expect("fresh id");
    }
    assert_eq!(registry.cancel(42, 4, CancelScope::Group), Ok(vec![4, 5]));
    assert_eq!(registry.cancel(42, 3, CancelScope::Session), Ok(vec![1]));
}

#[test]
fn a_registry_forgets_what_finished_long_ago_and_never_grows() {
    let mut registry = OperationRegistry::new(2, 3);
    for id in 1..=1000 {
        registry.register(operation(id, None)).expect("fresh id");
        registry
            .transition(id, OperationState::Failed)
            .expect("running");
    }
    assert_eq!(registry.operation_count(), 3);
    let recent = registry.register(operation(1000, None));
    assert_eq!(recent, Err(ErrorKind::OperationAlreadyExists(1000)));
    registry
        .register(operation(1, None))
        .expect("forgotten long ago");
    registry
        .register(operation(2, None))
        .expect("forgotten long ago");
    let full = registry
        .register(operation(4, None))
        .expect_err("two are in flight");
    assert_eq!(full.name(), "LimitExceeded");
}

#[test]
fn the_children_of_a_forgotten_operation_stay_in_the_subtree_above_it() {
    let mut registry = OperationRegistry::new(8, 1);
    for (id, parent) in [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(3))] {
        registry.register(operation(id, parent)).expect("fresh id");
    }
    for finished in [2, 3] {
        let failed = registry.transition(finished, OperationState::Failed);
        failed.expect("accepted may fail");
    }
    assert_eq!(registry.operation(2), None, "one finished id is remembered");
    assert_eq!(registry.cancel(42, 1, CancelScope::Subtree), Ok(vec![1, 4]));

    let mut roots = OperationRegistry::new(8, 0);
    for (id, parent) in [(1, None), (2, Some(1))] {
        roots.register(operation(id, parent)).expect("fresh id");
    }
    roots
        .transition(1, OperationState::Failed)
        .expect("may fail");
    assert_eq!(roots.cancel(42, 2, CancelScope::Subtree), Ok(vec![2]));
    assert_eq!(roots.operation_count(), 0);
}

/// Enough that looking at all of them for each would show; under miri each takes a thousand times as long.
const CHILDREN: u64 = if cfg!(miri) { 200 } else { 100_000 };
/// How many of the finished ones are remembered.
const REMEMBERED: usize = if cfg!(miri) { 20 } else { 1000 };

#[test]
fn a_parent_with_many_children_costs_no_more_than_they_do() {
    let mut registry = OperationRegistry::new(2, REMEMBERED);
    registry.register(operation(1, None)).expect("fresh id");
    for id in 2..CHILDREN {
        registry.register(operation(id, Some(1))).expect("fresh id");
        registry
            .transition(id, OperationState::Failed)
            .expect("may fail");
    }
    assert_eq!(registry.operation_count(), REMEMBERED + 1);
    assert_eq!(registry.cancel(42, 1, CancelScope::Subtree), Ok(vec![1]));
}
