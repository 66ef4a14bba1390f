//! Body structures of the public documents: inline objects, extension frames, tensors, tokens.

use bytes::BytesMut;
use nnrp_core::CodecError;
use nnrp_core::body::extension_frame::{ExtensionFrameDescriptor, extension_frames};
use nnrp_core::body::inline_object::{append_inline_object, inline_objects};
use nnrp_core::body::tensor::{
    TensorSection, TensorSectionParts, TileIndexError, decode_tile_index, encode_tile_index,
};
use nnrp_core::body::token::{TokenChunk, token_chunks};
use nnrp_core::body::typed_payload::{TypedPayloadDescriptor, TypedRegion, TypedRegionBuilder};
use nnrp_core::code::{CacheObjectKind, DataType, TileIndexMode};
use nnrp_core::flags::PayloadKinds;
use proptest::prelude::*;

#[test]
fn inline_objects_are_padded_and_come_back() {
    let mut region = BytesMut::new();
    for (kind, object) in [
        (CacheObjectKind::CameraBlock, &b"camera"[..]),
        (CacheObjectKind::ToolSchema, b"eight by"),
    ] {
        append_inline_object(&mut region, kind, 1, object).expect("short");
    }
    assert_eq!(region.len(), 16 + 8 + 16 + 8);
    let objects: Result<Vec<_>, _> = inline_objects(&region).collect();
    let objects = objects.expect("well-formed");
    assert_eq!(objects[0].1, b"camera");
    assert_eq!(objects[1].0.object_kind, CacheObjectKind::ToolSchema);
    assert_eq!(objects[1].1, b"eight by");

    let mut padded = region.clone();
    padded[16 + 7] = 1;
    let refused = inline_objects(&padded).last().expect("one");
    let padding = CodecError::NonZeroReservedField("inline_object.padding");
    assert_eq!(refused, Err(padding));
    for cut in 1..region.len() {
        let whole = inline_objects(&region[..cut]).all(|object| object.is_ok());
        assert_eq!(whole, cut == 24, "cut to {cut}");
    }
}

#[test]
fn extension_frames_stay_inside_their_region() {
    let descriptor = |payload_offset, payload_length| {
        let mut bytes = [0; ExtensionFrameDescriptor::SIZE];
        let descriptor = ExtensionFrameDescriptor {
            payload_offset,
            payload_length,
            ..ExtensionFrameDescriptor::default()
        };
        descriptor.encode(&mut bytes).expect("16 bytes");
        bytes
    };
    let descriptors = [descriptor(0, 2), descriptor(1, 3), descriptor(4, 1)].concat();
    let frames: Vec<_> = extension_frames(&descriptors, b"abcd").collect();
    let bytes = |at: usize| frames[at].as_ref().map(|(_, frame)| *frame);
    assert_eq!(bytes(0), Ok(&b"ab"[..]));
    assert_eq!(bytes(1), Ok(&b"bcd"[..]));
    let outside = CodecError::SourceTooShort {
        expected: 5,
        actual: 4,
    };
    assert_eq!(bytes(2), Err(&outside));
    let cut = extension_frames(&descriptors[..40], b"abcd")
        .last()
        .expect("one");
    let short = CodecError::SourceTooShort {
        expected: 16,
        actual: 8,
    };
    assert_eq!(cut, Err(short));
    let mut critical = descriptor(0, 0);
    critical[2] = 1;
    let refused = extension_frames(&critical, b"").next().expect("one");
    let flags = CodecError::NonZeroReservedField("extension_frame.extension_flags");
    assert_eq!(refused, Err(flags));
}

#[test]
fn a_tensor_section_is_cut_into_its_parts() {
    let section = TensorSection {
        dtype_id: DataType::FP16,
        codec_table_bytes: 1,
        length_table_bytes: 4,
        payload_bytes: 3,
        ..TensorSection::default()
    };
    let mut bytes = vec![0; 32];
    section.encode(&mut bytes).expect("32 bytes");
    bytes.extend_from_slice(b"clllltttnext");
    let (parts, rest) = TensorSectionParts::decode(&bytes).expect("whole");
    assert_eq!(
        (parts.codec_table, parts.length_table),
        (&b"c"[..], &b"llll"[..])
    );
    assert_eq!((parts.payload, rest), (&b"ttt"[..], &b"next"[..]));
    assert_eq!(parts.section.dtype_id.element_bytes(), Some(2));
    for cut in 0..40 {
        assert!(
            TensorSectionParts::decode(&bytes[..cut]).is_err(),
            "cut to {cut}"
        );
    }
}

#[test]
fn element_sizes_are_those_of_the_assigned_formats() {
    let sizes: Vec<Option<usize>> = (0..9).map(|id| DataType(id).element_bytes()).collect();
    let some = [2, 4, 1, 1, 1, 1, 2, 2].map(Some);
    assert_eq!(sizes[..8], some);
    assert_eq!(sizes[8], None);
}

