//! What the connections of a server use together, operations or memory, and the tasks that wait for it to become less.

use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use crate::sync::{AtomicUsize, Mutex, Ordering, fence, lock};

/// Waiting bytes are counted together with those of other connections in blocks of this size, so that small traffic touches nothing shared.
pub(crate) const BLOCK_BYTES: usize = 64 * 1024;

/// An amount in use. Adding and giving back touch no lock while nobody waits.
#[derive(Debug)]
pub(crate) struct Gauge {
    used: AtomicUsize,
    limit: usize,
    /// Length of `waiting`, to be read without its lock.
    waiters: AtomicUsize,
    waiting: Mutex<Vec<Waker>>,
}

impl Gauge {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            used: AtomicUsize::new(0),
            limit,
            waiters: AtomicUsize::new(0),
            waiting: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::SeqCst)
    }

    /// Uses an amount that cannot be refused any more.
    pub(crate) fn add(&self, amount: usize) {
        self.used.fetch_add(amount, Ordering::SeqCst);
    }

    /// Uses so much more if less than the limit is used: the last who takes may go beyond it, so that no amount is too large to be had.
    fn take(&self, amount: usize) -> bool {
        let below = |used| (used < self.limit).then_some(used + amount);
        self.used
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, below)
            .is_ok()
    }

    pub(crate) fn give_back(&self, amount: usize) {
        self.used.fetch_sub(amount, Ordering::SeqCst);
        // With the fence of the waiter: one of the two sees what the other has done.
        fence(Ordering::SeqCst);
        if self.waiters.load(Ordering::SeqCst) > 0 {
            let woken = {
                let mut waiting = lock(&self.waiting);
                self.waiters.store(0, Ordering::SeqCst);
                std::mem::take(&mut *waiting)
            };
            woken.into_iter().for_each(Waker::wake);
        }
    }

    /// Whether somebody waits for less to be used.
    fn is_wanted(&self) -> bool {
        self.waiters.load(Ordering::SeqCst) > 0
    }

    fn is_below_limit(&self) -> bool {
        self.used() < self.limit
    }

    /// Ready when less than the limit is used. The second look comes after the registration: what is given back before it is seen by it, and what is
    /// given back after it wakes.
    pub(crate) fn poll_below_limit(&self, cx: &Context<'_>) -> Poll<()> {
        if self.is_below_limit() {
            return Poll::Ready(());
        }
        {
            let mut waiting = lock(&self.waiting);
            if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                waiting.push(cx.waker().clone());
            }
            self.waiters.store(waiting.len(), Ordering::SeqCst);
        }
        fence(Ordering::SeqCst);
        if self.is_below_limit() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// What one connection uses of a gauge; given back with it.
#[derive(Debug)]
pub(crate) struct Share {
    gauge: Arc<Gauge>,
    used: usize,
}

impl Share {
    pub(crate) fn of(gauge: Arc<Gauge>) -> Self {
        Self { gauge, used: 0 }
    }

    pub(crate) fn set(&mut self, used: usize) {
        if used > self.used {
            self.gauge.add(used - self.used);
        } else if used < self.used {
            self.gauge.give_back(self.used - used);
        }
        self.used = used;
    }

    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// Uses one more, if there is room or this share is empty: so the others cannot shut its holder out.
    pub(crate) fn take_one(&mut self) -> bool {
        if self.used == 0 {
            self.gauge.add(1);
        } else if !self.gauge.take(1) {
            return false;
        }
        self.used += 1;
        true
    }

    pub(crate) fn poll_below_limit(&self, cx: &Context<'_>) -> Poll<()> {
        self.gauge.poll_below_limit(cx)
    }

    /// Ready when this share is `used`. More than before is had when less than the limit is used by all.
    pub(crate) fn poll_set(&mut self, used: usize, cx: &Context<'_>) -> Poll<()> {
        if used <= self.used {
            self.set(used);
            return Poll::Ready(());
        }
        while !self.gauge.take(used - self.used) {
            ready!(self.gauge.poll_below_limit(cx));
        }
        self.used = used;
        Poll::Ready(())
    }

    /// Whether others wait for what this one has.
    pub(crate) fn is_wanted(&self) -> bool {
        self.used > 0 && self.gauge.is_wanted()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(all(test, not(nnrp_loom)))]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize as Count;
    use std::task::Wake;

    #[derive(Default)]
    struct Counter(Count);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn who_found_the_limit_reached_is_woken_once_when_some_is_given_back() {
        let (gauge, counter) = (Arc::new(Gauge::new(2)), Arc::new(Counter::default()));
        let waker = Waker::from(Arc::clone(&counter));
        let cx = Context::from_waker(&waker);
        let mut share = Share::of(Arc::clone(&gauge));
        share.set(2);
        assert!(gauge.poll_below_limit(&cx).is_pending());
        assert!(gauge.poll_below_limit(&cx).is_pending());
        drop(share);
        assert_eq!(
            counter.0.load(Ordering::SeqCst),
            1,
            "one waker, one wake-up"
        );
        assert!(gauge.poll_below_limit(&cx).is_ready());
        assert_eq!(gauge.used(), 0);
    }

    #[test]
    fn an_empty_share_gets_its_first_whatever_the_others_have() {
        let gauge = Arc::new(Gauge::new(2));
        let mut greedy = Share::of(Arc::clone(&gauge));
        assert!(greedy.take_one() && greedy.take_one() && !greedy.take_one());
        let mut late = Share::of(Arc::clone(&gauge));
        assert!(late.take_one() && !late.take_one());
        assert_eq!(gauge.used(), 3);
        greedy.set(0);
        assert!(late.take_one() && !late.take_one());
    }
}

#[cfg(all(test, nnrp_loom))]
mod model {
    use super::*;
    use loom::future::block_on;
    use loom::thread::spawn;
    use std::future::poll_fn;

    #[test]
    fn no_wake_up_is_lost_in_any_interleaving() {
        loom::model(|| {
            let gauge = loom::sync::Arc::new(Gauge::new(1));
            gauge.add(1);
            let other = gauge.clone();
            let giver = spawn(move || other.give_back(1));
            block_on(poll_fn(|cx| gauge.poll_below_limit(cx)));
            giver.join().expect("the giver");
            assert_eq!(gauge.used(), 0);
        });
    }

    /// Three threads have too many interleavings; nearly every fault needs no more than two preemptions.
    #[test]
    fn two_that_wait_are_both_woken() {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(2);
        model.check(|| {
            let gauge = loom::sync::Arc::new(Gauge::new(1));
            gauge.add(1);
            let other = gauge.clone();
            let waiter = spawn(move || block_on(poll_fn(|cx| other.poll_below_limit(cx))));
            let giver = gauge.clone();
            let giver = spawn(move || giver.give_back(1));
            block_on(poll_fn(|cx| gauge.poll_below_limit(cx)));
            waiter.join().expect("the waiter");
            giver.join().expect("the giver");
        });
    }
}
