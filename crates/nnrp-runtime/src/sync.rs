//! The primitives of what is model-checked: those of the standard library, or loom's in a model
//! (`RUSTFLAGS="--cfg nnrp_loom" cargo test -p nnrp-runtime --lib model`).

#[cfg(not(all(test, nnrp_loom)))]
pub(crate) use std::sync::atomic::{AtomicUsize, Ordering, fence};
#[cfg(not(all(test, nnrp_loom)))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(all(test, nnrp_loom))]
pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering, fence};
#[cfg(all(test, nnrp_loom))]
pub(crate) use loom::sync::{Mutex, MutexGuard};

use std::sync::PoisonError;

/// Locks what is whole after every statement, so that a panic elsewhere does not matter.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
