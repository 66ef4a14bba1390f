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
mod end;
mod error;
mod event;
mod executor;
mod failure;
mod handle;
mod image;
mod layout;
mod listener;
mod options;
mod pointer;
mod queue;
mod queue_exports;
mod session;
mod session_error;
mod settings;
mod status;
mod text;
mod version;
mod wake;

pub use buffer::{nnrp_buffer_borrow, nnrp_buffer_read, nnrp_release};
pub use client::{
    nnrp_client_connect, nnrp_connection_close, nnrp_session_close, nnrp_session_open,
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
pub use options::*;
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
pub use status::*;
pub use version::*;
pub use wake::NnrpWakeCallback;
