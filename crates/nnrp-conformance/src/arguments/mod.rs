//! The command line of `nnrp-echo`, parsed into typed commands.

mod limits;
mod manual;
mod value;

use std::path::PathBuf;
use std::time::Duration;

use nnrp_runtime::{ConnectionOptions, ListenOptions, ReconnectPolicy, SessionPolicy};
use nnrp_transport_provider::Endpoint;
use nnrp_transport_provider::security::Alpn;
use tracing::level_filters::LevelFilter;

pub use manual::manual;

use self::limits::{CONNECTION, LISTENER, Limit, take_limit};
use self::value::{alpn, endpoint, exchange, log_level, number, seconds, value};

/// What to do.
#[derive(Debug)]
pub enum Command {
    /// Answer submits.
    Serve(Box<Serve>),
    /// Submit and count.
    Call(Box<Call>),
    /// Print the manual.
    Help,
    /// Print the version.
    Version,
}

/// The settings of `serve`.
#[derive(Debug)]
pub struct Serve {
    /// Endpoints to bind.
    pub endpoints: Vec<Endpoint>,
    /// Obey verbs in `latency_budget_ms`.
    pub verbs: bool,
    /// End when stdin ends.
    pub watch_stdin: bool,
    /// What the server shows on TLS and QUIC.
    pub certificate: Certificate,
    /// Where to write the certificate to trust.
    pub certificate_out: Option<PathBuf>,
    /// The token to select.
    pub alpn: Alpn,
    /// What is logged.
    pub log: LevelFilter,
    /// What each endpoint admits; its security comes from the settings above.
    pub options: ListenOptions,
}

/// Where a server's certificate comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Made at start for this name.
    SelfSigned(String),
    /// Read from files.
    Files {
        /// The chain.
        chain: PathBuf,
        /// The key.
        private_key: PathBuf,
    },
}

/// The settings of `call`.
#[derive(Debug)]
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
    /// Whom to trust on TLS and QUIC.
    pub trust: Trusted,
    /// The name to check.
    pub server_name: Option<String>,
    /// The token to offer.
    pub alpn: Alpn,
    /// Where the session moves in the middle of the call.
    pub migrate_to: Option<Endpoint>,
    /// What is logged.
    pub log: LevelFilter,
    /// Timeouts and limits; the security comes from the settings above.
    pub options: ConnectionOptions,
}

/// Whose certificates a caller accepts.
#[derive(Debug, PartialEq, Eq)]
pub enum Trusted {
    /// Nobody's: enough for TCP.
    Nobody,
    /// The roots of a file.
    File(PathBuf),
    /// Anybody's.
    Anybody,
}

/// What is wrong with a command line, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

const COMMANDS: &[&str] = &["serve", "call", "--help", "--version"];
const SERVE_OPTIONS: &[&str] = &[
    "--listen",
    "--no-control",
    "--no-verbs",
    "--resume-by-id",
    "--no-stdin",
    "--cert",
    "--key",
    "--server-name",
    "--cert-out",
    "--alpn",
    "--log",
    "--help",
];
const CALL_OPTIONS: &[&str] = &[
    "--count",
    "--size",
    "--in-flight",
    "--duration",
    "--json",
    "--ca",
    "--insecure-any-certificate",
    "--server-name",
    "--alpn",
    "--exchange",
    "--migrate-to",
    "--reconnect",
    "--log",
    "--help",
];
const DEFAULT_COUNT: u64 = 1000;
const DEFAULT_SIZE: usize = 64;
/// What every peer of the echo contract grants.
const MAX_IN_FLIGHT: u16 = 256;
/// The default `--max-body` of both sides.
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
    let arguments = &mut arguments;
    let (mut chain, mut private_key, mut server_name) = (None, None, None);
    let mut serve = standard_serve();
    while let Some(argument) = arguments.next() {
        let option = argument.as_str();
        match option {
            "--listen" => serve.endpoints.push(endpoint(&value(arguments, option)?)?),
            "--no-control" => serve.options.control = false,
            "--no-verbs" => serve.verbs = false,
            "--resume-by-id" => serve.options.directory.resume_by_id = true,
            "--no-stdin" => serve.watch_stdin = false,
            "--cert" => chain = Some(value(arguments, option)?.into()),
            "--key" => private_key = Some(value(arguments, option)?.into()),
            "--server-name" => server_name = Some(value(arguments, option)?),
            "--cert-out" => serve.certificate_out = Some(value(arguments, option)?.into()),
            "--alpn" => serve.alpn = alpn(arguments)?,
            "--log" => serve.log = log_level(arguments)?,
            "--help" | "-h" => return Ok(Command::Help),
            _ if take_limit(LISTENER, option, arguments, &mut serve.options)? => {}
            _ if take_limit(CONNECTION, option, arguments, &mut serve.options.connection)? => {}
            _ => return Err(unknown("option", option, &serve_options())),
        }
    }
    if serve.endpoints.is_empty() {
        return Err(UsageError(
            "serve needs at least one --listen nnrp+tcp://host:port".into(),
        ));
    }
    serve.certificate = certificate(chain, private_key, server_name)?;
    Ok(Command::Serve(Box::new(serve)))
}

fn standard_serve() -> Serve {
    Serve {
        endpoints: Vec::new(),
        verbs: true,
        watch_stdin: true,
        certificate: Certificate::SelfSigned(String::new()),
        certificate_out: None,
        alpn: Alpn::Binding,
        log: LevelFilter::INFO,
        options: ListenOptions {
            // The echo contract holds submits as long as a caller likes.
            sessions: SessionPolicy {
                enforce_deadlines: false,
                ..SessionPolicy::default()
            },
            ..ListenOptions::default()
        },
    }
}

