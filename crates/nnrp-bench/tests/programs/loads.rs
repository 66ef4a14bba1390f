//! The loads against a running echo: idle connections, a crowd that says little, peers that do not read.

use std::net::TcpListener;
use std::thread;

use nnrp_transport_provider::security::SelfSigned;

use super::echo_server::EchoServer;
use super::program::{Program, measured, refused};

#[test]
fn idle_connections_are_held_step_by_step() {
    let echo = EchoServer::tcp();
    let mut idle = Program::start(&["idle", &echo.uri, "--connections", "3", "--sessions", "2"]);
    for step in ["warm", "connected"] {
        assert_eq!(idle.line(), step);
        idle.go_on();
    }
    assert_eq!(idle.line(), "sessions");
    let ended = idle.finish();
    assert!(ended.succeeded, "{}", ended.errors);
}

#[test]
fn an_idle_program_ends_with_its_input_at_any_step() {
    let echo = EchoServer::tcp();
    for steps in [["warm"].as_slice(), &["warm", "connected"]] {
        let mut idle = Program::start(&["idle", &echo.uri, "--connections", "1"]);
        for (place, step) in steps.iter().enumerate() {
            if place > 0 {
                idle.go_on();
            }
            assert_eq!(idle.line(), *step);
        }
        let ended = idle.finish();
        assert!(ended.succeeded, "{}", ended.errors);
    }
}

#[test]
fn connections_of_quic_are_held_by_who_trusts_their_certificate() {
    let made = SelfSigned::generate("localhost").expect("a certificate");
    let root = format!("{}/idle-root", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&root, &made.root).expect("writable");
    let echo = EchoServer::start("nnrp+quic://127.0.0.1:0", Some(made.identity));
    let said = refused(&["idle", &echo.uri]);
    assert!(said.contains("--ca FILE is needed"), "{said}");
    let mut idle = Program::start(&["idle", &echo.uri, "--connections", "1", "--ca", &root]);
    assert_eq!(idle.line(), "warm");
    assert!(idle.finish().succeeded);
}

#[test]
fn each_exchange_of_a_crowd_is_counted() {
    let echo = EchoServer::tcp();
    let line = measured(&[
        "crowd",
        &echo.uri,
        "--connections",
        "2",
        "--sessions",
        "2",
        "--per-second",
        "1000",
        "--seconds",
        "0.2",
    ]);
    assert!(line["count"].as_u64() >= Some(1), "{line}");
    assert!(line["seconds"].as_f64() >= Some(0.2), "{line}");
    assert!(line["p50_us"].as_f64() > Some(0.0), "{line}");
}

#[test]
fn a_peer_that_reads_after_all_gets_every_answer() {
    let echo = EchoServer::tcp();
    let address = echo.uri.strip_prefix("nnrp+tcp://").expect("TCP");
    let mut deaf = Program::start(&["deaf", address, "--peers", "2", "--megabytes", "1"]);
    let stalled = deaf.json();
    assert_eq!(stalled["peers"], 2, "{stalled}");
    // Each its megabyte, or as much as was taken of it.
    assert!(stalled["taken"].as_u64() > Some(0), "{stalled}");
    deaf.go_on();
    let read = deaf.json();
    assert!(read["submits"].as_u64() > Some(0), "{read}");
    assert_eq!(read["submits"], read["answers"], "{read}");
    assert!(deaf.finish().succeeded);
}

#[test]
fn peers_that_send_more_than_anyone_takes_stall_and_lose_nothing() {
    let echo = EchoServer::tcp();
    let address = echo.uri.strip_prefix("nnrp+tcp://").expect("TCP");
    let mut deaf = Program::start(&["deaf", address, "--peers", "1", "--megabytes", "1024"]);
    let stalled = deaf.json();
    assert!(stalled["taken"].as_u64() < Some(1024 << 20), "{stalled}");
    deaf.go_on();
    let read = deaf.json();
    assert_eq!(read["submits"], read["answers"], "{read}");
    assert!(deaf.finish().succeeded);
}

#[test]
fn a_server_that_ends_every_connection_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || listener.incoming().for_each(drop));
    let uri = format!("nnrp+tcp://{address}");
    for words in [["crowd", &uri], ["idle", &uri], ["deaf", &address]] {
        let said = refused(&words);
        assert!(said.starts_with("nnrp-bench: "), "{words:?}: {said}");
    }
}
