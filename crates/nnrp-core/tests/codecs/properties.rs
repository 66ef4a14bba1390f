//! Properties of every codec: what decodes encodes to itself, and no bytes make one panic.

use bytes::{Bytes, BytesMut};
use nnrp_core::flags::HeaderFlags;
use nnrp_core::{
    ErrorKind, FrameDecoder, Header, Limit, Limits, MessageType, MetadataBytes, Packet,
};
use proptest::prelude::*;

use crate::structures::{STRUCTURES, decode};

fn any_header() -> impl Strategy<Value = Header> {
    let types = proptest::sample::select(MessageType::ALL);
    (types, 0u32..64, any::<(u32, u32, u16, u16, u64)>()).prop_map(|(message_type, flags, ids)| {
        Header {
            flags: HeaderFlags::from_bits(flags).expect("known bits"),
            session_id: ids.0,
            frame_id: ids.1,
            view_id: ids.2,
            route_id: ids.3,
            trace_id: ids.4,
            ..Header::new(message_type)
        }
    })
}

fn any_packet() -> impl Strategy<Value = Packet> {
    let metadata = proptest::collection::vec(any::<u8>(), 0..120);
    let body = proptest::collection::vec(any::<u8>(), 0..300);
    (any_header(), metadata, body).prop_map(|(header, metadata, body)| {
        let metadata = MetadataBytes::from(Bytes::from(metadata));
        Packet::new(header, metadata, Bytes::from(body)).expect("short parts")
    })
}

/// Bytes of a structure that mostly pass the checks: zero, with a few small values set.
fn sparse(size: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec((0..size, 0u8..8), 0..6).prop_map(move |changes| {
        let mut bytes = vec![0; size];
        for (at, value) in changes {
            bytes[at] = value;
        }
        bytes
    })
}

proptest! {
    #[test]
    fn whatever_metadata_decodes_encodes_to_itself(
        (name, bytes) in proptest::sample::select(STRUCTURES)
            .prop_flat_map(|(name, size)| (Just(name), sparse(size)))
    ) {
        if let Ok(decoded) = decode(name, &bytes) {
            prop_assert_eq!(decoded.encoded, bytes);
        }
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for (name, _) in STRUCTURES {
            let _ = decode(name, &bytes);
        }
        let _ = decode("header", &bytes);
        let _ = Packet::decode(&Bytes::from(bytes));
    }

    #[test]
    fn a_header_comes_back_from_its_bytes(header in any_header()) {
        prop_assert_eq!(Header::decode(&header.to_bytes()), Ok(header));
    }

    #[test]
    fn one_flipped_bit_of_a_header_is_another_header_or_an_error(
        header in any_header(),
        bit in 0usize..320,
    ) {
        let mut bytes = header.to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        match Header::decode(&bytes) {
            Ok(other) => {
                prop_assert_ne!(other, header);
                prop_assert_eq!(other.to_bytes(), bytes);
            }
            Err(_) => prop_assert!(bit < 96, "fields after the flags are not checked"),
        }
    }

    #[test]
    fn packets_survive_any_cutting_of_the_stream(
        packets in proptest::collection::vec(any_packet(), 1..6),
        cuts in proptest::collection::vec(1usize..200, 1..40),
    ) {
        let mut stream = BytesMut::new();
        for packet in &packets {
            packet.encode_into(&mut stream);
        }
        let mut decoder = FrameDecoder::new();
        let mut buffer = BytesMut::new();
        let mut received = Vec::new();
        let mut cuts = cuts.into_iter().cycle();
        while !stream.is_empty() {
            let cut = cuts.next().unwrap_or(1).min(stream.len());
            buffer.extend_from_slice(&stream.split_to(cut));
            while let Some(packet) = decoder.decode(&mut buffer, &Limits::default()).expect("valid") {
                received.push(packet);
            }
        }
        prop_assert_eq!(received, packets);
        prop_assert_eq!(decoder.finish(&buffer), Ok(()));
    }

    #[test]
    fn a_stream_of_garbage_ends_in_an_error_or_waits_for_more(
        garbage in proptest::collection::vec(any::<u8>(), 0..400),
        honest_start in any::<bool>(),
    ) {
        let mut buffer = BytesMut::new();
        if honest_start {
            buffer.extend_from_slice(&Header::new(MessageType::Ping).to_bytes()[..8]);
        }
        buffer.extend_from_slice(&garbage);
        let mut decoder = FrameDecoder::new();
        while let Ok(Some(_)) = decoder.decode(&mut buffer, &Limits::default()) {}
    }
}

