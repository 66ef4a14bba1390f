//! What a call of the C ABI said, as a case says it.

use nnrp::safe::Diagnosed;

use super::super::verdict::{Failure, wrong};

/// The outcome of `call`, or its status and detail.
pub(super) fn said<T>(call: &str, outcome: Diagnosed<T>) -> Result<T, Failure> {
    outcome.or_else(|error| {
        let (status, detail) = (error.status, error.detail);
        wrong(format!("{call}: status {status}, detail {detail}"))
    })
}
