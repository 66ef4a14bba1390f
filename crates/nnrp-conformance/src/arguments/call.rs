//! The arguments of `nnrp-echo call`.

use nnrp_runtime::{ConnectionOptions, ReconnectPolicy};
use nnrp_transport_provider::Endpoint;
use nnrp_transport_provider::security::Alpn;
use tracing::level_filters::LevelFilter;

use super::limits::{CONNECTION, known, take_limit};
use super::settings::{Call, Command, Trusted};
use super::usage::{UsageError, unknown};
use super::value::{alpn, endpoint, exchange, log_level, number, seconds, value};

pub(super) const CALL_OPTIONS: &[&str] = &[
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

/// The arguments behind the command.
pub(super) fn parse_call(
    mut arguments: impl Iterator<Item = String>,
) -> Result<Command, UsageError> {
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
