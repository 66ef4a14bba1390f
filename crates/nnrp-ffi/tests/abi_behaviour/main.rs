//! The exported functions as a caller sees them, in one process: misuse, events, batches, backpressure, closing at any time.

#![allow(unsafe_code)] // The exported functions take raw pointers.

mod batches;
mod cache_calls;
mod cached_submits;
mod caches;
mod closing;
mod contention;
mod control;
mod data_misuse;
mod details;
mod endpoints;
mod events;
mod misuse;
mod negotiation;
mod null_pointers;
mod observing;
mod pair;
mod payloads;
mod probes;
mod process;
mod provider_lists;
mod proxy;
mod published_names;
mod published_table;
mod recovery_checks;
mod resume;
mod schemas;
mod secure;
mod transports;
mod wake;
