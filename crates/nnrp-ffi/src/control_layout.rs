//! The structs of `nnrp_control.h`: records of events, and what callers say besides submits and results.

use crate::layout::{EventRecord, Record};

/// Record of `NNRP_EVENT_GREETED`: what the server accepts of the hello. 112 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpGreeting {
    /// Chosen.
    pub version_major: u32,
    /// Chosen.
    pub wire_format: u32,
    /// No values assigned.
    pub auth_status: u32,
    /// What the server offers.
    pub server_flags: u32,
    /// Accepted, as the following bitmaps.
    pub profile_bitmap: u32,
    /// Accepted.
    pub payload_kind_bitmap: u32,
    /// Accepted.
    pub codec_bitmap: u32,
    /// Accepted.
    pub compression_bitmap: u32,
    /// Accepted.
    pub dtype_bitmap: u32,
    /// Accepted.
    pub layout_bitmap: u32,
    /// Accepted.
    pub cache_digest_bitmap: u32,
    /// Accepted; 0 = no cache.
    pub cache_object_bitmap: u32,
    /// Cached objects at most.
    pub max_cache_entries: u32,
    /// Cache size at most, bytes.
    pub max_cache_bytes: u32,
    /// Lane limit.
    pub max_lane_count: u32,
    /// Frames that may be in flight, on all sessions together.
    pub max_concurrent_frames: u32,
    /// Accepted cadence × 100.
    pub target_cadence_x100: u32,
    /// Accepted latency budget, milliseconds.
    pub latency_budget_ms: u32,
    /// Accepted tier.
    pub quality_tier: u32,
    /// Accepted policy.
    pub degrade_policy: u32,
    /// Largest body the server takes.
    pub max_body_bytes: u32,
    /// Validity of the authentication, milliseconds; 0 = none.
    pub token_ttl_ms: u32,
    /// Suggested delay, milliseconds; 0 = none.
    pub retry_after_ms: u32,
    /// Accepted policy + 1, 0 = not answered.
    pub transport_policy: u32,
    /// Its transport number, 0 = not answered.
    pub active_transport: u32,
    /// Accepted tolerance + 1, 0 = not answered.
    pub loss_tolerance: u32,
    /// Payload kinds the server reads, 0 = not answered.
    pub readable_payload_kinds: u32,
    /// Zero.
    pub reserved0: u32,
}

/// Record of `NNRP_EVENT_SESSION_OPENED` and `NNRP_EVENT_SESSION_RESUMED`: what was granted. 48 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpGrant {
    /// Correlation tag of the server's choice.
    pub server_session_tag: u64,
    /// 1: an earlier session goes on.
    pub is_resumed: u32,
    /// 0 interactive, 1 balanced, 2 background.
    pub priority_class: u32,
    /// Confirmed default schema.
    pub schema_id: u32,
    /// Its version.
    pub schema_version: u32,
    /// Initial.
    pub operation_credit: u32,
    /// Accepted lease lifetime, milliseconds.
    pub lease_ttl_ms: u32,
    /// Milliseconds after a loss of the transport; 0 = not resumable.
    pub resume_window_ms: u32,
    /// Routing scope confirmed by the server.
    pub route_scope_id: u32,
    /// What the server confirms, bits as on the wire.
    pub session_flags: u32,
    /// Zero.
    pub reserved0: u32,
}

/// Record of `NNRP_EVENT_SESSION_MIGRATED`. 24 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpMigrationAnswer {
    /// First frame to replay.
    pub resume_from_frame_id: u64,
    /// The server's time, microseconds.
    pub server_time_us: u64,
    /// 0 = accepted.
    pub accept_code: u32,
    /// How long the old path stays usable, milliseconds.
    pub grace_window_ms: u32,
}

/// Record of `NNRP_EVENT_SESSION_PATCHED`. 48 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpPatchAnswer {
    /// In effect, as the following fields.
    pub lane_mask: u64,
    /// In effect.
    pub target_cadence_x100: u32,
    /// In effect.
    pub quality_tier: u32,
    /// In effect.
    pub degrade_policy: u32,
    /// In effect.
    pub codec_bitmap: u32,
    /// In effect.
    pub compression_bitmap: u32,
    /// In effect.
    pub profile_id: u32,
    /// 0 accepted, 1 partially applied, 2 rejected.
    pub ack_status: u32,
    /// Of the wire.
    pub reject_reason: u32,
    /// Fields applied, bits as [`NnrpPatch::mask`].
    pub applied_mask: u32,
    /// Fields refused.
    pub rejected_mask: u32,
}

