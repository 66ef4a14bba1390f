//! The bound on cached objects that all connections of a server share.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};

/// How much may be cached over all connections that hold this budget, and how much is.
#[derive(Debug)]
pub struct CacheBudget {
    max_objects: usize,
    max_bytes: usize,
    objects: AtomicUsize,
    bytes: AtomicUsize,
}

impl Default for CacheBudget {
    /// 65,536 objects of 256 MiB together.
    fn default() -> Self {
        Self::new(1 << 16, 256 << 20)
    }
}

impl PartialEq for CacheBudget {
    /// Equal bounds; what is taken of them at the moment does not count.
    fn eq(&self, other: &Self) -> bool {
        (self.max_objects, self.max_bytes) == (other.max_objects, other.max_bytes)
    }
}

impl Eq for CacheBudget {}

impl CacheBudget {
    /// A budget of `max_objects` objects that take `max_bytes` together.
    #[must_use]
    pub fn new(max_objects: usize, max_bytes: usize) -> Self {
        Self {
            max_objects,
            max_bytes,
            objects: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
        }
    }

    /// Objects cached at the moment.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.objects.load(Ordering::Relaxed)
    }

    /// Bytes they take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The room of one object, given back when the reservation is dropped.
    pub(super) fn reserve(self: &Arc<Self>, bytes: usize) -> Option<Reservation> {
        take(&self.objects, 1, self.max_objects)?;
        if take(&self.bytes, bytes, self.max_bytes).is_none() {
            self.objects.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let budget = Arc::clone(self);
        Some(Reservation { budget, bytes })
    }
}

/// Adds `amount` unless the sum exceeds `limit`. The counters guard no other memory, so no order
/// between them is needed.
fn take(counter: &AtomicUsize, amount: usize, limit: usize) -> Option<usize> {
    let raised = |value: usize| value.checked_add(amount).filter(|sum| *sum <= limit);
    counter
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, raised)
        .ok()
}

/// The room that one object takes of a budget.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reservation {
    budget: Arc<CacheBudget>,
    bytes: usize,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.objects.fetch_sub(1, Ordering::Relaxed);
        self.budget.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_given_back_and_a_refusal_takes_nothing() {
        let budget = Arc::new(CacheBudget::new(2, 10));
        let first = budget.reserve(7);
        assert!(first.is_some() && budget.reserve(4).is_none());
        assert_eq!((budget.objects(), budget.bytes()), (1, 7));
        let second = budget.reserve(3);
        assert!(second.is_some() && budget.reserve(0).is_none());
        drop((first, second));
        assert_eq!((budget.objects(), budget.bytes()), (0, 0));
    }
}
