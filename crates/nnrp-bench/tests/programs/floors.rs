//! The floors: every message of a call comes back, over TCP and QUIC, one by one and in a window.

use std::net::SocketAddr;

use nnrp_bench::floor::quic;
use nnrp_transport_provider::security::SelfSigned;
use serde_json::Value;

use super::program::{Program, measured, refused};

/// Body and whole of a message: 40 bytes of header and 72 of metadata stand before the body.
const SIZE: (&str, usize) = ("100", 212);

#[test]
fn messages_in_one_direction_are_counted() {
    let line = measured(&["one-way", "--count", "300", "--size", SIZE.0]);
    assert_counted(&line, 300);
}

#[test]
fn the_floor_of_tcp_serves_a_call() {
    let mut server = Program::start(&["serve", "tcp://127.0.0.1:0", "--size", SIZE.0]);
    let said = server.line();
    let uri = said.strip_prefix("listening ").expect("where it listens");
    assert_calls_are_answered(&["call", uri, "--size", SIZE.0]);
}

#[test]
fn the_floor_of_quic_serves_a_call_that_trusts_its_certificate() {
    let [certificate, key, other] = ["certificate", "key", "other"]
        .map(|name| format!("{}/floor-{name}", env!("CARGO_TARGET_TMPDIR")));
    let (certificate, key) = (certificate.as_str(), key.as_str());
    let ended = Program::start(&["certificate", "--cert", certificate, "--key", key]).finish();
    assert!(ended.succeeded, "{}", ended.errors);

    let mut server = Program::start(&[
        "serve",
        "quic://127.0.0.1:0",
        "--size",
        SIZE.0,
        "--cert",
        certificate,
        "--key",
        key,
    ]);
    let said = server.line();
    let uri = said.strip_prefix("listening ").expect("where it listens");
    let call = ["call", uri, "--size", SIZE.0, "--ca", certificate];
    assert_calls_are_answered(&call);

    let foreign = SelfSigned::generate("localhost").expect("another certificate");
    std::fs::write(&other, foreign.root).expect("writable");
    let said = refused(&["call", uri, "--ca", &other]);
    assert!(said.contains("certificate"), "{said}");
}

#[test]
fn the_floor_of_quic_answers_messages_of_any_cut() {
    let made = SelfSigned::generate("localhost").expect("a certificate");
    let (root, key) = (made.root.clone(), made.identity.private_key);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let endpoint = quic::bind(any, made.root, key).expect("a free port");
        let address = endpoint.local_addr().expect("an address");
        tokio::spawn(quic::serve(endpoint, 70_000));
        for (count, in_flight) in [(3, 1), (40, 8)] {
            let load = nnrp_bench::floor::Load {
                count,
                message: 70_000,
                in_flight,
            };
            let outcome = quic::call(address, root.clone(), load).await;
            let outcome = outcome.expect("every message comes back");
            assert_eq!(outcome.count, count);
            assert_eq!(outcome.latencies.len() == 3, in_flight == 1);
        }
    });
}

#[test]
fn a_key_that_is_none_serves_nobody() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    assert!(quic::bind(any, vec![1, 2, 3], vec![4, 5, 6]).is_err());
}

/// One at a time has latencies, a window has none that could be told apart.
fn assert_calls_are_answered(call: &[&str]) {
    let with = |more: [&'static str; 4]| measured(&[call, &more[..]].concat());
    let alone = with(["--count", "20", "--in-flight", "1"]);
    assert_counted(&alone, 20);
    assert!(alone["p50_us"].as_f64() > Some(0.0), "{alone}");
    assert!(
        alone["p99_us"].as_f64() >= alone["p50_us"].as_f64(),
        "{alone}"
    );
    let window = with(["--count", "3000", "--in-flight", "64"]);
    assert_counted(&window, 3000);
}

fn assert_counted(line: &Value, count: u64) {
    assert_eq!(line["count"], count, "{line}");
    assert!(line["seconds"].as_f64() > Some(0.0), "{line}");
    assert!(line["per_second"].as_f64() > Some(0.0), "{line}");
}
