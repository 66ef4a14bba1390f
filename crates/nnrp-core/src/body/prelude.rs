//! The prelude of a structured body and the six regions behind it (spec 03 §3.7).

use bytes::{BufMut, Bytes, BytesMut};

use crate::codec_error::CodecError;
use crate::rule::Rule;
use crate::wire::fixed_structure;

/// Bytes of an object reference block, which region 2 is made of.
const OBJECT_REFERENCE: u32 = 16;

fixed_structure! {
    /// Lengths of the six regions that follow each other behind it.
    BodyPrelude "body_region_prelude" 32 {
        /// Region 1: inline objects.
        inline_object_bytes: u32 as u32 @ 0,
        /// Region 2: object references; a multiple of 16.
        object_reference_bytes: u32 as u32 @ 4,
        /// Region 3: typed payload descriptors.
        typed_payload_descriptor_bytes: u32 as u32 @ 8,
        /// Region 4: typed payload frames.
        typed_payload_frame_bytes: u32 as u32 @ 12,
        /// Region 5: extension frame descriptors.
        extension_descriptor_bytes: u32 as u32 @ 16,
        /// Region 6: extension frame payloads.
        extension_payload_bytes: u32 as u32 @ 20,
    }
    reserved {
        body_flags: u32 @ 24,
        reserved: u32 @ 28,
    }
    checks check_alignment;
}

fn check_alignment(prelude: &BodyPrelude) -> Result<(), CodecError> {
    match prelude.object_reference_bytes % OBJECT_REFERENCE {
        0 => Ok(()),
        _ => Err(Rule::BodyPreludeObjectReferenceAlignment.into()),
    }
}

impl BodyPrelude {
    /// Bytes of all regions together; `MessageLengthOverflow` beyond the 32-bit range.
    pub fn total(&self) -> Result<u32, CodecError> {
        let mut total = 0_u32;
        for length in self.lengths() {
            let sum = total.checked_add(length);
            total = sum.ok_or(CodecError::MessageLengthOverflow)?;
        }
        Ok(total)
    }

    fn lengths(&self) -> [u32; 6] {
        [
            self.inline_object_bytes,
            self.object_reference_bytes,
            self.typed_payload_descriptor_bytes,
            self.typed_payload_frame_bytes,
            self.extension_descriptor_bytes,
            self.extension_payload_bytes,
        ]
    }
}

/// The regions of a structured body. Decoded ones are slices of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyRegions {
    /// Region 1.
    pub inline_objects: Bytes,
    /// Region 2.
    pub object_references: Bytes,
    /// Region 3.
    pub typed_payload_descriptors: Bytes,
    /// Region 4.
    pub typed_payload_frames: Bytes,
    /// Region 5.
    pub extension_descriptors: Bytes,
    /// Region 6.
    pub extension_payloads: Bytes,
}

impl BodyRegions {
    /// Cuts a body into its regions; `PacketLengthMismatch` if they do not fill it exactly.
    ///
    /// Whether a body is structured is the application's knowledge: raw bodies are legal too.
    pub fn decode(body: &Bytes) -> Result<Self, CodecError> {
        let prelude = BodyPrelude::decode(body)?;
        let total = usize::try_from(prelude.total()?);
        let declared = total
            .ok()
            .and_then(|total| total.checked_add(BodyPrelude::SIZE))
            .ok_or(CodecError::MessageLengthOverflow)?;
        if declared != body.len() {
            return Err(CodecError::PacketLengthMismatch {
                declared,
                actual: body.len(),
            });
        }
        let mut start = BodyPrelude::SIZE;
        let mut next = |length: u32| {
            let end = start + length as usize;
            let region = body.slice(start..end);
            start = end;
            region
        };
        let [
            inline_objects,
            object_references,
            typed_payload_descriptors,
            typed_payload_frames,
            extension_descriptors,
            extension_payloads,
        ] = prelude.lengths().map(&mut next);
        Ok(Self {
            inline_objects,
            object_references,
            typed_payload_descriptors,
            typed_payload_frames,
            extension_descriptors,
            extension_payloads,
        })
    }

    /// Region 2 of a body, checked as [`Self::decode`] does, without cutting out the others.
    pub fn object_references_in(body: &[u8]) -> Result<&[u8], CodecError> {
        let prelude = BodyPrelude::decode(body)?;
        let declared = (prelude.total()? as usize)
            .checked_add(BodyPrelude::SIZE)
            .ok_or(CodecError::MessageLengthOverflow)?;
        if declared != body.len() {
            let actual = body.len();
            return Err(CodecError::PacketLengthMismatch { declared, actual });
        }
        let start = BodyPrelude::SIZE + prelude.inline_object_bytes as usize;
        Ok(&body[start..start + prelude.object_reference_bytes as usize])
    }

    /// The body: prelude and regions.
    pub fn encode(&self) -> Result<Bytes, CodecError> {
        let prelude = self.prelude()?;
        let total = prelude.total()? as usize;
        let mut head = [0; BodyPrelude::SIZE];
        prelude.encode(&mut head)?;
        let mut body = BytesMut::with_capacity(BodyPrelude::SIZE + total);
        body.put_slice(&head);
        for region in self.in_order() {
            body.put_slice(region);
        }
        Ok(body.freeze())
    }

    fn prelude(&self) -> Result<BodyPrelude, CodecError> {
        let length = |region: &Bytes| {
            u32::try_from(region.len()).map_err(|_| CodecError::MessageLengthOverflow)
        };
        Ok(BodyPrelude {
            inline_object_bytes: length(&self.inline_objects)?,
            object_reference_bytes: length(&self.object_references)?,
            typed_payload_descriptor_bytes: length(&self.typed_payload_descriptors)?,
            typed_payload_frame_bytes: length(&self.typed_payload_frames)?,
            extension_descriptor_bytes: length(&self.extension_descriptors)?,
            extension_payload_bytes: length(&self.extension_payloads)?,
        })
    }

    fn in_order(&self) -> [&Bytes; 6] {
        [
            &self.inline_objects,
            &self.object_references,
            &self.typed_payload_descriptors,
            &self.typed_payload_frames,
            &self.extension_descriptors,
            &self.extension_payloads,
        ]
    }
}
