//! The exported functions by which sessions send: submits and cancels of a client, results, drops and credit of a server.

use crate::batch::Batch;
use crate::body::BodyCopier;
use crate::call::{run, run_bare};
use crate::connection::{Session, session};
use crate::details::{NnrpResultDetails, NnrpSubmitDetails};
use crate::end::command_failure;
use crate::failure::Failure;
use crate::handle::NnrpHandle;
use crate::layout::{NnrpBatch, NnrpError, NnrpFlowUpdate, NnrpResult, NnrpSubmit};
use crate::pointer::Records;
use crate::status::*;
use nnrp_core::code::{BackpressureLevel, FlowScopeKind, FlowUpdateReason, ResultClass};
use nnrp_core::flags::{FlowFlags, HeaderFlags, PayloadKinds, ResultFlags};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{Answer, CommandError, FrameContext, Submission};

/// Queues submits in order, with consecutive frame ids.
///
/// # Safety
/// `submits` is NULL or valid for reads of `count` records of the size stated in the first, `arena` NULL or valid for reads
/// of `arena_size` bytes, `out_batch` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_submit(
    session: NnrpHandle,
    submits: *const NnrpSubmit,
    count: u32,
    arena: *const u8,
    arena_size: usize,
    out_batch: *mut NnrpBatch,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    let memory = unsafe { Batch::new(submits, count, arena, arena_size, out_batch) };
    run_bare(|| {
        let session = self::session(session);
        memory?.send(submission, |submits| {
            let session = session?;
            let sent = session.connection.runtime().submit(session.key, submits);
            sent.map_err(|error| session.failure(&error))
        })
    })
}

/// Queues results in order.
///
/// # Safety
/// `results` is NULL or valid for reads of `count` records of the size stated in the first, `arena` NULL or valid for reads
/// of `arena_size` bytes, `out_batch` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_send_results(
    session: NnrpHandle,
    results: *const NnrpResult,
    count: u32,
    arena: *const u8,
    arena_size: usize,
    out_batch: *mut NnrpBatch,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    let memory = unsafe { Batch::new(results, count, arena, arena_size, out_batch) };
    run_bare(|| {
        let session = self::session(session);
        memory?.send(answer, |results| {
            let session = session?;
            let sent = session
                .connection
                .runtime()
                .send_results(session.key, results);
            sent.map_err(|error| session.failure(&error))
        })
    })
}

/// Asks the server to cancel a frame.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_cancel(
    session: NnrpHandle,
    frame_id: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            let session = self::session(session)?;
            let cancelled = session.connection.runtime().cancel(session.key, frame_id);
            cancelled.map_err(|error| Failure {
                frame_id,
                ..session.failure(&error)
            })
        })
    }
}

/// Tells the client that no result will come for a frame.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_send_drop(
    session: NnrpHandle,
    frame_id: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            let session = self::session(session)?;
            let dropped = session
                .connection
                .runtime()
                .send_drop(session.key, frame_id);
            dropped.map_err(|error| Failure {
                frame_id,
                ..session.failure(&error)
            })
        })
    }
}

/// Sends a change of credit.
///
/// # Safety
/// `update` is NULL or valid for reads of the size stated in it, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_send_flow_update(
    session: NnrpHandle,
    update: *const NnrpFlowUpdate,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let update = Records::new(update, 1, 2)?;
            let update = update.iter().next().ok_or_else(|| Failure::argument(2))??;
            let update = flow_update(&update).ok_or_else(|| Failure::argument(2))?;
            let session = self::session(session)?;
            let sent = session
                .connection
                .runtime()
                .send_flow_update(session.key, &update);
            sent.map_err(|error| session.failure(&error))
        })
    }
}

impl Session {
    /// Closes the session in order.
    pub(crate) fn close(&self) -> Result<(), Failure> {
        match self.connection.runtime().close_session(self.key) {
            Ok(()) | Err(CommandError::UnknownSession | CommandError::Closed) => Ok(()),
            Err(error) => Err(self.failure(&error)),
        }
    }

