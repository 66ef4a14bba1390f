//! The handles that the threads of one input share, and which kind of them a parameter's name means.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nnrp::{
    NNRP_STATUS_OK, nnrp_connect, nnrp_connection_open_session, nnrp_queue_close,
    nnrp_queue_create, nnrp_release, nnrp_server_listen,
};

use super::nowhere;

/// Bits of a handle below its kind.
const BELOW_KIND: u32 = 48;
/// Kinds that a number may claim to be of; the library has fewer.
const KINDS: u64 = 1 << 5;

/// Every handle that was seen, live or not.
#[derive(Default)]
pub struct Handles(Mutex<Known>);

#[derive(Default)]
struct Known {
    seen: Vec<u64>,
    /// What a call with an output of that name, without its `out_`, has given.
    kinds: BTreeMap<&'static str, u64>,
}

/// Whether a number looks like a handle.
pub fn is_plausible(number: u64) -> bool {
    let kind = number >> BELOW_KIND;
    kind > 0 && kind < KINDS
}

impl Handles {
    /// Keeps a handle; `name` is that of the parameter that gave it.
    pub fn learn(&self, handle: u64, name: Option<&'static str>) {
        let mut known = self.lock();
        if let Some(name) = name {
            known.kinds.insert(name, handle >> BELOW_KIND);
        }
        if !known.seen.contains(&handle) {
            known.seen.push(handle);
        }
    }

    /// One of those that a parameter of this name wants, if there is any.
    pub fn pick(&self, name: &str, choice: usize) -> Option<u64> {
        let known = self.lock();
        let kind = known.kinds.get(name)?;
        let fitting = || {
            let all = known.seen.iter().copied();
            all.filter(|handle| handle >> BELOW_KIND == *kind)
        };
        fitting().nth(choice % fitting().count().max(1))
    }

    /// Any of them.
    pub fn any(&self, choice: usize) -> Option<u64> {
        let known = self.lock();
        let seen = &known.seen;
        seen.get(choice % seen.len().max(1)).copied()
    }

    /// A client with a session over a listener of this process.
    pub fn open_session(&self) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let uri = format!(
            "nnrp+mem://fuzz-pair-{}",
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let (text, size) = (uri.as_ptr().cast(), uri.len());
        let [mut queue, mut listener, mut connection, mut session] = [0; 4];
        // SAFETY: the text has the stated size, the outputs are live locals.
        let statuses = unsafe {
            [
                nnrp_queue_create(64, &raw mut queue, nowhere()),
                nnrp_server_listen(queue, text, size, 0, &raw mut listener, nowhere()),
                nnrp_connect(queue, text, size, 0, &raw mut connection, nowhere()),
                nnrp_connection_open_session(connection, 0, &raw mut session, nowhere()),
            ]
        };
        assert_eq!(statuses, [NNRP_STATUS_OK; 4], "a pair in memory");
        self.learn(queue, Some("queue"));
        self.learn(listener, Some("listener"));
        self.learn(connection, Some("connection"));
        self.learn(session, Some("session"));
    }

    /// Ends whatever the calls have left; a queue takes all that belongs to it along.
    pub fn close_all(&self) {
        for &handle in &self.lock().seen {
            // SAFETY: the diagnosis may be NULL.
            unsafe {
                nnrp_queue_close(handle, nowhere());
                nnrp_release(handle, nowhere());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
