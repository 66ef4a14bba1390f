//! Byte-level tests of `nnrp-echo` against the echo contract (spec 19), over QUIC.

#[path = "../echo/bridge.rs"]
mod bridge;
#[path = "../echo/calls.rs"]
mod calls;
#[path = "../echo/control.rs"]
mod control;
#[path = "../echo/hostile.rs"]
mod hostile;
#[path = "../echo/plain.rs"]
mod plain;
#[path = "../echo/probes.rs"]
mod probes;
#[path = "../echo/support.rs"]
mod support;

use std::time::Duration;

/// What the server under test listens on.
const SCHEME: &str = "nnrp+quic";

/// Longest wait for a packet that must come: shorter than every timeout of the server, so that none of them can pass for
/// an answer. Handshakes of an unoptimised build take their time.
const PATIENCE: Duration = Duration::from_secs(5);
