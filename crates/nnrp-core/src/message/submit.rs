//! `FRAME_SUBMIT` (spec 03 §3.1).

use crate::code::{InputProfile, SubmitMode, TileIndexMode};
use crate::codec_error::CodecError;
use crate::flags::{BudgetPolicy, PayloadKinds};
use crate::rule::Rule;
use crate::wire::fixed_structure;

fixed_structure! {
    /// Metadata of `FRAME_SUBMIT`. All zero is valid.
    ///
    /// `tile_index_bytes` has no field: its place overlaps bytes that every decoder requires to
    /// be zero, so no other value can travel (spec 03 §3.1, note).
    FrameSubmit "frame_submit" 72 {
        /// Tensor: source width.
        src_width: u16 as u16 @ 0,
        /// Tensor: source height.
        src_height: u16 as u16 @ 2,
        /// Tensor: tile width.
        tile_width: u16 as u16 @ 4,
        /// Tensor: tile height.
        tile_height: u16 as u16 @ 6,
        /// Tensor: tiles.
        tile_count: u16 as u16 @ 8,
        /// Tensor: sections.
        section_count: u16 as u16 @ 10,
        /// Open: 0 keyframe, 1 delta, 2 retransmit, 3 discardable.
        frame_class: u8 as u8 @ 12,
        /// Tensor: what the input is.
        input_profile: InputProfile as u8 @ 13,
        /// Encoding of the tile index block.
        tile_index_mode: TileIndexMode as u8 @ 14,
        /// Latency budget, milliseconds.
        latency_budget_ms: u16 as u16 @ 16,
        /// Cadence × 100.
        target_fps_x100: u16 as u16 @ 18,
        /// Earlier frame retried; 0 = none.
        retry_of_frame: u32 as u32 @ 20,
        /// Tensor: first tile id of a dense range.
        tile_base_id: u32 as u32 @ 24,
        /// Tensor: bytes of the camera block.
        camera_bytes: u32 as u32 @ 28,
        /// How the objects travel.
        submit_mode: SubmitMode as u8 @ 52,
        /// What the server may do under pressure.
        budget_policy: BudgetPolicy as u8 @ 53,
        /// Open: 0 strict, 1 best effort, 2 low latency, 3 fire and forget, 255 the session's.
        loss_tolerance_policy: u8 as u8 @ 54,
        /// Standard object slots sent by reference; checked with the body only.
        object_ref_mask: u32 as u32 @ 56,
        /// Frame this one depends on; 0 = none.
        dependency_frame_id: u32 as u32 @ 60,
        /// What the body carries.
        payload_kind_bitmap: PayloadKinds as u32 @ 64,
        /// Typed payload descriptors.
        payload_frame_count: u16 as u16 @ 68,
    }
    reserved {
        reserved0: u8 @ 15,
        reserved1: u64 @ 32,
        reserved2: u64 @ 40,
        reserved3: u32 @ 48,
        reserved4: u8 @ 55,
        reserved5: u16 @ 70,
    }
    checks check_tensor_fields;
}

fn check_tensor_fields(submit: &FrameSubmit) -> Result<(), CodecError> {
    let tensor_fields_zero = submit.src_width == 0
        && submit.src_height == 0
        && submit.tile_width == 0
        && submit.tile_height == 0
        && submit.tile_count == 0
        && submit.section_count == 0
        && submit.tile_base_id == 0
        && submit.camera_bytes == 0
        && submit.input_profile == InputProfile::Unspecified;
    if tensor_fields_zero || submit.payload_kind_bitmap.contains(PayloadKinds::TENSOR) {
        return Ok(());
    }
    Err(Rule::FrameSubmitTensorFieldsWithoutTensor.into())
}
