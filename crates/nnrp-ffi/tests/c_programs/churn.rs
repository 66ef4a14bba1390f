//! Connections, sessions and operations in number through the C ABI: memory and descriptors stay what they were.

use crate::programs::*;
use std::io::Write as _;
use std::process::Command;

/// Of both transports together: 10⁵ connections of 10 sessions of 10 operations each.
const CONNECTIONS: f64 = 1e5;
/// Sessions of a connection, and operations of a session.
const EACH: &str = "10";
/// Share of it that every run of the tests does.
const USUAL_SCALE: f64 = 0.01;

fn scale() -> f64 {
    let scale = std::env::var("NNRP_TORTURE_SCALE");
    let scale = scale.ok().and_then(|scale| scale.parse().ok());
    scale.unwrap_or(USUAL_SCALE)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A positive number far below 2^64.
fn connections() -> u64 {
    ((CONNECTIONS / 2.0 * scale()) as u64).max(10)
}

fn churn(uri: &str) {
    if !is_present(GCC) {
        return;
    }
    let program = compile(&[source("churn.c")], "churn", USUAL);
    let arguments = [uri, &connections().to_string(), EACH, EACH];
    let patience = PATIENCE.mul_f64((scale() / USUAL_SCALE).max(1.0));
    let lines = Program::start(Command::new(program).args(arguments))
        .finish_within(patience)
        .succeeded();
    for line in lines {
        // Past the test harness: the record of the torture run is read from it.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}

#[test]
fn churn_over_tcp_leaves_nothing_behind() {
    churn("nnrp+tcp://127.0.0.1:0");
}

#[test]
fn churn_in_memory_leaves_nothing_behind() {
    churn("nnrp+mem://churn");
}
