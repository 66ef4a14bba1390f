//! Regions of typed payloads: their descriptors, their packing and their builder (spec 03 §3.10).

use nnrp_core::body::typed_payload::{
    TypedPayloadDescriptor, TypedRegion, TypedRegionBuilder, check_built,
};
use nnrp_core::code::StreamSemantics;
use nnrp_core::flags::{DescriptorFlags, PayloadKinds};
use nnrp_core::{CodecError, Rule};
use proptest::prelude::*;

use crate::bodies::broken;

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
}
