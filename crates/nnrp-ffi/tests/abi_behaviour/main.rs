//! The exported functions as a caller sees them, in one process: misuse, events, batches, backpressure, closing at any time.

#![allow(unsafe_code)] // The exported functions take raw pointers.

mod batches;
mod closing;
mod contention;
mod misuse;
mod pair;
mod published_names;
mod wake;
