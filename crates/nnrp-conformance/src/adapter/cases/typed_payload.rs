//! `l0.typed_payload.*`, `l1.typed_payload.*`: descriptors and the region they partition (spec 03 §3.10).

use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::flags::PayloadKinds;

use super::super::case::{Failure, Verdict, good, same};
use super::super::subject::Subject;
use super::schema::token_payload;
use super::vector::{accepts, bytes_of, golden, refuses, with_number};
use crate::vectors::codec_error;

const STRUCTURE: &str = "typed_payload_descriptor";
const TOKEN_PARTIAL: &str = "preview3.metadata.typed_payload_descriptor.token_partial";

/// `l0.typed_payload.descriptor.golden`
pub(in super::super) fn descriptor_golden(subject: &dyn Subject) -> Verdict {
    golden(subject, TOKEN_PARTIAL)
}

/// `l1.typed_payload.descriptor.validation`
pub(in super::super) fn descriptor(subject: &dyn Subject) -> Verdict {
    descriptor_flags(subject)?;
    let token = PayloadKinds::TOKEN_CHUNK;
    region(
        subject,
        "three frames",
        token,
        &[(0, 2), (2, 0), (2, 3)],
        5,
        "ok",
    )?;
    region(subject, "no frames", token, &[], 0, "ok")?;
    for (what, frames, bytes, rule) in [
        ("a gap at the start", &[(1, 2)][..], 3, "not_contiguous"),
        ("a gap between", &[(0, 1), (2, 1)], 3, "not_contiguous"),
        ("an overlap", &[(0, 2), (1, 2)], 3, "not_contiguous"),
        ("an end beyond the region", &[(0, 2)], 1, "out_of_range"),
        ("bytes that belong to no frame", &[(0, 1)], 2, "not_covered"),
    ] {
        region(subject, what, token, frames, bytes, rule)?;
    }
    let structured = PayloadKinds::STRUCTURED_EVENT;
    let tensor_profile = [TypedPayloadDescriptor {
        profile_id: 1,
        ..TypedPayloadDescriptor::default()
    }];
    let what = "the tensor profile in another kind of payload";
    described(
        subject,
        what,
        structured,
        &tensor_profile,
        0,
        "tensor_profile_in_non_tensor",
    )?;
    lengths(subject)
}

fn descriptor_flags(subject: &dyn Subject) -> Verdict {
    let bytes = bytes_of(TOKEN_PARTIAL)?;
    for bits in 0..16 {
        let changed = with_number(&bytes, 2, 2, bits);
        accepts(
            subject,
            &format!("descriptor_flags {bits:#x}"),
            STRUCTURE,
            &changed,
        )?;
    }
    for bit in 4..16 {
        let changed = with_number(&bytes, 2, 2, 2 | 1 << bit);
        let error = format!("ReservedBitsSet {} 15", 2 | 1 << bit);
        refuses(
            subject,
            &format!("unknown bit {bit}"),
            STRUCTURE,
            &changed,
            &error,
        )?;
    }
    for bit in 0..16 {
        let changed = with_number(&bytes, 14, 2, 1 << bit);
        let error = "NonZeroReservedField typed_payload_descriptor.reserved0";
        refuses(
            subject,
            &format!("reserved bit {bit}"),
            STRUCTURE,
            &changed,
            error,
        )?;
    }
    Ok(())
}

/// Region lengths against the number of frames that the metadata declares.
fn lengths(subject: &dyn Subject) -> Verdict {
    let token = PayloadKinds::TOKEN_CHUNK;
    let one = encoded(&[frame(0, 0)])?;
    let rule = "InvalidProtocolCombination typed_region.descriptor_length";
    for (what, count, descriptors) in [
        ("a descriptor too few", 2, &one[..]),
        ("a descriptor too many", 0, &one[..]),
        ("half a descriptor", 1, &one[..12]),
    ] {
        let found = subject.check_typed_region(token, count, descriptors, &[]);
        same(what, said(found), rule.to_owned())?;
    }
    let found = subject.check_typed_region(token, 0, &[], &[0]);
    let rule = "InvalidProtocolCombination typed_region.zero_count_not_empty";
    same("bytes without a frame", said(found), rule.to_owned())
}

/// Checks a region of token frames of these offsets and lengths.
fn region(
    subject: &dyn Subject,
    what: &str,
    kinds: PayloadKinds,
    frames: &[(u32, u32)],
    bytes: usize,
    rule: &str,
) -> Verdict {
    let frames: Vec<_> = frames
        .iter()
        .map(|(offset, length)| frame(*offset, *length))
        .collect();
    described(subject, what, kinds, &frames, bytes, rule)
}

/// Checks a region of these descriptors; `rule` is what it breaks, or `ok`.
pub(super) fn described(
    subject: &dyn Subject,
    what: &str,
    kinds: PayloadKinds,
    descriptors: &[TypedPayloadDescriptor],
    bytes: usize,
    rule: &str,
) -> Verdict {
    let count = u16::try_from(descriptors.len()).unwrap_or(u16::MAX);
    let regions = encoded(descriptors)?;
    let found = subject.check_typed_region(kinds, count, &regions, &vec![0; bytes]);
    let wanted = match rule {
        "ok" => rule.to_owned(),
        rule => format!("InvalidProtocolCombination typed_region.{rule}"),
    };
    same(what, said(found), wanted)
}

fn frame(offset: u32, length: u32) -> TypedPayloadDescriptor {
    TypedPayloadDescriptor {
        offset,
        length,
        ..token_payload()
    }
}

fn encoded(descriptors: &[TypedPayloadDescriptor]) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; descriptors.len() * TypedPayloadDescriptor::SIZE];
    let places = bytes.chunks_mut(TypedPayloadDescriptor::SIZE);
    for (descriptor, place) in descriptors.iter().zip(places) {
        good("a descriptor", descriptor.encode(place))?;
    }
    Ok(bytes)
}

fn said(outcome: Result<(), nnrp_core::CodecError>) -> String {
    outcome.map_or_else(|error| codec_error(&error), |()| "ok".to_owned())
}
