//! The sessions of the async server that wait to be accepted: a bounded queue.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;

use crate::{ListenerEnd, NnrpServerSession, RuntimeError};

/// Sessions that may wait to be accepted; more of them wait with their connections, which takes their peers' places among them.
const MAX_ARRIVALS: usize = 1024;

/// Sessions that were opened and not accepted by the application yet.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    state: Mutex<ArrivalState>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct ArrivalState {
    sessions: VecDeque<NnrpServerSession>,
    /// Tasks of connections whose session finds no place here.
    blocked: Vec<Waker>,
    ended: Option<ListenerEnd>,
    /// The server is gone: nobody will accept.
    deserted: bool,
}

impl Arrivals {
    /// The next of them, or why there will be none.
    pub(crate) async fn next(&self) -> Result<NnrpServerSession, RuntimeError> {
        loop {
            let changed = self.changed.notified();
            {
                let mut state = self.lock();
                if let Some(session) = state.sessions.pop_front() {
                    // Half of the places are free before anybody goes on, so that one wake-up pays for many arrivals.
                    if state.sessions.len() <= MAX_ARRIVALS / 2 {
                        state.unblock();
                    }
                    return Ok(session);
                }
                if let Some(end) = &state.ended {
                    return Err(RuntimeError::ListenerEnded(end.clone()));
                }
            }
            changed.await;
        }
    }

    /// Nobody will accept any more.
    pub(crate) fn desert(&self) {
        let mut state = self.lock();
        state.deserted = true;
        state.unblock();
        let sessions = std::mem::take(&mut state.sessions);
        drop(state);
        drop(sessions);
    }

    /// A session that nobody will accept ends here.
    pub(crate) fn add(&self, session: NnrpServerSession) {
        let mut state = self.lock();
        if state.deserted {
            drop(state);
            drop(session);
            return;
        }
        state.sessions.push_back(session);
        drop(state);
        self.changed.notify_waiters();
    }

    pub(crate) fn has_room(&self) -> bool {
        self.lock().has_room()
    }

    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.has_room() {
            return Poll::Ready(());
        }
        let known = |waker: &Waker| waker.will_wake(cx.waker());
        if !state.blocked.iter().any(known) {
            state.blocked.push(cx.waker().clone());
        }
        Poll::Pending
    }

    pub(crate) fn end(&self, reason: ListenerEnd) {
        self.lock().ended = Some(reason);
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, ArrivalState> {
        // The state is whole after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ArrivalState {
    fn has_room(&self) -> bool {
        self.deserted || self.sessions.len() < MAX_ARRIVALS
    }

    fn unblock(&mut self) {
        self.blocked.drain(..).for_each(Waker::wake);
    }
}
