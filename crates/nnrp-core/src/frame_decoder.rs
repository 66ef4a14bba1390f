//! Cuts a byte stream into packets (spec 01 §1.10).

use bytes::{Buf, Bytes, BytesMut};

use crate::error::{ErrorKind, ProtocolError};
use crate::header::{HEADER_LEN, Header, MAGIC};
use crate::limits::{Limit, Limits};
use crate::metadata_bytes::MetadataBytes;
use crate::packet::Packet;

/// The most that is reserved ahead for a packet of which nothing has arrived yet.
const FIRST_RESERVE: usize = 64 << 10;

/// Decodes packets from a receive buffer that the caller fills.
///
/// After an error the position in the stream is no longer trustworthy: drop the connection.
#[derive(Debug, Default)]
pub struct FrameDecoder {
    /// The header of the packet at the front of the buffer, already removed from it.
    header: Option<Header>,
}

impl FrameDecoder {
    /// A decoder at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next packet out of `buffer`, or `None` when more bytes are needed.
    ///
    /// The limits are compared with the header alone, before a single byte of the content is
    /// waited for. The body is split off `buffer` without copying.
    #[inline]
    pub fn decode(
        &mut self,
        buffer: &mut BytesMut,
        limits: &Limits,
    ) -> Result<Option<Packet>, ProtocolError> {
        let header = match self.header {
            Some(header) => header,
            None => match take_header(buffer, limits)? {
                Some(header) => *self.header.insert(header),
                None => return Ok(None),
            },
        };
        if buffer.len() < content_len(&header) {
            return Ok(None);
        }
        self.header = None;
        Ok(Some(take_content(header, buffer)))
    }

    /// How many bytes to make room for before the next read.
    ///
    /// Never more than has already arrived of the packet, or 64 KiB: a peer that announces
    /// much and sends little cannot make the receiver allocate.
    #[must_use]
    pub fn reserve_hint(&self, buffer: &BytesMut) -> usize {
        let Some(header) = &self.header else {
            return FIRST_RESERVE;
        };
        let missing = content_len(header).saturating_sub(buffer.len());
        missing.min(buffer.len().max(FIRST_RESERVE))
    }

    /// Bytes that `buffer` lacks of the packet at its front, or of that packet's header as long as
    /// that has not arrived.
    #[must_use]
    pub fn missing(&self, buffer: &BytesMut) -> usize {
        let wanted = self.header.as_ref().map_or(HEADER_LEN, content_len);
        wanted.saturating_sub(buffer.len())
    }

    /// Call at the end of the stream: an error if it ended inside a packet.
    pub fn finish(&self, buffer: &BytesMut) -> Result<(), ProtocolError> {
        let (expected, actual, at) = match &self.header {
            Some(header) => {
                let expected = HEADER_LEN + content_len(header);
                (expected, HEADER_LEN + buffer.len(), header.location())
            }
            None if buffer.is_empty() => return Ok(()),
            None => (HEADER_LEN, buffer.len(), crate::error::Location::default()),
        };
        Err(ProtocolError {
            kind: ErrorKind::TruncatedPacket { expected, actual },
            at,
        })
    }
}

#[inline]
fn take_header(buffer: &mut BytesMut, limits: &Limits) -> Result<Option<Header>, ProtocolError> {
    if buffer.len() < HEADER_LEN {
        refuse_foreign_protocol(buffer)?;
        return Ok(None);
    }
    let header = Header::decode(buffer).map_err(ProtocolError::on_connection)?;
    check_lengths(&header, limits).map_err(|kind| ProtocolError {
        kind,
        at: header.location(),
    })?;
    buffer.advance(HEADER_LEN);
    Ok(Some(header))
}

/// A peer of another protocol may never send 40 bytes, so the magic is judged as it arrives.
fn refuse_foreign_protocol(buffer: &BytesMut) -> Result<(), ProtocolError> {
    let seen = buffer.len().min(MAGIC.len());
    if buffer[..seen] == MAGIC[..seen] {
        return Ok(());
    }
    Err(ProtocolError::on_connection(
        crate::codec_error::CodecError::InvalidMagic,
    ))
}

fn check_lengths(header: &Header, limits: &Limits) -> Result<(), ErrorKind> {
    header.packet_len()?;
    check_length(header.meta_len, limits.metadata_bytes, Limit::MetadataBytes)?;
    check_length(header.body_len, limits.body_bytes, Limit::BodyBytes)
}

fn check_length(actual: u32, allowed: u32, limit: Limit) -> Result<(), ErrorKind> {
    if actual <= allowed {
        return Ok(());
    }
    Err(ErrorKind::LimitExceeded {
        limit,
        actual: actual.into(),
        allowed: allowed.into(),
    })
}

/// Cannot overflow: `check_lengths` has computed the same sum with a check.
fn content_len(header: &Header) -> usize {
    header.meta_len as usize + header.body_len as usize
}

#[inline]
fn take_content(header: Header, buffer: &mut BytesMut) -> Packet {
    let meta_len = header.meta_len as usize;
    let metadata = match MetadataBytes::inline_start(buffer, meta_len) {
        Some(metadata) => {
            buffer.advance(meta_len);
            metadata
        }
        None => MetadataBytes::from(buffer.split_to(meta_len).freeze()),
    };
    let body = match header.body_len {
        0 => Bytes::new(),
        len => buffer.split_to(len as usize).freeze(),
    };
    Packet::from_received(header, metadata, body)
}
