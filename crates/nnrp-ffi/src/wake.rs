//! The wake callback: called without data when a queue stops being empty, never after it was taken away.

use crate::failure::Failure;
use crate::status::NNRP_STATUS_WRONG_STATE;
use crate::sync::{AtomicBool, Mutex};
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// Called when a queue that was empty has events, with the pointer given along.
pub type NnrpWakeCallback = unsafe extern "C" fn(user_data: *mut c_void);

thread_local! {
    /// Whether this thread is inside a wake callback.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// The callback of one queue. Its lock is held while the callback runs: taking the callback away waits for it.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    target: Mutex<Option<Target>>,
    /// Whether there is a callback.
    is_set: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
struct Target {
    callback: NnrpWakeCallback,
    user_data: *mut c_void,
}

// SAFETY: the header says that the callback is called on threads of the library; the pointer is only handed back to it.
unsafe impl Send for Target {}

impl Wake {
    /// Whether there is a callback. Asked under the lock that the `wanted` of [`Self::replace`] takes, `false` means that a
    /// callback on its way in asks `wanted` later, and so learns of what happened under this lock.
    pub(crate) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Relaxed)
    }

    /// Calls the callback if there is one and `wanted` still says so once no other call is running.
    pub(crate) fn call_if(&self, wanted: impl FnOnce() -> bool) {
        let target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted()
            && let Some(target) = *target
        {
            target.call();
        }
    }

    /// Replaces the callback. On return the previous one is not running and will not run. Then calls the new one if `wanted`.
    pub(crate) fn replace(
        &self,
        callback: Option<NnrpWakeCallback>,
        user_data: *mut c_void,
        wanted: impl FnOnce() -> bool,
    ) {
        let mut target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        *target = callback.map(|callback| Target {
            callback,
            user_data,
        });
        self.is_set.store(target.is_some(), Ordering::Relaxed);
        if wanted()
            && let Some(target) = *target
        {
            target.call();
        }
    }
}

impl Target {
    fn call(self) {
        let outer = INSIDE.replace(true);
        // SAFETY: the callback was given to nnrp_queue_set_wake for exactly this call and has not been taken away.
        unsafe { (self.callback)(self.user_data) };
        INSIDE.set(outer);
    }
}

/// What waits for the callback, or for the thread it runs on, would wait for ever inside of it.
pub(crate) fn refuse_inside_callback() -> Result<(), Failure> {
    if INSIDE.get() {
        Err(Failure::new(NNRP_STATUS_WRONG_STATE))
    } else {
        Ok(())
    }
}
