//! `nnrp-conformance decode`: the recorded lines to the byte, and corpora that are none.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use nnrp_conformance::decode::write_lines;

/// Names of the kinds; the number of a kind is its place.
const KINDS: [&str; 9] = [
    "packet",
    "stream",
    "hello_pair",
    "open_pair",
    "migrate_pair",
    "schema_header",
    "typed_descriptor",
    "object_region",
    "prelude",
];

const RECORDED: &str = include_str!("../../../../spec/vectors/decode.txt");

fn recorded(keyword: &str) -> Vec<&'static str> {
    let lines = RECORDED.lines();
    lines
        .filter_map(|line| line.strip_prefix(keyword)?.strip_prefix(' '))
        .collect()
}

/// `KIND HEX` as an entry of a corpus.
fn entry(text: &str) -> Vec<u8> {
    let (name, hex) = text.split_once(' ').expect("kind and bytes");
    let kind = KINDS.iter().position(|known| *known == name);
    let kind = u8::try_from(kind.expect(name)).expect("9 kinds");
    let mut content = vec![kind];
    if hex != "-" {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
        content.extend((0..hex.len()).step_by(2).map(byte));
    }
    let length = u32::try_from(content.len()).expect("short");
    [&length.to_le_bytes()[..], &content].concat()
}

fn corpus() -> Vec<u8> {
    recorded("entry").into_iter().flat_map(entry).collect()
}

/// Runs the program over a corpus in a file of this name.
fn decode_file(name: &str, corpus: &[u8]) -> Output {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, corpus).expect("a scratch file");
    let program = env!("CARGO_BIN_EXE_nnrp-conformance");
    let mut command = Command::new(program);
    command.args(["decode", "--corpus"]).arg(path);
    command.output().expect("it starts")
}

#[test]
fn every_recorded_entry_has_its_line_to_the_byte() {
    let expected = recorded("line");
    assert_eq!(expected.len(), recorded("entry").len());
    let mut written = Vec::new();
    let count = write_lines(&corpus()[..], &mut written).expect("a corpus");
    assert_eq!(count, expected.len() as u64);
    let written = String::from_utf8(written).expect("text");
    for (line, expected) in written.lines().zip(&expected) {
        assert_eq!(line, *expected);
    }
    assert_eq!(
        written.len(),
        expected.iter().map(|line| line.len() + 1).sum::<usize>()
    );
}

#[test]
fn each_kind_and_each_type_of_message_is_recorded() {
    let entries = recorded("entry");
    for kind in KINDS {
        assert!(
            entries.iter().any(|entry| entry.starts_with(kind)),
            "{kind}"
        );
    }
    let lines = recorded("line");
    for message_type in nnrp_core::MessageType::ALL {
        let decoded = format!("\"h\":{{\"type\":\"{}\"", message_type.name());
        let found = |line: &&str| line.contains(&decoded) && line.contains("\"re\":true");
        assert!(lines.iter().any(found), "{}", message_type.name());
    }
}

#[test]
fn the_program_writes_the_lines_of_a_file_and_nothing_else() {
    let output = decode_file("recorded.bin", &corpus());
    assert!(output.status.success(), "{output:?}");
    let expected = recorded("line").join(
        "
",
    ) + "
";
    assert!(output.stdout == expected.as_bytes());
    assert_eq!(output.stderr, b"");
}

#[test]
fn lines_stop_where_a_corpus_is_damaged_and_the_place_is_named() {
    let whole = entry("object_region -");
    let offset = whole.len();
    for (name, damage, what) in [
        ("length.bin", &[1, 0, 0][..], "3 of the 4 bytes"),
        (
            "cut.bin",
            &[9, 0, 0, 0, 0, 1],
            "announces 9 bytes and has 2",
        ),
        ("empty.bin", &[0, 0, 0, 0], "length 0"),
        ("kind.bin", &[1, 0, 0, 0, 9], "kind 9"),
        (
            "long.bin",
            &[0xff, 0xff, 0xff, 0xff, 0],
            "announces 4294967295",
        ),
    ] {
        let output = decode_file(name, &[&whole, damage].concat());
        assert!(!output.status.success(), "{name}");
        let lines = String::from_utf8(output.stdout).expect("text");
        assert_eq!(lines.lines().count(), 1, "{name}: {lines}");
        let message = String::from_utf8(output.stderr).expect("text");
        let place = format!("offset {offset}");
        assert!(
            message.contains(what) && message.contains(&place),
            "{message}"
        );
    }
}

#[test]
fn an_empty_corpus_has_no_lines() {
    let output = decode_file("none.bin", b"");
    assert!(
        output.status.success() && output.stdout.is_empty(),
        "{output:?}"
    );
}

#[test]
fn a_reader_that_leaves_early_is_no_fault_of_the_corpus() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("left.bin");
    let mut file = std::fs::File::create(&path).expect("a scratch file");
    for _ in 0..20_000 {
        file.write_all(&entry("object_region -")).expect("written");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_nnrp-conformance"))
        .args(["decode", "--corpus"])
        .arg(&path)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    let message = String::from_utf8(output.stderr).expect("text");
    assert!(!message.contains("panicked"), "{message}");
}
