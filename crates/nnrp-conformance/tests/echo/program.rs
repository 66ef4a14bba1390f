//! The command line of `nnrp-echo`: how it starts, reports and ends.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpSocket;

use crate::calls::{count, nnrp_echo, number, text};
use crate::support::*;

#[test]
fn call_to_nobody_fails_with_a_message() {
    // Bound without listening, so that nobody else gets the port meanwhile.
    let nobody = TcpSocket::new_v4().expect("a socket");
    nobody.bind(([127, 0, 0, 1], 0).into()).expect("bind");
    let free = nobody.local_addr().expect("address");
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

#[cfg(unix)]
#[test]
fn serve_goes_on_when_its_stdin_is_dev_null() {
    let echo = Echo::start_with(&[], Stdio::null(), "error");
    std::thread::sleep(Duration::from_millis(300));
    let mut peer = echo.session(9);
    peer.submit(9, 1, 0, b"an empty stdin that nobody holds ends nothing");
    peer.expect_echo(9, 1, b"an empty stdin that nobody holds ends nothing");
}

#[test]
fn serve_listens_on_every_endpoint_it_is_given() {
    let mut echo = Echo::start(&["--listen", "nnrp+tcp://127.0.0.1:0"]);
    let first = echo.uri();
    echo.session(9);
    echo.listen_to_next();
    assert_ne!(echo.uri(), first);
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
