//! The conformance adapter (spec 17): reads a plan, executes each case for real, writes the report.
//!
//! ```text
//!   arguments, environment ─► Settings ─► Plan ─► one thread a case, under a time limit ─► Report ─► file
//!                                                  │
//!                                                  └► cases/*  ask a Subject: codecs, state machines, the way to a
//!                                                              server or client on a socket, the C ABI
//! ```
//!
//! A case passes only if it was executed and everything that its rules name was seen. What cannot be executed is an `error`.

mod abi;
mod case;
mod cases;
mod catalogue;
mod dialogue;
mod error;
mod execution;
mod plan;
mod report;
mod server;
mod settings;
mod subject;
mod verdict;
mod wire;

use std::ffi::OsString;

pub use abi::{Body, Buffer, Consumption, ForeignSchemas, Observed, Pump};
pub use case::Case;
pub use catalogue::{CASES, PREVIOUS_CASES, find};
pub use error::AdapterError;
pub use execution::{Limit, execute};
pub use plan::{Plan, PlannedCase};
pub use report::{CaseResult, Outcome, Report};
pub use settings::Settings;
pub use subject::{Flow, Lifecycle, Native, Objects, Operations, Schemas, Side, Subject};
pub use verdict::{Failure, Verdict};
pub use wire::{Wire, transport_of};

/// The name of this implementation in a report whose plan names none.
pub const IMPLEMENTATION_NAME: &str = "nnrp";

/// Does what the command line asks for: plan in, report out. Nothing is written unless this succeeds.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<(), AdapterError> {
    let settings = Settings::parse(arguments, variable)?;
    let plan = Plan::read(&settings.plan)?;
    let place = report::Place::prepare(&settings.report)?;
    let report = execute(&plan, &subject::native(), Limit::default());
    place.write(&report)
}
