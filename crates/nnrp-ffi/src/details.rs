//! What submits and results may say beyond their structs: references, tensors, dependencies. Declared in `nnrp_runtime.h`.
//!
//! The same structs go both ways: in the arena of a batch, and as the record of an event.

use crate::event_builder::with_open_record;
use crate::layout::{EventRecord, NnrpEvent};
use crate::submit_objects::append_objects;
use bytes::{Bytes, BytesMut};
use nnrp_core::cache::CachedObject;
use nnrp_core::code::{InputProfile, SubmitMode, TileIndexMode};
use nnrp_core::flags::{BudgetPolicy, HeaderFlags};
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::FrameContext;

/// What a submit says beyond its struct. 88 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpSubmitDetails {
    /// Wire header, 0..65535.
    pub view_id: u32,
    /// Wire header, 0..65535.
    pub route_id: u32,
    /// 0 inline, 1 reference, 2 mixed.
    pub submit_mode: u32,
    /// Slots that are sent by reference.
    pub object_ref_mask: u32,
    /// What the server may do under pressure.
    pub budget_policy: u32,
    /// 0..255.
    pub loss_tolerance: u32,
    /// 0..255.
    pub frame_class: u32,
    /// Tensor: what the input is.
    pub input_profile: u32,
    /// Tensor: encoding of the tile index.
    pub tile_index_mode: u32,
    /// 0..65535.
    pub target_fps_x100: u32,
    /// Earlier frame retried.
    pub retry_of_frame: u32,
    /// Frame this one depends on.
    pub dependency_frame_id: u32,
    /// Tensor, 0..65535.
    pub src_width: u32,
    /// Tensor, 0..65535.
    pub src_height: u32,
    /// Tensor, 0..65535.
    pub tile_width: u32,
    /// Tensor, 0..65535.
    pub tile_height: u32,
    /// Tensor, 0..65535.
    pub tile_count: u32,
    /// Tensor, 0..65535.
    pub section_count: u32,
    /// Tensor: first tile id of a dense range.
    pub tile_base_id: u32,
    /// Tensor: bytes of the camera block.
    pub camera_bytes: u32,
    /// Event: cached objects that the submit names.
    pub object_count: u32,
    /// Event: where their list begins.
    pub objects_offset: u32,
}

/// What a result says beyond its struct. 56 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpResultDetails {
    /// Wire header.
    pub trace_id: u64,
    /// Wire header flags, bits 0..5.
    pub header_flags: u32,
    /// Wire header, 0..65535.
    pub view_id: u32,
    /// Wire header, 0..65535.
    pub route_id: u32,
    /// What the server made use of.
    pub budget_policy: u32,
    /// Frame reused.
    pub reused_frame_id: u32,
    /// Tensor, 0..65535.
    pub section_count: u32,
    /// Tensor, 0..65535.
    pub tile_count: u32,
    /// Tensor: first tile id.
    pub tile_base_id: u32,
    /// Tensor: bytes of the tile index.
    pub tile_index_bytes: u32,
    /// Tensor, 0..65535.
    pub covered_tile_count: u32,
    /// Tensor, 0..65535.
    pub dropped_tile_count: u32,
    /// Zero.
    pub reserved0: u32,
}

const _: () = assert!(size_of::<NnrpSubmitDetails>() == 88);
const _: () = assert!(size_of::<NnrpResultDetails>() == 56);

// SAFETY: `repr(C)`, integers at natural offsets without padding, size a multiple of 8.
unsafe impl EventRecord for NnrpSubmitDetails {}
// SAFETY: as above.
unsafe impl EventRecord for NnrpResultDetails {}

impl NnrpSubmitDetails {
    /// Adds the details to what the struct says, if every field is in its range.
    pub(crate) fn add_to(
        &self,
        header: FrameContext,
        metadata: FrameSubmit,
    ) -> Option<(FrameContext, FrameSubmit)> {
        if (self.object_count, self.objects_offset) != (0, 0) {
            return None;
        }
        let header = FrameContext {
            view_id: self.view_id.try_into().ok()?,
            route_id: self.route_id.try_into().ok()?,
            ..header
        };
        let metadata = FrameSubmit {
            submit_mode: SubmitMode::from_wire(self.submit_mode.into()).ok()?,
            object_ref_mask: self.object_ref_mask,
            budget_policy: budget(self.budget_policy)?,
            loss_tolerance_policy: self.loss_tolerance.try_into().ok()?,
            frame_class: self.frame_class.try_into().ok()?,
            input_profile: InputProfile::from_wire(self.input_profile.into()).ok()?,
            tile_index_mode: TileIndexMode::from_wire(self.tile_index_mode.into()).ok()?,
            target_fps_x100: self.target_fps_x100.try_into().ok()?,
            retry_of_frame: self.retry_of_frame,
            dependency_frame_id: self.dependency_frame_id,
            src_width: self.src_width.try_into().ok()?,
            src_height: self.src_height.try_into().ok()?,
            tile_width: self.tile_width.try_into().ok()?,
            tile_height: self.tile_height.try_into().ok()?,
            tile_count: self.tile_count.try_into().ok()?,
            section_count: self.section_count.try_into().ok()?,
            tile_base_id: self.tile_base_id,
            camera_bytes: self.camera_bytes,
            ..metadata
        };
        Some((header, metadata))
    }

