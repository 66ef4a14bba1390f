//! The numbers of the wire that have names (spec 05 §5.1, §5.3).
//!
//! Closed enumerations refuse unassigned numbers when decoded; open codes carry any number.

mod cache;
mod error;
mod flow;
mod operation;
mod payload;
mod result;
mod session;
mod submit;

pub use cache::{CacheAckStatus, CacheInvalidateScope, CacheLeaseOwnerScope, CacheObjectKind};
pub use error::{ErrorCode, ErrorScope, SessionErrorCode};
pub use flow::{BackpressureLevel, FlowScopeKind, FlowUpdateReason};
pub use operation::{CancelScope, OperationState};
pub use payload::{DataType, LossTolerance, PayloadFamily, StreamSemantics, TransportPolicy};
pub use result::{
    ResultClass, ResultHintBudgetPolicy, ResultHintCongestionState, ResultHintReason,
};
pub use session::{
    InFlightPolicy, SessionCloseReason, SessionCloseStatus, SessionPatchAckStatus,
    SessionPatchRejectReason, SessionPriorityClass, SessionStatus,
};
pub use submit::{InputProfile, SubmitMode, TileIndexMode};

use crate::wire::closed_enum;

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
