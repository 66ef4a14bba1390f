//! Typed payload descriptors and the region of frames they describe (spec 03 §3.10).

use bytes::{BufMut, BytesMut};

use crate::code::{PROFILE_TENSOR, PROFILE_TOKEN, StreamSemantics};
use crate::codec_error::CodecError;
use crate::flags::{DescriptorFlags, PayloadKinds};
use crate::rule::Rule;
use crate::wire::fixed_structure;

fixed_structure! {
    /// What one typed payload frame is and where it lies in its region.
    TypedPayloadDescriptor "typed_payload_descriptor" 24 {
        /// Profile; 0 = unspecified.
        profile_id: u16 as u16 @ 0,
        /// What the frame is to its stream.
        descriptor_flags: DescriptorFlags as u16 @ 2,
        /// Schema that interprets the frame.
        schema_id: u32 as u32 @ 4,
        /// Its version.
        schema_version: u32 as u32 @ 8,
        /// How the frame follows the ones before it.
        stream_semantics: StreamSemantics as u16 @ 12,
        /// Offset in the frame region, never in the body or packet.
        offset: u32 as u32 @ 16,
        /// Bytes of the frame.
        length: u32 as u32 @ 20,
    }
    reserved { reserved0: u16 @ 14, }
}

impl TypedPayloadDescriptor {
    /// The first byte after the frame, if the region can be that long.
    fn end(&self) -> Result<u32, CodecError> {
        let end = self.offset.checked_add(self.length);
        end.ok_or(CodecError::MessageLengthOverflow)
    }
}

/// A checked region: descriptors, and frames that they cover without gap or overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypedRegion<'a> {
    /// Invariant: a whole number of descriptors, each of which decodes and fits `frames`.
    descriptors: &'a [u8],
    frames: &'a [u8],
}

impl<'a> TypedRegion<'a> {
    /// Checks the two regions against what the metadata of their message declares.
    ///
    /// Allocates nothing: the descriptors are read again when they are iterated.
    pub fn decode(
        payload_kinds: PayloadKinds,
        payload_frame_count: u16,
        descriptors: &'a [u8],
        frames: &'a [u8],
    ) -> Result<Self, CodecError> {
        let expected = usize::from(payload_frame_count) * TypedPayloadDescriptor::SIZE;
        if descriptors.len() != expected {
            return Err(Rule::TypedRegionDescriptorLength.into());
        }
        if payload_frame_count == 0 && !frames.is_empty() {
            return Err(Rule::TypedRegionZeroCountNotEmpty.into());
        }
        for descriptor in read_all(descriptors) {
            descriptor?;
        }
        let region = Self {
            descriptors,
            frames,
        };
        check_packing(payload_kinds, region.descriptors(), frames.len() as u64)?;
        Ok(region)
    }

    /// The descriptors in order.
    #[must_use]
    pub fn descriptors(&self) -> impl ExactSizeIterator<Item = TypedPayloadDescriptor> + use<'a> {
        // The fallback is unreachable: `decode` has read each of them.
        read_all(self.descriptors).map(Result::unwrap_or_default)
    }

    /// Each frame with its descriptor.
    #[must_use]
    pub fn frames(
        &self,
    ) -> impl ExactSizeIterator<Item = (TypedPayloadDescriptor, &'a [u8])> + use<'a> {
        let frames = self.frames;
        self.descriptors().map(move |descriptor| {
            let start = descriptor.offset as usize;
            let end = start + descriptor.length as usize;
            (descriptor, &frames[start..end])
        })
    }
}

fn read_all(
    descriptors: &[u8],
) -> impl ExactSizeIterator<Item = Result<TypedPayloadDescriptor, CodecError>> {
    descriptors
        .chunks_exact(TypedPayloadDescriptor::SIZE)
        .map(TypedPayloadDescriptor::decode)
}

