//! Each command of `nnrp-bench`, with counts that take no time: its lines, its numbers, and what it refuses.

mod echo_server;
mod floors;
mod loads;
mod program;

use program::{measured, refused};

#[test]
fn the_codec_and_its_floor_are_measured_over_every_sample() {
    for what in ["header-decode", "packet-decode", "packet-encode"] {
        for who in ["ours", "floor"] {
            let line = measured(&["codec", what, who, "--rounds", "1"]);
            let nanoseconds = line["value"].as_f64().expect("a number");
            assert!(nanoseconds > 0.0, "{what} of {who}: {line}");
        }
    }
}

#[test]
fn what_cannot_be_measured_is_refused_with_its_reason() {
    let cases: [(&[&str], &str); 12] = [
        (&[], "usage: nnrp-bench"),
        (&["fly"], "unknown command \"fly\""),
        (&["codec"], "what to measure is missing"),
        (&["codec", "packet-decode", "theirs"], "not measured here"),
        (&["call"], "the endpoint is missing"),
        (&["call", "udp://127.0.0.1:1"], "use tcp:// or quic://"),
        (&["serve", "quic://nowhere"], "no address with a port"),
        (&["serve", "quic://127.0.0.1:0"], "--cert FILE is needed"),
        (
            &["serve", "tcp://127.0.0.1:0", "--size", "-1"],
            "--size takes a number",
        ),
        (&["crowd", "http://x"], "unknown scheme"),
        (&["deaf"], "the address of the server is missing"),
        (&["certificate"], "--cert is missing"),
    ];
    for (words, reason) in cases {
        let said = refused(words);
        assert!(
            said.starts_with("nnrp-bench: ") && said.contains(reason),
            "{words:?}: {said}"
        );
    }
}
