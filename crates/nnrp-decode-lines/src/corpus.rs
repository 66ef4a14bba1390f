//! Reads a corpus: entries back to back, each a length, a kind byte and the bytes to decode.

use std::fmt;
use std::io::{self, Read};

/// What an entry is to be decoded as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A whole packet.
    Packet,
    /// Packets back to back, maybe cut or damaged.
    Stream,
    /// Metadata of `CLIENT_HELLO` and `SERVER_HELLO_ACK`.
    HelloPair,
    /// Metadata of `SESSION_OPEN` and its ack.
    OpenPair,
    /// Metadata of `SESSION_MIGRATE` and its ack.
    MigratePair,
    /// A schema descriptor header.
    SchemaHeader,
    /// A typed payload descriptor.
    TypedDescriptor,
    /// A region of object references.
    ObjectRegion,
    /// A body region prelude.
    Prelude,
}

impl EntryKind {
    /// Every kind; its number is its place.
    const ALL: [Self; 9] = [
        Self::Packet,
        Self::Stream,
        Self::HelloPair,
        Self::OpenPair,
        Self::MigratePair,
        Self::SchemaHeader,
        Self::TypedDescriptor,
        Self::ObjectRegion,
        Self::Prelude,
    ];

    /// The name in the lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Packet => "packet",
            Self::Stream => "stream",
            Self::HelloPair => "hello_pair",
            Self::OpenPair => "open_pair",
            Self::MigratePair => "migrate_pair",
            Self::SchemaHeader => "schema_header",
            Self::TypedDescriptor => "typed_descriptor",
            Self::ObjectRegion => "object_region",
            Self::Prelude => "prelude",
        }
    }
}

/// Why a corpus cannot be read on.
#[derive(Debug)]
pub enum CorpusError {
    /// Reading failed.
    Unreadable {
        /// Where reading stopped.
        offset: u64,
        /// Why.
        cause: io::Error,
    },
    /// The bytes are not an entry.
    Malformed {
        /// Where the entry starts.
        offset: u64,
        /// What is wrong with it.
        what: String,
    },
}

impl fmt::Display for CorpusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { offset, cause } => {
                write!(f, "reading failed at offset {offset}: {cause}")
            }
            Self::Malformed { offset, what } => {
                write!(f, "the entry at offset {offset} {what}")
            }
        }
    }
}

const LENGTH_BYTES: u64 = 4;

/// The entries of a source, read into one buffer that is used again.
pub(super) struct Corpus<R> {
    source: R,
    offset: u64,
    entry: Vec<u8>,
}

impl<R: Read> Corpus<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            offset: 0,
            entry: Vec::new(),
        }
    }

    /// The next entry, or nothing at the end of the corpus.
    pub(super) fn next_entry(&mut self) -> Result<Option<(EntryKind, &[u8])>, CorpusError> {
        let present = self.fill(LENGTH_BYTES)?;
        if present == 0 {
            return Ok(None);
        }
        let Ok(length) = <[u8; 4]>::try_from(&self.entry[..]) else {
            return Err(self.malformed(format!("has {present} of the 4 bytes of its length")));
        };
        let length = u64::from(u32::from_le_bytes(length));
        if length == 0 {
            return Err(self.malformed("has length 0; a kind byte is the least".to_owned()));
        }
        let present = self.fill(length)?;
        if present < length {
            return Err(self.malformed(format!("announces {length} bytes and has {present}")));
        }
        let number = self.entry[0];
        let Some(kind) = EntryKind::ALL.get(usize::from(number)).copied() else {
            return Err(self.malformed(format!("has kind {number}; kinds are 0 to 8")));
        };
        self.offset += LENGTH_BYTES + length;
        Ok(Some((kind, &self.entry[1..])))
    }

    /// Reads up to `length` bytes into the buffer, which grows only as they arrive.
    fn fill(&mut self, length: u64) -> Result<u64, CorpusError> {
        self.entry.clear();
        let read = (&mut self.source).take(length).read_to_end(&mut self.entry);
        match read {
            Ok(present) => Ok(present as u64),
            Err(cause) => Err(CorpusError::Unreadable {
                offset: self.offset,
                cause,
            }),
        }
    }

    fn malformed(&self, what: String) -> CorpusError {
        CorpusError::Malformed {
            offset: self.offset,
            what,
        }
    }
}
