//! Reads the data files of `spec/vectors`.

use std::path::PathBuf;

/// The lines of a file that are neither empty nor comments.
fn lines(name: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../spec/vectors")
        .join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let content = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    content.map(str::to_owned).collect()
}

pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "odd number of hex digits");
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits"))
        .collect()
}

/// Bytes of a structure, and what a decoder says to them.
pub(crate) struct Vector {
    pub(crate) id: String,
    pub(crate) structure: String,
    pub(crate) bytes: Vec<u8>,
    /// Kind and payload of the error; empty where the bytes are valid.
    pub(crate) error: Vec<String>,
}

/// The vectors that every decoder accepts.
pub(crate) fn accepted() -> Vec<Vector> {
    let mut vectors: Vec<Vector> = Vec::new();
    for line in lines("accept.txt") {
        let (key, value) = line.split_once(' ').expect("a key");
        match (key, vectors.last_mut()) {
            ("vector", _) => vectors.push(Vector {
                id: value.into(),
                structure: String::new(),
                bytes: Vec::new(),
                error: Vec::new(),
            }),
            ("structure", Some(vector)) => vector.structure = value.into(),
            ("hex", Some(vector)) => vector.bytes = unhex(value),
            _ => {}
        }
    }
    vectors
}

/// The vectors that every decoder refuses.
pub(crate) fn rejected() -> Vec<Vector> {
    let vector = |line: String| {
        let words: Vec<&str> = line.split(' ').collect();
        Vector {
            id: words[1].into(),
            structure: words[2].into(),
            bytes: unhex(words[3]),
            error: words[4..].iter().map(|&word| word.into()).collect(),
        }
    };
    lines("reject.txt").into_iter().map(vector).collect()
}

/// The packets of the recorded session: whether the client sent it, and its bytes.
pub(crate) fn transcript() -> Vec<(bool, Vec<u8>)> {
    let packet = |line: String| {
        let words: Vec<&str> = line.split(' ').collect();
        (words[0] == "C", unhex(words[2]))
    };
    lines("transcript.txt").into_iter().map(packet).collect()
}

/// A corpus of every kind of entry, and its canonical lines.
pub(crate) fn decoded() -> (Vec<u8>, String) {
    let (mut corpus, mut expected) = (Vec::new(), String::new());
    for line in lines("decode.txt") {
        match line.split_once(' ') {
            Some(("entry", entry)) => corpus.extend(corpus_entry(entry)),
            Some(("line", line)) => expected.extend([line, "\n"]),
            _ => panic!("neither entry nor line: {line}"),
        }
    }
    (corpus, expected)
}

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

/// `KIND HEX` as an entry: its length, its kind, its bytes.
fn corpus_entry(text: &str) -> Vec<u8> {
    let (name, hex) = text.split_once(' ').expect("kind and bytes");
    let kind = KINDS.iter().position(|known| *known == name);
    let kind = u8::try_from(kind.expect(name)).expect("9 kinds");
    let bytes = unhex(if hex == "-" { "" } else { hex });
    let length = u32::try_from(bytes.len() + 1).expect("short");
    [&length.to_le_bytes()[..], &[kind], &bytes].concat()
}
