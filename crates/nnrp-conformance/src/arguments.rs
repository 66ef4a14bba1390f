//! The command line of `nnrp-echo`, parsed into typed commands.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use nnrp_transport_provider::Endpoint;

/// The manual.
pub const HELP: &str = "\
nnrp-echo: the peer that every NNRP smoke test talks to

usage: nnrp-echo serve --listen <uri> [--listen <uri>]... [options]
       nnrp-echo call <uri> [options]
       nnrp-echo --help | --version

An <uri> is nnrp+tcp://host:port, with an IPv6 address in brackets; port 0 binds a free one.

serve: answers every submit with its own body
  --listen <uri>     endpoint to bind; may be given several times
  --no-control       end the connection on SESSION_PATCH and SESSION_MIGRATE, like a server that never expects them
  --no-verbs         treat every latency_budget_ms as a latency budget; otherwise 0xec01 HOLD (until cancelled),
                     0xec02 DROP, 0xec03 FLOW (three updates first), 0xec04 PARTIAL (then complete),
                     0xec05 SWAP (after the next answer)
  --no-stdin         do not end when stdin ends

  Prints one line `listening <uri>` per endpoint, with the real port, each flushed at once. Serves until SIGTERM, SIGINT or the end of
  stdin, then stops accepting, writes what is queued, and exits 0. A stdin that nobody can end (/dev/null, closed) does not count.

call: opens a session, submits, counts the answers, closes
  --count <n>        submits (default 1000; with --duration no limit)
  --size <bytes>     body of each submit (default 64)
  --in-flight <n>    submits without answer at once, 1 to 256 (default 1)
  --duration <s>     seconds to submit for, such as 0.5
  --json             print one JSON object instead of a sentence: uri, count, size, in_flight, seconds, results, drops,
                     errors, per_second, p50_us, p99_us

  count is what was submitted. Every body is compared with what was sent; a difference is an error.

exit codes: 0 every submit was answered and nothing went wrong; 1 something did, stderr says what; 2 wrong arguments
";

/// What to do.
#[derive(Debug, PartialEq)]
pub enum Command {
    /// Answer submits.
    Serve(Serve),
    /// Submit and count.
    Call(Call),
    /// Print the manual.
    Help,
    /// Print the version.
    Version,
}

/// The settings of `serve`.
#[derive(Debug, PartialEq)]
pub struct Serve {
    /// Endpoints to bind.
    pub endpoints: Vec<Endpoint>,
    /// Answer patch and migrate, take cancels.
    pub control: bool,
    /// Obey verbs in `latency_budget_ms`.
    pub verbs: bool,
    /// End when stdin ends.
    pub watch_stdin: bool,
}

/// The settings of `call`.
#[derive(Debug, PartialEq)]
pub struct Call {
    /// The server.
    pub endpoint: Endpoint,
    /// The server as it was given, for the report.
    pub uri: String,
    /// Submits; `None` = until the duration is over.
    pub count: Option<u64>,
    /// Bytes of each body.
    pub size: usize,
    /// Submits without answer at once.
    pub in_flight: u16,
    /// How long to submit.
    pub duration: Option<Duration>,
    /// Report as JSON.
    pub json: bool,
}

/// What is wrong with a command line, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

const COMMANDS: &[&str] = &["serve", "call", "--help", "--version"];
const SERVE_OPTIONS: &[&str] = &[
    "--listen",
    "--no-control",
    "--no-verbs",
    "--no-stdin",
    "--help",
];
const CALL_OPTIONS: &[&str] = &[
    "--count",
    "--size",
    "--in-flight",
    "--duration",
    "--json",
    "--help",
];
const DEFAULT_COUNT: u64 = 1000;
const DEFAULT_SIZE: usize = 64;
/// What every peer of the echo contract grants.
const MAX_IN_FLIGHT: u16 = 256;
/// What every peer of the echo contract takes.
const MAX_SIZE: usize = 16 << 20;

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

fn parse_serve(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut serve = Serve {
        endpoints: Vec::new(),
        control: true,
        verbs: true,
        watch_stdin: true,
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--listen" => serve
                .endpoints
                .push(endpoint(&value(&mut arguments, "--listen")?)?),
            "--no-control" => serve.control = false,
            "--no-verbs" => serve.verbs = false,
            "--no-stdin" => serve.watch_stdin = false,
            "--help" | "-h" => return Ok(Command::Help),
            other => return Err(unknown("option", other, SERVE_OPTIONS)),
        }
    }
    if serve.endpoints.is_empty() {
        return Err(UsageError(
            "serve needs at least one --listen nnrp+tcp://host:port".into(),
        ));
    }
    Ok(Command::Serve(serve))
}

