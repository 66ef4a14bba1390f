//! Tests of the command line: defaults, ranges, refusals, and that the manual names every option.

use super::call::CALL_OPTIONS;
use super::limits::{CONNECTION, LISTENER, known};
use super::serve::SERVE_OPTIONS;
use super::*;

fn parsed(line: &str) -> Result<Command, UsageError> {
    parse(line.split_whitespace().map(str::to_owned))
}

#[test]
fn a_call_without_options_sends_a_thousand_submits_of_64_bytes() {
    let Ok(Command::Call(call)) = parsed("call nnrp+tcp://[::1]:1") else {
        panic!("a call")
    };
    assert_eq!(
        (call.count, call.size, call.in_flight, call.duration),
        (Some(1000), 64, 1, None)
    );
}

#[test]
fn a_duration_lifts_the_default_count_but_not_a_given_one() {
    let count = |line| match parsed(line) {
        Ok(Command::Call(call)) => call.count,
        other => panic!("{other:?}"),
    };
    assert_eq!(count("call nnrp+tcp://h:1 --duration 0.5"), None);
    assert_eq!(
        count("call nnrp+tcp://h:1 --duration 0.5 --count 7"),
        Some(7)
    );
}

#[test]
fn numbers_outside_their_range_are_refused_with_the_range() {
    for line in [
        "--in-flight 0",
        "--in-flight 257",
        "--count 0",
        "--size 16777217",
        "--duration -1",
        "--duration nan",
    ] {
        assert!(
            parsed(&format!("call nnrp+tcp://h:1 {line}")).is_err(),
            "{line}"
        );
    }
    let error = parsed("call nnrp+tcp://h:1 --in-flight 300").unwrap_err();
    assert_eq!(
        error.0,
        "--in-flight takes a number from 1 to 256, not \"300\""
    );
}

#[test]
fn every_option_of_the_parser_stands_in_the_manual() {
    let manual = manual();
    let serve = known(SERVE_OPTIONS, LISTENER);
    for option in serve.into_iter().chain(known(CALL_OPTIONS, CONNECTION)) {
        assert!(manual.contains(option), "{option}");
    }
}

#[test]
fn an_endpoint_that_no_other_process_reaches_is_refused() {
    for line in ["serve --listen nnrp+mem://x", "call nnrp+mem://x"] {
        let refused = parsed(line).unwrap_err().0;
        assert!(refused.contains("nnrp+tcp"), "{refused}");
    }
}

#[test]
fn certificate_and_key_are_given_together() {
    let serve = "serve --listen nnrp+tls://h:1";
    assert!(parsed(&format!("{serve} --cert c --key k")).is_ok());
    for wrong in ["--cert c", "--key k", "--cert c --key k --server-name n"] {
        assert!(parsed(&format!("{serve} {wrong}")).is_err(), "{wrong}");
    }
}

#[test]
fn every_limit_takes_a_value_and_reaches_the_options() {
    let serve = |line: &str| match parsed(&format!("serve --listen nnrp+quic://h:1 {line}")) {
        Ok(Command::Serve(serve)) => format!("{:?}", serve.options),
        other => panic!("{line}: {other:?}"),
    };
    let default = serve("");
    let listener = LISTENER.iter().map(|limit| limit.name);
    for name in listener.chain(CONNECTION.iter().map(|limit| limit.name)) {
        assert_ne!(serve(&format!("{name} 81")), default, "{name}");
        assert!(parsed(&format!("serve --listen nnrp+quic://h:1 {name} x")).is_err());
    }
}
