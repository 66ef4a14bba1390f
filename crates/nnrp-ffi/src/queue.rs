//! The event queue: bounded, drained in batches, with one wake callback and any number of waiting threads.
//!
//! Events that a peer can cause take a place each; without a free place they stay with the connection, which then reads
//! nothing more from its peer. The few that end or unblock something of ours are bounded by the live handles.

mod state;

use self::state::State;
pub(crate) use self::state::{Payload, Waited};
#[cfg(unix)]
use crate::descriptor::Descriptor;
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::Table;
use crate::layout::NnrpEvent;
#[cfg(unix)]
use crate::status::NNRP_STATUS_OUT_OF_RESOURCES;
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::wake::{NnrpWakeCallback, Wake};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::c_void;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Most queues alive at once.
const LIMIT: u32 = 1 << 16;

/// Body bytes of the events that take a place, before the queue counts as full; one more body may come on top.
const MAX_BODY_BYTES: usize = 64 << 20;

/// Every live queue.
pub(crate) static QUEUES: Table<Queue> = Table::new(Kind::Queue, LIMIT);

/// The queue of a live handle.
pub(crate) fn find(handle: NnrpHandle) -> Result<Arc<Queue>, Failure> {
    QUEUES.get(handle).ok_or_else(Failure::handle)
}

/// The queue is closed; nothing more is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closed;

/// What a closed queue leaves behind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Connections and listeners that end with it.
    pub(crate) owned: BTreeSet<NnrpHandle>,
    /// Sessions whose last event was discarded.
    pub(crate) ended_sessions: Vec<NnrpHandle>,
}

/// What a drain does with the oldest event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// It has been copied out; go on with the next.
    Taken,
    /// It stays, and so do the ones after it.
    Stop,
}

/// One event queue and the handles whose events go to it.
#[derive(Debug)]
pub(crate) struct Queue {
    capacity: usize,
    state: Mutex<State>,
    arrived: Condvar,
    wake: Wake,
}

impl Queue {
    /// A queue with room for `capacity` events that peers cause.
    pub(crate) fn new(capacity: u32) -> Arc<Self> {
        Arc::new(Self {
            capacity: capacity as usize,
            state: Mutex::default(),
            arrived: Condvar::new(),
            wake: Wake::default(),
        })
    }

    /// Moves events from the front of `source` while they fit; a closed queue discards them all.
    ///
    /// `takes_place` and `convert` run under the lock of the queue and must not use it.
    pub(crate) fn append<S>(
        &self,
        source: &mut VecDeque<S>,
        takes_place: impl Fn(&S) -> bool,
        mut convert: impl FnMut(S) -> Option<(NnrpEvent, Bytes)>,
    ) {
        let mut state = self.lock();
        if state.closed {
            source.clear();
            return;
        }
        let was_empty = state.events.is_empty();
        while let Some(front) = source.front() {
            let placed = takes_place(front);
            if placed && self.is_full(&state) {
                break;
            }
            let Some((event, body)) = source.pop_front().and_then(&mut convert) else {
                continue;
            };
            state.push(event, body, placed);
        }
        // Whoever waits found the queue empty, so only the first event after that has to be announced.
        let became_ready = was_empty && !state.events.is_empty();
        state.wake_due |= became_ready;
        state.show_readiness();
        let waiting = state.waiting > 0;
        let callback = self.wake.is_set();
        drop(state);
        if became_ready {
            self.announce(waiting, callback);
        }
    }

    /// Ready when an event that takes a place fits; else `waker` is called when that may be so.
    pub(crate) fn poll_ready(&self, connection: NnrpHandle, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.closed || !self.is_full(&state) {
            state.blocked.remove(&connection);
            return Poll::Ready(());
        }
        state.blocked.insert(connection, cx.waker().clone());
        Poll::Pending
    }

