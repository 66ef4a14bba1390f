//! What the benchmarks run against: floors that do nothing but move the bytes, loads that a call does not make, and an allocator that counts.
//!
//! For development only; nothing here ships.

pub mod codec;
pub mod connect;
pub mod counting_allocator;
pub mod crowd;
pub mod deaf;
pub mod floor;
pub mod idle;
pub mod options;
pub mod outcome;
pub mod plain;
