//! The C ABI of NNRP, as `include/nnrp/*.h` declares it: value handles, batched events, wake, typed errors.
//!
//! The header is the manual; what is here follows it. This is the only crate with `unsafe`: pointers of the caller are
//! checked in `pointer`, callbacks called in `wake`, everything else is ordinary Rust over `nnrp-runtime`.

#![allow(unsafe_code)] // The C ABI is made of raw pointers.
#![warn(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]
#![allow(clippy::wildcard_imports)] // Tables of constants are imported as a whole.

mod batch;
mod body;
mod body_regions;
mod broken_pipe;
mod buffer;
mod cache;
mod cache_record;
mod call;
mod client;
mod codec;
mod connection;
mod control;
mod control_layout;
mod data_event;
#[cfg(unix)]
mod descriptor;
mod details;
mod end;
mod endpoint;
mod error;
mod event;
mod event_builder;
mod executor;
mod failure;
mod handle;
mod handle_table;
mod image;
mod io_threads;
mod layout;
mod listener;
mod log;
mod lost_sessions;
mod metrics;
mod metrics_layout;
mod migration;
mod option_keys;
mod options;
mod past_metrics;
mod payload;
mod pointer;
mod probe;
mod probe_score;
mod process_fork;
mod provider_record;
mod providers;
mod queue;
mod queue_exports;
mod recovery;
mod release;
pub mod safe;
mod schema;
mod schema_registry;
#[cfg(feature = "secure")]
mod security;
#[cfg(not(feature = "secure"))]
#[path = "no_security.rs"]
mod security;
mod session;
mod session_error;
mod session_event;
mod settings;
mod small_bodies;
mod status;
mod submit_objects;
mod sync;
mod text;
mod ticket;
mod transport_choice;
mod transport_policy;
mod version;
mod wake;

pub use body_regions::{
    NNRP_BODY_PRELUDE_BYTES, NnrpBodyRegions, nnrp_body_read_prelude, nnrp_body_write_prelude,
};
pub use buffer::{nnrp_buffer_borrow, nnrp_buffer_read};
pub use cache::{
    nnrp_cache_invalidate, nnrp_cache_put, nnrp_cache_set_dependencies, nnrp_object_reference_write,
};
pub use cache_record::*;
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
pub use data_event::{
    NNRP_EVENT_CACHE_ANSWERED, NNRP_EVENT_OBJECT_STORED, NNRP_EVENT_OBJECTS_INVALIDATED,
    NnrpCacheAnswer, NnrpInvalidation, NnrpSchemaAnswer, NnrpStoredObject, NnrpSubmitObject,
};
pub use details::{NnrpResultDetails, NnrpSubmitDetails};
pub use error::nnrp_error_message;
pub use event::{
    NNRP_EVENT_ACCEPTED, NNRP_EVENT_CANCEL, NNRP_EVENT_CONNECTED, NNRP_EVENT_CONNECTION_CLOSED,
    NNRP_EVENT_FLOW_UPDATE, NNRP_EVENT_LISTENER_CLOSED, NNRP_EVENT_RESULT, NNRP_EVENT_RESULT_DROP,
    NNRP_EVENT_SESSION_CLOSED, NNRP_EVENT_SESSION_OPENED, NNRP_EVENT_SUBMIT, NNRP_EVENT_WRITABLE,
};
pub use handle::{NNRP_HANDLE_INVALID, NnrpHandle};
pub use layout::{NnrpBatch, NnrpError, NnrpEvent, NnrpFlowUpdate, NnrpResult, NnrpSubmit};
pub use listener::{nnrp_listener_close, nnrp_listener_uri, nnrp_server_listen};
pub use log::layout::{
    NNRP_EVENT_LOG, NNRP_LOG_DEBUG, NNRP_LOG_ERROR, NNRP_LOG_INFO, NNRP_LOG_OFF, NNRP_LOG_TRACE,
    NNRP_LOG_WARN, NnrpLogRecord,
};
pub use log::nnrp_queue_set_log;
pub use metrics::{
    nnrp_connection_metrics, nnrp_handle_counts, nnrp_listener_metrics, nnrp_process_metrics,
};
pub use metrics_layout::{NnrpHandleCounts, NnrpMetrics};
pub use migration::{
    nnrp_connection_migrate, nnrp_listener_drain, nnrp_session_is_resumable, nnrp_session_migrate,
};
pub use option_keys::*;
pub use options::{nnrp_options_create, nnrp_options_set_bytes, nnrp_options_set_u64};
pub use payload::*;
pub use probe::{NNRP_EVENT_PROBED, nnrp_probe_start};
pub use probe_score::*;
pub use provider_record::*;
pub use providers::*;
pub use queue_exports::{
    nnrp_queue_close, nnrp_queue_create, nnrp_queue_descriptor, nnrp_queue_drain,
    nnrp_queue_set_wake, nnrp_queue_wait,
};
pub use recovery::*;
pub use release::nnrp_release;
pub use schema::*;
pub use schema_registry::*;
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
pub use ticket::{
    NnrpTicketInfo, nnrp_connection_resume_session, nnrp_session_detach, nnrp_session_take_ticket,
    nnrp_ticket_info, nnrp_ticket_restore, nnrp_ticket_save,
};
pub use transport_choice::*;
pub use transport_policy::*;
pub use version::*;
pub use wake::NnrpWakeCallback;
