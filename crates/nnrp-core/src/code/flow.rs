//! The numbers of flow updates (spec 05 §5.1).

use crate::wire::closed_enum;

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
