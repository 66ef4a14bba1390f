//! Takes the text of an endpoint apart; every mistake is told with its byte.

use std::net::Ipv6Addr;

use super::error::{EndpointError, EndpointErrorKind};

pub(super) fn strip_scheme<'a>(uri: &'a str, prefix: &str) -> Option<&'a str> {
    let head = uri.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &uri[prefix.len()..])
}

pub(super) fn unknown_scheme(uri: &str) -> EndpointError {
    match uri.find("://") {
        Some(0) | None => EndpointError::new(EndpointErrorKind::MissingScheme, 0),
        Some(_) => EndpointError::new(EndpointErrorKind::UnknownScheme, 0),
    }
}

/// The path is what starts with the first slash; it may be missing.
pub(super) fn parse_with_path(
    address: &str,
    start: usize,
) -> Result<(String, u16, String), EndpointError> {
    let slash = address.find('/').unwrap_or(address.len());
    let (authority, path) = address.split_at(slash);
    let (host, port) = parse_host_and_port(authority, start)?;
    check_characters(path, start + slash, is_path_character)?;
    Ok((host, port, path.to_owned()))
}

/// What RFC 3986 allows in a path and a query. A fragment has no meaning to a server, so `#` is refused.
fn is_path_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/?".contains(&byte)
}

pub(super) fn parse_host_and_port(
    address: &str,
    start: usize,
) -> Result<(String, u16), EndpointError> {
    let (host, port, port_start) = if address.starts_with('[') {
        split_bracketed(address, start)?
    } else {
        split_plain(address, start)?
    };
    Ok((host.to_owned(), parse_port(port, start + port_start)?))
}

fn split_bracketed(address: &str, start: usize) -> Result<(&str, &str, usize), EndpointError> {
    let end = address.find(']').ok_or(EndpointError::new(
        EndpointErrorKind::UnclosedBracket,
        start,
    ))?;
    let host = &address[1..end];
    host.parse::<Ipv6Addr>()
        .map_err(|_| EndpointError::new(EndpointErrorKind::InvalidIpv6, start + 1))?;
    let port = address[end + 1..]
        .strip_prefix(':')
        .ok_or(EndpointError::new(
            EndpointErrorKind::MissingPort,
            start + end + 1,
        ))?;
    Ok((host, port, end + 2))
}

fn split_plain(address: &str, start: usize) -> Result<(&str, &str, usize), EndpointError> {
    if address.parse::<Ipv6Addr>().is_ok() {
        return Err(EndpointError::new(EndpointErrorKind::BareIpv6, start));
    }
    let colon = address.find(':').unwrap_or(address.len());
    let host = &address[..colon];
    if host.is_empty() {
        return Err(EndpointError::new(EndpointErrorKind::MissingHost, start));
    }
    check_characters(host, start, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
    })?;
    if colon == address.len() {
        return Err(EndpointError::new(
            EndpointErrorKind::MissingPort,
            start + colon,
        ));
    }
    Ok((host, &address[colon + 1..], colon + 1))
}

fn parse_port(digits: &str, start: usize) -> Result<u16, EndpointError> {
    if digits.is_empty() {
        return Err(EndpointError::new(EndpointErrorKind::MissingPort, start));
    }
    if let Some(position) = digits.bytes().position(|byte| !byte.is_ascii_digit()) {
        return Err(EndpointError::new(
            EndpointErrorKind::InvalidPort,
            start + position,
        ));
    }
    digits
        .parse()
        .map_err(|_| EndpointError::new(EndpointErrorKind::InvalidPort, start))
}

pub(super) fn check_characters(
    text: &str,
    start: usize,
    allowed: impl Fn(u8) -> bool,
) -> Result<(), EndpointError> {
    match text.bytes().position(|byte| !allowed(byte)) {
        Some(position) => Err(EndpointError::new(
            EndpointErrorKind::UnexpectedCharacter,
            start + position,
        )),
        None => Ok(()),
    }
}
