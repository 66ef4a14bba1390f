//! The command line of `nnrp-echo`: how it starts, reports and ends.

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::support::*;

fn nnrp_echo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("nnrp-echo runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A whole number of the one-line JSON report.
fn count(json: &str, key: &str) -> u64 {
    let value = number(json, key);
    assert!(
        value.fract().abs() < f64::EPSILON && value >= 0.0,
        "{key} in {json}"
    );
    format!("{value}").parse().expect("a whole number")
}

/// The value of a number in the one-line JSON report.
fn number(json: &str, key: &str) -> f64 {
    let start = json
        .find(&format!("\"{key}\":"))
        .unwrap_or_else(|| panic!("{key} in {json}"));
    let value = &json[start + key.len() + 3..];
    value[..value.find([',', '}']).expect("an end")]
        .parse()
        .expect("a number")
}

#[test]
fn call_counts_every_result() {
    let echo = Echo::start(&[]);
    let output = nnrp_echo(&[
        "call",
        &echo.uri(),
        "--count",
        "1000",
        "--size",
        "64",
        "--in-flight",
        "16",
        "--json",
    ]);
    let json = text(&output.stdout);
    assert!(output.status.success(), "{json} {}", text(&output.stderr));
    assert_eq!(json.lines().count(), 1);
    assert!(json.starts_with(&format!(
        "{{\"uri\":\"{}\",\"count\":1000,\"size\":64,\"in_flight\":16,",
        echo.uri()
    )));
    assert_eq!(
        (
            count(&json, "results"),
            count(&json, "drops"),
            count(&json, "errors")
        ),
        (1000, 0, 0)
    );
    assert!(number(&json, "seconds") > 0.0 && number(&json, "per_second") > 0.0);
    assert!(number(&json, "p50_us") <= number(&json, "p99_us"));
}

#[test]
fn call_carries_large_bodies_too() {
    let echo = Echo::start(&[]);
    let output = nnrp_echo(&[
        "call",
        &echo.uri(),
        "--count",
        "50",
        "--size",
        "1048576",
        "--json",
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(count(&text(&output.stdout), "results"), 50);
}

#[test]
fn call_runs_for_a_duration() {
    let echo = Echo::start(&[]);
    let output = nnrp_echo(&["call", &echo.uri(), "--duration", "0.3", "--json"]);
    let json = text(&output.stdout);
    assert!(output.status.success(), "{json} {}", text(&output.stderr));
    assert!(number(&json, "seconds") >= 0.3 && number(&json, "results") > 0.0);
    assert_eq!(count(&json, "results"), count(&json, "count"));
}

#[test]
fn call_to_nobody_fails_with_a_message() {
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("bind")
        .local_addr()
        .expect("address");
    let output = nnrp_echo(&["call", &format!("nnrp+tcp://{free}"), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(count(&text(&output.stdout), "results"), 0);
    assert!(number(&text(&output.stdout), "errors") >= 1.0);
    assert!(
        text(&output.stderr).contains("cannot connect"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn call_reports_a_server_that_dies_in_mid_stream() {
    let echo = Echo::start(&[]);
    let call = Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
        .args([
            "call",
            &echo.uri(),
            "--duration",
            "30",
            "--in-flight",
            "64",
            "--json",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("call starts");
    std::thread::sleep(Duration::from_millis(300));
    drop(echo);
    let output = call.wait_with_output().expect("call ends");
    assert_eq!(output.status.code(), Some(1));
    let json = text(&output.stdout);
    assert!(
        number(&json, "results") > 0.0 && number(&json, "errors") >= 1.0,
        "{json}"
    );
}

#[test]
fn serve_ends_in_order_when_its_stdin_ends() {
    let mut echo = Echo::start(&[]);
    let mut peer = echo.session(9);
    drop(echo.stdin.take());
    assert_eq!(echo.wait().code(), Some(0));
    peer.expect_dropped();
}

#[cfg(unix)]
#[test]
fn serve_ends_in_order_on_sigterm() {
    let mut echo = Echo::start(&[]);
    let killed = Command::new("kill")
        .args(["-TERM", &echo.id().to_string()])
        .status()
        .expect("kill");
    assert!(killed.success());
    assert_eq!(echo.wait().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn serve_goes_on_when_its_stdin_is_dev_null() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
        .args(["serve", "--listen", "nnrp+tcp://127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("serve starts");
    std::thread::sleep(Duration::from_millis(300));
    let running = child.try_wait().expect("wait").is_none();
    child.kill().expect("kill");
    child.wait().expect("wait");
    assert!(
        running,
        "an empty stdin that nobody holds must not end the server"
    );
}

#[test]
fn serve_listens_on_every_endpoint_it_is_given() {
    let mut echo = Echo::start(&["--listen", "nnrp+tcp://127.0.0.1:0"]);
    let first = echo.address.clone();
    echo.session(9);
    echo.address = echo.next_address();
    assert_ne!(echo.address, first);
    echo.session(10);
}

#[test]
fn serve_says_what_it_cannot_bind() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("bind");
    let uri = format!("nnrp+tcp://{}", taken.local_addr().expect("address"));
    let output = nnrp_echo(&["serve", "--listen", &uri]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains(&format!("cannot listen on {uri}")));
}

#[test]
fn wrong_arguments_exit_with_2_and_say_what_is_wrong() {
    for (arguments, message) in [
        (&[][..], "usage: nnrp-echo"),
        (
            &["srve"],
            "unknown command \"srve\"; did you mean \"serve\"?",
        ),
        (&["serve"], "--listen"),
        (
            &["serve", "--lisen", "x"],
            "unknown option \"--lisen\"; did you mean \"--listen\"?",
        ),
        (&["serve", "--listen", "tcp://x:1"], "unknown scheme"),
        (&["call"], "<uri>"),
        (
            &["call", "nnrp+tcp://localhost:1", "--count", "many"],
            "--count",
        ),
        (
            &["call", "nnrp+tcp://localhost:1", "--count"],
            "--count needs a value",
        ),
    ] {
        let output = nnrp_echo(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(message),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn help_is_the_manual_of_every_option() {
    let help = nnrp_echo(&["--help"]);
    assert!(help.status.success());
    for option in [
        "--listen",
        "--no-control",
        "--no-verbs",
        "--no-stdin",
        "--count",
        "--size",
        "--in-flight",
        "--duration",
        "--json",
    ] {
        assert!(text(&help.stdout).contains(option), "{option}");
    }
}
