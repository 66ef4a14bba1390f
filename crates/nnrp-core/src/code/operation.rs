//! The numbers of operations (spec 05 §5.1).

use crate::wire::closed_enum;

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
