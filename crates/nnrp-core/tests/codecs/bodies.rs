//! Structured bodies: regions, object references, typed payloads (spec 03 §3.7–§3.10).

use bytes::Bytes;
use nnrp_core::body::object_reference::{
    ObjectReference, ObjectRegion, cache_miss_report, check_slots,
};
use nnrp_core::body::prelude::{BodyPrelude, BodyRegions};
use nnrp_core::body::typed_payload::{
    TypedPayloadDescriptor, TypedRegion, TypedRegionBuilder, check_built,
};
use nnrp_core::code::{CacheObjectKind, ErrorCode, ErrorScope, StreamSemantics, SubmitMode};
use nnrp_core::flags::{DescriptorFlags, PayloadKinds};
use nnrp_core::{CodecError, Header, MessageType, Rule};
use proptest::prelude::*;

fn broken<T>(rule: Rule) -> Result<T, CodecError> {
    Err(CodecError::InvalidProtocolCombination(rule))
}

fn reference(object_kind: CacheObjectKind) -> ObjectReference {
    ObjectReference {
        object_kind,
        cache_namespace: 5,
        cache_key_hi: 1,
        cache_key_lo: 2,
    }
}

fn region(references: &[ObjectReference]) -> Vec<u8> {
    let mut bytes = vec![0; references.len() * ObjectReference::SIZE];
    for (reference, block) in references
        .iter()
        .zip(bytes.chunks_mut(ObjectReference::SIZE))
    {
        reference.encode(block).expect("a block is long enough");
    }
    bytes
}

fn token(flags: DescriptorFlags) -> TypedPayloadDescriptor {
    TypedPayloadDescriptor {
        profile_id: 2,
        descriptor_flags: flags,
        schema_id: 0x1001,
        schema_version: 3,
        stream_semantics: StreamSemantics::APPEND,
        ..TypedPayloadDescriptor::default()
    }
}

fn placed(profile_id: u16, offset: u32, length: u32) -> TypedPayloadDescriptor {
    TypedPayloadDescriptor {
        profile_id,
        offset,
        length,
        ..TypedPayloadDescriptor::default()
    }
}

fn descriptor_bytes(descriptors: &[TypedPayloadDescriptor]) -> Vec<u8> {
    let mut bytes = vec![0; descriptors.len() * TypedPayloadDescriptor::SIZE];
    for (descriptor, place) in descriptors
        .iter()
        .zip(bytes.chunks_mut(TypedPayloadDescriptor::SIZE))
    {
        descriptor.encode(place).expect("long enough");
    }
    bytes
}

#[test]
fn regions_come_back_from_their_body_as_slices_of_it() {
    let regions = BodyRegions {
        inline_objects: Bytes::from_static(b"in"),
        object_references: Bytes::from(region(&[reference(CacheObjectKind::ToolSchema)])),
        typed_payload_descriptors: Bytes::new(),
        typed_payload_frames: Bytes::from_static(b"frames"),
        extension_descriptors: Bytes::from_static(b"x"),
        extension_payloads: Bytes::from_static(b"yz"),
    };
    let body = regions.encode().expect("short regions");
    assert_eq!(body.len(), 32 + 2 + 16 + 6 + 1 + 2);
    let decoded = BodyRegions::decode(&body).expect("whole body");
    assert_eq!(decoded, regions);
    assert_eq!(decoded.inline_objects.as_ptr(), body[32..].as_ptr());

    for cut in 0..body.len() {
        let refused = BodyRegions::decode(&body.slice(..cut)).expect_err("cut");
        let expected = match cut {
            0..32 => CodecError::SourceTooShort {
                expected: 32,
                actual: cut,
            },
            _ => CodecError::PacketLengthMismatch {
                declared: body.len(),
                actual: cut,
            },
        };
        assert_eq!(refused, expected);
    }
    let misaligned = BodyRegions {
        object_references: Bytes::from_static(b"short"),
        ..BodyRegions::default()
    };
    assert_eq!(
        misaligned.encode(),
        broken(Rule::BodyPreludeObjectReferenceAlignment)
    );
}

