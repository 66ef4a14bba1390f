//! The state of a connection that its task and its handles share.
//!
//! The machine stands behind one mutex, held for the length of a batch and never across a wait. That makes the answer to a command exact (taken,
//! refused, and which frame id) without a round trip to the task; the task alone touches the transport.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use nnrp_core::Timestamp;
use nnrp_core::code::{SessionErrorCode, TransportId};
use nnrp_core::connection::client::{ClientConnection, ResumableSession};
use nnrp_transport_provider::Endpoint;
use tokio::time::Instant;

use crate::client_side::ClientSide;
use crate::clock::Clock;
use crate::metrics::{Counters, Metrics};
use crate::session_directory::{Order, Signal};
use crate::side::Side;
use crate::{CommandError, ConnectionEnd, ConnectionOptions, Event, MigrationFailure, SessionKey};

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) options: Arc<ConnectionOptions>,
    pub(crate) counters: Counters,
    /// Client: the sessions are to move to another transport, or do. Read at every poll, so it stands outside the lock.
    migrating: AtomicBool,
    state: Mutex<State>,
}

/// How far a move of sessions to another transport has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MoveProgress {
    #[default]
    UnderWay,
    Arrived,
    /// The server there does not take them.
    Refused(SessionErrorCode),
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

    /// Client: asks for the move of all sessions to another transport.
    pub(crate) fn migrate(&self, to: Endpoint) -> Result<(), CommandError> {
        self.command(|side, now| match side {
            Side::Client(side) => {
                side.migrate(now, to)?;
                self.migrating.store(true, Ordering::Relaxed);
                Ok(())
            }
            Side::Server(_) => Err(CommandError::WrongState(
                "this is the server's end of the connection",
            )),
        })
    }

    pub(crate) fn is_migrating(&self) -> bool {
        self.migrating.load(Ordering::Relaxed)
    }

    /// Where to make a transport, once the server has agreed to the move of every session.
    pub(crate) fn take_destination(&self) -> Option<Endpoint> {
        self.on_client(|side, _| {
            let to = side.take_destination();
            if !side.is_migrating() {
                self.migrating.store(false, Ordering::Relaxed);
            }
            to
        })
    }

    pub(crate) fn move_progress(&self) -> MoveProgress {
        self.on_client(|side, _| {
            if let Some(code) = side.refusal() {
                return MoveProgress::Refused(code);
            }
            if !side.take_arrival() {
                return MoveProgress::UnderWay;
            }
            self.migrating.store(false, Ordering::Relaxed);
            MoveProgress::Arrived
        })
    }

    /// Nothing comes of a move; what to tell of that.
    pub(crate) fn fail_migration(&self, reason: MigrationFailure) -> VecDeque<Event> {
        let mut events = VecDeque::new();
        self.migrating.store(false, Ordering::Relaxed);
        self.on_client(|side, _| side.fail_migration(reason, &mut events));
        events
    }

    /// Takes the sessions off their transport, to ask for them on another one.
    pub(crate) fn leave_transport(&self, events: &mut VecDeque<Event>) {
        self.on_client(|side, now| side.leave_transport(now, events));
    }

    /// Asks for the sessions on a transport that is up.
    pub(crate) fn transport_is_up(
        &self,
        machine: ClientConnection,
        transport: TransportId,
        fell_back_at: Option<String>,
        events: &mut VecDeque<Event>,
    ) {
        self.on_client(|side, now| {
            side.transport = transport;
            side.transport_is_up(now, machine, fell_back_at, events);
        });
    }

    /// The transport to which sessions were moving is of no use. True if they wait for the one they came from.
    pub(crate) fn turn_back(
        &self,
        end: &ConnectionEnd,
        failure: MigrationFailure,
        events: &mut VecDeque<Event>,
    ) -> bool {
        let waits = self.suspend(end, events);
        events.extend(self.fail_migration(failure));
        waits
    }

    fn on_client<T: Default>(&self, run: impl FnOnce(&mut ClientSide, Timestamp) -> T) -> T {
        match &mut self.lock().side {
            Side::Client(side) => run(side, self.clock.now()),
            Side::Server(_) => T::default(),
        }
    }

    /// The transport is lost. True if another one carries the sessions on, which wait for it from here on; false if nothing has changed.
    pub(crate) fn suspend(&self, end: &ConnectionEnd, events: &mut VecDeque<Event>) -> bool {
        let mut state = self.lock();
        let Side::Client(side) = &mut state.side else {
            return false;
        };
        if !side.comes_back(Some(end)) {
            return false;
        }
        let before = events.len();
        side.suspend(self.clock.now(), end, events);
        let ended = events.iter().skip(before);
        ended.for_each(|event| self.counters.note_event(event));
        self.counters.queued_bytes.set(0);
        true
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
