//! Canonical decode lines: what the codecs make of each entry of a corpus, one JSON line an entry.
//!
//! Two implementations that print the same lines for the same corpus decode alike. Entries are
//! read one at a time, so a corpus may be larger than memory.

mod corpus;
mod error;
mod fields;
mod json;
mod packet;
mod pairs;
mod stream;
mod structures;

pub use corpus::{CorpusError, EntryKind};

use std::io::{self, Read, Write};

use corpus::Corpus;
use json::Json;

/// Why the lines of a corpus are not complete.
#[derive(Debug)]
pub enum DecodeError {
    /// The corpus cannot be read, or is not one.
    Corpus(CorpusError),
    /// The lines cannot be written.
    Output(io::Error),
}

/// Writes a line for each entry of `source`; returns their number.
///
/// What stands before a malformed entry has its lines when this returns.
pub fn write_lines(source: impl Read, mut lines: impl Write) -> Result<u64, DecodeError> {
    let mut corpus = Corpus::new(source);
    let mut json = Json::default();
    let mut index = 0;
    while let Some((kind, bytes)) = corpus.next_entry().map_err(DecodeError::Corpus)? {
        json.clear();
        write_entry(&mut json, index, kind, bytes);
        json.end_line();
        lines
            .write_all(json.as_bytes())
            .map_err(DecodeError::Output)?;
        index += 1;
    }
    lines.flush().map_err(DecodeError::Output)?;
    Ok(index)
}

fn write_entry(json: &mut Json, index: u64, kind: EntryKind, bytes: &[u8]) {
    json.object(|json| {
        json.key("i").number(index);
        json.key("k").text(kind.name());
        json.key("n").number(bytes.len() as u64);
        match kind {
            EntryKind::Packet => packet::write(json, bytes),
            EntryKind::Stream => stream::write(json, bytes),
            EntryKind::HelloPair => pairs::write_hello(json, bytes),
            EntryKind::OpenPair => pairs::write_open(json, bytes),
            EntryKind::MigratePair => pairs::write_migrate(json, bytes),
            EntryKind::SchemaHeader => structures::write_schema_header(json, bytes),
            EntryKind::TypedDescriptor => structures::write_typed_descriptor(json, bytes),
            EntryKind::ObjectRegion => structures::write_object_region(json, bytes),
            EntryKind::Prelude => structures::write_prelude(json, bytes),
        }
    });
}
