//! The numbers of results and of the hints about them (spec 05 §5.1).

use crate::wire::closed_enum;

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
