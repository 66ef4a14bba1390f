//! Replays the test vectors of `spec/vectors`: byte strings, error codes, behavioural cases.

mod behaviour;
mod byte_strings;
mod notation;
mod source;

use std::fmt;
use std::sync::OnceLock;

use behaviour::World;
use source::{Item, parse};

pub use byte_strings::Decoded;
pub use source::Malformed;

pub(crate) use byte_strings::decode;
pub(crate) use notation::codec_error;
pub(crate) use source::Accepted;

const FILES: [&str; 4] = [
    include_str!("../../../spec/vectors/accept.txt"),
    include_str!("../../../spec/vectors/reject.txt"),
    include_str!("../../../spec/vectors/codes.txt"),
    include_str!("../../../spec/vectors/behaviour.txt"),
];

/// What a replay found, one line a vector or case.
#[derive(Debug, Default)]
pub struct Report {
    passed: Vec<String>,
    failed: Vec<(String, String)>,
}

impl Report {
    /// Vectors and cases that did not do what they say.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.failed.len()
    }

    /// Vectors and cases that did.
    #[must_use]
    pub fn passes(&self) -> usize {
        self.passed.len()
    }

    fn add(&mut self, id: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed.push(id.to_owned()),
            Err(difference) => self.failed.push((id.to_owned(), difference)),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for id in &self.passed {
            writeln!(f, "ok   {id}")?;
        }
        for (id, difference) in &self.failed {
            writeln!(f, "FAIL {id}: {difference}")?;
        }
        writeln!(f, "{} ok, {} failed", self.passed.len(), self.failed.len())
    }
}

/// A built-in vector that has to be accepted.
pub(crate) fn accepted(id: &str) -> Option<&'static Accepted> {
    static ITEMS: OnceLock<Vec<Item>> = OnceLock::new();
    // The files of this crate are well-formed: its tests replay them.
    let items = ITEMS.get_or_init(|| parse(FILES[0]).unwrap_or_default());
    items.iter().find_map(|item| match item {
        Item::Accept(vector) if vector.id == id => Some(vector),
        _ => None,
    })
}

/// Replays the vectors that are built in.
pub fn replay_all() -> Result<Report, Malformed> {
    replay(&FILES.join("\n"))
}

/// Replays the vectors of a text in the formats of `spec/vectors`.
///
/// Behavioural cases may name the built-in accepted vectors.
pub fn replay(text: &str) -> Result<Report, Malformed> {
    let library = parse(FILES[0])?;
    let mut report = Report::default();
    for item in parse(text)? {
        let outcome = match &item {
            Item::Accept(vector) => byte_strings::check_accepted(vector),
            Item::Reject(vector) => byte_strings::check_rejected(vector),
            Item::Code(code) => byte_strings::check_code(code),
            Item::Case(case) => World::new(&library).play(case),
        };
        report.add(item.id(), outcome);
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_vector_does_what_it_says() {
        let report = replay_all().expect("well-formed files");
        assert_eq!(report.failures(), 0, "{report}");
        assert_eq!(report.passes(), 39 + 37 + 5 + 12);
    }

    #[test]
    fn a_vector_that_says_otherwise_fails_and_shows_the_difference() {
        let wrong = "\
vector wrong.field
structure TRANSPORT_PROBE_ACK
hex 1100000000000000ab90674523010000
field metadata.probe_id 18
field metadata.server_recv_ts_us 1250999898283

reject wrong.error TRANSPORT_PROBE_ACK 1100 SourceTooShort 16 3
reject wrong.accepted TRANSPORT_PROBE_ACK 1100000000000000ab90674523010000 InvalidMagic
code 01000300 cache lease_expired
case wrong step
lease 1000 500 1500 => live
case wrong outcome
register 42 1 => UnknownOperation 1
";
        let report = replay(wrong).expect("well-formed");
        assert_eq!((report.passes(), report.failures()), (0, 6), "{report}");
        let text = report.to_string();
        assert!(
            text.contains("FAIL wrong.field: metadata.probe_id is 17, not 18"),
            "{text}"
        );
        assert!(text.contains("line 11: expired, not live"), "{text}");
    }

    #[test]
    fn a_file_that_is_not_vectors_is_refused_with_its_line() {
        for (text, line) in [
            ("nonsense", 1),
            ("hex 00", 1),
            ("vector a\nhex 0", 2),
            ("vector a\nhex zz", 2),
            ("vector a\nfield b", 2),
            ("vector a\nfield b c", 2),
            ("reject a b", 1),
            ("code 0100 x y", 1),
            ("case a\nlease 1 2 3", 2),
            ("case a\ndance => ok", 2),
            ("case a\nlease 1 2 x => live", 2),
            ("case a\nslots sideways 1 => ok", 2),
            ("case a\nhello_ack nothing nobody => ok", 2),
            ("case a\ntyped 2 3 1:2 => ok", 2),
        ] {
            let outcome = replay(text);
            let said = match &outcome {
                Err(malformed) => malformed.to_string(),
                Ok(report) => report.to_string(),
            };
            assert!(said.contains(&format!("line {line}")), "{text}: {said}");
        }
    }
}
