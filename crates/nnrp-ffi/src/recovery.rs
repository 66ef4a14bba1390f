//! The checks of resume requests, their answers and migrations. Declared in `nnrp_recovery.h`.

use crate::call::run;
use crate::codec::codec_failure;
use crate::layout::NnrpError;
use crate::pointer::{Output, bytes};
use crate::status::NnrpStatus;
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::resume::{ResumeOutcome, check_ack, check_request};

/// Nothing was recovered and nothing can be.
pub const NNRP_RECOVERY_FRESH: u32 = 0;
/// A new session that can be resumed within the window.
pub const NNRP_RECOVERY_ENABLED: u32 = 1;
/// The earlier session continues.
pub const NNRP_RECOVERY_RESUMED: u32 = 2;
/// The server has nothing to resume.
pub const NNRP_RECOVERY_REJECTED: u32 = 3;

/// The outcome of a checked answer. 8 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpRecoveryOutcome {
    /// `NNRP_RECOVERY_*`.
    pub outcome: u32,
    /// How long after a loss the session can be resumed.
    pub resume_window_ms: u32,
}

const _: () = assert!(size_of::<NnrpRecoveryOutcome>() == 8);

/// Checks the metadata of a `SESSION_OPEN` as a server does before it resumes.
///
/// # Safety
/// `open` is NULL or valid for reads of `open_size` bytes, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_recovery_check_request(
    open: *const u8,
    open_size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let open = bytes(open, open_size, 1)?;
            let checked = SessionOpen::decode(open).and_then(|open| check_request(&open));
            checked.map_err(codec_failure)
        })
    }
}

/// Checks the metadata of a `SESSION_OPEN_ACK` against the `SESSION_OPEN` it answers.
///
/// # Safety
/// `open` is NULL or valid for reads of `open_size` bytes, `answer` NULL or valid for reads of `answer_size` bytes, the
/// other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_recovery_check_answer(
    open: *const u8,
    open_size: usize,
    answer: *const u8,
    answer_size: usize,
    out_outcome: *mut NnrpRecoveryOutcome,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let open = bytes(open, open_size, 1)?;
            let answer = bytes(answer, answer_size, 3)?;
            let out = Output::new(out_outcome, 5)?;
            let open = SessionOpen::decode(open).map_err(codec_failure)?;
            let answer = SessionOpenAck::decode(answer).map_err(codec_failure)?;
            out.set(outcome(check_ack(&open, &answer).map_err(codec_failure)?));
            Ok(())
        })
    }
}

/// Checks the metadata of a `SESSION_MIGRATE` and of its answer.
///
/// # Safety
/// `migrate` is NULL or valid for reads of `migrate_size` bytes, `answer` NULL or valid for reads of `answer_size` bytes,
/// `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_recovery_check_migration(
    migrate: *const u8,
    migrate_size: usize,
    answer: *const u8,
    answer_size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let migrate = bytes(migrate, migrate_size, 1)?;
            let answer = bytes(answer, answer_size, 3)?;
            let migrate = SessionMigrate::decode(migrate).map_err(codec_failure)?;
            let answer = SessionMigrateAck::decode(answer).map_err(codec_failure)?;
            answer.check_against(&migrate).map_err(codec_failure)
        })
    }
}

/// Whether a frame has to be sent again after a migration.
///
/// # Safety
/// `answer` is NULL or valid for reads of `answer_size` bytes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_recovery_must_replay(
    answer: *const u8,
    answer_size: usize,
    frame_id: u64,
    out_replay: *mut u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let answer = bytes(answer, answer_size, 1)?;
            let out = Output::new(out_replay, 4)?;
            let answer = SessionMigrateAck::decode(answer).map_err(codec_failure)?;
            out.set((frame_id >= answer.resume_from_frame_id).into());
            Ok(())
        })
    }
}

fn outcome(outcome: ResumeOutcome) -> NnrpRecoveryOutcome {
    let of = |outcome, resume_window_ms| NnrpRecoveryOutcome {
        outcome,
        resume_window_ms,
    };
    match outcome {
        ResumeOutcome::Fresh => of(NNRP_RECOVERY_FRESH, 0),
        ResumeOutcome::Enabled { window_ms } => of(NNRP_RECOVERY_ENABLED, window_ms),
        ResumeOutcome::Resumed { window_ms } => of(NNRP_RECOVERY_RESUMED, window_ms),
        ResumeOutcome::Rejected => of(NNRP_RECOVERY_REJECTED, 0),
    }
}
