//! `nnrp-conformance vectors`: what it prints of vectors that hold and that do not, and its exit codes.

use std::path::Path;
use std::process::{Command, Output};

/// The name that the bytes of a code have, and one that they have not.
const HOLDS: &str = "code 01000300 cache cache_miss\n";
const FAILS: &str = "code 01000300 cache no_such_name\n";

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let program = env!("CARGO_BIN_EXE_nnrp-conformance");
    let output = Command::new(program).args(arguments).output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

/// Replays a file of this name and content.
fn replay(name: &str, content: &str) -> (Option<i32>, String, String) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).expect("a scratch file");
    run(&["vectors", "--file", path.to_str().expect("a UTF-8 path")])
}

#[test]
fn the_built_in_vectors_are_those_of_the_repository_and_all_hold() {
    let (status, lines, errors) = run(&["vectors"]);
    assert_eq!((status, errors.as_str()), (Some(0), ""), "{lines}");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/vectors");
    let read = |name| std::fs::read_to_string(Path::new(folder).join(name)).expect("vectors");
    let files = ["accept.txt", "reject.txt", "codes.txt", "behaviour.txt"].map(read);
    let (_, replayed, _) = replay("all.txt", &files.join("\n"));
    assert_eq!(lines, replayed);
    assert!(lines.contains("ok   l0.control.client_hello.golden\n"));
    assert!(lines.ends_with(" ok, 0 failed\n"), "{lines}");
}

#[test]
fn a_vector_that_does_not_hold_is_named_with_the_difference_and_exit_code_1() {
    let (status, lines, _) = replay("mixed.txt", &format!("{HOLDS}{FAILS}"));
    assert_eq!(status, Some(1), "{lines}");
    assert!(
        lines.contains("FAIL no_such_name: the code is cache_miss"),
        "{lines}"
    );
    assert!(lines.ends_with("1 ok, 1 failed\n"), "{lines}");
}

#[test]
fn a_file_that_holds_no_vectors_is_unusable() {
    let missing = run(&["vectors", "--file", "no/such/file.txt"]);
    let empty = replay("empty.txt", "# only a comment\n");
    let endless = run(&["vectors", "--file", "/dev/zero"]);
    let malformed = replay("malformed.txt", "a line that means nothing\n");
    for ((status, lines, errors), told) in [
        (missing, "no/such/file.txt: cannot be read"),
        (empty, "empty.txt: holds no vector and no case"),
        (malformed, "malformed.txt: "),
        (endless, "/dev/zero: is larger than 16777216 bytes"),
    ] {
        assert_eq!((status, lines.as_str()), (Some(2), ""), "{errors}");
        assert!(errors.contains(told), "{errors}");
    }
}

#[test]
fn whoever_asks_is_told_how_to_call_it() {
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["help"],
        &["vectors", "--help"],
        &["decode", "-h"],
    ] {
        let (status, manual, _) = run(arguments);
        assert_eq!(status, Some(0));
        assert!(manual.contains("vectors [--file FILE]"), "{manual}");
    }
    let (status, version, _) = run(&["--version"]);
    let expected = concat!("nnrp-conformance ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!((status, version.as_str()), (Some(0), expected));
    for (wrong, told) in [
        (&[][..], "a command is missing"),
        (
            &["vectors", "--file"],
            "\"vectors --file\" has too many or too few arguments",
        ),
        (&["decode"], "\"decode\" has too many or too few arguments"),
        (&["vector"], "there is no command \"vector\""),
    ] {
        let (status, lines, errors) = run(wrong);
        assert!(errors.contains(told), "{errors}");
        assert_eq!((status, lines.as_str()), (Some(2), ""), "{wrong:?}");
        assert!(errors.contains("decode --corpus FILE"), "{errors}");
    }
}
