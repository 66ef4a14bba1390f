//! The numbers of the wire that have names (spec 05 §5.1, §5.3).
//!
//! Closed enumerations refuse unassigned numbers when decoded; open codes carry any number.

mod cache;
mod payload;

pub use cache::{CacheAckStatus, CacheInvalidateScope, CacheLeaseOwnerScope, CacheObjectKind};
pub use payload::{DataType, LossTolerance, PayloadFamily, StreamSemantics, TransportPolicy};

use crate::wire::{closed_enum, open_code};

closed_enum! {
    /// Priority of a session.
    SessionPriorityClass in (u8), "session_priority_class", default Balanced {
        /// Foreground work, latency first.
        Interactive = 0 "interactive",
        /// The default.
        Balanced = 1 "balanced",
        /// May be preempted.
        Background = 2 "background",
    }
}

closed_enum! {
    /// Answer to `SESSION_OPEN`.
    SessionStatus in (u8), "session_status", default Opened {
        /// A session was established.
        Opened = 0 "opened",
        /// Refused.
        Rejected = 1 "rejected",
        /// Refused for the moment.
        RetryLater = 2 "retry_later",
        /// An earlier session continues.
        Resumed = 3 "resumed",
    }
}

closed_enum! {
    /// Why a session is closed.
    SessionCloseReason in (u16), "close_reason", default Normal {
        /// Ordinary end.
        Normal = 0 "normal",
        /// The client stops.
        ClientShutdown = 1 "client_shutdown",
        /// The server stops.
        ServerShutdown = 2 "server_shutdown",
        /// Idle too long.
        IdleTimeout = 3 "idle_timeout",
        /// The protocol was violated.
        ProtocolError = 4 "protocol_error",
        /// Credentials were revoked or expired.
        AuthRevoked = 5 "auth_revoked",
    }
}

closed_enum! {
    /// What a close does to running operations.
    InFlightPolicy in (u8), "in_flight_policy", default Drain {
        /// Let them finish within the timeout.
        Drain = 0 "drain",
        /// End them.
        Abort = 1 "abort",
    }
}

closed_enum! {
    /// Answer to `SESSION_CLOSE`.
    SessionCloseStatus in (u8), "close_status", default Acknowledged {
        /// Accepted, in progress.
        Acknowledged = 0 "acknowledged",
        /// Operations are still finishing.
        Draining = 1 "draining",
        /// Done.
        Closed = 2 "closed",
        /// Refused.
        Rejected = 3 "rejected",
    }
}

closed_enum! {
    /// State of an operation. Not on the wire in this version; the numbers are frozen.
    OperationState in (u8), "operation_state", default Accepted {
        /// Registered.
        Accepted = 0 "accepted",
        /// Being worked on.
        Running = 1 "running",
        /// A partial result was delivered.
        Partial = 2 "partial",
        /// Waits for a tool.
        WaitingTool = 3 "waiting_tool",
        /// Replaced by newer work; terminal.
        Superseded = 4 "superseded",
        /// Cancelled; terminal.
        Cancelled = 5 "cancelled",
        /// Failed; terminal.
        Failed = 6 "failed",
        /// Answered; terminal.
        Completed = 7 "completed",
    }
}

closed_enum! {
    /// How far a cancellation reaches. Not on the wire in this version.
    CancelScope in (u8), "cancel_scope", default Operation {
        /// One operation.
        Operation = 0 "operation",
        /// The operation and its descendants.
        Subtree = 1 "subtree",
        /// Operations that share the group id.
        Group = 2 "group",
        /// The whole session.
        Session = 3 "session",
    }
}

closed_enum! {
    /// What a `FLOW_UPDATE` is about.
    FlowScopeKind in (u8), "scope_kind", default Connection {
        /// The whole connection.
        Connection = 0 "connection",
        /// One session.
        Session = 1 "session",
        /// One operation.
        Operation = 2 "operation",
    }
}

closed_enum! {
    /// Why a `FLOW_UPDATE` was sent.
    FlowUpdateReason in (u8), "update_reason", default Grant {
        /// More credit.
        Grant = 0 "grant",
        /// Less credit.
        Reduce = 1 "reduce",
        /// Stop new work.
        Pause = 2 "pause",
        /// Continue after a pause.
        Resume = 3 "resume",
        /// Congestion.
        Congestion = 4 "congestion",
    }
}

closed_enum! {
    /// How urgently the sender of a `FLOW_UPDATE` wants relief.
    BackpressureLevel in (u8), "backpressure_level", default None {
        /// No restriction.
        None = 0 "none",
        /// Slow down.
        Soft = 1 "soft",
        /// Stop submitting.
        Hard = 2 "hard",
    }
}

