//! Packets as a host hands them over: checked whole or one behind the other, and as canonical lines.

use nnrp_core::message::AnyMessage;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{CodecError, Header, MessageType, PacketView};
use nnrp_decode_lines::{DecodeError, write_lines};

use crate::failure::Failure;

/// Whether the bytes are one valid packet: header, length, metadata.
pub(crate) fn check_packet(bytes: &[u8]) -> Result<(), CodecError> {
    let packet = PacketView::decode(bytes)?;
    check_metadata(&packet.header, packet.metadata)
}

/// The two messages of the data plane by themselves: what is not kept need not be put together.
#[inline]
fn check_metadata(header: &Header, metadata: &[u8]) -> Result<(), CodecError> {
    match header.message_type {
        MessageType::FrameSubmit => FrameSubmit::decode(metadata).map(drop),
        MessageType::ResultPush => ResultPush::decode(metadata).map(drop),
        _ => AnyMessage::decode(header, metadata).map(drop),
    }
}

/// How many valid packets stand at the start of the bytes, and what is wrong with what follows them; a packet
/// that has not arrived in full is nothing wrong.
pub(crate) fn check_stream(mut rest: &[u8]) -> (u32, Result<(), CodecError>) {
    let mut valid = 0;
    loop {
        match first_packet(rest) {
            Ok(Some(behind)) => rest = behind,
            Ok(None) => return (valid, Ok(())),
            Err(error) => return (valid, Err(error)),
        }
        valid += 1;
    }
}

/// What stands behind the first packet; nothing if that is not complete.
#[inline]
fn first_packet(bytes: &[u8]) -> Result<Option<&[u8]>, CodecError> {
    if bytes.len() < Header::SIZE {
        return Ok(None);
    }
    let header = Header::decode(bytes)?;
    let Some((packet, behind)) = bytes.split_at_checked(header.packet_len()?) else {
        return Ok(None);
    };
    let metadata = &packet[Header::SIZE..][..header.meta_len as usize];
    check_metadata(&header, metadata)?;
    Ok(Some(behind))
}

/// The canonical lines of a corpus (spec 18). What stands before a malformed entry has its lines.
pub(crate) fn decode_lines(corpus: &[u8], lines: &mut Vec<u8>) -> Result<u32, Failure> {
    match write_lines(corpus, lines) {
        Ok(entries) => Ok(u32::try_from(entries).unwrap_or(u32::MAX)),
        Err(DecodeError::Corpus(error)) => {
            Err(Failure::usage("MalformedCorpus", error.to_string()))
        }
        Err(DecodeError::Output(error)) => Err(Failure::usage("NoMemory", error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::{Bytes, BytesMut};
    use nnrp_core::Packet;

    fn two_packets() -> BytesMut {
        let mut bytes = BytesMut::new();
        let header = Header::new(MessageType::FrameSubmit);
        let submit =
            Packet::with_message(header, &FrameSubmit::default(), Bytes::from_static(b"x"));
        submit.expect("valid").encode_into(&mut bytes);
        Packet::empty(Header::new(MessageType::Ping)).encode_into(&mut bytes);
        bytes
    }

    #[test]
    fn packets_are_counted_up_to_the_one_that_is_incomplete_or_wrong() {
        let mut bytes = two_packets();
        assert_eq!(check_stream(&bytes), (2, Ok(())));
        assert_eq!(check_stream(&bytes[..bytes.len() - 1]), (1, Ok(())));
        // A flag that no table knows, in the metadata of the first packet.
        bytes[40 + 53] = 0xff;
        let (valid, outcome) = check_stream(&bytes);
        assert!(
            valid == 0 && matches!(outcome, Err(CodecError::ReservedBitsSet { .. })),
            "{outcome:?}"
        );
    }

    #[test]
    fn a_packet_has_exactly_its_bytes() {
        let bytes = two_packets();
        assert!(check_packet(&bytes[..113]).is_ok());
        let longer = check_packet(&bytes);
        assert!(
            matches!(longer, Err(CodecError::PacketLengthMismatch { .. })),
            "{longer:?}"
        );
    }

    #[test]
    fn lines_come_out_up_to_a_malformed_entry() {
        let mut lines = Vec::new();
        let corpus = [&[2, 0, 0, 0, 8, 0][..], &[0, 0, 0, 0]].concat();
        let outcome = decode_lines(&corpus, &mut lines);
        assert_eq!(
            outcome.map_err(|failure| failure.name),
            Err("MalformedCorpus")
        );
        assert!(
            lines.starts_with(br#"{"i":0,"k":"prelude","n":1,"#),
            "{lines:?}"
        );
    }
}
