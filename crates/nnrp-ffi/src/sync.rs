//! The primitives of what is model-checked: those of the standard library, or loom's in a model
//! (`RUSTFLAGS="--cfg nnrp_loom" cargo test -p nnrp-ffi --lib model`).

#[cfg(not(all(test, nnrp_loom)))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic::AtomicBool};

#[cfg(all(test, nnrp_loom))]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard, atomic::AtomicBool};
