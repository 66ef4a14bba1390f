//! What ended sessions need to go on elsewhere, kept for a while in case the application asks for it.
//!
//! The handle of a session is stale once its last event is drained; the application decides only then. So that nothing has to
//! be released that was never asked for, the store is bounded and forgets the oldest.

use crate::connection::{SESSIONS, Session};
use crate::handle::NnrpHandle;
use crate::handle_table::Removal;
use crate::queue::Queue;
use nnrp_core::connection::client::ResumableSession;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

/// Sessions kept at once.
const MOST_SESSIONS: usize = 1024;
/// Bytes of their unanswered submits.
const MOST_BYTES: usize = 64 << 20;

static LOST: Mutex<Lost> = Mutex::new(Lost {
    sessions: VecDeque::new(),
    bytes: 0,
});

/// The oldest first.
#[derive(Debug)]
struct Lost {
    sessions: VecDeque<Kept>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    handle: NnrpHandle,
    queue: Weak<Queue>,
    /// When the server has given it up.
    until: Instant,
    bytes: usize,
    session: Box<ResumableSession>,
}

/// The last event of a session was drained: its handle is stale, what it needs to go on is kept.
pub(crate) fn retire_session(handle: NnrpHandle) {
    if let Removal::Removed(session) = SESSIONS.remove(handle) {
        keep(&session);
    }
}

/// Keeps what an ended session needs, if it can go on elsewhere.
fn keep(session: &Session) {
    if !session.connection.has_resumable_sessions() {
        return;
    }
    let runtime = session.connection.runtime();
    let Some(resumable) = runtime.take_resumable(session.key) else {
        return;
    };
    let kept = Kept {
        handle: session.handle,
        queue: Arc::downgrade(&session.connection.queue),
        until: Instant::now() + resumable.window(),
        bytes: bytes_of(&resumable),
        session: resumable,
    };
    lock().add(kept);
}

/// What the session of a stale handle needs to go on, once.
pub(crate) fn take(handle: NnrpHandle) -> Option<Box<ResumableSession>> {
    let mut lost = lock();
    lost.forget_old();
    let index = lost
        .sessions
        .iter()
        .position(|kept| kept.handle == handle)?;
    let kept = lost.sessions.remove(index)?;
    lost.bytes -= kept.bytes;
    Some(kept.session)
}

/// The queue is closed; nobody asks for its sessions any more.
pub(crate) fn forget_all_of(queue: &Arc<Queue>) {
    lock().retain(|kept| !std::ptr::eq(kept.queue.as_ptr(), Arc::as_ptr(queue)));
}

impl Lost {
    fn add(&mut self, kept: Kept) {
        self.forget_old();
        self.bytes += kept.bytes;
        self.sessions.push_back(kept);
        while self.sessions.len() > MOST_SESSIONS || self.bytes > MOST_BYTES {
            let oldest = self.sessions.pop_front();
            self.bytes -= oldest.map_or(0, |kept| kept.bytes);
        }
    }

    fn forget_old(&mut self) {
        let now = Instant::now();
        self.retain(|kept| kept.until > now);
    }

    fn retain(&mut self, mut wanted: impl FnMut(&Kept) -> bool) {
        self.sessions.retain(&mut wanted);
        self.bytes = self.sessions.iter().map(|kept| kept.bytes).sum();
    }
}

fn bytes_of(session: &ResumableSession) -> usize {
    session
        .unanswered()
        .map(|(_, submit)| submit.body.len())
        .sum()
}

// The list is whole after every statement.
fn lock() -> MutexGuard<'static, Lost> {
    LOST.lock().unwrap_or_else(PoisonError::into_inner)
}
