//! Byte-level tests of `nnrp-echo` against the echo contract (spec 19), over TLS.

#[path = "../echo/bridge.rs"]
mod bridge;
#[path = "../echo/calls.rs"]
mod calls;
#[path = "../echo/control.rs"]
mod control;
#[path = "../echo/hostile.rs"]
mod hostile;
#[path = "../echo/opening.rs"]
mod opening;
#[path = "../echo/plain.rs"]
mod plain;
#[path = "../echo/probes.rs"]
mod probes;
#[path = "../echo/server_end.rs"]
mod server_end;
#[allow(dead_code)] // The hostile tests use the rest.
#[path = "../echo/support/mod.rs"]
mod support;

use std::time::Duration;

/// What the server under test listens on.
const SCHEME: &str = "nnrp+tls";

/// Longest wait for something that must come: generous, because a busy machine is no fault of the server.
const PATIENCE: Duration = Duration::from_mins(1);
