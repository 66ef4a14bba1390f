//! What is fuzzed: each module takes any bytes and panics when a promise of nnrp-core or of the C ABI is broken.
//!
//! The tests of nnrp-core and nnrp-ffi include the same modules and replay the committed corpora.

pub mod abi;
pub mod decode;
pub mod operations;
pub mod round_trip;
pub mod sessions;
