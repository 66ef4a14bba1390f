//! The command line of `nnrp-echo`, parsed into typed commands.

mod call;
mod limits;
mod manual;
mod serve;
mod settings;
mod usage;
mod value;

pub use manual::manual;
pub use settings::{Call, Certificate, Command, Serve, Trusted};
pub use usage::UsageError;

use self::call::parse_call;
use self::serve::parse_serve;
use self::usage::unknown;

const COMMANDS: &[&str] = &["serve", "call", "--help", "--version"];

/// Reads the arguments after the program's name.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, UsageError> {
    let mut arguments = arguments.into_iter();
    let Some(command) = arguments.next() else {
        return Err(UsageError(
            "usage: nnrp-echo serve|call ...; nnrp-echo --help says more".into(),
        ));
    };
    match command.as_str() {
        "serve" => parse_serve(arguments),
        "call" => parse_call(arguments),
        "--help" | "-h" | "help" => Ok(Command::Help),
        "--version" | "-V" => Ok(Command::Version),
        other => Err(unknown("command", other, COMMANDS)),
    }
}

#[cfg(test)]
mod tests;
