//! The exported functions of session settings, advice, pings, probes and error reports, and who is at the other end.

use crate::call::run;
use crate::connection::{Connection, connection, session};
use crate::control_layout::{NnrpErrorReport, NnrpHint, NnrpPatch};
use crate::end::command_failure;
use crate::failure::Failure;
use crate::handle::{NNRP_HANDLE_INVALID, NnrpHandle};
use crate::layout::NnrpError;
use crate::pointer::{Output, bytes, memory, record};
use crate::status::*;
use crate::text::write_text;
use bytes::Bytes;
use nnrp_core::code::{
    ErrorCode, ErrorScope, ResultHintBudgetPolicy, ResultHintCongestionState, ResultHintReason,
};
use nnrp_core::flags::PatchMask;
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::patch::SessionPatch;
use nnrp_core::message::result::ResultHint;
use nnrp_runtime::CommandError;
use std::ffi::c_char;

/// Client: asks for other session settings.
///
/// # Safety
/// `patch` is NULL or valid for reads of the size stated in it, `block` NULL or valid for reads of `block_size` bytes, `error`
/// NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_patch(
    session: NnrpHandle,
    patch: *const NnrpPatch,
    block: *const u8,
    block_size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let (patch, block) = (record(patch, 2)?, bytes(block, block_size, 3)?);
            let patch = session_patch(&patch, block.len()).ok_or_else(|| Failure::argument(2))?;
            let session = self::session(session)?;
            let sent = session.connection.runtime().patch_session(
                session.key,
                &patch,
                Bytes::copy_from_slice(block),
            );
            sent.map_err(|error| session.failure(&error))
        })
    }
}

/// Server: gives advice about a session, or about a frame of it.
///
/// # Safety
/// `hint` is NULL or valid for reads of the size stated in it, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_send_hint(
    session: NnrpHandle,
    hint: *const NnrpHint,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let record = record(hint, 2)?;
            let hint = result_hint(&record).ok_or_else(|| Failure::argument(2))?;
            let session = self::session(session)?;
            let sent = session
                .connection
                .runtime()
                .send_hint(session.key, record.frame_id, hint);
            sent.map_err(|error| session.failure(&error))
        })
    }
}

/// Client: sends a ping.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connection_ping(
    connection: NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            let connection = self::connection(connection)?;
            let sent = connection.runtime().ping();
            sent.map_err(|error| connection.failure(&error))
        })
    }
}

/// Client: sends a transport probe with this padding.
///
/// # Safety
/// `padding` is NULL or valid for reads of `size` bytes, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connection_probe(
    connection: NnrpHandle,
    probe_id: u32,
    padding: *const u8,
    size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let padding = bytes(padding, size, 3)?;
            let connection = self::connection(connection)?;
            let sent = connection
                .runtime()
                .probe(probe_id, Bytes::copy_from_slice(padding));
            sent.map_err(|error| connection.failure(&error))
        })
    }
}

/// Tells the peer of an error, about `session` or with 0 about the connection.
///
/// # Safety
/// `report` is NULL or valid for reads of the size stated in it, `text` NULL or valid for reads of `text_size` bytes, `error`
/// NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connection_report_error(
    connection: NnrpHandle,
    session: NnrpHandle,
    report: *const NnrpErrorReport,
    text: *const c_char,
    text_size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let (report, text) = (record(report, 3)?, bytes(text.cast(), text_size, 4)?);
            let report = error_report(&report, text.len()).ok_or_else(|| Failure::argument(3))?;
            let connection = self::connection(connection)?;
            let key = match session {
                NNRP_HANDLE_INVALID => None,
                handle => Some(
                    self::session(handle)
                        .ok()
                        .filter(|session| session.connection.handle == connection.handle)
                        .ok_or_else(Failure::handle)?
                        .key,
                ),
            };
            let text = Bytes::copy_from_slice(text);
            let sent = connection.runtime().report_error(key, &report, text);
            sent.map_err(|error| Failure {
                session,
                ..connection.failure(&error)
            })
        })
    }
}

/// Writes the peer's address as UTF-8 without terminating zero.
///
/// # Safety
/// `text` is NULL or valid for `capacity` writes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connection_peer(
    connection: NnrpHandle,
    text: *mut c_char,
    capacity: usize,
    out_size: *mut usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let text = memory(text.cast::<u8>(), capacity, 2)?;
            let out = Output::new(out_size, 4)?;
            let peer = self::connection(connection)?.peer();
            let peer = peer.ok_or_else(|| Failure::new(NNRP_STATUS_WRONG_STATE))?;
            write_text(&peer, text, &out)
        })
    }
}

/// Writes the endpoint of a connection as UTF-8 without terminating zero.
///
/// # Safety
/// `text` is NULL or valid for `capacity` writes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connection_uri(
    connection: NnrpHandle,
    text: *mut c_char,
    capacity: usize,
    out_size: *mut usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let text = memory(text.cast::<u8>(), capacity, 2)?;
            let out = Output::new(out_size, 4)?;
            let uri = self::connection(connection)?.uri();
            write_text(&uri, text, &out)
        })
    }
}

impl Connection {
    /// A refused command, with the place where it was.
    pub(crate) fn failure(&self, error: &CommandError) -> Failure {
        Failure {
            connection: self.handle,
            ..command_failure(error, 2)
        }
    }
}

/// A patch, if every field is in its range.
fn session_patch(patch: &NnrpPatch, block_size: usize) -> Option<SessionPatch> {
    if patch.reserved0 != 0 || patch.reserved1 != 0 {
        return None;
    }
    Some(SessionPatch {
        profile_id: patch.profile_id.try_into().ok()?,
        patch_mask: PatchMask::from_bits(patch.mask).ok()?,
        target_cadence_x100: patch.target_cadence_x100,
        quality_tier: patch.quality_tier.try_into().ok()?,
        degrade_policy: patch.degrade_policy.try_into().ok()?,
        active_lane_mask: patch.active_lane_mask,
        preferred_codec_bitmap: patch.preferred_codec_bitmap,
        preferred_compression_bitmap: patch.preferred_compression_bitmap,
        profile_patch_bytes: block_size.try_into().ok()?,
    })
}

/// Advice, if every field is in its range.
fn result_hint(hint: &NnrpHint) -> Option<ResultHint> {
    Some(ResultHint {
        applied_budget_policy: ResultHintBudgetPolicy::from_wire(hint.budget_policy.into()).ok()?,
        congestion_state: ResultHintCongestionState::from_wire(hint.congestion.into()).ok()?,
        reason: ResultHintReason::from_wire(hint.reason.into()).ok()?,
        retry_after_ms: hint.retry_after_ms,
    })
}

/// A report, if every field is in its range.
fn error_report(report: &NnrpErrorReport, text_size: usize) -> Option<ErrorReport> {
    Some(ErrorReport {
        error_code: ErrorCode(report.error_code),
        error_scope: ErrorScope::from_wire(report.scope.into()).ok()?,
        is_fatal: match report.is_fatal {
            0 => false,
            1 => true,
            _ => return None,
        },
        retry_after_ms: report.retry_after_ms,
        related_session_id: report.session_id,
        related_frame_id: report.frame_id,
        related_view_id: report.view_id,
        diagnostic_bytes: text_size.try_into().ok()?,
    })
}
