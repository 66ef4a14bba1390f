//! The exported functions as a caller sees them, in one process: misuse, events, batches, backpressure, closing at any time.

#![allow(unsafe_code)] // The exported functions take raw pointers.

mod batches;
mod closing;
mod contention;
mod control;
mod endpoints;
mod misuse;
mod pair;
mod proxy;
mod published_names;
mod recovery_checks;
mod resume;
mod schemas;
mod secure;
mod wake;
