//! A packet: common header, metadata, body (spec 01 §1.3, §1.9).

use bytes::{BufMut, Bytes, BytesMut};

use crate::codec_error::CodecError;
use crate::header::{HEADER_LEN, Header};
use crate::message::Message;
use crate::metadata_bytes::MetadataBytes;
use crate::packet_view::PacketView;

/// One packet. The body is a slice of the buffer it was received in; cloning shares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The header. `meta_len` and `body_len` are those of the two other parts.
    header: Header,
    metadata: MetadataBytes,
    body: Bytes,
}

impl Packet {
    /// A packet of these parts; the lengths of the header are set from them.
    ///
    /// Fails with `MessageLengthOverflow` if the parts together exceed 2^32−1 bytes.
    #[inline]
    pub fn new(header: Header, metadata: MetadataBytes, body: Bytes) -> Result<Self, CodecError> {
        let overflow = |_| CodecError::MessageLengthOverflow;
        let meta_len = u32::try_from(metadata.len()).map_err(overflow)?;
        let body_len = u32::try_from(body.len()).map_err(overflow)?;
        let header = Header {
            meta_len,
            body_len,
            ..header
        };
        header.packet_len()?;
        Ok(Self {
            header,
            metadata,
            body,
        })
    }

    /// A packet of a message with fixed metadata; the type of the header is the message's.
    #[inline]
    pub fn with_message<M: Message>(
        header: Header,
        message: &M,
        body: Bytes,
    ) -> Result<Self, CodecError> {
        let header = Header {
            message_type: M::MESSAGE_TYPE,
            ..header
        };
        Self::new(header, MetadataBytes::from_message(message)?, body)
    }

    /// A packet without metadata and body.
    #[must_use]
    pub fn empty(header: Header) -> Self {
        let header = Header {
            meta_len: 0,
            body_len: 0,
            ..header
        };
        Self {
            header,
            metadata: MetadataBytes::default(),
            body: Bytes::new(),
        }
    }

    /// Reads a complete packet; its length must be exactly the declared one.
    pub fn decode(source: &Bytes) -> Result<Self, CodecError> {
        let header = PacketView::decode(source)?.header;
        let body_start = source.len() - header.body_len as usize;
        Ok(Self {
            header,
            metadata: MetadataBytes::from_shared(source.slice(HEADER_LEN..body_start)),
            body: source.slice(body_start..),
        })
    }

    /// Appends the packet to `destination`.
    pub fn encode_into(&self, destination: &mut BytesMut) {
        destination.reserve(self.len());
        self.encode_head_into(destination);
        destination.put_slice(&self.body);
    }

    /// Appends header and metadata, for writers that chain the body instead of copying it.
    #[inline]
    pub fn encode_head_into(&self, destination: &mut BytesMut) {
        destination.put_slice(&self.header.to_bytes());
        destination.put_slice(&self.metadata);
    }

    /// The common header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The metadata bytes.
    #[must_use]
    pub fn metadata(&self) -> &[u8] {
        &self.metadata
    }

    /// The body; cloning it shares the bytes.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Takes the body out, for writers that hand it on by itself; the header keeps its length.
    #[must_use]
    pub fn take_body(&mut self) -> Bytes {
        core::mem::take(&mut self.body)
    }

    /// The body, taken out of the packet.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// Bytes of the whole packet.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // a packet has at least its header
    pub fn len(&self) -> usize {
        HEADER_LEN + self.metadata.len() + self.body.len()
    }

    #[inline]
    pub(crate) fn from_received(header: Header, metadata: MetadataBytes, body: Bytes) -> Self {
        Self {
            header,
            metadata,
            body,
        }
    }
}
