//! Sessions over a long time against a running `nnrp-echo`: connections lost at random moments, and silence.
//!
//! `NNRP_TORTURE_SCALE` is the share of the full time, a hundredth by default.

#[path = "../echo/bridge.rs"]
mod bridge;
mod carried;
mod idle;
#[path = "../echo/server_end.rs"]
mod server_end;
#[allow(dead_code, unused_imports)] // The tests of the echo contract use all of it.
#[path = "../echo/support/mod.rs"]
mod support;

use std::time::Duration;

use carried::{Carried, Seen};
use support::Echo;

/// What the server listens on first.
const SCHEME: &str = "nnrp+tcp";

/// Longest wait for something that must come: generous, because a busy machine is no fault of the server.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long at full scale.
const FULL: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_session_that_loses_its_connection_at_any_moment_gets_each_result_once() {
    let others = ["nnrp+tls://127.0.0.1:0", "nnrp+quic://127.0.0.1:0"];
    let mut echo = Echo::start(&["--listen", others[0], "--listen", others[1]]);
    let mut carried = Vec::new();
    for seed in 0..=others.len() as u64 {
        if seed > 0 {
            echo.listen_to_next();
        }
        let session = Carried::to(&echo.uri(), echo.root(), seed);
        carried.push((echo.uri(), tokio::spawn(session.run(FULL.mul_f64(scale())))));
    }
    for (uri, session) in carried {
        let Seen { results, losses } = session.await.expect("no panic");
        let transport = uri.split("://").next().expect("a scheme").to_owned();
        println!("counted: {results} results over {losses} lost connections of {transport}");
    }
}

/// The share of the full time.
fn scale() -> f64 {
    std::env::var("NNRP_TORTURE_SCALE").map_or(0.01, |text| {
        text.parse().expect("NNRP_TORTURE_SCALE is a number")
    })
}
