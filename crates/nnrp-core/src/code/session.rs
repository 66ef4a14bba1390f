//! The numbers of sessions: their priority, their states, and the answers to requests about them (spec 05 §5.1).

use crate::wire::closed_enum;

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
