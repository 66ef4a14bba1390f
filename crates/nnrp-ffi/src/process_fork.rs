//! Notices that this process is a fork of the one that uses the library: its threads and their locks stayed behind.
//!
//! In such a process a lock may be held for ever by a thread that is not there; hence every call is refused before it takes one.

use crate::failure::Failure;
use crate::status::NNRP_STATUS_FORKED;
use std::sync::atomic::{AtomicBool, Ordering};

static HAPPENED: AtomicBool = AtomicBool::new(false);

/// Refuses a call in a process that was forked after the library had been used.
pub(crate) fn refuse_in_fork() -> Result<(), Failure> {
    if HAPPENED.load(Ordering::Relaxed) {
        Err(Failure::new(NNRP_STATUS_FORKED))
    } else {
        Ok(())
    }
}

/// Notices forks from here on.
#[cfg(all(unix, not(miri)))]
pub(crate) fn watch() {
    use std::ffi::c_int;
    use std::sync::Once;

    type Handler = Option<extern "C" fn()>;

    unsafe extern "C" {
        fn pthread_atfork(prepare: Handler, parent: Handler, child: Handler) -> c_int;
    }

    extern "C" fn in_child() {
        HAPPENED.store(true, Ordering::Relaxed);
    }

    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        // SAFETY: the handler only stores to a static, and the library is never unloaded once it is used.
        // Without memory for the registration forks go unnoticed, as they would without it.
        unsafe { pthread_atfork(None, None, Some(in_child)) };
    });
}

/// There is no fork here.
#[cfg(any(not(unix), miri))]
pub(crate) fn watch() {}