#[test]
fn tile_ids_are_refused_where_they_cannot_be_meant() {
    use TileIndexMode::{Bitset, DeltaU16, DenseRange, RawU16};
    let length = |expected, actual| Err(TileIndexError::Length { expected, actual });
    assert_eq!(decode_tile_index(DenseRange, 7, 3, &[]), Ok(vec![7, 8, 9]));
    assert_eq!(decode_tile_index(DenseRange, 0, 1, &[0]), length(0, 1));
    assert_eq!(
        decode_tile_index(DenseRange, 0xffff, 2, &[]),
        Err(TileIndexError::Order)
    );
    assert_eq!(
        decode_tile_index(DenseRange, u32::MAX, 2, &[]),
        Err(TileIndexError::Order)
    );
    assert_eq!(
        decode_tile_index(RawU16, 0, 2, &[9, 0, 1, 1]),
        Ok(vec![9, 257])
    );
    assert_eq!(decode_tile_index(RawU16, 0, 2, &[9, 0]), length(4, 2));
    assert_eq!(
        decode_tile_index(DeltaU16, 0, 2, &[9, 0, 1, 0]),
        Ok(vec![9, 10])
    );
    assert_eq!(
        decode_tile_index(DeltaU16, 0, 2, &[9, 0, 0, 0]),
        Err(TileIndexError::Order)
    );
    assert_eq!(
        decode_tile_index(DeltaU16, 0, 2, &[9, 0, 0xff, 0xff]),
        Err(TileIndexError::Order)
    );
    assert_eq!(
        decode_tile_index(Bitset, 0, 3, &[0b101, 0x80]),
        Ok(vec![0, 2, 15])
    );
    assert_eq!(decode_tile_index(Bitset, 0, 1, &[1, 0]), length(1, 2));
    assert_eq!(
        decode_tile_index(Bitset, 0, 1, &[1; 8193]),
        length(8192, 8193)
    );
    let count = Err(TileIndexError::Count {
        expected: 2,
        actual: 1,
    });
    assert_eq!(decode_tile_index(Bitset, 0, 2, &[1]), count);
    assert_eq!(
        encode_tile_index(DenseRange, &[1, 3]),
        Err(TileIndexError::Order)
    );
    assert_eq!(
        encode_tile_index(Bitset, &[3, 1]),
        Err(TileIndexError::Order)
    );
    for error in [
        TileIndexError::Order,
        TileIndexError::Count {
            expected: 2,
            actual: 1,
        },
        TileIndexError::Length {
            expected: 2,
            actual: 1,
        },
    ] {
        assert!(error.to_string().contains("tile"), "{error}");
    }
}

#[test]
fn token_chunks_end_with_the_terminal_one() {
    let mut builder = TypedRegionBuilder::new(PayloadKinds::TOKEN_CHUNK | PayloadKinds::TOOL_DELTA);
    builder
        .push(TokenChunk::Partial.descriptor(), b"he")
        .expect("fits");
    builder
        .push(TypedPayloadDescriptor::default(), b"tool")
        .expect("fits");
    builder
        .push(TokenChunk::Terminal.descriptor(), b"llo")
        .expect("fits");
    builder
        .push(TokenChunk::Partial.descriptor(), b"late")
        .expect("fits");
    let region = TypedRegion::decode(
        PayloadKinds::TOKEN_CHUNK | PayloadKinds::TOOL_DELTA,
        builder.frame_count(),
        builder.descriptors(),
        builder.frames(),
    );
    let region = region.expect("what the builder made");
    let chunks: Vec<_> = token_chunks(&region).collect();
    assert_eq!(
        chunks,
        [
            (TokenChunk::Partial, &b"he"[..]),
            (TokenChunk::Terminal, b"llo")
        ]
    );
}

proptest! {
    #[test]
    fn ascending_tile_ids_come_back_in_every_mode(
        ids in proptest::collection::btree_set(any::<u16>(), 0..40), mode in 1_u64..4
    ) {
        let ids: Vec<u16> = ids.into_iter().collect();
        let mode = TileIndexMode::from_wire(mode).expect("assigned");
        let block = encode_tile_index(mode, &ids).expect("ascending");
        let count = u16::try_from(ids.len()).expect("few");
        prop_assert_eq!(decode_tile_index(mode, 0, count, &block), Ok(ids));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..120), mode in 0_u64..4, count in 0_u16..60
    ) {
        let mode = TileIndexMode::from_wire(mode).expect("assigned");
        let _ = decode_tile_index(mode, 0, count, &bytes);
        let _ = TensorSectionParts::decode(&bytes);
        prop_assert!(inline_objects(&bytes).count() <= bytes.len() / 16 + 1);
        let _ = extension_frames(&bytes, &bytes).count();
    }
}