    fn of(metadata: &FrameSubmit) -> Self {
        Self {
            submit_mode: metadata.submit_mode.to_wire().into(),
            object_ref_mask: metadata.object_ref_mask,
            budget_policy: metadata.budget_policy.bits().into(),
            loss_tolerance: metadata.loss_tolerance_policy.into(),
            frame_class: metadata.frame_class.into(),
            input_profile: metadata.input_profile.to_wire().into(),
            tile_index_mode: metadata.tile_index_mode.to_wire().into(),
            target_fps_x100: metadata.target_fps_x100.into(),
            retry_of_frame: metadata.retry_of_frame,
            dependency_frame_id: metadata.dependency_frame_id,
            src_width: metadata.src_width.into(),
            src_height: metadata.src_height.into(),
            tile_width: metadata.tile_width.into(),
            tile_height: metadata.tile_height.into(),
            tile_count: metadata.tile_count.into(),
            section_count: metadata.section_count.into(),
            tile_base_id: metadata.tile_base_id,
            camera_bytes: metadata.camera_bytes,
            ..Self::default()
        }
    }
}

impl NnrpResultDetails {
    /// Adds the details to what the struct says, if every field is in its range.
    pub(crate) fn add_to(&self, metadata: ResultPush) -> Option<(FrameContext, ResultPush)> {
        if self.reserved0 != 0 {
            return None;
        }
        let header = FrameContext {
            flags: HeaderFlags::from_bits(self.header_flags).ok()?,
            view_id: self.view_id.try_into().ok()?,
            route_id: self.route_id.try_into().ok()?,
            trace_id: self.trace_id,
        };
        let metadata = ResultPush {
            applied_budget_policy: budget(self.budget_policy)?,
            reused_frame_id: self.reused_frame_id,
            section_count: self.section_count.try_into().ok()?,
            tile_count: self.tile_count.try_into().ok()?,
            tile_base_id: self.tile_base_id,
            tile_index_bytes: self.tile_index_bytes,
            covered_tile_count: self.covered_tile_count.try_into().ok()?,
            dropped_tile_count: self.dropped_tile_count.try_into().ok()?,
            ..metadata
        };
        Some((header, metadata))
    }

    fn of(metadata: &ResultPush) -> Self {
        Self {
            budget_policy: metadata.applied_budget_policy.bits().into(),
            reused_frame_id: metadata.reused_frame_id,
            section_count: metadata.section_count.into(),
            tile_count: metadata.tile_count.into(),
            tile_base_id: metadata.tile_base_id,
            tile_index_bytes: metadata.tile_index_bytes,
            covered_tile_count: metadata.covered_tile_count.into(),
            dropped_tile_count: metadata.dropped_tile_count.into(),
            ..Self::default()
        }
    }
}

/// A submit with its details and the objects it names behind its body, if it has any.
pub(crate) fn with_submit_details(
    event: NnrpEvent,
    metadata: &FrameSubmit,
    body: Bytes,
    objects: &[CachedObject],
) -> (NnrpEvent, Bytes) {
    let details = NnrpSubmitDetails::of(metadata);
    if objects.is_empty() && details == NnrpSubmitDetails::default() {
        return (event, body);
    }
    let record = body.len().next_multiple_of(align_of::<u64>());
    let list = record + size_of::<NnrpSubmitDetails>();
    let details = NnrpSubmitDetails {
        object_count: u32::try_from(objects.len()).unwrap_or(u32::MAX),
        objects_offset: match objects {
            [] => 0,
            _ => u32::try_from(list).unwrap_or(u32::MAX),
        },
        view_id: event.view_id.into(),
        route_id: event.route_id.into(),
        ..details
    };
    with_details(event, &body, &details, |payload| {
        append_objects(payload, objects);
    })
}

/// A result with its details behind its body, if it has any.
pub(crate) fn with_result_details(
    event: NnrpEvent,
    metadata: &ResultPush,
    body: Bytes,
) -> (NnrpEvent, Bytes) {
    let details = NnrpResultDetails::of(metadata);
    if details == NnrpResultDetails::default() {
        return (event, body);
    }
    let details = NnrpResultDetails {
        trace_id: event.trace_id,
        header_flags: event.header_flags,
        view_id: event.view_id.into(),
        route_id: event.route_id.into(),
        ..details
    };
    with_details(event, &body, &details, |_| {})
}

fn with_details<T: EventRecord>(
    event: NnrpEvent,
    body: &[u8],
    details: &T,
    append: impl FnOnce(&mut BytesMut),
) -> (NnrpEvent, Bytes) {
    let (event, mut payload) = with_open_record(event, body, details);
    append(&mut payload);
    (event, payload.freeze())
}

fn budget(bits: u32) -> Option<BudgetPolicy> {
    BudgetPolicy::from_bits(bits.try_into().ok()?).ok()
}
