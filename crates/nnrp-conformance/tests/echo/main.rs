//! Byte-level tests of `nnrp-echo` against the echo contract (spec 19), over TCP.

mod bridge;
mod calls;
mod control;
mod hostile;
mod plain;
mod probes;
mod program;
mod support;

/// What the server under test listens on.
const SCHEME: &str = "nnrp+tcp";
