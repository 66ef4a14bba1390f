//! `nnrp-conformance-adapter`: executes the plan of a conformance suite and reports what came of each case.

use std::process::ExitCode;

use nnrp_conformance::{adapter, console};

fn main() -> ExitCode {
    match adapter::run(std::env::args_os().skip(1), |name| std::env::var_os(name)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::complain(&format!("nnrp-conformance-adapter: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