#[test]
fn a_header_that_announces_four_gibibytes_is_refused_before_any_allocation() {
    let header = Header {
        body_len: u32::MAX,
        ..Header::new(MessageType::FrameSubmit)
    };
    let mut buffer = BytesMut::from(&header.to_bytes()[..]);
    let capacity = buffer.capacity();
    let limits = Limits::default();
    let error = FrameDecoder::new()
        .decode(&mut buffer, &limits)
        .expect_err("too long");
    let expected = ErrorKind::LimitExceeded {
        limit: Limit::BodyBytes,
        actual: u64::from(u32::MAX),
        allowed: u64::from(limits.body_bytes),
    };
    assert_eq!(error.kind, expected);
    assert_eq!(error.at.message_type, Some(MessageType::FrameSubmit));
    assert_eq!(buffer.capacity(), capacity);
}

#[test]
fn lengths_whose_sum_leaves_32_bits_are_an_overflow_not_a_limit() {
    let header = Header {
        meta_len: u32::MAX,
        body_len: 1,
        ..Header::new(MessageType::Ping)
    };
    let mut buffer = BytesMut::from(&header.to_bytes()[..]);
    let error = FrameDecoder::new()
        .decode(&mut buffer, &Limits::default())
        .expect_err("overflow");
    assert_eq!(error.kind.name(), "MessageLengthOverflow");
}

#[test]
fn another_protocol_is_refused_at_its_first_bytes() {
    let mut buffer = BytesMut::from(&b"GET"[..]);
    let error = FrameDecoder::new()
        .decode(&mut buffer, &Limits::default())
        .expect_err("http");
    assert_eq!(error.kind.name(), "InvalidMagic");
}

#[test]
fn a_stream_that_ends_inside_a_packet_says_where() {
    let header = Header {
        meta_len: 48,
        ..Header::new(MessageType::SessionOpen)
    };
    let mut buffer = BytesMut::from(&header.to_bytes()[..]);
    buffer.extend_from_slice(&[0; 8]);
    let mut decoder = FrameDecoder::new();
    assert_eq!(decoder.decode(&mut buffer, &Limits::default()), Ok(None));
    let error = decoder.finish(&buffer).expect_err("cut");
    assert_eq!(
        error.kind,
        ErrorKind::TruncatedPacket {
            expected: 88,
            actual: 48
        }
    );
    assert_eq!(error.at.message_type, Some(MessageType::SessionOpen));
}

#[test]
fn a_long_body_makes_room_no_faster_than_it_arrives() {
    let header = Header {
        body_len: 8 << 20,
        ..Header::new(MessageType::FrameSubmit)
    };
    let mut buffer = BytesMut::from(&header.to_bytes()[..]);
    let mut decoder = FrameDecoder::new();
    assert_eq!(decoder.decode(&mut buffer, &Limits::default()), Ok(None));
    assert_eq!(decoder.reserve_hint(&buffer), 64 << 10);
    buffer.extend_from_slice(&vec![0; 1 << 20]);
    assert_eq!(decoder.reserve_hint(&buffer), 1 << 20);
}

#[test]
fn a_body_is_a_slice_of_the_receive_buffer() {
    let header = Header::new(MessageType::FrameSubmit);
    let body = Bytes::from(vec![7; 100_000]);
    let packet = Packet::new(header, MetadataBytes::default(), body).expect("short");
    let mut buffer = BytesMut::new();
    packet.encode_into(&mut buffer);
    let start = buffer.as_ptr() as usize;
    let decoded = FrameDecoder::new().decode(&mut buffer, &Limits::default());
    let decoded = decoded.expect("valid").expect("complete");
    assert_eq!(decoded.body().as_ptr() as usize, start + Header::SIZE);
}
