//! How `nnrp-echo call` judges servers that answer well, drop, err, or die.

use std::process::Output;

use crate::calls::{count, nnrp_echo, number, text};
use crate::scripted::{Script, dropped, partial, result, serve_once, serve_until_close, submitted};
use crate::support::hex;

/// Calls a scripted server with five submits.
fn call(script: Script) -> (Output, String) {
    call_at(&serve_once(script))
}

fn call_at(uri: &str) -> (Output, String) {
    let output = nnrp_echo(&[
        "call",
        uri,
        "--count",
        "5",
        "--json",
        "--exchange",
        "open-first",
        "--close-timeout",
        "1",
    ]);
    let json = text(&output.stdout);
    (output, json)
}

/// Results, drops and errors of a report.
fn counts(json: &str) -> (u64, u64, u64) {
    let of = |key| count(json, key);
    (of("results"), of("drops"), of("errors"))
}

#[test]
fn the_report_is_one_object_with_these_fields_in_this_order() {
    let (output, json) = call(|frame| Some(result(frame, 200, &submitted())));
    assert_eq!(output.status.code(), Some(0), "{json}");
    let object = json.trim_end();
    assert_eq!((object.lines().count(), &object[..1]), (1, "{"));
    let names: Vec<&str> = object
        .split(['{', ','])
        .filter_map(|part| part.strip_prefix('"')?.split_once("\":"))
        .map(|(name, _)| name)
        .collect();
    let expected = "uri count size in_flight seconds results drops errors per_second p50_us p99_us";
    assert_eq!(names.join(" "), expected);
}

#[test]
fn a_server_that_answers_or_drops_each_submit_is_a_success() {
    let scripts: [(Script, (u64, u64, u64)); 3] = [
        (|frame| Some(result(frame, 200, &submitted())), (5, 0, 0)),
        (|frame| Some(dropped(frame)), (0, 5, 0)),
        (
            |frame| {
                let complete = result(frame, 200, &submitted());
                Some([partial(frame, &submitted()), complete].concat())
            },
            (5, 0, 0),
        ),
    ];
    for (script, expected) in scripts {
        let (output, json) = call(script);
        assert_eq!(output.status.code(), Some(0), "{json}");
        assert_eq!(counts(&json), expected, "{json}");
    }
}

#[test]
fn any_status_of_the_close_ends_a_call_that_was_answered() {
    const ACKNOWLEDGED: u8 = 0;
    const DRAINING: u8 = 1;
    const REJECTED: u8 = 3;
    for status in [ACKNOWLEDGED, DRAINING, REJECTED] {
        let answer: Script = |frame| Some(result(frame, 200, &submitted()));
        let (output, json) = call_at(&serve_until_close(answer, status));
        assert_eq!(output.status.code(), Some(0), "{json}");
        assert_eq!(counts(&json), (5, 0, 0), "{json}");
    }
}

#[test]
fn a_server_that_errs_is_a_failure_that_says_what_is_wrong() {
    let scripts: [(&str, Script); 5] = [
        ("status 500", |frame| Some(result(frame, 500, &submitted()))),
        ("body differs", |frame| Some(result(frame, 200, b"other"))),
        ("", |frame| {
            let twice = result(frame, 200, &submitted());
            Some([twice.clone(), twice].concat())
        }),
        ("never submitted", |frame| {
            let strange = result(frame + 1000, 200, &submitted());
            Some([strange, result(frame, 200, &submitted())].concat())
        }),
        ("", |_| Some(hex("00").repeat(40))),
    ];
    for (message, script) in scripts {
        let (output, json) = call(script);
        assert_eq!(output.status.code(), Some(1), "{json}");
        assert!(number(&json, "errors") >= 1.0, "{json}");
        let said = text(&output.stderr);
        assert!(!said.is_empty() && said.contains(message), "{said}");
    }
}

#[test]
fn a_server_that_dies_in_mid_stream_is_a_failure_with_what_was_answered_before() {
    let (output, json) = call(|frame| (frame <= 2).then(|| result(frame, 200, &submitted())));
    assert_eq!(output.status.code(), Some(1), "{json}");
    let (results, drops, errors) = counts(&json);
    assert_eq!((results, drops), (2, 0), "{json}");
    assert!(errors >= 1, "{json}");
}