closed_enum! {
    /// Budget advice of a `RESULT_HINT`.
    ResultHintBudgetPolicy in (u32), "result_hint_budget_policy", default None {
        /// No advice.
        None = 0 "none",
        /// Full processing.
        Full = 1 "full",
        /// Partial results.
        Partial = 2 "partial",
        /// Reuse of old results.
        StaleReuse = 3 "stale_reuse",
        /// Dropping.
        Drop = 4 "drop",
    }
}

closed_enum! {
    /// Load advice of a `RESULT_HINT`.
    ResultHintCongestionState in (u32), "result_hint_congestion_state", default None {
        /// Not stated.
        None = 0 "none",
        /// Normal load.
        Steady = 1 "steady",
        /// Rising load.
        Elevated = 2 "elevated",
        /// Overload.
        Saturated = 3 "saturated",
    }
}

closed_enum! {
    /// Cause of a `RESULT_HINT`.
    ResultHintReason in (u32), "result_hint_reason", default None {
        /// Not stated.
        None = 0 "none",
        /// A queue is full.
        QueueFull = 1 "queue_full",
        /// The server is busy.
        ServerBusy = 2 "server_busy",
        /// The budget was exceeded.
        BudgetExceeded = 3 "budget_exceeded",
        /// Newer work replaced it.
        Superseded = 4 "superseded",
    }
}

closed_enum! {
    /// Answer to `SESSION_PATCH`.
    SessionPatchAckStatus in (u16), "session_patch_ack_status", default Accepted {
        /// All fields were applied.
        Accepted = 0 "accepted",
        /// Some fields were applied.
        PartiallyApplied = 1 "partially_applied",
        /// No field was applied.
        Rejected = 2 "rejected",
    }
}

closed_enum! {
    /// Why a patch, or part of it, was refused.
    SessionPatchRejectReason in (u16), "session_patch_reject_reason", default None {
        /// Nothing was refused.
        None = 0 "none",
        /// The field is not supported.
        UnsupportedField = 1 "unsupported_field",
        /// The value is out of range.
        InvalidRange = 2 "invalid_range",
        /// The strategy is not supported.
        UnsupportedStrategy = 3 "unsupported_strategy",
        /// The lane mask is invalid.
        InvalidLaneMask = 4 "invalid_lane_mask",
        /// Too many patches.
        RateLimited = 5 "rate_limited",
    }
}

closed_enum! {
    /// A transport binding, by its number in `SESSION_MIGRATE`.
    TransportId in (u32), "transport_id", default Unspecified {
        /// None; refused in `SESSION_MIGRATE`.
        Unspecified = 0 "unspecified",
        /// QUIC.
        Quic = 1 "quic",
        /// TCP.
        Tcp = 2 "tcp",
    }
}

closed_enum! {
    /// How far an `ERROR` reaches.
    ErrorScope in (u32), "error_scope", default Connection {
        /// The whole connection.
        Connection = 0 "connection",
        /// One session.
        Session = 1 "session",
        /// One frame.
        Frame = 2 "frame",
    }
}

closed_enum! {
    /// Input of a tensor submit.
    InputProfile in (u8), "input_profile", default Unspecified {
        /// None.
        Unspecified = 0 "unspecified",
        /// Luma of changed tiles.
        ChangedTilesLuma = 1 "changed_tiles_luma",
        /// Luma of the full frame.
        DenseLumaFrame = 2 "dense_luma_frame",
    }
}

closed_enum! {
    /// Encoding of the tile index block.
    TileIndexMode in (u8), "tile_index_mode", default DenseRange {
        /// Consecutive ids from `tile_base_id`.
        DenseRange = 0 "dense_range",
        /// One `u16` a tile.
        RawU16 = 1 "raw_u16",
        /// Differences between ascending ids.
        DeltaU16 = 2 "delta_u16",
        /// One bit a tile id.
        Bitset = 3 "bitset",
    }
}

closed_enum! {
    /// How the objects of a submit travel.
    SubmitMode in (u8), "submit_mode", default Inline {
        /// All inline.
        Inline = 0 "inline",
        /// Standard objects by reference.
        Reference = 1 "reference",
        /// Some inline, some by reference.
        Mixed = 2 "mixed",
    }
}

closed_enum! {
    /// What a `RESULT_PUSH` is to its frame.
    ResultClass in (u8), "result_class", default Complete {
        /// The whole result.
        Complete = 0 "complete",
        /// Part of it; more follows.
        Partial = 1 "partial",
        /// An older result.
        StaleReuse = 2 "stale_reuse",
        /// The result in reduced quality.
        Degraded = 3 "degraded",
    }
}

