//! The connections of a listener, to be counted and drained.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::metrics::Metrics;
use crate::shared::Shared;

/// The connections that are alive, and the sum over those that were.
#[derive(Debug, Default)]
pub(crate) struct Roster(Mutex<Members>);

#[derive(Debug, Default)]
struct Members {
    alive: HashMap<u64, Weak<Shared>>,
    next: u64,
    past: Metrics,
}

/// A connection's place in the roster, given up with it.
#[derive(Debug)]
pub(crate) struct Membership {
    roster: Arc<Roster>,
    number: u64,
    shared: Arc<Shared>,
}

impl Roster {
    pub(crate) fn enter(self: &Arc<Self>, shared: &Arc<Shared>) -> Membership {
        let mut members = self.lock();
        members.next += 1;
        let number = members.next;
        members.alive.insert(number, Arc::downgrade(shared));
        Membership {
            roster: Arc::clone(self),
            number,
            shared: Arc::clone(shared),
        }
    }

    /// A peer was turned away.
    pub(crate) fn count_refused(&self) {
        self.lock().past.refused += 1;
    }

    pub(crate) fn alive(&self) -> Vec<Arc<Shared>> {
        self.lock()
            .alive
            .values()
            .filter_map(Weak::upgrade)
            .collect()
    }

    pub(crate) fn metrics(&self) -> Metrics {
        let mut sum = self.lock().past;
        for shared in self.alive() {
            sum.add(&shared.metrics());
        }
        sum
    }

    fn lock(&self) -> MutexGuard<'_, Members> {
        // Every change is one statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let last = self.shared.metrics().after_the_end();
        let mut members = self.roster.lock();
        members.alive.remove(&self.number);
        members.past.add(&last);
    }
}
