//! The operation registry (spec 11 §11.1): states, relations, cancellation.
//!
//! Terminal operations are remembered, so that a reused id is refused, until more than the
//! given number of later ones have finished. Nothing here grows without bound. When one in the
//! middle of a tree is forgotten, its children move up to its own parent: cancelling the subtree
//! of an ancestor reaches them still.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec;
use alloc::vec::Vec;

use crate::code::{CancelScope, OperationState};
use crate::error::ErrorKind;
use crate::limits::Limit;
use crate::rule::Rule;

impl OperationState {
    /// Whether no further state follows.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Superseded | Self::Cancelled | Self::Failed | Self::Completed
        )
    }

    /// Whether an operation in this state may go to `next`.
    #[must_use]
    pub const fn can_become(self, next: Self) -> bool {
        use OperationState::{Accepted, Cancelled, Completed, Failed, Partial};
        use OperationState::{Running, Superseded, WaitingTool};
        match (self, next) {
            (Superseded | Cancelled | Failed | Completed, _) | (_, Accepted) => false,
            (_, Superseded | Cancelled | Failed) => true,
            (Accepted | WaitingTool, next) => matches!(next, Running),
            (Running | Partial, next) => matches!(next, Partial | WaitingTool | Completed),
        }
    }
}

/// What an operation is and belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationDescriptor {
    /// Session it belongs to; not 0.
    pub session_id: u32,
    /// Its id, unique in the registry; not 0.
    pub operation_id: u64,
    /// The operation it was started by.
    pub parent_operation_id: Option<u64>,
    /// The group it is cancelled with; not 0.
    pub operation_group_id: Option<u64>,
}

/// An operation and its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationRecord {
    /// What it is.
    pub descriptor: OperationDescriptor,
    /// Where it stands.
    pub state: OperationState,
}

/// Operations by id.
#[derive(Debug)]
pub struct OperationRegistry {
    records: BTreeMap<u64, OperationRecord>,
    /// Each remembered operation that was started by another one: (ancestor, operation), where
    /// the ancestor is the nearest one that is remembered.
    children: BTreeSet<(u64, u64)>,
    /// The ancestor of each operation in `children`.
    ancestors: BTreeMap<u64, u64>,
    /// Terminal ids, oldest first, at most `remembered`.
    finished: VecDeque<u64>,
    in_flight: usize,
    max_in_flight: usize,
    remembered: usize,
}

impl OperationRegistry {
    /// A registry of at most `max_in_flight` unfinished operations that remembers the last
    /// `remembered` finished ones.
    #[must_use]
    pub fn new(max_in_flight: usize, remembered: usize) -> Self {
        Self {
            records: BTreeMap::new(),
            children: BTreeSet::new(),
            ancestors: BTreeMap::new(),
            finished: VecDeque::new(),
            in_flight: 0,
            max_in_flight,
            remembered,
        }
    }

    /// Adds an operation in state accepted.
    pub fn register(&mut self, descriptor: OperationDescriptor) -> Result<(), ErrorKind> {
        check_descriptor(&descriptor).map_err(ErrorKind::InvalidOperationRelationship)?;
        let id = descriptor.operation_id;
        if self.records.contains_key(&id) {
            return Err(ErrorKind::OperationAlreadyExists(id));
        }
        if let Some(parent) = descriptor.parent_operation_id {
            self.check_parent(&descriptor, parent)?;
        }
        if self.in_flight >= self.max_in_flight {
            return Err(self.too_many());
        }
        if let Some(parent) = descriptor.parent_operation_id {
            self.link(parent, id);
        }
        self.in_flight += 1;
        self.records.insert(
            id,
            OperationRecord {
                descriptor,
                state: OperationState::Accepted,
            },
        );
        Ok(())
    }

    /// Moves an operation to another state.
    pub fn transition(&mut self, id: u64, to: OperationState) -> Result<(), ErrorKind> {
        let record = self
            .records
            .get_mut(&id)
            .ok_or(ErrorKind::UnknownOperation(id))?;
        let from = record.state;
        if !from.can_become(to) {
            return Err(ErrorKind::InvalidOperationTransition { from, to });
        }
        record.state = to;
        if to.is_terminal() {
            self.finish(id);
        }
        Ok(())
    }

