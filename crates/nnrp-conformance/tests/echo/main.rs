//! Byte-level tests of `nnrp-echo` against the echo contract (spec 19).

mod control;
mod hostile;
mod plain;
mod program;
mod support;
