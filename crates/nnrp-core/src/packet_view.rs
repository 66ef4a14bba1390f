//! A packet as it lies in its bytes, for readers that need no ownership, and its counterpart that writes without building a packet first.

use bytes::{BufMut, BytesMut};

use crate::codec_error::CodecError;
use crate::header::{HEADER_LEN, Header};
use crate::message::Message;
use crate::metadata_bytes::INLINE_METADATA;

/// A complete packet; nothing is copied but the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketView<'a> {
    /// The header. `meta_len` and `body_len` are those of the two other parts.
    pub header: Header,
    /// The metadata bytes.
    pub metadata: &'a [u8],
    /// The body.
    pub body: &'a [u8],
}

impl<'a> PacketView<'a> {
    /// Reads a complete packet; its length must be exactly the declared one (spec 01 §1.9).
    #[inline]
    pub fn decode(source: &'a [u8]) -> Result<Self, CodecError> {
        let header = Header::decode(source)?;
        let declared = header.packet_len()?;
        if declared != source.len() {
            return Err(CodecError::PacketLengthMismatch {
                declared,
                actual: source.len(),
            });
        }
        let (metadata, body) = source[HEADER_LEN..].split_at(header.meta_len as usize);
        Ok(Self {
            header,
            metadata,
            body,
        })
    }
}

/// Appends a packet of a message to `destination`; type and lengths of the header are set from the parts.
///
/// A message that breaks one of its own rules, or parts that together exceed 2^32−1 bytes, leave `destination` as it was.
#[inline]
pub fn encode_message<M: Message>(
    header: Header,
    message: &M,
    body: &[u8],
    destination: &mut BytesMut,
) -> Result<(), CodecError> {
    const { assert!(M::SIZE <= INLINE_METADATA) };
    let overflow = |_| CodecError::MessageLengthOverflow;
    let header = Header {
        message_type: M::MESSAGE_TYPE,
        meta_len: u32::try_from(M::SIZE).map_err(overflow)?,
        body_len: u32::try_from(body.len()).map_err(overflow)?,
        ..header
    };
    let mut head = [0; HEADER_LEN + INLINE_METADATA];
    let (front, metadata) = head.split_at_mut(HEADER_LEN);
    header.encode(front)?;
    message.encode_onto_zeros(metadata)?;
    make_room(destination, header.packet_len()?);
    destination.put_slice(&head[..HEADER_LEN + M::SIZE]);
    destination.put_slice(body);
    Ok(())
}

/// What `reserve` promises is said once more, so that the compiler sees that there is room for the head and writes it where it belongs. Where it might
/// still have to grow the buffer, it would put every field aside first, which costs an eighth.
#[inline]
fn make_room(destination: &mut BytesMut, length: usize) {
    destination.reserve(length);
    assert!(destination.capacity() - destination.len() >= length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::PayloadKinds;
    use crate::message::submit::FrameSubmit;
    use crate::message_type::MessageType;
    use crate::packet::Packet;
    use bytes::Bytes;

    fn header() -> Header {
        Header {
            session_id: 7,
            frame_id: 9,
            ..Header::new(MessageType::FrameSubmit)
        }
    }

    #[test]
    fn a_message_becomes_the_bytes_of_the_packet_that_is_built_of_it() {
        let submit = FrameSubmit {
            payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK,
            ..FrameSubmit::default()
        };
        let packet = Packet::with_message(header(), &submit, Bytes::from_static(b"body"));
        let (mut built, mut written) = (BytesMut::new(), BytesMut::new());
        packet.expect("a valid submit").encode_into(&mut built);
        encode_message(header(), &submit, b"body", &mut written).expect("a valid submit");
        assert_eq!(built, written);
        let view = PacketView::decode(&written).expect("a whole packet");
        assert_eq!(FrameSubmit::decode(view.metadata), Ok(submit));
        assert_eq!((view.header.body_len, view.body), (4, &b"body"[..]));
    }

    #[test]
    fn a_message_that_breaks_its_rules_leaves_the_buffer_as_it_was() {
        let submit = FrameSubmit {
            tile_count: 1,
            ..FrameSubmit::default()
        };
        let mut written = BytesMut::from(&b"before"[..]);
        assert!(encode_message(header(), &submit, b"", &mut written).is_err());
        assert_eq!(written, b"before"[..]);
    }

    #[test]
    fn a_byte_too_many_or_too_few_is_refused() {
        let mut written = BytesMut::new();
        encode_message(header(), &FrameSubmit::default(), b"body", &mut written).expect("valid");
        assert!(PacketView::decode(&written[..written.len() - 1]).is_err());
        written.put_u8(0);
        assert!(PacketView::decode(&written).is_err());
    }
}
