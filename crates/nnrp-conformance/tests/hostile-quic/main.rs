//! Hostile peers in number against a running `nnrp-echo` over QUIC: in its stream, beside it, and below it.

#[path = "../echo/bridge.rs"]
mod bridge;
#[path = "../hostile/connections.rs"]
mod connections;
#[path = "../hostile/damage.rs"]
mod damage;
#[path = "../hostile/floods.rs"]
mod floods;
mod handshakes;
#[path = "../hostile/resumes.rs"]
mod resumes;
#[path = "../echo/server_end.rs"]
mod server_end;
mod streams;
#[allow(dead_code)] // The tests of the echo contract use all of it.
#[path = "../echo/support/mod.rs"]
mod support;
#[path = "../hostile/watched.rs"]
mod watched;
mod way;

use std::time::Duration;

/// What the server under test listens on.
const SCHEME: &str = "nnrp+quic";

/// What the server keeps of a connection whose bytes it does not read, KiB: QUIC keeps a whole receive window.
const UNREAD_KIB: u64 = 1280;

/// Longest wait for something that must come: generous, because a busy machine is no fault of the server.
const PATIENCE: Duration = Duration::from_mins(1);