#[test]
fn regions_beyond_32_bits_overflow_before_anything_is_cut() {
    let prelude = BodyPrelude {
        inline_object_bytes: u32::MAX,
        extension_payload_bytes: 1,
        ..BodyPrelude::default()
    };
    assert_eq!(prelude.total(), Err(CodecError::MessageLengthOverflow));
    let mut body = vec![0; 32];
    prelude.encode(&mut body).expect("lengths are free");
    let refused = BodyRegions::decode(&Bytes::from(body));
    assert_eq!(refused, Err(CodecError::MessageLengthOverflow));
}

/// Mode, mask, kinds of the references, outcome.
type SlotCase = (
    SubmitMode,
    u32,
    &'static [CacheObjectKind],
    Result<(), CodecError>,
);

#[test]
fn references_fill_the_slots_of_the_mask_in_order() {
    use CacheObjectKind::{CameraBlock, PayloadLayoutTemplate, TensorSectionTable};
    use CacheObjectKind::{PromptSegment, TileIndexBlock};
    use SubmitMode::{Inline, Mixed, Reference};
    let ok = Ok(());
    let cases: &[SlotCase] = &[
        (Inline, 0, &[], ok),
        (Inline, 0, &[PromptSegment, PromptSegment], ok),
        (Inline, 1, &[], broken(Rule::ObjectRefMaskInlineNonzero)),
        (Reference, 0, &[], broken(Rule::ObjectRefMaskReferenceZero)),
        (Mixed, 0, &[], broken(Rule::ObjectRefMaskReferenceZero)),
        (
            Mixed,
            0x11,
            &[],
            Err(CodecError::ReservedBitsSet {
                value: 0x11,
                allowed: 0xf,
            }),
        ),
        (
            Mixed,
            3,
            &[TileIndexBlock, CameraBlock],
            broken(Rule::ObjectRegionSlotsUnsorted),
        ),
        (
            Mixed,
            1,
            &[CameraBlock, CameraBlock],
            broken(Rule::ObjectRegionSlotDuplicate),
        ),
        (
            Mixed,
            2,
            &[CameraBlock],
            broken(Rule::ObjectRegionSlotWithoutMaskBit),
        ),
        (
            Mixed,
            3,
            &[CameraBlock],
            broken(Rule::ObjectRegionMaskMismatch),
        ),
        (
            Reference,
            0xf,
            &[
                PromptSegment,
                CameraBlock,
                TileIndexBlock,
                PromptSegment,
                TensorSectionTable,
                PayloadLayoutTemplate,
                PromptSegment,
            ],
            ok,
        ),
        (
            Mixed,
            0xb,
            &[CameraBlock, TileIndexBlock, TensorSectionTable],
            broken(Rule::ObjectRegionSlotWithoutMaskBit),
        ),
    ];
    for (mode, mask, kinds, outcome) in cases {
        let references: Vec<ObjectReference> = kinds.iter().map(|kind| reference(*kind)).collect();
        let bytes = region(&references);
        let decoded = ObjectRegion::decode(&bytes).expect("whole blocks");
        assert_eq!(decoded.references().collect::<Vec<_>>(), references);
        assert_eq!(
            decoded.check_slots(*mode, *mask),
            *outcome,
            "{mode:?} {mask} {kinds:?}"
        );
        assert_eq!(check_slots(*mode, *mask, references), *outcome);
    }
}