fn parse_call(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let (mut uri, mut count, mut duration) = (None, None, None);
    let (mut size, mut in_flight, mut json) = (DEFAULT_SIZE, 1, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--count" => count = Some(number(&mut arguments, "--count", 1..=u64::MAX)?),
            "--size" => size = number(&mut arguments, "--size", 0..=MAX_SIZE)?,
            "--in-flight" => in_flight = number(&mut arguments, "--in-flight", 1..=MAX_IN_FLIGHT)?,
            "--duration" => duration = Some(seconds(&value(&mut arguments, "--duration")?)?),
            "--json" => json = true,
            "--help" | "-h" => return Ok(Command::Help),
            other if other.starts_with('-') => return Err(unknown("option", other, CALL_OPTIONS)),
            _ if uri.is_some() => {
                return Err(UsageError(format!(
                    "call takes one <uri>; {argument:?} is one too many"
                )));
            }
            _ => uri = Some(argument),
        }
    }
    let uri = uri.ok_or_else(|| {
        UsageError("call needs the <uri> of a server, such as nnrp+tcp://127.0.0.1:4433".into())
    })?;
    if duration.is_none() {
        count = count.or(Some(DEFAULT_COUNT));
    }
    Ok(Command::Call(Call {
        endpoint: endpoint(&uri)?,
        uri,
        count,
        size,
        in_flight,
        duration,
        json,
    }))
}

fn value(arguments: &mut impl Iterator<Item = String>, option: &str) -> Result<String, UsageError> {
    arguments
        .next()
        .ok_or_else(|| UsageError(format!("{option} needs a value")))
}

fn number<N>(
    arguments: &mut impl Iterator<Item = String>,
    option: &str,
    range: RangeInclusive<N>,
) -> Result<N, UsageError>
where
    N: FromStr + PartialOrd + Display,
{
    let text = value(arguments, option)?;
    text.parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let (least, most) = range.into_inner();
            UsageError(format!(
                "{option} takes a number from {least} to {most}, not {text:?}"
            ))
        })
}

fn seconds(text: &str) -> Result<Duration, UsageError> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| {
            UsageError(format!(
                "--duration takes seconds above 0, such as 0.5, not {text:?}"
            ))
        })
}

fn endpoint(uri: &str) -> Result<Endpoint, UsageError> {
    uri.parse()
        .map_err(|error| UsageError(format!("{uri:?}: {error}")))
}

fn unknown(what: &str, given: &str, known: &[&str]) -> UsageError {
    let nearest = known.iter().map(|name| (distance(given, name), name)).min();
    match nearest {
        Some((steps, name)) if steps <= 3 => {
            UsageError(format!("unknown {what} {given:?}; did you mean {name:?}?"))
        }
        _ => UsageError(format!(
            "unknown {what} {given:?}; known are {}",
            known.join(", ")
        )),
    }
}

/// Edits that turn one word into the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, UsageError> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_call_without_options_sends_a_thousand_submits_of_64_bytes() {
        let Ok(Command::Call(call)) = parsed("call nnrp+tcp://[::1]:1") else {
            panic!("a call")
        };
        assert_eq!(
            (call.count, call.size, call.in_flight, call.duration),
            (Some(1000), 64, 1, None)
        );
    }

    #[test]
    fn a_duration_lifts_the_default_count_but_not_a_given_one() {
        let count = |line| match parsed(line) {
            Ok(Command::Call(call)) => call.count,
            other => panic!("{other:?}"),
        };
        assert_eq!(count("call nnrp+tcp://h:1 --duration 0.5"), None);
        assert_eq!(
            count("call nnrp+tcp://h:1 --duration 0.5 --count 7"),
            Some(7)
        );
    }

    #[test]
    fn numbers_outside_their_range_are_refused_with_the_range() {
        for line in [
            "--in-flight 0",
            "--in-flight 257",
            "--count 0",
            "--size 16777217",
            "--duration -1",
            "--duration nan",
        ] {
            assert!(
                parsed(&format!("call nnrp+tcp://h:1 {line}")).is_err(),
                "{line}"
            );
        }
        let error = parsed("call nnrp+tcp://h:1 --in-flight 300").unwrap_err();
        assert_eq!(
            error.0,
            "--in-flight takes a number from 1 to 256, not \"300\""
        );
    }

    #[test]
    fn every_option_of_the_parser_stands_in_the_manual() {
        for option in SERVE_OPTIONS.iter().chain(CALL_OPTIONS) {
            assert!(HELP.contains(option), "{option}");
        }
    }
}
