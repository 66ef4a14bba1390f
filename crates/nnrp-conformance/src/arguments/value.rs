//! Values of options: numbers in a range, seconds, paths, endpoints.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use nnrp_runtime::Exchange;
use nnrp_transport_provider::Endpoint;
use nnrp_transport_provider::security::Alpn;
use tracing::level_filters::LevelFilter;

use super::usage::UsageError;

pub(super) fn value(
    arguments: &mut impl Iterator<Item = String>,
    option: &str,
) -> Result<String, UsageError> {
    arguments
        .next()
        .ok_or_else(|| UsageError(format!("{option} needs a value")))
}

pub(super) fn number<N>(
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

pub(super) fn seconds(
    arguments: &mut impl Iterator<Item = String>,
    option: &str,
) -> Result<Duration, UsageError> {
    let text = value(arguments, option)?;
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| {
            UsageError(format!(
                "{option} takes seconds above 0, such as 0.5, not {text:?}"
            ))
        })
}

pub(super) fn alpn(arguments: &mut impl Iterator<Item = String>) -> Result<Alpn, UsageError> {
    match value(arguments, "--alpn")? {
        none if none == "none" => Ok(Alpn::None),
        token if (1..=255).contains(&token.len()) => Ok(Alpn::Token(token)),
        _ => Err(UsageError(
            "--alpn takes none or a token of 1 to 255 bytes".into(),
        )),
    }
}

pub(super) fn exchange(
    arguments: &mut impl Iterator<Item = String>,
) -> Result<Exchange, UsageError> {
    match value(arguments, "--exchange")?.as_str() {
        "auto" => Ok(Exchange::Auto),
        "hello" => Ok(Exchange::Hello),
        "open-first" => Ok(Exchange::OpenFirst),
        other => Err(UsageError(format!(
            "--exchange takes auto, hello or open-first, not {other:?}"
        ))),
    }
}

pub(super) fn log_level(
    arguments: &mut impl Iterator<Item = String>,
) -> Result<LevelFilter, UsageError> {
    match value(arguments, "--log")?.as_str() {
        "off" => Ok(LevelFilter::OFF),
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        other => Err(UsageError(format!(
            "--log takes off, error, warn, info or debug, not {other:?}"
        ))),
    }
}

pub(super) fn endpoint(uri: &str) -> Result<Endpoint, UsageError> {
    match uri.parse() {
        // Its name is known to nobody outside of the process.
        Ok(Endpoint::Memory { .. }) => Err(UsageError(format!(
            "{uri:?}: no other process reaches this endpoint; give nnrp+tcp, nnrp+tls, nnrp+quic, nnrp+ws or nnrp+wss"
        ))),
        Ok(endpoint) => Ok(endpoint),
        Err(error) => Err(UsageError(format!("{uri:?}: {error}"))),
    }
}
