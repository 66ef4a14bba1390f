//! `nnrp-echo call` against `nnrp-echo serve`, and how serving ends: both ends of this workspace.

use std::process::{Command, Output, Stdio};

use crate::SCHEME;
use crate::support::*;

#[test]
fn call_counts_every_result() {
    let echo = Echo::start(&[]);
    let output = nnrp_echo(&[
        "call",
        &echo.uri(),
        "--ca",
        echo.root(),
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
        "--ca",
        echo.root(),
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
fn a_session_that_may_resume_carries_more_than_its_server_keeps() {
    let echo = Echo::start(&[]);
    // Answers are kept up to 8 MiB: one body of more, many under way, and some of the largest.
    for (size, results, in_flight) in [(9_000_000, 2, 1), (1_048_576, 60, 16), (16_777_000, 4, 4)] {
        let output = nnrp_echo(&[
            "call",
            &echo.uri(),
            "--ca",
            echo.root(),
            "--reconnect",
            "--size",
            &size.to_string(),
            "--count",
            &results.to_string(),
            "--in-flight",
            &in_flight.to_string(),
            "--json",
        ]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(count(&text(&output.stdout), "results"), results);
    }
}

#[test]
fn call_runs_for_a_duration() {
    let echo = Echo::start(&[]);
    let output = nnrp_echo(&[
        "call",
        &echo.uri(),
        "--ca",
        echo.root(),
        "--duration",
        "0.3",
        "--json",
    ]);
    let json = text(&output.stdout);
    assert!(output.status.success(), "{json} {}", text(&output.stderr));
    assert!(number(&json, "seconds") >= 0.3 && number(&json, "results") > 0.0);
    assert_eq!(count(&json, "results"), count(&json, "count"));
}

#[test]
fn call_reports_a_refused_session_with_its_code() {
    // The refusal has to arrive each time, also where the transport throws unsent bytes away with the connection.
    let echo = Echo::start(&["--max-in-flight", "8"]);
    for _ in 0..10 {
        let output = nnrp_echo(&["call", &echo.uri(), "--ca", echo.root(), "--in-flight", "9"]);
        assert_eq!(output.status.code(), Some(1));
        let message = text(&output.stderr);
        assert!(message.contains("0x00010007"), "{message}");
    }
}

#[test]
fn call_trusts_the_certificate_that_serve_wrote_and_no_other() {
    if matches!(SCHEME, "nnrp+tcp" | "nnrp+ws") {
        // There is nothing to trust; the endpoint has to work without any certificate.
        let echo = Echo::start(&[]);
        assert!(nnrp_echo(&["call", &echo.uri()]).status.success());
        return;
    }
    let (echo, other) = (Echo::start(&[]), Echo::start(&[]));
    let untrusting = nnrp_echo(&["call", &echo.uri()]);
    assert!(text(&untrusting.stderr).contains("needs --ca"));
    let deceived = nnrp_echo(&["call", &echo.uri(), "--ca", other.root()]);
    assert!(
        text(&deceived.stderr).contains("certificate"),
        "{}",
        text(&deceived.stderr)
    );
    let careless = nnrp_echo(&["call", &echo.uri(), "--insecure-any-certificate"]);
    assert!(careless.status.success(), "{}", text(&careless.stderr));
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

pub(crate) fn nnrp_echo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("nnrp-echo runs")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A whole number of the one-line JSON report.
pub(crate) fn count(json: &str, key: &str) -> u64 {
    let value = number(json, key);
    assert!(
        value.fract().abs() < f64::EPSILON && value >= 0.0,
        "{key} in {json}"
    );
    format!("{value}").parse().expect("a whole number")
}

/// The value of a number in the one-line JSON report.
pub(crate) fn number(json: &str, key: &str) -> f64 {
    let start = json
        .find(&format!("\"{key}\":"))
        .unwrap_or_else(|| panic!("{key} in {json}"));
    let value = &json[start + key.len() + 3..];
    value[..value.find([',', '}']).expect("an end")]
        .parse()
        .expect("a number")
}
