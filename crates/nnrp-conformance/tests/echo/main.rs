//! Byte-level tests of `nnrp-echo` against the echo contract (spec 19), over TCP.

mod bridge;
mod calls;
mod control;
mod hostile;
mod plain;
mod probes;
mod program;
mod support;

use std::time::Duration;

/// What the server under test listens on.
const SCHEME: &str = "nnrp+tcp";

/// Longest wait for a packet that must come: shorter than every timeout of the server, so that none of them can pass for
/// an answer.
const PATIENCE: Duration = Duration::from_millis(1500);