    /// Shows the events to `visit`, oldest first, until it stops; the lock keeps their order over all draining threads.
    pub(crate) fn drain(
        &self,
        mut visit: impl FnMut(&NnrpEvent, Payload<'_>) -> Take,
    ) -> Result<(), Closed> {
        let mut state = self.lock();
        if state.closed {
            return Err(Closed);
        }
        while let Some((event, payload)) = state.oldest()
            && visit(event, payload) == Take::Taken
        {
            state.forget_oldest();
        }
        state.show_readiness();
        state.wake_due &= !state.events.is_empty();
        // Half of the places are free before anybody goes on, so that one wake-up pays for many events.
        let half_empty =
            state.placed <= self.capacity / 2 && state.body_bytes <= MAX_BODY_BYTES / 2;
        let unblocked = if half_empty {
            std::mem::take(&mut state.blocked)
        } else {
            BTreeMap::new()
        };
        drop(state);
        unblocked.into_values().for_each(Waker::wake);
        Ok(())
    }

    /// Blocks until there is an event, at most for `timeout`; none waits for ever.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> Waited {
        let mut state = self.lock();
        if let Some(outcome) = state.readiness() {
            return outcome;
        }
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        state.waiting += 1;
        let (mut state, outcome) = self.wait_until(state, deadline);
        state.waiting -= 1;
        outcome
    }

    fn wait_until<'a>(
        &self,
        mut state: MutexGuard<'a, State>,
        deadline: Option<Instant>,
    ) -> (MutexGuard<'a, State>, Waited) {
        loop {
            if let Some(outcome) = state.readiness() {
                return (state, outcome);
            }
            let rest = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            state = match rest {
                Some(Duration::ZERO) => return (state, Waited::TimedOut),
                Some(rest) => {
                    let waited = self.arrived.wait_timeout(state, rest);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .arrived
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// What to poll instead of waiting.
    #[cfg(unix)]
    pub(crate) fn descriptor(&self) -> Result<u32, Failure> {
        let mut state = self.lock();
        if state.closed {
            return Err(Failure::handle());
        }
        if state.descriptor.is_none() {
            let made = Descriptor::new();
            let made = made.map_err(|_| Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))?;
            state.descriptor = Some(made);
            state.show_readiness();
        }
        let number = state.descriptor.as_ref().map(Descriptor::number);
        number.ok_or_else(|| Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))
    }

    /// Replaces the wake callback; see [`Wake::replace`].
    pub(crate) fn set_wake(&self, callback: Option<NnrpWakeCallback>, user_data: *mut c_void) {
        self.wake.replace(callback, user_data, || {
            let mut state = self.lock();
            state.wake_due = false;
            !state.events.is_empty()
        });
    }

    /// Appends one event that takes no place.
    pub(crate) fn push(&self, event: NnrpEvent) {
        let mut one = VecDeque::from([event]);
        self.append(&mut one, |_| false, |event| Some((event, Bytes::new())));
    }

    /// Whether the queue is closed, which it stays.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Makes a handle end with the queue.
    pub(crate) fn adopt(&self, handle: NnrpHandle) -> Result<(), Closed> {
        let mut state = self.lock();
        if state.closed {
            return Err(Closed);
        }
        state.owned.insert(handle);
        Ok(())
    }

    /// The handle has ended on its own.
    pub(crate) fn disown(&self, handle: NnrpHandle) {
        self.lock().owned.remove(&handle);
    }

    /// Ends every wait, discards the events, and returns the handles that end with the queue. On return the wake callback
    /// is not running and will not run.
    pub(crate) fn close(&self) -> Left {
        let ended = {
            let mut state = self.lock();
            let owned = std::mem::take(&mut state.owned);
            let waiting = state.waiting;
            std::mem::replace(
                &mut *state,
                State {
                    owned,
                    waiting,
                    closed: true,
                    ..State::default()
                },
            )
        };
        self.arrived.notify_all();
        ended.blocked.values().for_each(Waker::wake_by_ref);
        self.wake.replace(None, std::ptr::null_mut(), || false);
        Left {
            owned: std::mem::take(&mut self.lock().owned),
            ended_sessions: ended.ended_sessions().collect(),
        }
    }

    fn is_full(&self, state: &State) -> bool {
        state.placed >= self.capacity || state.body_bytes >= MAX_BODY_BYTES
    }

    /// Tells whoever waits that there are events.
    fn announce(&self, waiting: bool, callback: bool) {
        // A call into the system, even if nobody is there.
        if waiting {
            self.arrived.notify_all();
        }
        // Takes the lock again, which who was just told wants, too.
        if callback {
            let due = || std::mem::take(&mut self.lock().wake_due);
            self.wake.call_if(due);
        }
    }

    // A panic cannot leave the state inconsistent: the foreign code that runs under the lock only sees one event at a time.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(all(test, nnrp_loom))]
mod model;
#[cfg(all(test, not(nnrp_loom)))]
mod tests;
