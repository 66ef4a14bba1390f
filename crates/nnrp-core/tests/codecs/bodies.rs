//! Structured bodies: regions, object references, typed payloads (spec 03 §3.7–§3.10).

use bytes::Bytes;
use nnrp_core::body::object_reference::{
    ObjectReference, ObjectRegion, cache_miss_report, check_slots,
};
use nnrp_core::body::prelude::{BodyPrelude, BodyRegions};
use nnrp_core::body::typed_payload::TypedRegion;
use nnrp_core::code::{CacheObjectKind, ErrorCode, ErrorScope, SubmitMode};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::{CodecError, Header, MessageType, Rule};
use proptest::prelude::*;

pub(super) fn broken<T>(rule: Rule) -> Result<T, CodecError> {
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

proptest! {
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
