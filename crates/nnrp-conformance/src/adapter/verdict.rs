//! What a case found, and how it says so.

use std::fmt::{Debug, Display};

/// Whether everything was as it has to be.
pub type Verdict = Result<(), Failure>;

/// Why a case did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The implementation did something else than it has to.
    Assertion(String),
    /// The case could not be executed.
    Obstacle(String),
}

impl Failure {
    /// What is told as the kind of failure.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Assertion(_) => "assertion_failed",
            Self::Obstacle(_) => "not_executed",
        }
    }

    /// What is told besides.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Assertion(message) | Self::Obstacle(message) => message,
        }
    }
}

/// Something that the implementation was to do and did not.
pub(super) fn wrong<T>(what: impl Display) -> Result<T, Failure> {
    Err(Failure::Assertion(what.to_string()))
}

/// What the implementation should have done without an error.
pub(super) fn good<T, E: Display>(what: &str, outcome: Result<T, E>) -> Result<T, Failure> {
    outcome.map_err(|error| Failure::Assertion(format!("{what}: {error}")))
}

/// What the case needs from its surroundings.
pub(super) fn needed<T, E: Display>(what: &str, outcome: Result<T, E>) -> Result<T, Failure> {
    outcome.map_err(|error| Failure::Obstacle(format!("{what}: {error}")))
}

/// Two things that have to be the same.
#[allow(clippy::needless_pass_by_value)] // what is compared is mostly made for it
pub(super) fn same<T: PartialEq + Debug>(what: &str, found: T, wanted: T) -> Verdict {
    if found == wanted {
        Ok(())
    } else {
        wrong(format!("{what}: {found:?}, not {wanted:?}"))
    }
}

/// Something that has to hold.
pub(super) fn holds(what: &str, condition: bool) -> Verdict {
    if condition { Ok(()) } else { wrong(what) }
}
