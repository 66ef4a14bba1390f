//! The library's threads that are running, in turn; `executor` starts them.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;

static THREADS: Mutex<Vec<Handle>> = Mutex::new(Vec::new());
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// The next thread in turn, if they are running.
pub(crate) fn next_running() -> Option<Handle> {
    in_turn(&lock())
}

/// The next thread in turn, once `start` has started them at the first call.
pub(crate) fn next_started(start: impl FnOnce() -> io::Result<Vec<Handle>>) -> Option<Handle> {
    let mut threads = lock();
    if threads.is_empty() {
        *threads = start().ok()?;
    }
    in_turn(&threads)
}

fn in_turn(threads: &[Handle]) -> Option<Handle> {
    let turn = NEXT
        .fetch_add(1, Ordering::Relaxed)
        .checked_rem(threads.len())?;
    threads.get(turn).cloned()
}

fn lock() -> MutexGuard<'static, Vec<Handle>> {
    THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}
