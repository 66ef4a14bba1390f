//! `ERROR` (spec 02 §2.13).

use crate::code::{ErrorCode, ErrorScope};
use crate::wire::fixed_structure;

fixed_structure! {
    /// Metadata of `ERROR`; the body is text for humans.
    ErrorReport "error" 32 {
        /// What happened; any number is carried.
        error_code: ErrorCode as u32 @ 0,
        /// How far it reaches.
        error_scope: ErrorScope as u32 @ 4,
        /// Whether the scope is over.
        is_fatal: bool as u32 @ 8,
        /// Suggested delay, milliseconds; 0 = none.
        retry_after_ms: u32 as u32 @ 12,
        /// Session concerned; 0 = none.
        related_session_id: u32 as u32 @ 16,
        /// Frame concerned; 0 = none.
        related_frame_id: u32 as u32 @ 20,
        /// View concerned; 0 = none.
        related_view_id: u32 as u32 @ 24,
        /// Bytes of the diagnostic text in the body.
        diagnostic_bytes: u32 as u32 @ 28,
    }
}
