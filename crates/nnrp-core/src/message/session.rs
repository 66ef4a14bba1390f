//! Opening and closing a session: `SESSION_OPEN`, `SESSION_CLOSE` and their acks
//! (spec 02 §2.3–§2.6).

use crate::code::{
    InFlightPolicy, SessionCloseReason, SessionCloseStatus, SessionErrorCode, SessionPriorityClass,
    SessionStatus,
};
use crate::flags::{SessionFlags, SessionFlagsAck};
use crate::wire::fixed_structure;

fixed_structure! {
    /// Metadata of `SESSION_OPEN`.
    SessionOpen "session_open" 48 {
        /// Wanted id; 0 = the server assigns.
        requested_session_id: u32 as u32 @ 0,
        /// Profile of the session.
        profile_id: u16 as u16 @ 4,
        /// Wanted priority.
        priority_class: SessionPriorityClass as u8 @ 6,
        /// What the session may do.
        session_flags: SessionFlags as u8 @ 7,
        /// Default schema; 0 = none.
        schema_id: u32 as u32 @ 8,
        /// Its version; 0 = none.
        schema_version: u32 as u32 @ 12,
        /// Default deadline of operations, milliseconds.
        default_deadline_ms: u32 as u32 @ 16,
        /// Parallel operations wanted.
        max_in_flight_operations: u16 as u16 @ 20,
        /// Wanted lease lifetime, milliseconds; 0 = unspecified.
        lease_ttl_hint_ms: u32 as u32 @ 24,
        /// Bytes of the resume token; not 0 = a resume attempt.
        resume_token_bytes: u32 as u32 @ 28,
        /// Bytes of the auth block.
        auth_bytes: u32 as u32 @ 32,
        /// Bytes of the session extension block.
        session_extension_bytes: u32 as u32 @ 36,
        /// Correlation tag of the client's choice.
        client_session_tag: u64 as u64 @ 40,
    }
    reserved { reserved0: u16 @ 22, }
}

fixed_structure! {
    /// Metadata of `SESSION_OPEN_ACK`.
    SessionOpenAck "session_open_ack" 56 {
        /// Assigned or confirmed id; 0 when refused.
        session_id: u32 as u32 @ 0,
        /// Accepted profile.
        accepted_profile_id: u16 as u16 @ 4,
        /// Accepted priority.
        accepted_priority_class: SessionPriorityClass as u8 @ 6,
        /// The answer.
        session_status: SessionStatus as u8 @ 7,
        /// Confirmed default schema.
        schema_id: u32 as u32 @ 8,
        /// Its version.
        schema_version: u32 as u32 @ 12,
        /// Initial operation credit.
        granted_operation_credit: u16 as u16 @ 16,
        /// Parallel operations allowed.
        max_in_flight_operations: u16 as u16 @ 18,
        /// Accepted lease lifetime, milliseconds.
        lease_ttl_ms: u32 as u32 @ 20,
        /// Resume window, milliseconds; 0 = none.
        resume_window_ms: u32 as u32 @ 24,
        /// Bytes of the resume token; 0 = none.
        resume_token_bytes: u32 as u32 @ 28,
        /// Bytes of the session extension block.
        session_extension_bytes: u32 as u32 @ 32,
        /// Correlation tag of the server's choice.
        server_session_tag: u64 as u64 @ 36,
        /// Routing scope confirmed by the server.
        route_scope_id: u32 as u32 @ 44,
        /// Why the open was refused or downgraded.
        session_error_code: SessionErrorCode as u32 @ 48,
        /// What the server confirms.
        session_flags_ack: SessionFlagsAck as u32 @ 52,
    }
}

impl SessionOpenAck {
    /// Whether the ack establishes a session.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(
            self.session_status,
            SessionStatus::Opened | SessionStatus::Resumed
        )
    }
}

fixed_structure! {
    /// Metadata of `SESSION_CLOSE`.
    SessionClose "session_close" 24 {
        /// Why.
        close_reason: SessionCloseReason as u16 @ 0,
        /// What becomes of running operations.
        in_flight_policy: InFlightPolicy as u8 @ 2,
        /// Time allowed for draining, milliseconds; 0 = at once.
        drain_timeout_ms: u32 as u32 @ 4,
        /// Highest operation the sender acknowledges; 0 = none.
        last_operation_id: u64 as u64 @ 8,
        /// The error that caused the close.
        session_error_code: SessionErrorCode as u32 @ 16,
        /// Correlation tag.
        session_close_tag: u32 as u32 @ 20,
    }
    reserved { reserved0: u8 @ 3, }
}

impl SessionClose {
    /// The ordinary close of a client, as published clients send it (spec 13 §13.9).
    #[must_use]
    pub fn by_client(session_id: u32, last_operation_id: u64) -> Self {
        Self {
            close_reason: SessionCloseReason::ClientShutdown,
            last_operation_id,
            session_close_tag: session_id,
            ..Self::default()
        }
    }
}

fixed_structure! {
    /// Metadata of `SESSION_CLOSE_ACK`.
    SessionCloseAck "session_close_ack" 16 {
        /// The answer.
        close_status: SessionCloseStatus as u8 @ 0,
        /// Confirmed watermark.
        last_operation_id: u64 as u64 @ 4,
        /// The error of the close itself.
        session_error_code: SessionErrorCode as u32 @ 12,
    }
    reserved {
        reserved0: u8 @ 1,
        reserved1: u16 @ 2,
    }
}

impl SessionCloseAck {
    /// The ack of a close that is done.
    #[must_use]
    pub fn closed(close: &SessionClose) -> Self {
        Self {
            close_status: SessionCloseStatus::Closed,
            last_operation_id: close.last_operation_id,
            session_error_code: SessionErrorCode::NONE,
        }
    }
}