/// Record of `NNRP_EVENT_PONG`. 8 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpPong {
    /// Time from the ping to its answer.
    pub round_trip_ns: u64,
}

/// Record of `NNRP_EVENT_PROBE_ANSWERED`. 16 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpProbeAnswer {
    /// The server's clock when the probe arrived, microseconds.
    pub server_time_us: u64,
    /// The probe.
    pub probe_id: u32,
    /// Zero.
    pub reserved0: u32,
}

/// A change of session settings. 48 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpPatch {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// Bits 0 cadence, 1 tier, 2 policy, 3 lanes, 4 codecs, 5 compression, 6 profile block.
    pub mask: u32,
    /// Lanes.
    pub active_lane_mask: u64,
    /// 0..65535; 0 = the active one.
    pub profile_id: u32,
    /// Cadence × 100.
    pub target_cadence_x100: u32,
    /// 0..65535.
    pub quality_tier: u32,
    /// 0..65535.
    pub degrade_policy: u32,
    /// Codecs.
    pub preferred_codec_bitmap: u32,
    /// Compression methods.
    pub preferred_compression_bitmap: u32,
    /// Zero.
    pub reserved0: u32,
    /// Zero.
    pub reserved1: u32,
}

/// Advice about a session, or about one of its frames; also the record of `NNRP_EVENT_HINT`. 24 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpHint {
    /// Size of this struct in the writer's header.
    pub struct_size: u32,
    /// 0 = the session.
    pub frame_id: u32,
    /// Of the wire.
    pub budget_policy: u32,
    /// Of the wire.
    pub congestion: u32,
    /// Of the wire.
    pub reason: u32,
    /// Milliseconds; 0 = none.
    pub retry_after_ms: u32,
}

/// An error as one side reports it to the other; also the record of `NNRP_EVENT_PEER_ERROR`. 32 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpErrorReport {
    /// Size of this struct in the writer's header.
    pub struct_size: u32,
    /// Of the wire; any number travels.
    pub error_code: u32,
    /// 0 connection, 1 session, 2 frame.
    pub scope: u32,
    /// 1: the scope is over.
    pub is_fatal: u32,
    /// Milliseconds; 0 = none.
    pub retry_after_ms: u32,
    /// Of the wire, 0 = none.
    pub session_id: u32,
    /// 0 = none.
    pub frame_id: u32,
    /// 0 = none.
    pub view_id: u32,
}

macro_rules! event_records {
    ($($name:ident)*) => {
        // SAFETY: each is `repr(C)`, of integers at natural offsets without padding.
        $(unsafe impl EventRecord for $name {})*
    };
}

event_records! { NnrpGreeting NnrpGrant NnrpMigrationAnswer NnrpPatchAnswer NnrpPong NnrpProbeAnswer NnrpHint NnrpErrorReport }

// SAFETY: `repr(C)`, integers at natural offsets without padding, `struct_size` first.
unsafe impl Record for NnrpPatch {
    const MINIMUM: usize = 48;
}

// SAFETY: as above.
unsafe impl Record for NnrpHint {
    const MINIMUM: usize = 24;
}

// SAFETY: as above.
unsafe impl Record for NnrpErrorReport {
    const MINIMUM: usize = 32;
}

// The sizes of ABI 2.1; a padding byte would make them larger.
const _: () = assert!(size_of::<NnrpGreeting>() == 112);
const _: () = assert!(size_of::<NnrpGrant>() == 48);
const _: () = assert!(size_of::<NnrpMigrationAnswer>() == 24);
const _: () = assert!(size_of::<NnrpPatchAnswer>() == 48);
const _: () = assert!(size_of::<NnrpPong>() == 8);
const _: () = assert!(size_of::<NnrpProbeAnswer>() == 16);
const _: () = assert!(size_of::<NnrpPatch>() == 48);
const _: () = assert!(size_of::<NnrpHint>() == 24);
const _: () = assert!(size_of::<NnrpErrorReport>() == 32);