open_code! {
    /// `session_error_code` of the session messages.
    SessionErrorCode: u32 {
        /// No error.
        NONE = 0x0000_0000 "none",
        /// Authentication failed.
        AUTH_FAILED = 0x0001_0001 "auth_failed",
        /// The profile is not served.
        PROFILE_UNSUPPORTED = 0x0001_0002 "profile_unsupported",
        /// The schema, or its version, is not installed.
        SCHEMA_UNSUPPORTED = 0x0001_0003 "schema_unsupported",
        /// The priority is refused.
        PRIORITY_REJECTED = 0x0001_0004 "priority_rejected",
        /// The lease policy is refused.
        LEASE_POLICY_REJECTED = 0x0001_0005 "lease_policy_rejected",
        /// There is nothing to resume, or the token does not fit.
        RESUME_REJECTED = 0x0001_0006 "resume_rejected",
        /// The id is in use or a session limit is reached.
        SESSION_LIMIT_REACHED = 0x0001_0007 "session_limit_reached",
    }
}

open_code! {
    /// `error_code` of `ERROR`, all families of spec 05 §5.3.
    ErrorCode: u32 {
        /// The version is not supported; fatal.
        UNSUPPORTED_VERSION = 0x0000_0001 "unsupported_version",
        /// Authentication failed; fatal.
        AUTH_FAILED = 0x0000_0002 "auth_failed",
        /// The message does not fit the state.
        INVALID_STATE = 0x0000_0003 "invalid_state",
        /// The header is malformed; fatal.
        MALFORMED_HEADER = 0x0000_0004 "malformed_header",
        /// The body is malformed.
        MALFORMED_BODY = 0x0000_0005 "malformed_body",
        /// A capability is not supported.
        UNSUPPORTED_CAPABILITY = 0x0000_0006 "unsupported_capability",
        /// A limit was exceeded.
        LIMIT_EXCEEDED = 0x0000_0007 "limit_exceeded",
        /// The frame came too late.
        FRAME_EXPIRED = 0x0000_0008 "frame_expired",
        /// The frame was cancelled.
        FRAME_CANCELLED = 0x0000_0009 "frame_cancelled",
        /// A referenced object is not cached, as older peers say it; [`Self::CACHE_MISS`] is what to send.
        OLDER_CACHE_MISS = 0x0000_000a "cache_miss",
        /// The server is busy.
        SERVER_BUSY = 0x0000_000b "server_busy",
        /// Something broke inside the peer.
        INTERNAL_ERROR = 0x0000_000c "internal_error",
        /// The cache has no more to say: the object was refused for want of room.
        CACHE_NONE = 0x0003_0000 "cache_none",
        /// A referenced object is not cached.
        CACHE_MISS = 0x0003_0001 "cache_miss",
        /// The lease ran out.
        LEASE_EXPIRED = 0x0003_0002 "lease_expired",
        /// The object's version differs.
        VERSION_MISMATCH = 0x0003_0003 "version_mismatch",
        /// A dependency is not valid.
        DEPENDENCY_INVALID = 0x0003_0004 "dependency_invalid",
        /// The schema differs.
        SCHEMA_MISMATCH = 0x0003_0005 "schema_mismatch",
        /// The schema registry has no more to say.
        SCHEMA_NONE = 0x0004_0000 "schema_none",
        /// The schema is unknown.
        SCHEMA_UNKNOWN = 0x0004_0001 "schema_unknown",
        /// The schema's version is unknown.
        SCHEMA_VERSION_UNKNOWN = 0x0004_0002 "schema_version_unknown",
        /// The schema's hash differs.
        SCHEMA_HASH_CONFLICT = 0x0004_0003 "schema_hash_conflict",
        /// The schema is incompatible.
        SCHEMA_INCOMPATIBLE = 0x0004_0004 "schema_incompatible",
        /// A dependency of the schema is missing.
        SCHEMA_DEPENDENCY_MISSING = 0x0004_0005 "schema_dependency_missing",
        /// The schema cannot be updated.
        SCHEMA_UPDATE_REJECTED = 0x0004_0006 "schema_update_rejected",
    }
}

/// `profile_id` of sessions without a profile-specific interpretation.
pub const PROFILE_UNSPECIFIED: u16 = 0;
/// `profile_id` of tensor sessions.
pub const PROFILE_TENSOR: u16 = 1;
/// `profile_id` of token sessions.
pub const PROFILE_TOKEN: u16 = 2;
/// `schema_id` of the token-delta schema that every published peer has installed.
pub const SCHEMA_TOKEN_DELTA: u32 = 0x1001;
/// The version of [`SCHEMA_TOKEN_DELTA`] that published peers have installed.
pub const SCHEMA_TOKEN_DELTA_VERSION: u32 = 3;
