//! The structs of the ABI, field by field as in `include/nnrp/*.h`: fixed-width integers at natural offsets, one layout on
//! every target.

use std::{ptr, slice};

/// The whole diagnosis of a failed call. 64 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpError {
    /// `NNRP_STATUS_*`.
    pub status: u32,
    /// `NNRP_FAMILY_*`.
    pub family: u32,
    /// Error code of the wire, 0 = none.
    pub protocol_code: u32,
    /// Meaning depends on the status.
    pub detail: u32,
    /// Handle, 0 = none.
    pub connection: u64,
    /// Handle, 0 = none.
    pub session: u64,
    /// 0 = none.
    pub operation_id: u64,
    /// Id on the wire, 0 = none.
    pub session_id: u32,
    /// 0 = none.
    pub frame_id: u32,
    /// Zero.
    pub reserved0: u64,
    /// Zero.
    pub reserved1: u64,
}

/// One event. 176 bytes. Fields that an event kind does not use are 0; what does not fit stands in a record behind the body.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpEvent {
    /// `NNRP_EVENT_*`.
    pub kind: u32,
    /// `NNRP_STATUS_*` of the closing events, else 0.
    pub status: u32,
    /// Handle.
    pub listener: u64,
    /// Handle.
    pub connection: u64,
    /// Handle.
    pub session: u64,
    /// Equals `frame_id` for submits and results; target of an operation-scope flow update.
    pub operation_id: u64,
    /// Wire header.
    pub trace_id: u64,
    /// Where the body starts in the arena.
    pub payload_offset: u64,
    /// Bytes of the body, in the arena or in `buffer`.
    pub payload_size: u64,
    /// Handle of the body when it did not fit the arena, else 0.
    pub buffer: u64,
    /// Id on the wire.
    pub session_id: u32,
    /// Wire header.
    pub frame_id: u32,
    /// Wire header.
    pub header_flags: u32,
    /// Wire header.
    pub view_id: u16,
    /// Wire header.
    pub route_id: u16,
    /// Error code of the wire.
    pub protocol_code: u32,
    /// See the status.
    pub detail: u32,
    /// Session opened: accepted profile; result: active profile.
    pub profile_id: u32,
    /// Session opened: operations at once.
    pub max_in_flight: u32,
    /// Result.
    pub status_code: u32,
    /// Result: 0 complete, 1 partial, 2 `stale_reuse`, 3 degraded.
    pub result_class: u32,
    /// Result.
    pub result_flags: u32,
    /// Submit, result.
    pub payload_kind_bitmap: u32,
    /// Submit, result.
    pub payload_frame_count: u32,
    /// Submit.
    pub latency_budget_ms: u32,
    /// Result.
    pub inference_ms: u32,
    /// Result.
    pub queue_ms: u32,
    /// Result.
    pub server_total_ms: u32,
    /// Flow update: 0 connection, 1 session, 2 operation.
    pub flow_scope: u32,
    /// Flow update: 0 grant, 1 reduce, 2 pause, 3 resume, 4 congestion.
    pub flow_reason: u32,
    /// Flow update: 0 none, 1 soft, 2 hard.
    pub flow_backpressure: u32,
    /// Flow update: bit 0 credit valid, 1 `retry_after` valid, 2 background only, 3 drain only.
    pub flow_flags: u32,
    /// Flow update: the credit of its scope.
    pub flow_credit: u32,
    /// Flow update.
    pub flow_epoch: u32,
    /// Flow update.
    pub retry_after_ms: u32,
    /// Session closed: reason of the wire.
    pub close_reason: u32,
    /// Bytes of the record behind the body, 0 = none.
    pub record_size: u32,
}

/// One submit. 56 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpSubmit {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// Wire header flags, bits 0..5.
    pub header_flags: u32,
    /// Wire header.
    pub trace_id: u64,
    /// In the arena.
    pub body_offset: u64,
    /// Bytes.
    pub body_size: u64,
    /// 0..65535.
    pub latency_budget_ms: u32,
    /// Bits 0..6.
    pub payload_kind_bitmap: u32,
    /// 0..65535.
    pub payload_frame_count: u32,
    /// Zero.
    pub reserved0: u32,
    /// Where its details lie in the arena.
    pub details_offset: u32,
    /// Bytes of them, 0 = none.
    pub details_size: u32,
}