    /// A refused command, with the place where it was.
    pub(crate) fn failure(&self, error: &CommandError) -> Failure {
        Failure {
            connection: self.connection.handle,
            session: self.handle,
            ..command_failure(error, 2)
        }
    }
}

/// A submit, if every field is in its range.
#[inline]
fn submission(submit: &NnrpSubmit, bodies: &mut BodyCopier<'_>) -> Option<Submission> {
    if submit.reserved0 != 0 {
        return None;
    }
    let header = FrameContext {
        flags: HeaderFlags::from_bits(submit.header_flags).ok()?,
        trace_id: submit.trace_id,
        ..FrameContext::default()
    };
    let metadata = FrameSubmit {
        latency_budget_ms: submit.latency_budget_ms.try_into().ok()?,
        payload_kind_bitmap: PayloadKinds::from_bits(submit.payload_kind_bitmap).ok()?,
        payload_frame_count: submit.payload_frame_count.try_into().ok()?,
        ..FrameSubmit::default()
    };
    let (header, metadata) = match submit.details_size {
        0 => (header, metadata),
        size => {
            let details: NnrpSubmitDetails = bodies.details(submit.details_offset, size)?;
            details.add_to(header, metadata)?
        }
    };
    Some(Submission {
        header,
        metadata,
        body: bodies.copy(submit.body_offset, submit.body_size)?,
    })
}

/// A result, if every field is in its range.
#[inline]
fn answer(result: &NnrpResult, bodies: &mut BodyCopier<'_>) -> Option<Answer> {
    if result.reserved0 != 0 {
        return None;
    }
    let metadata = ResultPush {
        status_code: result.status_code.try_into().ok()?,
        result_flags: ResultFlags::from_bits(result.result_flags.try_into().ok()?).ok()?,
        active_profile_id: result.profile_id.try_into().ok()?,
        inference_ms: result.inference_ms.try_into().ok()?,
        queue_ms: result.queue_ms.try_into().ok()?,
        server_total_ms: result.server_total_ms.try_into().ok()?,
        result_class: ResultClass::from_wire(result.result_class.into()).ok()?,
        payload_kind_bitmap: PayloadKinds::from_bits(result.payload_kind_bitmap).ok()?,
        payload_frame_count: result.payload_frame_count.try_into().ok()?,
        ..ResultPush::default()
    };
    let (header, metadata) = match result.details_size {
        0 => (FrameContext::default(), metadata),
        size => {
            let details: NnrpResultDetails = bodies.details(result.details_offset, size)?;
            details.add_to(metadata)?
        }
    };
    Some(Answer {
        frame_id: result.frame_id,
        header,
        metadata,
        body: bodies.copy(result.body_offset, result.body_size)?,
    })
}

/// A change of credit, if every field is in its range.
fn flow_update(update: &NnrpFlowUpdate) -> Option<FlowUpdate> {
    let scope_kind = FlowScopeKind::from_wire(update.scope.into()).ok()?;
    let credit: u16 = update.credit.try_into().ok()?;
    let credit_of = |scope| if scope == scope_kind { credit } else { 0 };
    Some(FlowUpdate {
        scope_kind,
        update_reason: FlowUpdateReason::from_wire(update.reason.into()).ok()?,
        backpressure_level: BackpressureLevel::from_wire(update.backpressure.into()).ok()?,
        connection_credit: credit_of(FlowScopeKind::Connection),
        session_credit: credit_of(FlowScopeKind::Session),
        operation_credit: credit_of(FlowScopeKind::Operation),
        operation_id: update.operation_id,
        retry_after_ms: update.retry_after_ms,
        credit_epoch: update.epoch,
        flow_flags: FlowFlags::from_bits(update.flags).ok()?,
    })
}
