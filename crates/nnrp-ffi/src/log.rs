//! The log as events of queues: lines are collected wherever they arise and delivered by a task of their own, because the
//! place where one arises may hold locks that the wake of a queue must not meet. Declared in `nnrp_observe.h`.

use crate::call::run;
use crate::event_builder::{of_kind, with_record};
use crate::executor;
use crate::failure::Failure;
use crate::handle::NnrpHandle;
use crate::layout::{EventRecord, NnrpError};
use crate::log_line::{Line, LineSubscriber};
use crate::providers::limit;
use crate::queue::{Queue, find};
use crate::status::NnrpStatus;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use tracing::Dispatch;
use tracing::dispatcher::DefaultGuard;

/// Nothing.
pub const NNRP_LOG_OFF: u32 = 0;
/// What this library could not do.
pub const NNRP_LOG_ERROR: u32 = 1;
/// What ended otherwise than in order.
pub const NNRP_LOG_WARN: u32 = 2;
/// The end of every connection.
pub const NNRP_LOG_INFO: u32 = 3;
/// What helps to find a defect.
pub const NNRP_LOG_DEBUG: u32 = 4;
/// Everything.
pub const NNRP_LOG_TRACE: u32 = 5;

/// A line of the log.
pub const NNRP_EVENT_LOG: u32 = 44;

/// Most queues that get the log.
const MOST_QUEUES: usize = 64;

/// Most lines that wait for the task that delivers them.
const MOST_PENDING: usize = 4096;

/// The record of a line. 24 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpLogRecord {
    /// Microseconds since 1970-01-01 UTC.
    pub time_us: u64,
    /// Lines of this queue that were dropped since the one before.
    pub dropped: u64,
    /// `NNRP_LOG_*`.
    pub level: u32,
    /// Zero.
    pub reserved0: u32,
}

const _: () = assert!(size_of::<NnrpLogRecord>() == 24);

// SAFETY: `repr(C)`, integers at natural offsets without padding, size a multiple of 8.
unsafe impl EventRecord for NnrpLogRecord {}

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

/// Sends the log of the library, up to `level`, to a queue as events.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_queue_set_log(
    queue: NnrpHandle,
    level: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            if level > NNRP_LOG_TRACE {
                return Err(Failure::argument(2));
            }
            set(&find(queue)?, level)
        })
    }
}

/// Collects what happens on the calling thread, one of the library's, until the guard is dropped.
pub(crate) fn watch_thread() -> DefaultGuard {
    tracing::dispatcher::set_default(dispatch())
}

/// The most that any queue wants to know.
pub(crate) fn level() -> u32 {
    LEVEL.load(Ordering::Relaxed)
}

/// Takes a line in; never waits.
pub(crate) fn collect(line: Line) {
    let mut log = lock();
    if log.pending.len() >= MOST_PENDING {
        for reader in log.readers.iter().filter(|reader| reader.wants(&line)) {
            reader.dropped.fetch_add(1, Ordering::Relaxed);
        }
        return;
    }
    log.pending.push_back(line);
    if !log.delivering
        && let Ok(executor) = executor::next()
    {
        log.delivering = true;
        drop(executor.spawn(async { deliver() }));
    }
}

fn set(queue: &Arc<Queue>, level: u32) -> Result<(), Failure> {
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
    drop(log);
    // Where nobody listens, a line costs one load. A process with a single subscriber asks the calling thread's.
    tracing::dispatcher::with_default(dispatch(), tracing::callsite::rebuild_interest_cache);
    Ok(())
}

/// What the threads of the library tell their lines to.
fn dispatch() -> &'static Dispatch {
    static DISPATCH: OnceLock<Dispatch> = OnceLock::new();
    DISPATCH.get_or_init(|| Dispatch::new(LineSubscriber))
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
