//! Hostile peers in number against a running `nnrp-echo` over TCP: whatever they do, only their own connections suffer.
//!
//! `NNRP_TORTURE_SCALE` is the share of the full size, a hundredth by default; `npm run torture` runs these at full size.

#[path = "../echo/bridge.rs"]
mod bridge;
mod connections;
mod damage;
mod floods;
mod resumes;
#[path = "../echo/server_end.rs"]
mod server_end;
#[allow(dead_code)] // The tests of the echo contract use all of it.
#[path = "../echo/support/mod.rs"]
mod support;
mod watched;

use std::time::Duration;

/// What the server under test listens on.
const SCHEME: &str = "nnrp+tcp";

/// What the server keeps of a connection whose bytes it does not read, KiB: the kernel keeps them.
const UNREAD_KIB: u64 = 0;

/// Longest wait for something that must come: generous, because a busy machine is no fault of the server.
const PATIENCE: Duration = Duration::from_mins(1);
