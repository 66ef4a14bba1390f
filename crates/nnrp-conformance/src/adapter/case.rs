//! A case of the suite: its id, its rules, and what executes it.

use super::subject::Subject;
use super::verdict::Verdict;

/// A case that can be executed.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its id in the suite.
    pub id: &'static str,
    /// What it holds the implementation to: an implementation that breaks one of these fails it, and one that keeps to them
    /// passes it. Identifiers of spec 05 §5.5 where there is one.
    pub rules: &'static [&'static str],
    /// Executes it.
    pub run: fn(&dyn Subject) -> Verdict,
}
