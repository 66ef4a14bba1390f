//! References to cached objects and the slots of a submit they stand for (spec 03 §3.8, §3.9).

use crate::cache::ObjectIdentity;
use crate::code::{CacheObjectKind, ErrorCode, ErrorScope, SubmitMode};
use crate::codec_error::CodecError;
use crate::flags::ObjectSlots;
use crate::header::Header;
use crate::message::error_report::ErrorReport;
use crate::rule::Rule;
use crate::wire::fixed_structure;

fixed_structure! {
    /// Names a cached object in a body.
    ObjectReference "object_reference" 16 {
        /// What the object is.
        object_kind: CacheObjectKind as u16 @ 0,
        /// Namespace of the key.
        cache_namespace: u32 as u32 @ 4,
        /// Key, high word.
        cache_key_hi: u32 as u32 @ 8,
        /// Key, low word.
        cache_key_lo: u32 as u32 @ 12,
    }
    reserved { ref_flags: u16 @ 2, }
}

impl ObjectReference {
    /// The object that is meant.
    #[must_use]
    pub fn identity(&self) -> ObjectIdentity {
        ObjectIdentity {
            cache_namespace: self.cache_namespace,
            cache_key_hi: self.cache_key_hi,
            cache_key_lo: self.cache_key_lo,
            object_kind: self.object_kind,
        }
    }
}

impl From<ObjectIdentity> for ObjectReference {
    fn from(object: ObjectIdentity) -> Self {
        Self {
            object_kind: object.object_kind,
            cache_namespace: object.cache_namespace,
            cache_key_hi: object.cache_key_hi,
            cache_key_lo: object.cache_key_lo,
        }
    }
}

impl CacheObjectKind {
    /// The slot of a submit that objects of this kind fill, if they fill one.
    #[must_use]
    pub const fn slot(self) -> Option<ObjectSlots> {
        match self {
            Self::CameraBlock => Some(ObjectSlots::CAMERA_BLOCK),
            Self::TileIndexBlock => Some(ObjectSlots::TILE_INDEX_BLOCK),
            Self::TensorSectionTable => Some(ObjectSlots::TENSOR_SECTION_TABLE),
            Self::PayloadLayoutTemplate => Some(ObjectSlots::PAYLOAD_LAYOUT_TEMPLATE),
            _ => None,
        }
    }
}

/// A checked region of object references; allocates nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectRegion<'a> {
    /// Invariant: a whole number of blocks, each of which decodes.
    blocks: &'a [u8],
}

impl<'a> ObjectRegion<'a> {
    /// Checks a region: its length, then each block.
    pub fn decode(region: &'a [u8]) -> Result<Self, CodecError> {
        if !region.len().is_multiple_of(ObjectReference::SIZE) {
            return Err(Rule::ObjectRegionLengthAlignment.into());
        }
        for block in region.chunks_exact(ObjectReference::SIZE) {
            ObjectReference::decode(block)?;
        }
        Ok(Self { blocks: region })
    }

    /// The references in order.
    #[must_use]
    pub fn references(&self) -> impl ExactSizeIterator<Item = ObjectReference> + use<'a> {
        let blocks = self.blocks.chunks_exact(ObjectReference::SIZE);
        // The fallback is unreachable: `decode` has read each of them.
        blocks.map(|block| ObjectReference::decode(block).unwrap_or_default())
    }

    /// The check of the references against the metadata of their `FRAME_SUBMIT`.
    pub fn check_slots(&self, submit_mode: SubmitMode, mask: u32) -> Result<(), CodecError> {
        check_slots(submit_mode, mask, self.references())
    }

    /// The first reference that `is_cached` does not find, if there is one.
    pub fn first_missing(
        &self,
        mut is_cached: impl FnMut(&ObjectIdentity) -> bool,
    ) -> Option<ObjectReference> {
        self.references()
            .find(|reference| !is_cached(&reference.identity()))
    }

    /// Fails with `object_region.unresolved` if a reference is not cached.
    pub fn resolve(
        &self,
        is_cached: impl FnMut(&ObjectIdentity) -> bool,
    ) -> Result<(), CodecError> {
        match self.first_missing(is_cached) {
            None => Ok(()),
            Some(_) => Err(Rule::ObjectRegionUnresolved.into()),
        }
    }
}

/// Checks references against the mode and mask of the submit that carries them.
///
/// References without a slot may stand anywhere and repeat.
pub fn check_slots(
    submit_mode: SubmitMode,
    mask: u32,
    references: impl IntoIterator<Item = ObjectReference>,
) -> Result<(), CodecError> {
    let mask = check_mask(submit_mode, mask)?;
    let mut seen = ObjectSlots::NONE;
    let mut previous = ObjectSlots::NONE;
    let slots = references
        .into_iter()
        .filter_map(|reference| reference.object_kind.slot());
    for slot in slots {
        if slot.bits() < previous.bits() {
            return Err(Rule::ObjectRegionSlotsUnsorted.into());
        }
        if seen.contains(slot) {
            return Err(Rule::ObjectRegionSlotDuplicate.into());
        }
        if !mask.contains(slot) {
            return Err(Rule::ObjectRegionSlotWithoutMaskBit.into());
        }
        seen = seen | slot;
        previous = slot;
    }
    if seen == mask {
        Ok(())
    } else {
        Err(Rule::ObjectRegionMaskMismatch.into())
    }
}

/// Checks `object_ref_mask` against the mode of its submit.
pub fn check_mask(submit_mode: SubmitMode, mask: u32) -> Result<ObjectSlots, CodecError> {
    let slots = ObjectSlots::from_bits(mask)?;
    match submit_mode {
        SubmitMode::Inline if !slots.is_empty() => Err(Rule::ObjectRefMaskInlineNonzero.into()),
        SubmitMode::Reference | SubmitMode::Mixed if slots.is_empty() => {
            Err(Rule::ObjectRefMaskReferenceZero.into())
        }
        _ => Ok(slots),
    }
}

/// The `ERROR` that tells a peer of a reference that is not cached.
#[must_use]
pub fn cache_miss_report(header: &Header, diagnostic_bytes: u32) -> ErrorReport {
    ErrorReport {
        error_code: ErrorCode::CACHE_MISS,
        error_scope: ErrorScope::Frame,
        is_fatal: false,
        retry_after_ms: 0,
        related_session_id: header.session_id,
        related_frame_id: header.frame_id,
        related_view_id: header.view_id.into(),
        diagnostic_bytes,
    }
}
