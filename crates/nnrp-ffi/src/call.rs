//! What every exported function runs in: panics are caught, the outcome becomes a status and a diagnosis.

use crate::failure::Failure;
use crate::layout::NnrpError;
use crate::process_fork::refuse_in_fork;
use crate::status::{NNRP_STATUS_INTERNAL, NNRP_STATUS_OK, NnrpStatus};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the body of an exported function and writes the diagnosis of its failure to `error`.
///
/// # Safety
/// `error` is NULL or valid for one write.
pub(crate) unsafe fn run(
    error: *mut NnrpError,
    body: impl FnOnce() -> Result<(), Failure>,
) -> NnrpStatus {
    let Err(failure) = outcome(body) else {
        return NNRP_STATUS_OK;
    };
    if !error.is_null() && error.is_aligned() {
        // SAFETY: not NULL and aligned; the caller promised the rest.
        unsafe { error.write(failure.diagnosis()) };
    }
    failure.status
}

/// As [`run`], for the functions whose status says all there is to know.
pub(crate) fn run_bare(body: impl FnOnce() -> Result<(), Failure>) -> NnrpStatus {
    outcome(body)
        .err()
        .map_or(NNRP_STATUS_OK, |failure| failure.status)
}

/// As [`run_bare`], for functions that use nothing of the library's state and so work in a forked process, too.
pub(crate) fn run_pure(body: impl FnOnce() -> Result<(), Failure>) -> NnrpStatus {
    guarded(body)
        .err()
        .map_or(NNRP_STATUS_OK, |failure| failure.status)
}

fn outcome(body: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    refuse_in_fork()?;
    guarded(body)
}

fn guarded(body: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    // Unwind safety: what a panic may have left half-done is behind locks that are poison-tolerant by design.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(Failure::new(NNRP_STATUS_INTERNAL)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{NNRP_FAMILY_INTERNAL, NNRP_FAMILY_USAGE, NNRP_STATUS_INVALID_ARGUMENT};

    #[test]
    fn a_panic_becomes_the_status_internal() {
        let mut error = NnrpError::default();
        // SAFETY: `error` lives through the call.
        let status = unsafe { run(&raw mut error, || panic!("expected by this test")) };
        assert_eq!(status, NNRP_STATUS_INTERNAL);
        assert_eq!(
            (error.status, error.family),
            (NNRP_STATUS_INTERNAL, NNRP_FAMILY_INTERNAL)
        );
        assert_eq!(
            run_bare(|| panic!("expected by this test")),
            NNRP_STATUS_INTERNAL
        );
    }

    #[test]
    fn the_diagnosis_is_written_only_on_failure_and_may_be_null() {
        let untouched = NnrpError {
            detail: 77,
            ..NnrpError::default()
        };
        let mut error = untouched;
        // SAFETY: `error` lives through the calls.
        unsafe {
            assert_eq!(run(&raw mut error, || Ok(())), NNRP_STATUS_OK);
            assert_eq!(error, untouched);
            assert_eq!(
                run(&raw mut error, || Err(Failure::argument(4))),
                NNRP_STATUS_INVALID_ARGUMENT
            );
            assert_eq!((error.family, error.detail), (NNRP_FAMILY_USAGE, 4));
            let null = std::ptr::null_mut();
            assert_eq!(
                run(null, || Err(Failure::argument(4))),
                NNRP_STATUS_INVALID_ARGUMENT
            );
        }
    }
}
