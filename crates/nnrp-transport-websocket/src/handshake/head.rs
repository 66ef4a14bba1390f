//! Reads the head of a request or of an answer, and looks its fields up.

use std::io;

use bytes::{BufMut, BytesMut};
use httparse::{Header, Status};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Most bytes of a head: browsers send cookies along, and servers commonly take 8 KiB.
pub(super) const MOST_HEAD_BYTES: usize = 8 * 1024;
/// Most fields of a head.
pub(super) const MOST_FIELDS: usize = 64;

/// Why there is no head.
#[derive(Debug)]
pub(super) enum HeadError {
    Io(io::Error),
    Malformed,
    TooLong,
}

impl From<io::Error> for HeadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads until `parse` has found the end of the head, and gives its length. What was read behind it stands behind it.
///
/// Bytes that begin no head are noticed at once: whoever speaks something else does not wait for a timeout.
pub(super) async fn read_head(
    reader: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    parse: impl Fn(&[u8]) -> httparse::Result<usize>,
) -> Result<usize, HeadError> {
    loop {
        let room = MOST_HEAD_BYTES - buffer.len();
        if reader.read_buf(&mut (&mut *buffer).limit(room)).await? == 0 {
            return Err(HeadError::Io(io::ErrorKind::UnexpectedEof.into()));
        }
        match parse(buffer) {
            Ok(Status::Complete(length)) => return Ok(length),
            Ok(Status::Partial) if buffer.len() < MOST_HEAD_BYTES => {}
            Ok(Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
                return Err(HeadError::TooLong);
            }
            Err(_) => return Err(HeadError::Malformed),
        }
    }
}

/// The fields of a head.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [Header<'a>]);

impl<'a> Fields<'a> {
    /// The values of all fields of a name; what is no text has no value.
    pub(super) fn all(self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self
            .0
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| std::str::from_utf8(field.value).unwrap_or_default())
    }

    /// The value of the only field of a name.
    pub(super) fn only(self, name: &'a str) -> Option<&'a str> {
        let mut values = self.all(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// Whether a field of the name lists this token.
    pub(super) fn lists(self, name: &'a str, token: &str) -> bool {
        self.all(name).any(|list| has_token(list, token))
    }

    pub(super) fn has(self, name: &'a str) -> bool {
        self.all(name).next().is_some()
    }
}

/// Whether a header that lists tokens has this one.
fn has_token(list: &str, token: &str) -> bool {
    list.split(',')
        .any(|entry| entry.trim().eq_ignore_ascii_case(token))
}