fn serve_options() -> Vec<&'static str> {
    let mut all = known(SERVE_OPTIONS, LISTENER);
    all.extend(known(&[], CONNECTION));
    all
}

fn certificate(
    chain: Option<PathBuf>,
    private_key: Option<PathBuf>,
    server_name: Option<String>,
) -> Result<Certificate, UsageError> {
    match (chain, private_key, server_name) {
        (Some(chain), Some(private_key), None) => Ok(Certificate::Files { chain, private_key }),
        (None, None, name) => Ok(Certificate::SelfSigned(
            name.unwrap_or_else(|| "localhost".into()),
        )),
        (Some(_), Some(_), Some(_)) => Err(UsageError(
            "--server-name is for the self-signed certificate; the one of --cert has its own names"
                .into(),
        )),
        _ => Err(UsageError(
            "--cert and --key belong together; give both or none".into(),
        )),
    }
}

fn parse_call(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let arguments = &mut arguments;
    let mut uri = None;
    let mut call = standard_call();
    while let Some(argument) = arguments.next() {
        let option = argument.as_str();
        match option {
            "--count" => call.count = Some(number(arguments, option, 1..=u64::MAX)?),
            "--size" => call.size = number(arguments, option, 0..=MAX_SIZE)?,
            "--in-flight" => call.in_flight = number(arguments, option, 1..=MAX_IN_FLIGHT)?,
            "--duration" => call.duration = Some(seconds(arguments, option)?),
            "--json" => call.json = true,
            "--ca" => call.trust = Trusted::File(value(arguments, option)?.into()),
            "--insecure-any-certificate" => call.trust = Trusted::Anybody,
            "--server-name" => call.server_name = Some(value(arguments, option)?),
            "--alpn" => call.alpn = alpn(arguments)?,
            "--log" => call.log = log_level(arguments)?,
            "--migrate-to" => call.migrate_to = Some(endpoint(&value(arguments, option)?)?),
            "--reconnect" => call.options.reconnect = Some(ReconnectPolicy::default()),
            "--exchange" => call.options.exchange = exchange(arguments)?,
            "--help" | "-h" => return Ok(Command::Help),
            _ if take_limit(CONNECTION, option, arguments, &mut call.options)? => {}
            _ if option.starts_with('-') => {
                return Err(unknown("option", option, &known(CALL_OPTIONS, CONNECTION)));
            }
            _ if uri.is_some() => {
                return Err(UsageError(format!(
                    "call takes one <uri>; {argument:?} is one too many"
                )));
            }
            _ => uri = Some(argument),
        }
    }
    call.uri = uri.ok_or_else(|| {
        UsageError("call needs the <uri> of a server, such as nnrp+tcp://127.0.0.1:4433".into())
    })?;
    call.endpoint = endpoint(&call.uri)?;
    if call.duration.is_none() {
        call.count = call.count.or(Some(DEFAULT_COUNT));
    }
    Ok(Command::Call(Box::new(call)))
}

/// Without the server, which has no standard.
fn standard_call() -> Call {
    Call {
        endpoint: Endpoint::Memory {
            name: String::new(),
        },
        uri: String::new(),
        count: None,
        size: DEFAULT_SIZE,
        in_flight: 1,
        duration: None,
        json: false,
        trust: Trusted::Nobody,
        server_name: None,
        alpn: Alpn::Binding,
        migrate_to: None,
        log: LevelFilter::ERROR,
        options: ConnectionOptions::default(),
    }
}

fn known<T>(options: &[&'static str], table: &[Limit<T>]) -> Vec<&'static str> {
    let limits = table.iter().map(|limit| limit.name);
    options.iter().copied().chain(limits).collect()
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
        let manual = manual();
        let serve = known(SERVE_OPTIONS, LISTENER);
        for option in serve.into_iter().chain(known(CALL_OPTIONS, CONNECTION)) {
            assert!(manual.contains(option), "{option}");
        }
    }

    #[test]
    fn an_endpoint_that_no_other_process_reaches_is_refused() {
        for line in ["serve --listen nnrp+mem://x", "call nnrp+mem://x"] {
            let refused = parsed(line).unwrap_err().0;
            assert!(refused.contains("nnrp+tcp"), "{refused}");
        }
    }

    #[test]
    fn certificate_and_key_are_given_together() {
        let serve = "serve --listen nnrp+tls://h:1";
        assert!(parsed(&format!("{serve} --cert c --key k")).is_ok());
        for wrong in ["--cert c", "--key k", "--cert c --key k --server-name n"] {
            assert!(parsed(&format!("{serve} {wrong}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_limit_takes_a_value_and_reaches_the_options() {
        let serve = |line: &str| match parsed(&format!("serve --listen nnrp+quic://h:1 {line}")) {
            Ok(Command::Serve(serve)) => format!("{:?}", serve.options),
            other => panic!("{line}: {other:?}"),
        };
        let default = serve("");
        let listener = LISTENER.iter().map(|limit| limit.name);
        for name in listener.chain(CONNECTION.iter().map(|limit| limit.name)) {
            assert_ne!(serve(&format!("{name} 81")), default, "{name}");
            assert!(parsed(&format!("serve --listen nnrp+quic://h:1 {name} x")).is_err());
        }
    }
}
