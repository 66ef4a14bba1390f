//! `SESSION_PATCH` and its ack (spec 02 §2.7, §2.8).

use crate::code::{SessionPatchAckStatus, SessionPatchRejectReason};
use crate::flags::PatchMask;
use crate::wire::fixed_structure;

fixed_structure! {
    /// Metadata of `SESSION_PATCH`. Fields whose bit is clear are carried and ignored.
    SessionPatch "session_patch" 36 {
        /// Profile addressed; 0 = the active one.
        profile_id: u16 as u16 @ 0,
        /// Which fields apply.
        patch_mask: PatchMask as u32 @ 4,
        /// Cadence × 100.
        target_cadence_x100: u32 as u32 @ 8,
        /// Tier.
        quality_tier: u16 as u16 @ 12,
        /// Policy.
        degrade_policy: u16 as u16 @ 14,
        /// Lanes.
        active_lane_mask: u64 as u64 @ 16,
        /// Codecs.
        preferred_codec_bitmap: u32 as u32 @ 24,
        /// Compression methods.
        preferred_compression_bitmap: u32 as u32 @ 28,
        /// Bytes of the profile patch block; published clients send none of them.
        profile_patch_bytes: u32 as u32 @ 32,
    }
    reserved { reserved0: u16 @ 2, }
}

fixed_structure! {
    /// Metadata of `SESSION_PATCH_ACK`.
    SessionPatchAck "session_patch_ack" 48 {
        /// The answer.
        ack_status: SessionPatchAckStatus as u16 @ 0,
        /// Why something was refused.
        reject_reason: SessionPatchRejectReason as u16 @ 2,
        /// Fields applied.
        applied_patch_mask: PatchMask as u32 @ 4,
        /// Fields refused.
        rejected_patch_mask: PatchMask as u32 @ 8,
        /// Suggested delay, milliseconds.
        retry_after_ms: u32 as u32 @ 12,
        /// Profile in effect.
        effective_profile_id: u16 as u16 @ 16,
        /// In effect.
        effective_target_cadence_x100: u32 as u32 @ 20,
        /// In effect.
        effective_quality_tier: u16 as u16 @ 24,
        /// In effect.
        effective_degrade_policy: u16 as u16 @ 26,
        /// In effect.
        effective_lane_mask: u64 as u64 @ 28,
        /// In effect.
        effective_codec_bitmap: u32 as u32 @ 36,
        /// In effect.
        effective_compression_bitmap: u32 as u32 @ 40,
        /// Bytes of the profile patch ack block in the body.
        profile_patch_ack_bytes: u32 as u32 @ 44,
    }
    reserved { reserved0: u16 @ 18, }
}

impl SessionPatchAck {
    /// The ack that applies everything the patch asks for.
    #[must_use]
    pub fn accept_all(patch: &SessionPatch) -> Self {
        Self {
            applied_patch_mask: patch.patch_mask,
            effective_profile_id: patch.profile_id,
            effective_target_cadence_x100: patch.target_cadence_x100,
            effective_quality_tier: patch.quality_tier,
            effective_degrade_policy: patch.degrade_policy,
            effective_lane_mask: patch.active_lane_mask,
            effective_codec_bitmap: patch.preferred_codec_bitmap,
            effective_compression_bitmap: patch.preferred_compression_bitmap,
            ..Self::default()
        }
    }
}