/// What became of a batch. 16 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpBatch {
    /// Entries taken, from the first on.
    pub accepted: u32,
    /// Submits: frame id of the first entry taken; results: 0.
    pub first_frame_id: u32,
    /// Zero.
    pub reserved0: u32,
    /// Zero.
    pub reserved1: u32,
}

/// One result. 72 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpResult {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// The submit answered.
    pub frame_id: u32,
    /// In the arena.
    pub body_offset: u64,
    /// Bytes.
    pub body_size: u64,
    /// 0..65535.
    pub status_code: u32,
    /// 0 complete, 1 partial, 2 `stale_reuse`, 3 degraded.
    pub result_class: u32,
    /// Bits 0..2.
    pub result_flags: u32,
    /// Bits 0..6.
    pub payload_kind_bitmap: u32,
    /// 0..65535.
    pub payload_frame_count: u32,
    /// 0..65535.
    pub inference_ms: u32,
    /// 0..65535.
    pub queue_ms: u32,
    /// 0..65535.
    pub server_total_ms: u32,
    /// 0..65535; 0 = the profile of the session.
    pub profile_id: u32,
    /// Zero.
    pub reserved0: u32,
    /// Where its details lie in the arena.
    pub details_offset: u32,
    /// Bytes of them, 0 = none.
    pub details_size: u32,
}

/// A change of credit. 40 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpFlowUpdate {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// 0 connection, 1 session, 2 operation.
    pub scope: u32,
    /// Operation scope: its frame id, else 0.
    pub operation_id: u64,
    /// 0 grant, 1 reduce, 2 pause, 3 resume, 4 congestion.
    pub reason: u32,
    /// 0 none, 1 soft, 2 hard.
    pub backpressure: u32,
    /// 0..65535, the window of the scope.
    pub credit: u32,
    /// Counts if flags bit 1 is set, else 0.
    pub retry_after_ms: u32,
    /// Grows per scope.
    pub epoch: u32,
    /// Bit 0 credit valid, 1 `retry_after` valid, 2 background only, 3 drain in flight only.
    pub flags: u32,
}

/// A struct that callers fill and that grows by appended fields only.
///
/// # Safety
/// The type is `repr(C)` without padding, of integers only (so that every byte pattern is a value), and starts with
/// `struct_size: u32`.
pub(crate) unsafe trait Record: Copy {
    /// Its size in the first ABI version that had it.
    const MINIMUM: usize;
}

/// A struct that the library writes behind the body of an event, and that grows by appended fields only.
///
/// # Safety
/// The type is `repr(C)` without padding, of integers only, and its size is a multiple of 8.
pub(crate) unsafe trait EventRecord: Copy {
    /// Its bytes as they lie in memory.
    fn as_bytes(&self) -> &[u8] {
        // SAFETY: without padding every byte of the value is initialised.
        unsafe { slice::from_raw_parts(ptr::from_ref(self).cast(), size_of::<Self>()) }
    }
}

// SAFETY: `repr(C)`, integers at natural offsets without padding, `struct_size` first.
unsafe impl Record for NnrpSubmit {
    const MINIMUM: usize = 48;
}

// SAFETY: as above.
unsafe impl Record for NnrpResult {
    const MINIMUM: usize = 64;
}

// SAFETY: as above.
unsafe impl Record for NnrpFlowUpdate {
    const MINIMUM: usize = 40;
}

// The sizes of ABI 2.0; a padding byte would make them larger.
const _: () = assert!(size_of::<NnrpError>() == 64);
const _: () = assert!(size_of::<NnrpEvent>() == 176);
const _: () = assert!(size_of::<NnrpSubmit>() == 56);
const _: () = assert!(size_of::<NnrpBatch>() == 16);
const _: () = assert!(size_of::<NnrpResult>() == 72);
const _: () = assert!(size_of::<NnrpFlowUpdate>() == 40);
