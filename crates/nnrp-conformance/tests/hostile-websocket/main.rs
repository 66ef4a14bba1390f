//! Hostile peers in number against a running `nnrp-echo` over WebSocket, in its stream and below it.

#[path = "../echo/bridge.rs"]
mod bridge;
#[path = "../hostile/connections.rs"]
mod connections;
#[path = "../hostile/damage.rs"]
mod damage;
#[path = "../hostile/floods.rs"]
mod floods;
mod frames;
mod handshakes;
#[path = "../hostile/resumes.rs"]
mod resumes;
#[path = "../echo/server_end.rs"]
mod server_end;
#[allow(dead_code)] // The tests of the echo contract use all of it.
#[path = "../echo/support/mod.rs"]
mod support;
#[path = "../hostile/watched.rs"]
mod watched;

use std::time::Duration;

/// What the server under test listens on.
const SCHEME: &str = "nnrp+ws";

/// What the server keeps of a connection whose bytes it does not read, KiB: the kernel keeps them.
const UNREAD_KIB: u64 = 0;

/// Longest wait for something that must come: generous, because a busy machine is no fault of the server.
const PATIENCE: Duration = Duration::from_mins(1);