#[test]
fn a_reference_that_is_not_cached_is_reported_to_the_peer() {
    let kinds = [CacheObjectKind::ToolSchema, CacheObjectKind::CodecTable];
    let bytes = region(&kinds.map(reference));
    let references = ObjectRegion::decode(&bytes).expect("whole blocks");
    assert_eq!(references.resolve(|_| true), Ok(()));
    let only_tools = |object: &nnrp_core::cache::ObjectIdentity| {
        object.object_kind == CacheObjectKind::ToolSchema
    };
    assert_eq!(
        references.resolve(only_tools),
        broken(Rule::ObjectRegionUnresolved)
    );
    let missing = references
        .first_missing(only_tools)
        .expect("the codec table");
    assert_eq!(missing.object_kind, CacheObjectKind::CodecTable);
    assert_eq!(ObjectReference::from(missing.identity()), missing);

    let header = Header {
        session_id: 10,
        frame_id: 20,
        view_id: 30,
        ..Header::new(MessageType::FrameSubmit)
    };
    let report = cache_miss_report(&header, 0);
    assert_eq!(report.error_code, ErrorCode::CACHE_MISS);
    assert_eq!(report.error_scope, ErrorScope::Frame);
    let mut bytes = [0; 32];
    report.encode(&mut bytes).expect("32 bytes");
    let vector = "010003000200000000000000000000000a000000140000001e00000000000000";
    assert_eq!(&bytes[..], crate::recorded::unhex(vector));
}

#[test]
fn a_region_of_references_is_whole_blocks_and_the_first_bad_one_decides() {
    assert_eq!(
        ObjectRegion::decode(&[0; 17]),
        broken(Rule::ObjectRegionLengthAlignment)
    );
    let mut bytes =
        region(&[CacheObjectKind::CameraBlock, CacheObjectKind::CodecTable].map(reference));
    bytes[16] = 10;
    let unknown = CodecError::UnknownEnumValue {
        enum_name: "cache_object_kind",
        value: 10,
    };
    assert_eq!(ObjectRegion::decode(&bytes), Err(unknown));
    bytes[2] = 1;
    let flags = CodecError::NonZeroReservedField("object_reference.ref_flags");
    assert_eq!(ObjectRegion::decode(&bytes), Err(flags));
}

#[test]
fn typed_frames_cover_their_region_without_gap() {
    let decode = |kinds, descriptors: &[TypedPayloadDescriptor], frames: &[u8]| {
        let count = u16::try_from(descriptors.len()).expect("few");
        let built = check_built(kinds, descriptors, frames);
        let bytes = descriptor_bytes(descriptors);
        let decoded = TypedRegion::decode(kinds, count, &bytes, frames).map(|_| ());
        if !descriptors.is_empty() {
            assert_eq!(built, decoded);
        }
        decoded
    };
    let token = PayloadKinds::TOKEN_CHUNK;
    let cases = [
        (
            decode(token, &[placed(2, 1, 2)], b"abc"),
            Rule::TypedRegionNotContiguous,
        ),
        (
            decode(token, &[placed(2, 0, 2)], b"a"),
            Rule::TypedRegionOutOfRange,
        ),
        (
            decode(token, &[placed(2, 0, 1)], b"ab"),
            Rule::TypedRegionNotCovered,
        ),
        (
            decode(PayloadKinds::STRUCTURED_EVENT, &[placed(1, 0, 0)], b""),
            Rule::TypedRegionTensorProfileInNonTensor,
        ),
        (
            decode(PayloadKinds::TENSOR | token, &[placed(1, 0, 0)], b""),
            Rule::TypedRegionTensorProfileInNonTensor,
        ),
        (
            decode(token, &[placed(0, 0, 0)], b""),
            Rule::TypedRegionTokenProfileRequired,
        ),
        (decode(token, &[], b"a"), Rule::TypedRegionZeroCountNotEmpty),
    ];
    for (outcome, rule) in cases {
        assert_eq!(outcome, broken(rule));
    }
    assert_eq!(decode(token, &[], b""), Ok(()));
    assert_eq!(
        decode(PayloadKinds::TENSOR, &[placed(1, 0, 3)], b"abc"),
        Ok(())
    );
    assert_eq!(decode(PayloadKinds::NONE, &[placed(9, 0, 0)], b""), Ok(()));
    let far = decode(
        PayloadKinds::TENSOR,
        &[placed(1, 0, 0), placed(1, 0, u32::MAX)],
        b"",
    );
    assert_eq!(far, broken(Rule::TypedRegionOutOfRange));

    assert_eq!(
        check_built(token, &[], b"a"),
        broken(Rule::TypedRegionNotCovered)
    );
    let many = vec![placed(2, 0, 0); 65_536];
    assert_eq!(
        check_built(token, &many, b""),
        Err(CodecError::MessageLengthOverflow)
    );
    assert_eq!(check_built(token, &many[1..], b""), Ok(()));

    let bytes = descriptor_bytes(&[placed(2, 0, 0)]);
    let length = TypedRegion::decode(token, 2, &bytes, b"");
    assert_eq!(length, broken(Rule::TypedRegionDescriptorLength));
}

