//! The codes of errors and refusals, and how far an error reaches (spec 05 §5.1, §5.3).

use crate::wire::{closed_enum, open_code};

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