/// Steps 5 and 6 of the region's table: profiles fit the kinds, frames cover the region.
fn check_packing(
    payload_kinds: PayloadKinds,
    descriptors: impl Iterator<Item = TypedPayloadDescriptor>,
    region_len: u64,
) -> Result<(), CodecError> {
    let mut expected = 0;
    for descriptor in descriptors {
        check_profile(payload_kinds, descriptor.profile_id)?;
        if descriptor.offset != expected {
            return Err(Rule::TypedRegionNotContiguous.into());
        }
        expected = descriptor.end()?;
        if u64::from(expected) > region_len {
            return Err(Rule::TypedRegionOutOfRange.into());
        }
    }
    if u64::from(expected) == region_len {
        Ok(())
    } else {
        Err(Rule::TypedRegionNotCovered.into())
    }
}

fn check_profile(payload_kinds: PayloadKinds, profile_id: u16) -> Result<(), CodecError> {
    let beyond_tensor = payload_kinds.bits() & !PayloadKinds::TENSOR.bits() != 0;
    if beyond_tensor && profile_id == PROFILE_TENSOR {
        return Err(Rule::TypedRegionTensorProfileInNonTensor.into());
    }
    if payload_kinds == PayloadKinds::TOKEN_CHUNK && profile_id != PROFILE_TOKEN {
        return Err(Rule::TypedRegionTokenProfileRequired.into());
    }
    Ok(())
}

/// Collects frames and their descriptors for a message body.
#[derive(Clone, Debug, Default)]
pub struct TypedRegionBuilder {
    payload_kinds: PayloadKinds,
    descriptors: BytesMut,
    frames: BytesMut,
}

impl TypedRegionBuilder {
    /// A builder for a message that declares these payload kinds.
    #[must_use]
    pub fn new(payload_kinds: PayloadKinds) -> Self {
        Self {
            payload_kinds,
            ..Self::default()
        }
    }

    /// Adds a frame; offset and length of `descriptor` are set from where it comes to lie.
    pub fn push(
        &mut self,
        descriptor: TypedPayloadDescriptor,
        frame: &[u8],
    ) -> Result<(), CodecError> {
        check_profile(self.payload_kinds, descriptor.profile_id)?;
        if self.frame_count() == u16::MAX {
            return Err(CodecError::MessageLengthOverflow);
        }
        let overflow = |_| CodecError::MessageLengthOverflow;
        let placed = TypedPayloadDescriptor {
            offset: u32::try_from(self.frames.len()).map_err(overflow)?,
            length: u32::try_from(frame.len()).map_err(overflow)?,
            ..descriptor
        };
        placed.end()?;
        let mut bytes = [0; TypedPayloadDescriptor::SIZE];
        placed.encode(&mut bytes)?;
        self.descriptors.put_slice(&bytes);
        self.frames.put_slice(frame);
        Ok(())
    }

    /// Frames added: `payload_frame_count` of the metadata.
    #[must_use]
    pub fn frame_count(&self) -> u16 {
        let count = self.descriptors.len() / TypedPayloadDescriptor::SIZE;
        u16::try_from(count).unwrap_or(u16::MAX)
    }

    /// The descriptor region.
    #[must_use]
    pub fn descriptors(&self) -> &[u8] {
        &self.descriptors
    }

    /// The frame region.
    #[must_use]
    pub fn frames(&self) -> &[u8] {
        &self.frames
    }
}

/// Checks descriptors that were made by hand against the frames they are to describe.
pub fn check_built(
    payload_kinds: PayloadKinds,
    descriptors: &[TypedPayloadDescriptor],
    frames: &[u8],
) -> Result<(), CodecError> {
    check_partition(payload_kinds, descriptors, frames.len() as u64)
}

/// Checks descriptors against a frame region of this many bytes.
pub fn check_partition(
    payload_kinds: PayloadKinds,
    descriptors: &[TypedPayloadDescriptor],
    region_len: u64,
) -> Result<(), CodecError> {
    if u16::try_from(descriptors.len()).is_err() {
        return Err(CodecError::MessageLengthOverflow);
    }
    check_packing(payload_kinds, descriptors.iter().copied(), region_len)
}
