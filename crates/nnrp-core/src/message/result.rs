//! `RESULT_PUSH` and `RESULT_HINT` (spec 03 §3.3, §3.5).

use crate::code::{
    ResultClass, ResultHintBudgetPolicy, ResultHintCongestionState, ResultHintReason,
};
use crate::codec_error::CodecError;
use crate::flags::{BudgetPolicy, PayloadKinds, ResultFlags};
use crate::rule::Rule;
use crate::wire::fixed_structure;

fixed_structure! {
    /// Metadata of `RESULT_PUSH`. All zero is valid.
    ResultPush "result_push" 64 {
        /// Status; no registry.
        status_code: u16 as u16 @ 0,
        /// What kind of result.
        result_flags: ResultFlags as u16 @ 2,
        /// Tensor: sections.
        section_count: u16 as u16 @ 4,
        /// Tensor: tiles.
        tile_count: u16 as u16 @ 6,
        /// Profile in effect.
        active_profile_id: u16 as u16 @ 8,
        /// Time spent computing, milliseconds.
        inference_ms: u16 as u16 @ 12,
        /// Time spent queued, milliseconds.
        queue_ms: u16 as u16 @ 14,
        /// Total server time, milliseconds.
        server_total_ms: u16 as u16 @ 16,
        /// Tensor: first tile id.
        tile_base_id: u32 as u32 @ 20,
        /// Tensor: bytes of the tile index.
        tile_index_bytes: u32 as u32 @ 24,
        /// What the result is to its frame.
        result_class: ResultClass as u8 @ 44,
        /// What the server made use of.
        applied_budget_policy: BudgetPolicy as u8 @ 45,
        /// Frame reused; 0 = none.
        reused_frame_id: u32 as u32 @ 48,
        /// Tensor: tiles covered.
        covered_tile_count: u16 as u16 @ 52,
        /// Tensor: tiles dropped.
        dropped_tile_count: u16 as u16 @ 54,
        /// What the body carries.
        payload_kind_bitmap: PayloadKinds as u32 @ 56,
        /// Typed payload descriptors.
        payload_frame_count: u16 as u16 @ 60,
    }
    reserved {
        reserved0: u16 @ 10,
        reserved1: u16 @ 18,
        reserved2: u64 @ 28,
        reserved3: u64 @ 36,
        reserved4: u16 @ 46,
        reserved5: u16 @ 62,
    }
    checks check_tensor_fields;
}

impl ResultPush {
    /// Whether the frame is answered with this result; a partial one announces more.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.result_class != ResultClass::Partial
    }
}

fn check_tensor_fields(result: &ResultPush) -> Result<(), CodecError> {
    let tensor_fields_zero = result.section_count == 0
        && result.tile_count == 0
        && result.tile_base_id == 0
        && result.tile_index_bytes == 0
        && result.covered_tile_count == 0
        && result.dropped_tile_count == 0;
    if tensor_fields_zero || result.payload_kind_bitmap.contains(PayloadKinds::TENSOR) {
        return Ok(());
    }
    Err(Rule::ResultPushTensorFieldsWithoutTensor.into())
}

fixed_structure! {
    /// Metadata of `RESULT_HINT`.
    ResultHint "result_hint" 16 {
        /// Advice about the budget.
        applied_budget_policy: ResultHintBudgetPolicy as u32 @ 0,
        /// Load of the server.
        congestion_state: ResultHintCongestionState as u32 @ 4,
        /// Cause of the advice.
        reason: ResultHintReason as u32 @ 8,
        /// Suggested wait, milliseconds; 0 = none.
        retry_after_ms: u32 as u32 @ 12,
    }
}
