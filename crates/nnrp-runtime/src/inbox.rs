//! The event sink behind the async API: a bounded queue per session that futures wait on.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::{Notify, oneshot};

use crate::request::RequestKind;
use crate::{CommandError, ConnectionEnd, Event, EventSink, RuntimeError, SessionEnd};

/// Events that may wait for the application before its peer is not read any more.
const MAX_EVENTS: usize = 256;
/// States of the transport that may wait among them.
const MAX_STATES: usize = 32;
/// Body bytes of those events.
const MAX_BYTES: usize = 8 << 20;

#[derive(Debug, Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    readable: Notify,
    /// Wakes senders that found no room; also at the end.
    writable: Notify,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<Event>,
    bytes: usize,
    session_end: Option<SessionEnd>,
    connection_end: Option<ConnectionEnd>,
    /// Futures that wait for the answer to a request; at most one of each kind still does.
    awaited: Vec<(RequestKind, oneshot::Sender<Event>)>,
    /// The task of the connection, waiting for room.
    task: Option<Waker>,
    /// Nobody will read any more: everything is taken and forgotten.
    deaf: bool,
}

impl Inbox {
    /// The next event, or why there is none.
    pub(crate) async fn next(&self) -> Result<Event, RuntimeError> {
        loop {
            if let Some(outcome) = self.try_next() {
                return outcome;
            }
            self.readable.notified().await;
        }
    }

    /// Runs a command until there is room for it.
    pub(crate) async fn when_writable<T>(
        &self,
        mut command: impl FnMut() -> Result<T, CommandError>,
    ) -> Result<T, RuntimeError> {
        loop {
            let room = self.writable.notified();
            match command() {
                Err(CommandError::WouldBlock) => room.await,
                outcome => return outcome.map_err(|error| self.explain(error)),
            }
        }
    }

    /// Whoever holds what comes back gets the next answer of this kind, instead of those who wait for events.
    pub(crate) fn await_answer(&self, kind: RequestKind) -> Awaited<'_> {
        let (sender, receiver) = oneshot::channel();
        let awaited = &mut self.lock().awaited;
        awaited.retain(|(_, sender)| !sender.is_closed());
        awaited.push((kind, sender));
        Awaited {
            inbox: self,
            receiver,
        }
    }

    /// Why there is no answer any more.
    pub(crate) fn end(&self) -> Option<RuntimeError> {
        self.lock().end()
    }

    /// A command that fails because of an end is answered with the reason of that end.
    pub(crate) fn explain(&self, error: CommandError) -> RuntimeError {
        match error {
            CommandError::UnknownSession | CommandError::Closed => {
                self.lock().end().unwrap_or(RuntimeError::Command(error))
            }
            CommandError::FrameIdOverflow => RuntimeError::FrameIdOverflow,
            other => RuntimeError::Command(other),
        }
    }

    /// Takes one event in.
    pub(crate) fn take_in(&self, event: Event) {
        let mut state = self.lock();
        let Some(event) = state.answer(event) else {
            return;
        };
        match event {
            Event::Writable { .. } => {
                drop(state);
                self.writable.notify_waiters();
                return;
            }
            Event::SessionClosed { reason, .. } => state.session_end = Some(reason),
            Event::ConnectionClosed { reason } => state.connection_end = Some(reason),
            _ if state.deaf => {}
            event => {
                if event.is_about_transport() {
                    state.forget_old_states();
                }
                state.bytes += event.body_len();
                if state.events.capacity() == 0 {
                    // Most sessions have one event at a time; by itself a queue begins with four places.
                    state.events.reserve_exact(1);
                }
                state.events.push_back(event);
            }
        }
        let ended = state.session_end.is_some() || state.connection_end.is_some();
        if ended {
            state.awaited.clear();
        }
        drop(state);
        self.readable.notify_one();
        if ended {
            self.writable.notify_waiters();
        }
    }

    pub(crate) fn has_room(&self) -> bool {
        self.lock().has_room()
    }

    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.has_room() {
            return Poll::Ready(());
        }
        state.task = Some(cx.waker().clone());
        Poll::Pending
    }

    /// The reader has gone.
    pub(crate) fn go_deaf(&self) {
        let mut state = self.lock();
        state.deaf = true;
        state.events.clear();
        state.bytes = 0;
        state.wake_task();
    }

    fn try_next(&self) -> Option<Result<Event, RuntimeError>> {
        let mut state = self.lock();
        let outcome = match state.events.pop_front() {
            Some(event) => {
                state.bytes -= event.body_len();
                Ok(event)
            }
            None => Err(state.end()?),
        };
        if state.has_room() {
            state.wake_task();
        }
        // Another reader may wait for what is left, and for the end all of them do.
        if outcome.is_err() || !state.events.is_empty() {
            self.readable.notify_one();
        }
        Some(outcome)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_room(&self) -> bool {
        self.deaf || (self.events.len() < MAX_EVENTS && self.bytes < MAX_BYTES)
    }

    fn end(&self) -> Option<RuntimeError> {
        let session = self.session_end.clone().map(|end| match end {
            SessionEnd::Rejected { code } => RuntimeError::SessionRejected(code),
            SessionEnd::ConnectionEnded(end) => RuntimeError::from(end),
            end => RuntimeError::SessionEnded(end),
        });
        session.or_else(|| self.connection_end.clone().map(RuntimeError::from))
    }

    /// Hands an answer to the future that waits for it. What nobody waits for comes back.
    fn answer(&mut self, event: Event) -> Option<Event> {
        if self.awaited.is_empty() {
            return Some(event);
        }
        let kind = RequestKind::answered_by(&event);
        let mut awaited = self.awaited.iter();
        let place =
            awaited.position(|(awaited, sender)| Some(*awaited) == kind && !sender.is_closed());
        match place {
            Some(place) => self.awaited.swap_remove(place).1.send(event).err(),
            None => Some(event),
        }
    }

    /// Nobody may ever ask how the transport is, so only the latest states are kept.
    fn forget_old_states(&mut self) {
        let states = self
            .events
            .iter()
            .filter(|event| event.is_about_transport());
        if states.count() >= MAX_STATES
            && let Some(oldest) = self.events.iter().position(Event::is_about_transport)
        {
            self.events.remove(oldest);
        }
    }

    fn wake_task(&mut self) {
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }
}

impl EventSink for Inbox {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        while let Some(event) = events.front() {
            if event.is_traffic() && !self.has_room() {
                return;
            }
            events.drain(..1).for_each(|event| self.take_in(event));
        }
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_room(cx)
    }
}

/// The place for an answer. Dropped too early, it leaves the answer to those who wait for events.
#[derive(Debug)]
pub(crate) struct Awaited<'a> {
    inbox: &'a Inbox,
    receiver: oneshot::Receiver<Event>,
}

impl Awaited<'_> {
    /// The answer, or the end that has come instead of it.
    pub(crate) async fn answer(mut self) -> Result<Event, RuntimeError> {
        match (&mut self.receiver).await {
            Ok(event) => Ok(event),
            // The inbox gives its senders up at the end of the session and not before.
            Err(_) => Err(self.inbox.end().unwrap_or_else(|| unreachable!())),
        }
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.receiver.close();
        if let Ok(event) = self.receiver.try_recv() {
            self.inbox.take_in(event);
        }
    }
}
