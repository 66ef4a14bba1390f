//! Counts what is open at once, up to a limit.

use std::sync::Arc;

use crate::sync::{AtomicUsize, Ordering};

/// One of a limited number; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Permit(Arc<AtomicUsize>);

/// Hands out permits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Permits(Arc<AtomicUsize>);

impl Permits {
    pub(crate) fn take(&self, limit: usize) -> Option<Permit> {
        let below_limit = |count| (count < limit).then_some(count + 1);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, below_limit)
            .ok()?;
        Some(Permit(Arc::clone(&self.0)))
    }

    pub(crate) fn taken(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(nnrp_loom)))]
mod tests {
    use super::*;

    #[test]
    fn no_more_permits_than_the_limit_are_out_at_once() {
        let permits = Permits::default();
        let first = permits.take(2);
        let second = permits.take(2);
        assert!(first.is_some() && second.is_some() && permits.take(2).is_none());
        drop(first);
        assert!(permits.take(2).is_some());
        assert_eq!(permits.taken(), 1);
    }
}

#[cfg(all(test, nnrp_loom))]
mod model {
    use super::*;
    use loom::thread::spawn;

    #[test]
    fn the_limit_holds_in_any_interleaving() {
        loom::model(|| {
            let permits = Permits::default();
            let takers = [(); 2].map(|()| {
                let permits = permits.clone();
                spawn(move || permits.take(1).map(|permit| (permits.taken(), permit).0))
            });
            for taker in takers {
                assert_ne!(taker.join().expect("the taker"), Some(2));
            }
            assert_eq!(permits.taken(), 0);
        });
    }
}