    /// Cancels what the scope reaches; returns the ids that changed, ascending.
    pub fn cancel(
        &mut self,
        session_id: u32,
        operation_id: u64,
        scope: CancelScope,
    ) -> Result<Vec<u64>, ErrorKind> {
        let target = *self
            .records
            .get(&operation_id)
            .ok_or(ErrorKind::UnknownOperation(operation_id))?;
        if target.descriptor.session_id != session_id {
            return Err(ErrorKind::InvalidOperationRelationship(
                Rule::CancelSessionMismatch,
            ));
        }
        let candidates = self.candidates(&target.descriptor, scope)?;
        let cancelled: Vec<u64> = candidates
            .into_iter()
            .filter(|id| self.cancel_one(*id))
            .collect();
        Ok(cancelled)
    }

    /// The operation of this id, finished ones as long as they are remembered.
    #[must_use]
    pub fn operation(&self, id: u64) -> Option<&OperationRecord> {
        self.records.get(&id)
    }

    /// Operations known, finished ones included.
    #[must_use]
    pub fn operation_count(&self) -> usize {
        self.records.len()
    }

    /// Operations that are not finished.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    fn too_many(&self) -> ErrorKind {
        ErrorKind::LimitExceeded {
            limit: Limit::OperationsInFlight,
            actual: self.in_flight as u64 + 1,
            allowed: self.max_in_flight as u64,
        }
    }

    fn check_parent(&self, child: &OperationDescriptor, parent: u64) -> Result<(), ErrorKind> {
        let parent = self
            .records
            .get(&parent)
            .ok_or(ErrorKind::UnknownOperation(parent))?;
        if parent.descriptor.session_id == child.session_id {
            return Ok(());
        }
        Err(ErrorKind::InvalidOperationRelationship(
            Rule::OperationParentOtherSession,
        ))
    }

    fn candidates(
        &self,
        target: &OperationDescriptor,
        scope: CancelScope,
    ) -> Result<BTreeSet<u64>, ErrorKind> {
        let all = self.records.values().map(|record| record.descriptor);
        let same_session = |other: &OperationDescriptor| other.session_id == target.session_id;
        let ids: BTreeSet<u64> = match scope {
            CancelScope::Operation => BTreeSet::from([target.operation_id]),
            CancelScope::Subtree => self.subtree(target.operation_id),
            CancelScope::Group if target.operation_group_id.is_none() => {
                return Err(ErrorKind::InvalidOperationRelationship(
                    Rule::CancelGroupMissing,
                ));
            }
            CancelScope::Group => all
                .filter(|other| other.operation_group_id == target.operation_group_id)
                .filter(same_session)
                .map(|other| other.operation_id)
                .collect(),
            CancelScope::Session => all
                .filter(same_session)
                .map(|other| other.operation_id)
                .collect(),
        };
        Ok(ids)
    }

    fn subtree(&self, root: u64) -> BTreeSet<u64> {
        let mut members = BTreeSet::new();
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            members.insert(id);
            open.extend(self.children_of(id));
        }
        members
    }

    fn children_of(&self, id: u64) -> impl Iterator<Item = u64> {
        let children = self.children.range((id, 0)..=(id, u64::MAX));
        children.map(|(_, child)| *child)
    }

    fn link(&mut self, ancestor: u64, id: u64) {
        self.children.insert((ancestor, id));
        self.ancestors.insert(id, ancestor);
    }

    fn unlink(&mut self, id: u64) -> Option<u64> {
        let ancestor = self.ancestors.remove(&id)?;
        self.children.remove(&(ancestor, id));
        Some(ancestor)
    }

    fn cancel_one(&mut self, id: u64) -> bool {
        self.transition(id, OperationState::Cancelled).is_ok()
    }

    fn finish(&mut self, id: u64) {
        self.in_flight -= 1;
        self.finished.push_back(id);
        if self.finished.len() > self.remembered
            && let Some(oldest) = self.finished.pop_front()
        {
            self.forget(oldest);
        }
    }

    fn forget(&mut self, id: u64) {
        self.records.remove(&id);
        let ancestor = self.unlink(id);
        let orphans: Vec<u64> = self.children_of(id).collect();
        for orphan in orphans {
            self.unlink(orphan);
            if let Some(ancestor) = ancestor {
                self.link(ancestor, orphan);
            }
        }
    }
}

fn check_descriptor(descriptor: &OperationDescriptor) -> Result<(), Rule> {
    if descriptor.session_id == 0 {
        return Err(Rule::OperationZeroSession);
    }
    if descriptor.operation_id == 0 {
        return Err(Rule::OperationZeroId);
    }
    if descriptor.parent_operation_id == Some(descriptor.operation_id) {
        return Err(Rule::OperationSelfParent);
    }
    if descriptor.operation_group_id == Some(0) {
        return Err(Rule::OperationZeroGroup);
    }
    Ok(())
}
