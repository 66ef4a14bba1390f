//! Executes the cases of a plan: each on a thread of its own, so that neither a hang nor a panic takes the others along.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::case::Case;
use super::report::{CaseResult, Outcome, Report};
use super::subject::Subject;
use super::verdict::{Failure, Verdict};
use super::{IMPLEMENTATION_NAME, Plan, catalogue};

/// How long a case may take. What is slower than this hangs.
#[derive(Clone, Copy, Debug)]
pub struct Limit(pub Duration);

impl Default for Limit {
    /// Longer than any single wait of a case, which tells what was waited for.
    fn default() -> Self {
        Self(Duration::from_mins(5))
    }
}

/// Executes every case of the plan on `subject`, in order.
#[must_use]
pub fn execute(plan: &Plan, subject: &Arc<dyn Subject>, limit: Limit) -> Report {
    let results = plan.cases.iter().map(|planned| {
        match catalogue::find(&plan.protocol_version, &planned.id) {
            Ok(case) => attempt(&planned.id, case, subject, limit),
            Err(why) => not_executed(&planned.id, "not_implemented", why),
        }
    });
    let name = plan.implementation_name.clone();
    Report::new(
        plan.protocol_version.clone(),
        name.unwrap_or_else(|| IMPLEMENTATION_NAME.to_owned()),
        results.collect(),
    )
}

fn attempt(id: &str, case: Case, subject: &Arc<dyn Subject>, limit: Limit) -> CaseResult {
    let (told, verdict) = channel();
    let subject = Arc::clone(subject);
    let started = thread::Builder::new().name(id.to_owned()).spawn(move || {
        // Nothing of a case outlives it, so nothing half-done is ever seen.
        let verdict = catch_unwind(AssertUnwindSafe(|| (case.run)(subject.as_ref())));
        // Whoever no longer waits has told of a hang already.
        let _ = told.send(verdict);
    });
    if let Err(error) = started {
        return not_executed(id, "not_executed", format!("no thread for it: {error}"));
    }
    match verdict.recv_timeout(limit.0) {
        Ok(Ok(verdict)) => result_of(id, verdict),
        Ok(Err(panic)) => {
            let what = panic.downcast_ref::<String>().map(String::as_str);
            let what = what.or_else(|| panic.downcast_ref::<&str>().copied());
            let what = format!("the case panicked: {}", what.unwrap_or("no message"));
            not_executed(id, "panicked", what)
        }
        Err(RecvTimeoutError::Timeout) => {
            let what = format!("the case did not end within {:?}", limit.0);
            not_executed(id, "timed_out", what)
        }
        Err(RecvTimeoutError::Disconnected) => not_executed(
            id,
            "panicked",
            "the case ended without a verdict".to_owned(),
        ),
    }
}

fn result_of(id: &str, verdict: Verdict) -> CaseResult {
    let outcome = match verdict {
        Ok(()) => Outcome::Pass,
        Err(Failure::Assertion(_)) => Outcome::Fail,
        Err(Failure::Obstacle(_)) => Outcome::Error,
    };
    let failure = verdict.err();
    CaseResult {
        id: id.to_owned(),
        outcome,
        failure_kind: failure.as_ref().map(Failure::kind),
        message: failure.map(|failure| failure.message().to_owned()),
    }
}

fn not_executed(id: &str, kind: &'static str, why: String) -> CaseResult {
    CaseResult {
        id: id.to_owned(),
        outcome: Outcome::Error,
        failure_kind: Some(kind),
        message: Some(why),
    }
}

#[cfg(test)]
mod tests {
    use super::super::subject::native;
    use super::*;

    fn outcome_of(run: fn(&dyn Subject) -> Verdict, limit: Duration) -> CaseResult {
        let case = Case {
            id: "case",
            rules: &[],
            run,
        };
        attempt("case", case, &native(), Limit(limit))
    }

    #[test]
    fn a_case_that_hangs_is_an_error() {
        let result = outcome_of(
            |_| loop {
                thread::park();
            },
            Duration::from_millis(20),
        );
        assert_eq!(result.outcome, Outcome::Error);
        assert_eq!(result.failure_kind, Some("timed_out"));
    }

    #[test]
    fn a_case_that_panics_is_an_error_with_its_words() {
        let result = outcome_of(|_| panic!("of this test"), Limit::default().0);
        assert_eq!(result.outcome, Outcome::Error);
        assert_eq!(result.failure_kind, Some("panicked"));
        assert!(result.message.expect("words").contains("of this test"));
    }

    #[test]
    fn what_is_wrong_fails_and_what_is_in_the_way_is_an_error() {
        let wrong = outcome_of(
            |_| Err(Failure::Assertion("wrong".into())),
            Limit::default().0,
        );
        assert_eq!(
            (wrong.outcome, wrong.failure_kind),
            (Outcome::Fail, Some("assertion_failed"))
        );
        let stuck = outcome_of(
            |_| Err(Failure::Obstacle("no socket".into())),
            Limit::default().0,
        );
        assert_eq!(
            (stuck.outcome, stuck.failure_kind),
            (Outcome::Error, Some("not_executed"))
        );
    }
}
