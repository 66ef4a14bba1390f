//! `l0.typed_payload.*`, `l1.typed_payload.*`: descriptors and the region they partition (spec 03 §3.10).

use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::flags::PayloadKinds;

use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, good};
use super::field::{known_flags, reserved, unknown_flags};
use super::rule::judged;
use super::schema::token_payload;
use super::vector::{bytes_of, golden};

const STRUCTURE: &str = "typed_payload_descriptor";
const TOKEN_PARTIAL: &str = "preview3.metadata.typed_payload_descriptor.token_partial";
/// What the rules of a region begin with.
const FAMILY: &str = "typed_region";

/// `l0.typed_payload.descriptor.golden`
pub(in super::super) fn descriptor_golden(subject: &dyn Subject) -> Verdict {
    golden(subject, TOKEN_PARTIAL)
}

/// `l1.typed_payload.descriptor.validation`
pub(in super::super) fn descriptor(subject: &dyn Subject) -> Verdict {
    let bytes = bytes_of(TOKEN_PARTIAL)?;
    let flags = ("metadata.descriptor_flags", (2, 2));
    known_flags(subject, STRUCTURE, &bytes, flags, 4)?;
    unknown_flags(subject, STRUCTURE, &bytes, flags.1, 4)?;
    let name = "typed_payload_descriptor.reserved0";
    reserved(subject, STRUCTURE, &bytes, (14, 2), name)?;
    partitions(subject)?;
    let tensor_profile = [TypedPayloadDescriptor {
        profile_id: 1,
        ..TypedPayloadDescriptor::default()
    }];
    let what = "the tensor profile in another kind of payload";
    let (kinds, rule) = (
        PayloadKinds::STRUCTURED_EVENT,
        "tensor_profile_in_non_tensor",
    );
    region(subject, what, kinds, &tensor_profile, 0, Err(rule))?;
    lengths(subject)
}

/// Token frames of these offsets and lengths in a region of so many bytes.
fn partitions(subject: &dyn Subject) -> Verdict {
    for (what, frames, bytes, wanted) in [
        ("three frames", &[(0, 2), (2, 0), (2, 3)][..], 5, Ok(())),
        ("no frames", &[], 0, Ok(())),
        ("a gap at the start", &[(1, 2)], 3, Err("not_contiguous")),
        ("a gap between", &[(0, 1), (2, 1)], 3, Err("not_contiguous")),
        ("an overlap", &[(0, 2), (1, 2)], 3, Err("not_contiguous")),
        (
            "an end beyond the region",
            &[(0, 2)],
            1,
            Err("out_of_range"),
        ),
        (
            "bytes that belong to no frame",
            &[(0, 1)],
            2,
            Err("not_covered"),
        ),
    ] {
        let frames = frames
            .iter()
            .map(|(offset, length)| frame(*offset, *length));
        let frames: Vec<_> = frames.collect();
        region(
            subject,
            what,
            PayloadKinds::TOKEN_CHUNK,
            &frames,
            bytes,
            wanted,
        )?;
    }
    Ok(())
}

/// Region lengths against the number of frames that the metadata declares.
fn lengths(subject: &dyn Subject) -> Verdict {
    let token = PayloadKinds::TOKEN_CHUNK;
    let one = encoded(&[frame(0, 0)])?;
    for (what, count, descriptors) in [
        ("a descriptor too few", 2, &one[..]),
        ("a descriptor too many", 0, &one[..]),
        ("half a descriptor", 1, &one[..12]),
    ] {
        let found = subject.check_typed_region(token, count, descriptors, &[]);
        judged(what, FAMILY, found, Err("descriptor_length"))?;
    }
    let found = subject.check_typed_region(token, 0, &[], &[0]);
    let rule = "zero_count_not_empty";
    judged("bytes without a frame", FAMILY, found, Err(rule))
}

/// What the check of a region of these descriptors, over so many bytes, has to say.
pub(super) fn region(
    subject: &dyn Subject,
    what: &str,
    kinds: PayloadKinds,
    descriptors: &[TypedPayloadDescriptor],
    bytes: usize,
    wanted: Result<(), &str>,
) -> Verdict {
    let count = u16::try_from(descriptors.len()).unwrap_or(u16::MAX);
    let descriptors = encoded(descriptors)?;
    let found = subject.check_typed_region(kinds, count, &descriptors, &vec![0; bytes]);
    judged(what, FAMILY, found, wanted)
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
