//! Orders of calls of the operation registry against a plain model of it.

use std::collections::BTreeMap;

use nnrp_core::code::{CancelScope, OperationState};
use nnrp_core::operation::{OperationDescriptor, OperationRegistry};

/// Unfinished operations that the registry allows.
const IN_FLIGHT: usize = 12;
/// More finished operations than there are ids, so that the model need not forget.
const REMEMBERED: usize = 64;

/// What the model knows of an operation.
#[derive(Clone, Copy)]
struct Known {
    descriptor: OperationDescriptor,
    state: OperationState,
}

type Model = BTreeMap<u64, Known>;

/// Each three bytes are a call, an operation and an argument; ids are below 32.
pub fn run(data: &[u8]) {
    let mut registry = OperationRegistry::new(IN_FLIGHT, REMEMBERED);
    let mut forgetful = OperationRegistry::new(IN_FLIGHT, 2);
    let mut model = Model::new();
    for [call, id, argument] in data.as_chunks::<3>().0 {
        let id = u64::from(id % 32);
        match call % 3 {
            0 => register(&mut registry, &mut model, &mut forgetful, id, *argument),
            1 => advance(&mut registry, &mut model, &mut forgetful, id, *argument),
            _ => cancel(&mut registry, &mut model, &mut forgetful, id, *argument),
        }
        let unfinished = model.values().filter(|known| !known.state.is_terminal());
        assert_eq!(registry.in_flight(), unfinished.count());
        assert_eq!(registry.operation_count(), model.len());
        assert!(forgetful.operation_count() <= forgetful.in_flight() + 2);
    }
}

fn register(
    registry: &mut OperationRegistry,
    model: &mut Model,
    forgetful: &mut OperationRegistry,
    id: u64,
    argument: u8,
) {
    let parent = u64::from(argument & 31);
    let descriptor = OperationDescriptor {
        session_id: u32::from(argument >> 7) + 1,
        operation_id: id,
        parent_operation_id: (parent != 0).then_some(parent),
        operation_group_id: (argument & 0x40 != 0).then_some(u64::from(argument >> 5 & 1) + 1),
    };
    let parent_fits = descriptor.parent_operation_id.is_none_or(|parent| {
        let parent = model.get(&parent);
        parent.is_some_and(|parent| parent.descriptor.session_id == descriptor.session_id)
    });
    let unfinished = model.values().filter(|known| !known.state.is_terminal());
    let room = unfinished.count() < IN_FLIGHT;
    let allowed = id != 0 && !model.contains_key(&id) && parent_fits && room;
    assert_eq!(registry.register(descriptor).is_ok(), allowed);
    if allowed {
        let state = OperationState::Accepted;
        model.insert(id, Known { descriptor, state });
    }
    let _ = forgetful.register(descriptor);
}

fn advance(
    registry: &mut OperationRegistry,
    model: &mut Model,
    forgetful: &mut OperationRegistry,
    id: u64,
    argument: u8,
) {
    let to = OperationState::ALL[usize::from(argument) % OperationState::ALL.len()];
    let known = model
        .get_mut(&id)
        .filter(|known| known.state.can_become(to));
    assert_eq!(registry.transition(id, to).is_ok(), known.is_some());
    if let Some(known) = known {
        known.state = to;
    }
    let _ = forgetful.transition(id, to);
}

fn cancel(
    registry: &mut OperationRegistry,
    model: &mut Model,
    forgetful: &mut OperationRegistry,
    id: u64,
    argument: u8,
) {
    let session_id = u32::from(argument >> 7) + 1;
    let scope = [
        CancelScope::Operation,
        CancelScope::Subtree,
        CancelScope::Group,
        CancelScope::Session,
    ][usize::from(argument & 3)];
    let expected = reached(model, session_id, id, scope);
    let cancelled = registry.cancel(session_id, id, scope).ok();
    assert_eq!(cancelled, expected);
    for id in cancelled.into_iter().flatten() {
        let known = model.get_mut(&id).expect("only known ones are cancelled");
        known.state = OperationState::Cancelled;
    }
    let _ = forgetful.cancel(session_id, id, scope);
}

/// The unfinished operations that a cancel reaches, or none at all if it is refused.
fn reached(model: &Model, session_id: u32, id: u64, scope: CancelScope) -> Option<Vec<u64>> {
    let target = model.get(&id)?.descriptor;
    if target.session_id != session_id {
        return None;
    }
    if scope == CancelScope::Group && target.operation_group_id.is_none() {
        return None;
    }
    let in_scope = |known: &Known| match scope {
        CancelScope::Operation => known.descriptor.operation_id == id,
        CancelScope::Subtree => has_ancestor(model, known.descriptor.operation_id, id),
        CancelScope::Group => known.descriptor.operation_group_id == target.operation_group_id,
        CancelScope::Session => true,
    };
    let members = model.values().filter(|known| {
        known.descriptor.session_id == session_id && !known.state.is_terminal() && in_scope(known)
    });
    Some(members.map(|known| known.descriptor.operation_id).collect())
}

fn has_ancestor(model: &Model, from: u64, ancestor: u64) -> bool {
    let parent = |id: &u64| model.get(id)?.descriptor.parent_operation_id;
    std::iter::successors(Some(from), parent).any(|id| id == ancestor)
}
