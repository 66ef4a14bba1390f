//! Our C ABI and our echo server against the published runtime, two processes over TCP each.

#![cfg(target_os = "linux")]

#[allow(dead_code)] // The tests of nnrp-ffi use all of it.
#[path = "../../crates/nnrp-ffi/tests/c_programs/programs/mod.rs"]
mod programs;

use programs::{GCC, Program, USUAL, compile, echo, example, is_present, listen, nnrp_echo};
use std::path::PathBuf;
use std::process::Command;

const SERVER: &str = env!("CARGO_BIN_EXE_published-server");
const CLIENT: &str = env!("CARGO_BIN_EXE_published-client");

/// Submits a session, their size, and how many may be unanswered; 4 is what the published defaults allow (spec 13.12).
const EXCHANGES: [(&str, &str, &str); 4] = [
    ("100", "64", "4"),
    ("1", "0", "1"),
    ("20", "65536", "4"),
    ("3", "1048576", "2"),
];

fn c_program(name: &str) -> PathBuf {
    compile(&[example(name)], name, USUAL)
}

fn run(program: impl AsRef<std::ffi::OsStr>, target: &str, exchange: (&str, &str, &str)) {
    let (count, size, window) = exchange;
    let mut command = Command::new(program);
    command
        .arg(target)
        .args(["--count", count, "--size", size, "--window", window]);
    let lines = Program::start(&mut command).finish().succeeded();
    assert_eq!(lines, [format!("closed after {count} echoes")]);
}

#[test]
fn our_c_client_talks_to_the_published_server() {
    if !is_present(GCC) {
        return;
    }
    for exchange in EXCHANGES {
        let mut command = Command::new(SERVER);
        let (server, uri) = listen(command.args(["nnrp+tcp://127.0.0.1:0", "--count", exchange.0]));
        // Two sessions one after the other: the id of the first has to be free, or another.
        run(c_program("echo_client"), &uri, exchange);
        run(c_program("echo_client"), &uri, exchange);
        server.kill();
    }
}

#[test]
fn the_published_client_talks_to_our_c_server() {
    if !is_present(GCC) {
        return;
    }
    let (server, uri) =
        listen(Command::new(c_program("echo_server")).arg("nnrp+tcp://127.0.0.1:0"));
    for exchange in EXCHANGES {
        run(CLIENT, &uri, exchange);
    }
    server.finish().succeeded();
}

#[test]
fn the_published_client_talks_to_nnrp_echo() {
    let (server, uri) = echo();
    for exchange in EXCHANGES {
        run(CLIENT, &uri, exchange);
    }
    server.kill();
}

#[test]
fn nnrp_echo_calls_the_published_server_with_and_without_a_hello() {
    let mut command = Command::new(SERVER);
    let (server, uri) = listen(command.args(["nnrp+tcp://127.0.0.1:0", "--count", "100"]));
    for (exchange, succeeds) in [("auto", true), ("open-first", true), ("hello", false)] {
        let mut call = Command::new(nnrp_echo());
        let call = call.args(["call", &uri, "--count", "100", "--exchange", exchange]);
        let outcome = call.output().expect("nnrp-echo runs");
        assert_eq!(
            outcome.status.success(),
            succeeds,
            "{exchange}: {outcome:?}"
        );
    }
    server.kill();
}

#[test]
fn a_published_server_killed_in_mid_stream_is_a_typed_event() {
    if !is_present(GCC) {
        return;
    }
    let mut command = Command::new(SERVER);
    let (server, uri) = listen(command.args(["nnrp+tcp://127.0.0.1:0", "--count", "100000000"]));
    let mut client = Command::new(c_program("echo_client"));
    let mut client = Program::start(client.args([&*uri, "--window", "4", "--expect-lost"]));
    client.await_line("streaming");
    server.kill();
    let lines = client.finish().succeeded();
    assert!(
        lines.iter().any(|line| line.starts_with("lost after")),
        "{lines:?}"
    );
}
