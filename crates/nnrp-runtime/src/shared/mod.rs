//! The state of a connection that its task and its handles share.
//!
//! The machine stands behind one mutex, held for the length of a batch and never across a wait. That makes the answer to a command exact (taken,
//! refused, and which frame id) without a round trip to the task; the task alone touches the transport.

pub(crate) mod transports;

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use nnrp_core::Timestamp;
use nnrp_core::connection::client::ResumableSession;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::metrics::{Counters, Metrics};
use crate::session_directory::{Order, Signal};
use crate::side::Side;
use crate::{CommandError, ConnectionEnd, ConnectionOptions, Event, SessionKey};

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) options: Arc<ConnectionOptions>,
    pub(crate) counters: Counters,
    /// Client: the sessions are to move to another transport, or do. Read at every poll, so it stands outside the lock.
    migrating: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) side: Side,
    pub(crate) stop: Stop,
    /// How long a drain may take.
    pub(crate) drain_until: Option<Instant>,
    /// The last event is on its way; no command is taken any more.
    pub(crate) ended: bool,
    task: TaskState,
}

impl State {
    /// The task looks at everything that commands have changed so far; only later ones keep it from resting.
    pub(crate) fn note_seen(&mut self) {
        self.task.news = false;
    }
}

/// What the application wants of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    /// Nothing: go on.
    None,
    /// Server: open no session any more, and end when every submit is answered, or the time for that is over.
    Drain,
    /// End after what is queued.
    Close,
    /// End at once.
    Abort,
}

/// Whether the task has to be woken for a command.
#[derive(Debug, Default)]
struct TaskState {
    waker: Option<Waker>,
    /// The task is inside its poll and looks at `news` before it leaves.
    running: bool,
    news: bool,
}

impl Shared {
    pub(crate) fn new(side: Side, options: Arc<ConnectionOptions>, clock: Clock) -> Self {
        let state = State {
            side,
            stop: Stop::None,
            drain_until: None,
            ended: false,
            task: TaskState::default(),
        };
        Self {
            clock,
            options,
            counters: Counters::default(),
            migrating: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    pub(crate) fn lock(&self) -> StateGuard<'_> {
        // A panic under the lock can only come from an iterator of the caller, between two whole steps of the machine.
        StateGuard(Some(
            self.state.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }

    /// Another connection wants something of this one.
    pub(crate) fn order(&self, order: Order) {
        let mut state = self.lock();
        if let Side::Server(side) = &mut state.side {
            side.obey(order);
        }
        Self::announce(state);
    }

    /// Runs a command and lets the task know.
    pub(crate) fn command<T>(
        &self,
        run: impl FnOnce(&mut Side, Timestamp) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let mut state = self.lock();
        if state.ended {
            return Err(CommandError::Closed);
        }
        let outcome = run(&mut state.side, self.clock.now());
        Self::announce(state);
        outcome
    }

    pub(crate) fn stop(&self, stop: Stop) {
        let mut state = self.lock();
        state.stop = state.stop.max(stop);
        Self::announce(state);
    }

    /// Ends the connection when its submits are answered, or at that time.
    pub(crate) fn drain(&self, until: Instant) {
        let mut state = self.lock();
        state.stop = state.stop.max(Stop::Drain);
        let earlier = state.drain_until;
        state.drain_until = Some(earlier.map_or(until, |earlier| earlier.min(until)));
        Self::announce(state);
    }

    /// What an ended session needs to go on, also after the end of the connection.
    pub(crate) fn take_resumable(&self, key: SessionKey) -> Option<Box<ResumableSession>> {
        match &mut self.lock().side {
            Side::Client(side) => side.take_resumable(key),
            Side::Server(_) => None,
        }
    }

    /// Ends the machine and collects its last events. No command is taken any more.
    pub(crate) fn end(&self, end: &ConnectionEnd, events: &mut VecDeque<Event>) {
        let mut state = self.lock();
        state.ended = true;
        self.counters.end();
        state.side.handle_transport_lost();
        state
            .side
            .take_events(self.clock.now(), Some(end), None, events);
        if let Side::Client(side) = &mut state.side {
            side.give_up(end, events);
        }
    }

    pub(crate) fn metrics(&self) -> Metrics {
        self.counters.snapshot()
    }

    /// Why the connection is over, if nothing but the machine has ended it.
    pub(crate) fn ordinary_end(&self) -> ConnectionEnd {
        self.lock().side.ordinary_end()
    }

    /// Ready when the application wants the connection to end; for the time before the task polls the machine.
    pub(crate) fn poll_stop(&self, cx: &Context<'_>) -> Poll<Stop> {
        loop {
            self.begin_poll(cx);
            let stop = self.lock().stop;
            if stop != Stop::None {
                return Poll::Ready(stop);
            }
            if self.try_rest() {
                return Poll::Pending;
            }
        }
    }

    /// The task starts a poll: commands need not wake it until [`Self::try_rest`] is true.
    pub(crate) fn begin_poll(&self, cx: &Context<'_>) {
        let task = &mut self.lock().task;
        task.running = true;
        if !task
            .waker
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            task.waker = Some(cx.waker().clone());
        }
    }

    /// The task found nothing to do. False if a command came meanwhile, so that it must look again.
    pub(crate) fn try_rest(&self) -> bool {
        let task = &mut self.lock().task;
        task.running = task.news;
        task.news = false;
        !task.running
    }

    /// The task leaves its poll although there is more to do; it has woken itself.
    pub(crate) fn pause(&self) {
        self.lock().task.running = false;
    }

    fn announce(mut state: StateGuard<'_>) {
        let task = &mut state.task;
        task.news = true;
        let waker = if task.running {
            None
        } else {
            task.waker.clone()
        };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The locked state. What it has to tell other connections leaves when the lock is free.
#[derive(Debug)]
pub(crate) struct StateGuard<'a>(Option<MutexGuard<'a, State>>);

impl Deref for StateGuard<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        // Taken out by `drop` alone.
        self.0.as_ref().unwrap_or_else(|| unreachable!())
    }
}

impl DerefMut for StateGuard<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.0.as_mut().unwrap_or_else(|| unreachable!())
    }
}

impl Drop for StateGuard<'_> {
    fn drop(&mut self) {
        let signals = self.0.as_mut().map(|state| state.side.take_signals());
        self.0 = None;
        for Signal { to, order } in signals.into_iter().flatten() {
            if let Some(connection) = to.upgrade() {
                connection.order(order);
            }
        }
    }
}

/// Ends the machine when the task goes away in any manner, a panic or the end of its executor included, so that session ids become free.
#[derive(Debug)]
pub(crate) struct EndGuard(pub(crate) Arc<Shared>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        if !self.0.lock().ended {
            self.0.end(&ConnectionEnd::ClosedHere, &mut VecDeque::new());
        }
    }
}
