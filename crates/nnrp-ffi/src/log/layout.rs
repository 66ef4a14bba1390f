//! Levels, event and record of the log. Declared in `nnrp_observe.h`.

use crate::layout::EventRecord;

/// Nothing.
pub const NNRP_LOG_OFF: u32 = 0;
/// What this library could not do.
pub const NNRP_LOG_ERROR: u32 = 1;
/// What ended otherwise than in order.
pub const NNRP_LOG_WARN: u32 = 2;
/// The end of every connection.
pub const NNRP_LOG_INFO: u32 = 3;
/// What helps to find a defect.
pub const NNRP_LOG_DEBUG: u32 = 4;
/// Everything.
pub const NNRP_LOG_TRACE: u32 = 5;

/// A line of the log.
pub const NNRP_EVENT_LOG: u32 = 44;

/// The record of a line. 24 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpLogRecord {
    /// Microseconds since 1970-01-01 UTC.
    pub time_us: u64,
    /// Lines of this queue that were dropped since the one before.
    pub dropped: u64,
    /// `NNRP_LOG_*`.
    pub level: u32,
    /// Zero.
    pub reserved0: u32,
}

const _: () = assert!(size_of::<NnrpLogRecord>() == 24);

// SAFETY: `repr(C)`, integers at natural offsets without padding, size a multiple of 8.
unsafe impl EventRecord for NnrpLogRecord {}