#[test]
fn a_bad_descriptor_is_found_before_any_packing_is_looked_at() {
    let mut bytes = descriptor_bytes(&[placed(2, 9, 9), placed(2, 0, 0)]);
    bytes[24 + 2] = 0x10;
    let refused = TypedRegion::decode(PayloadKinds::TOKEN_CHUNK, 2, &bytes, b"");
    let reserved = CodecError::ReservedBitsSet {
        value: 0x10,
        allowed: 0xf,
    };
    assert_eq!(refused, Err(reserved));
}

#[test]
fn the_builder_places_frames_and_refuses_a_profile_that_does_not_fit() {
    let mut builder = TypedRegionBuilder::new(PayloadKinds::TOKEN_CHUNK);
    builder
        .push(token(DescriptorFlags::PARTIAL), b"he")
        .expect("fits");
    builder
        .push(token(DescriptorFlags::TERMINAL), b"llo")
        .expect("fits");
    let refused = builder.push(placed(0, 0, 0), b"");
    assert_eq!(refused, broken(Rule::TypedRegionTokenProfileRequired));
    assert_eq!(
        (builder.frame_count(), builder.frames()),
        (2, &b"hello"[..])
    );

    let region = TypedRegion::decode(
        PayloadKinds::TOKEN_CHUNK,
        builder.frame_count(),
        builder.descriptors(),
        builder.frames(),
    )
    .expect("what the builder made");
    let frames: Vec<&[u8]> = region.frames().map(|(_, frame)| frame).collect();
    assert_eq!(frames, [&b"he"[..], b"llo"]);
    let second = region.descriptors().nth(1).expect("two");
    assert_eq!((second.offset, second.length), (2, 3));
    assert_eq!(second.descriptor_flags, DescriptorFlags::TERMINAL);

    for _ in 2..u16::MAX {
        builder
            .push(token(DescriptorFlags::NONE), b"")
            .expect("room");
    }
    let full = builder.push(token(DescriptorFlags::NONE), b"");
    assert_eq!(full, Err(CodecError::MessageLengthOverflow));
}

proptest! {
    #[test]
    fn whatever_the_builder_takes_decodes_to_the_same_frames(
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..8)
    ) {
        let mut builder = TypedRegionBuilder::new(PayloadKinds::TOKEN_CHUNK);
        for frame in &frames {
            builder.push(token(DescriptorFlags::NONE), frame).expect("fits");
        }
        let region = TypedRegion::decode(
            PayloadKinds::TOKEN_CHUNK,
            builder.frame_count(),
            builder.descriptors(),
            builder.frames(),
        ).expect("what the builder made");
        let read: Vec<Vec<u8>> = region.frames().map(|(_, frame)| frame.to_vec()).collect();
        prop_assert_eq!(read, frames);
    }

    #[test]
    fn no_regions_make_a_decoder_panic(
        bytes in proptest::collection::vec(0_u8..4, 0..120), split in 0_usize..120, count in 0_u16..4, kinds in 0_u32..0x80
    ) {
        let kinds = PayloadKinds::from_bits(kinds).expect("seven bits");
        let (descriptors, frames) = bytes.split_at(split.min(bytes.len()));
        if let Ok(region) = TypedRegion::decode(kinds, count, descriptors, frames) {
            let covered: usize = region.frames().map(|(_, frame)| frame.len()).sum();
            prop_assert_eq!(covered, frames.len());
        }
        if let Ok(region) = ObjectRegion::decode(&bytes) {
            prop_assert_eq!(region.references().len() * 16, bytes.len());
        }
        let _ = BodyRegions::decode(&Bytes::from(bytes));
    }
}
