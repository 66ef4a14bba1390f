//! The C ABI of NNRP, as `include/nnrp/*.h` declares it: value handles, batched events, wake, typed errors.
//!
//! The header is the manual; what is here follows it. This is the only crate with `unsafe`: pointers of the caller are
//! checked in `pointer`, callbacks called in `wake`, everything else is ordinary Rust over `nnrp-runtime`.

#![allow(unsafe_code)] // The C ABI is made of raw pointers.
#![warn(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]
#![allow(clippy::wildcard_imports)] // Tables of constants are imported as a whole.

mod body;
mod buffer;
mod call;
mod client;
mod connection;
mod control;
mod control_layout;
mod end;
mod error;
mod event;
mod executor;
mod failure;
mod handle;
mod image;
mod layout;
mod listener;
mod option_keys;
mod options;
mod pointer;
mod queue;
mod queue_exports;
#[cfg(feature = "secure")]
mod security;
#[cfg(not(feature = "secure"))]
#[path = "no_security.rs"]
mod security;
mod session;
mod session_error;
mod session_event;
mod settings;
mod status;
mod text;
mod version;
mod wake;

pub use buffer::{nnrp_buffer_borrow, nnrp_buffer_read, nnrp_release};
pub use client::{
    nnrp_connect, nnrp_connection_open_session, nnrp_connection_shutdown, nnrp_session_shutdown,
};
pub use control::{
    nnrp_connection_peer, nnrp_connection_ping, nnrp_connection_probe,
    nnrp_connection_report_error, nnrp_connection_uri, nnrp_session_patch, nnrp_session_send_hint,
};
pub use control_layout::{
    NnrpErrorReport, NnrpGrant, NnrpGreeting, NnrpHint, NnrpMigrationAnswer, NnrpPatch,
    NnrpPatchAnswer, NnrpPong, NnrpProbeAnswer,
};
pub use error::nnrp_error_message;
pub use event::{
    NNRP_EVENT_ACCEPTED, NNRP_EVENT_CANCEL, NNRP_EVENT_CONNECTED, NNRP_EVENT_CONNECTION_CLOSED,
    NNRP_EVENT_FLOW_UPDATE, NNRP_EVENT_LISTENER_CLOSED, NNRP_EVENT_RESULT, NNRP_EVENT_RESULT_DROP,
    NNRP_EVENT_SESSION_CLOSED, NNRP_EVENT_SESSION_OPENED, NNRP_EVENT_SUBMIT, NNRP_EVENT_WRITABLE,
};
pub use handle::{NNRP_HANDLE_INVALID, NnrpHandle};
pub use layout::{NnrpBatch, NnrpError, NnrpEvent, NnrpFlowUpdate, NnrpResult, NnrpSubmit};
pub use listener::{nnrp_listener_close, nnrp_listener_uri, nnrp_server_listen};
pub use option_keys::*;
pub use options::{nnrp_options_create, nnrp_options_set_bytes, nnrp_options_set_u64};
pub use queue_exports::{
    nnrp_queue_close, nnrp_queue_create, nnrp_queue_drain, nnrp_queue_set_wake, nnrp_queue_wait,
};
pub use session::{
    nnrp_session_cancel, nnrp_session_send_drop, nnrp_session_send_flow_update,
    nnrp_session_send_results, nnrp_session_submit,
};
pub use session_error::{
    NNRP_SESSION_ERROR_LIMIT_REACHED, NNRP_SESSION_ERROR_PROFILE_UNSUPPORTED,
    NNRP_SESSION_ERROR_RESUME_REJECTED, NNRP_SESSION_ERROR_SCHEMA_UNSUPPORTED,
};
pub use session_event::{
    NNRP_EVENT_CONNECTION_LOST, NNRP_EVENT_DEADLINE_PASSED, NNRP_EVENT_FRAMES_LOST,
    NNRP_EVENT_GREETED, NNRP_EVENT_HINT, NNRP_EVENT_MIGRATED, NNRP_EVENT_MIGRATION_FAILED,
    NNRP_EVENT_PEER_ERROR, NNRP_EVENT_PONG, NNRP_EVENT_PROBE_ANSWERED, NNRP_EVENT_RECONNECTING,
    NNRP_EVENT_SESSION_MIGRATED, NNRP_EVENT_SESSION_PATCHED, NNRP_EVENT_SESSION_RESUMED,
};
pub use status::*;
pub use version::*;
pub use wake::NnrpWakeCallback;
