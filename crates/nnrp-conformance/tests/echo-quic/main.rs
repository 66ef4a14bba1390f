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

/// What the server under test listens on.
const SCHEME: &str = "nnrp+quic";
