//! Byte-level tests of `nnrp-echo` against the echo contract (spec 19), over TCP.

mod bridge;
mod cache;
mod calls;
mod control;
mod hostile;
mod opening;
mod plain;
mod probes;
mod program;
mod scripted;
mod server_end;
#[allow(dead_code)] // The hostile tests use the rest.
mod support;
mod verdicts;

use std::time::Duration;

/// What the server under test listens on.
const SCHEME: &str = "nnrp+tcp";

/// Longest wait for something that must come: generous, because a busy machine is no fault of the server.
const PATIENCE: Duration = Duration::from_mins(1);
