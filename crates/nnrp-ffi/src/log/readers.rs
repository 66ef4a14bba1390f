//! The queues that get the log: lines wait here for a task of their own that delivers them, because the place where one arises
//! may hold locks that the wake of a queue must not meet.

use super::layout::{NNRP_EVENT_LOG, NNRP_LOG_OFF, NnrpLogRecord};
use super::line::Line;
use crate::event_builder::{of_kind, with_record};
use crate::failure::Failure;
use crate::io_threads;
use crate::providers::limit;
use crate::queue::Queue;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Most queues that get the log.
const MOST_QUEUES: usize = 64;

/// Most lines that wait for the task that delivers them.
const MOST_PENDING: usize = 4096;

/// A queue that gets the log.
#[derive(Debug)]
struct Reader {
    queue: Weak<Queue>,
    level: u32,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Log {
    readers: Vec<Arc<Reader>>,
    pending: VecDeque<Line>,
    /// A task is on its way to deliver what is pending.
    delivering: bool,
}

static LOG: Mutex<Log> = Mutex::new(Log {
    readers: Vec::new(),
    pending: VecDeque::new(),
    delivering: false,
});

/// The most that any queue wants to know.
static LEVEL: AtomicU32 = AtomicU32::new(NNRP_LOG_OFF);

/// Sends the log to a queue from here on, up to `level`.
pub(super) fn set(queue: &Arc<Queue>, level: u32) -> Result<(), Failure> {
    let mut log = lock();
    let others = |reader: &Arc<Reader>| {
        let other = reader.queue.upgrade();
        other.is_some_and(|other| !other.is_closed() && !Arc::ptr_eq(&other, queue))
    };
    log.readers.retain(others);
    if level > NNRP_LOG_OFF {
        if log.readers.len() >= MOST_QUEUES {
            return Err(limit(MOST_QUEUES));
        }
        log.readers.push(Arc::new(Reader {
            queue: Arc::downgrade(queue),
            level,
            dropped: AtomicU64::new(0),
        }));
    }
    let most = log.readers.iter().map(|reader| reader.level).max();
    LEVEL.store(most.unwrap_or(NNRP_LOG_OFF), Ordering::Relaxed);
    Ok(())
}

/// The most that any queue wants to know.
pub(super) fn level() -> u32 {
    LEVEL.load(Ordering::Relaxed)
}

/// Takes a line in; never waits.
pub(super) fn collect(line: Line) {
    let mut log = lock();
    if log.pending.len() >= MOST_PENDING {
        for reader in log.readers.iter().filter(|reader| reader.wants(&line)) {
            reader.dropped.fetch_add(1, Ordering::Relaxed);
        }
        return;
    }
    log.pending.push_back(line);
    if !log.delivering
        && let Some(thread) = io_threads::next_running()
    {
        log.delivering = true;
        drop(thread.spawn(async { deliver() }));
    }
}

/// Hands the pending lines on, in their order: there is one such task at a time.
fn deliver() {
    loop {
        let (lines, readers) = {
            let mut log = lock();
            let lines = std::mem::take(&mut log.pending);
            log.delivering = !lines.is_empty();
            (lines, log.readers.clone())
        };
        if lines.is_empty() {
            return;
        }
        for line in &lines {
            for reader in readers.iter().filter(|reader| reader.wants(line)) {
                reader.deliver(line);
            }
        }
    }
}

impl Reader {
    fn wants(&self, line: &Line) -> bool {
        line.level <= self.level
    }

    fn deliver(&self, line: &Line) {
        let Some(queue) = self.queue.upgrade() else {
            return;
        };
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        let record = NnrpLogRecord {
            time_us: line.time_us,
            dropped,
            level: line.level,
            reserved0: 0,
        };
        let (event, payload) = with_record(of_kind(NNRP_EVENT_LOG), line.text.as_bytes(), &record);
        let mut one = VecDeque::from([(event, payload)]);
        queue.append(&mut one, |_| true, Some);
        if !one.is_empty() {
            self.dropped.fetch_add(dropped + 1, Ordering::Relaxed);
        }
    }
}

fn lock() -> MutexGuard<'static, Log> {
    // A panic cannot leave the log inconsistent: no foreign code runs under the lock.
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}
