//! Endpoint addresses as URIs: `nnrp+tcp://host:port`, `nnrp+tls://…`, `nnrp+quic://…`, `nnrp+ws://host:port/path`, `nnrp+wss://…` and
//! `nnrp+mem://name`.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use crate::TransportId;

/// Where a peer listens.
///
/// The port is required; an IPv6 address stands in brackets. `Display` writes the URI back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `nnrp+tcp://host:port`.
    Tcp {
        /// Host name, IPv4 address or IPv6 address without brackets.
        host: String,
        /// Port; 0 asks a listener for a free one.
        port: u16,
    },
    /// `nnrp+tls://host:port`: TLS 1.3 over TCP.
    Tls {
        /// As for TCP.
        host: String,
        /// As for TCP.
        port: u16,
    },
    /// `nnrp+quic://host:port`: QUIC version 1 over UDP.
    Quic {
        /// As for TCP.
        host: String,
        /// As for TCP.
        port: u16,
    },
    /// `nnrps://host:port`: for clients, QUIC, or TLS where that does not get through.
    Secure {
        /// As for TCP.
        host: String,
        /// As for TCP.
        port: u16,
    },
    /// `nnrp+ws://host:port/path`: WebSocket over TCP.
    WebSocket {
        /// As for TCP.
        host: String,
        /// As for TCP.
        port: u16,
        /// What a client asks for and a listener answers to, with its slash; a client may add a query. Empty: a client asks for `/`, a listener
        /// answers to every path.
        path: String,
    },
    /// `nnrp+wss://host:port/path`: WebSocket over TLS 1.3 over TCP.
    SecureWebSocket {
        /// As for TCP.
        host: String,
        /// As for TCP.
        port: u16,
        /// As for WebSocket.
        path: String,
    },
    /// `nnrp+mem://name`: a pair inside this process that needs no socket.
    Memory {
        /// Name of the listener, unique in the process.
        name: String,
    },
}

/// Longest accepted URI: 255 bytes of host name and room for scheme and port.
const MAX_URI_BYTES: usize = 512;
const TCP_PREFIX: &str = "nnrp+tcp://";
const TLS_PREFIX: &str = "nnrp+tls://";
const QUIC_PREFIX: &str = "nnrp+quic://";
const SECURE_PREFIX: &str = "nnrps://";
const WEB_SOCKET_PREFIX: &str = "nnrp+ws://";
const SECURE_WEB_SOCKET_PREFIX: &str = "nnrp+wss://";
const MEMORY_PREFIX: &str = "nnrp+mem://";

impl Endpoint {
    /// A TCP endpoint from the `host:port` notation of socket addresses.
    pub fn tcp(address: &str) -> Result<Self, EndpointError> {
        let (host, port) = parse_host_and_port(address, 0)?;
        Ok(Self::Tcp { host, port })
    }

    /// A TLS endpoint from the `host:port` notation of socket addresses.
    pub fn tls(address: &str) -> Result<Self, EndpointError> {
        let (host, port) = parse_host_and_port(address, 0)?;
        Ok(Self::Tls { host, port })
    }

    /// A QUIC endpoint from the `host:port` notation of socket addresses.
    pub fn quic(address: &str) -> Result<Self, EndpointError> {
        let (host, port) = parse_host_and_port(address, 0)?;
        Ok(Self::Quic { host, port })
    }

    /// Host and port; `None` for endpoints without.
    #[must_use]
    pub fn address(&self) -> Option<(&str, u16)> {
        match self {
            Self::Tcp { host, port }
            | Self::Tls { host, port }
            | Self::Quic { host, port }
            | Self::Secure { host, port }
            | Self::WebSocket { host, port, .. }
            | Self::SecureWebSocket { host, port, .. } => Some((host, *port)),
            Self::Memory { .. } => None,
        }
    }

    /// The transport that serves the endpoint.
    #[must_use]
    pub fn transport_id(&self) -> TransportId {
        match self {
            // TLS and WebSocket are ways to use TCP and have no numbers of their own.
            Self::Tcp { .. }
            | Self::Tls { .. }
            | Self::WebSocket { .. }
            | Self::SecureWebSocket { .. } => TransportId::Tcp,
            Self::Quic { .. } => TransportId::Quic,
            // Which one it is shows when it is connected.
            Self::Secure { .. } | Self::Memory { .. } => TransportId::Unspecified,
        }
    }

    /// The same endpoint with another port; endpoints without ports stay as they are.
    #[must_use]
    pub fn with_port(mut self, real_port: u16) -> Self {
        if let Self::Tcp { port, .. }
        | Self::Tls { port, .. }
        | Self::Quic { port, .. }
        | Self::Secure { port, .. }
        | Self::WebSocket { port, .. }
        | Self::SecureWebSocket { port, .. } = &mut self
        {
            *port = real_port;
        }
        self
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(uri: &str) -> Result<Self, EndpointError> {
        if uri.len() > MAX_URI_BYTES {
            return Err(EndpointError::new(
                EndpointErrorKind::TooLong,
                MAX_URI_BYTES,
            ));
        }
        if let Some(address) = strip_scheme(uri, TCP_PREFIX) {
            let (host, port) = parse_host_and_port(address, TCP_PREFIX.len())?;
            return Ok(Self::Tcp { host, port });
        }
        if let Some(address) = strip_scheme(uri, TLS_PREFIX) {
            let (host, port) = parse_host_and_port(address, TLS_PREFIX.len())?;
            return Ok(Self::Tls { host, port });
        }
        if let Some(address) = strip_scheme(uri, QUIC_PREFIX) {
            let (host, port) = parse_host_and_port(address, QUIC_PREFIX.len())?;
            return Ok(Self::Quic { host, port });
        }
        if let Some(address) = strip_scheme(uri, SECURE_PREFIX) {
            let (host, port) = parse_host_and_port(address, SECURE_PREFIX.len())?;
            return Ok(Self::Secure { host, port });
        }
        if let Some(address) = strip_scheme(uri, WEB_SOCKET_PREFIX) {
            let (host, port, path) = parse_with_path(address, WEB_SOCKET_PREFIX.len())?;
            return Ok(Self::WebSocket { host, port, path });
        }
        if let Some(address) = strip_scheme(uri, SECURE_WEB_SOCKET_PREFIX) {
            let (host, port, path) = parse_with_path(address, SECURE_WEB_SOCKET_PREFIX.len())?;
            return Ok(Self::SecureWebSocket { host, port, path });
        }
        if let Some(name) = strip_scheme(uri, MEMORY_PREFIX) {
            return parse_memory_name(name, MEMORY_PREFIX.len());
        }
        Err(unknown_scheme(uri))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, host, port, path) = match self {
            Self::Tcp { host, port } => (TCP_PREFIX, host, port, ""),
            Self::Tls { host, port } => (TLS_PREFIX, host, port, ""),
            Self::Quic { host, port } => (QUIC_PREFIX, host, port, ""),
            Self::Secure { host, port } => (SECURE_PREFIX, host, port, ""),
            Self::WebSocket { host, port, path } => (WEB_SOCKET_PREFIX, host, port, path.as_str()),
            Self::SecureWebSocket { host, port, path } => {
                (SECURE_WEB_SOCKET_PREFIX, host, port, path.as_str())
            }
            Self::Memory { name } => return write!(formatter, "{MEMORY_PREFIX}{name}"),
        };
        if host.contains(':') {
            write!(formatter, "{prefix}[{host}]:{port}{path}")
        } else {
            write!(formatter, "{prefix}{host}:{port}{path}")
        }
    }
}

/// What is wrong with an endpoint, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid endpoint at byte {offset}: {kind}")]
pub struct EndpointError {
    kind: EndpointErrorKind,
    offset: usize,
}

impl EndpointError {
    fn new(kind: EndpointErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> EndpointErrorKind {
        self.kind
    }

    /// Byte of the text at which it is wrong.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }
}

/// The rules of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointErrorKind {
    /// The text does not start with a scheme and `://`.
    #[error(
        "expected scheme://, one of nnrp+tcp, nnrp+tls, nnrp+quic, nnrps (host:port), nnrp+ws, nnrp+wss (host:port/path) and nnrp+mem (name)"
    )]
    MissingScheme,
    /// The scheme is not served by this build.
    #[error(
        "unknown scheme, use nnrp+tcp, nnrp+tls, nnrp+quic or nnrps (host:port), nnrp+ws or nnrp+wss (host:port/path), or nnrp+mem (name)"
    )]
    UnknownScheme,
    /// The host is empty.
    #[error("the host is missing")]
    MissingHost,
    /// A byte that no host or name may hold.
    #[error("this character cannot stand in an endpoint")]
    UnexpectedCharacter,
    /// The bracket of an IPv6 address is not closed.
    #[error("the bracket of the IPv6 address is not closed")]
    UnclosedBracket,
    /// Between the brackets stands no IPv6 address.
    #[error("between the brackets stands no IPv6 address")]
    InvalidIpv6,
    /// An IPv6 address without brackets.
    #[error("an IPv6 address stands in brackets, as in [::1]:4433")]
    BareIpv6,
    /// The port is missing.
    #[error("the port is required, as in host:4433; port 0 binds a free one")]
    MissingPort,
    /// The port is not a number from 0 to 65535.
    #[error("the port is a number from 0 to 65535")]
    InvalidPort,
    /// The name of an in-memory endpoint is empty.
    #[error("the name is missing")]
    MissingName,
    /// The text is longer than any endpoint can be.
    #[error("an endpoint has at most 512 bytes")]
    TooLong,
}

fn strip_scheme<'a>(uri: &'a str, prefix: &str) -> Option<&'a str> {
    let head = uri.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &uri[prefix.len()..])
}

fn unknown_scheme(uri: &str) -> EndpointError {
    match uri.find("://") {
        Some(0) | None => EndpointError::new(EndpointErrorKind::MissingScheme, 0),
        Some(_) => EndpointError::new(EndpointErrorKind::UnknownScheme, 0),
    }
}

fn parse_memory_name(name: &str, start: usize) -> Result<Endpoint, EndpointError> {
    if name.is_empty() {
        return Err(EndpointError::new(EndpointErrorKind::MissingName, start));
    }
    check_characters(name, start, |byte| byte.is_ascii_graphic())?;
    Ok(Endpoint::Memory {
        name: name.to_owned(),
    })
}

/// The path is what starts with the first slash; it may be missing.
fn parse_with_path(address: &str, start: usize) -> Result<(String, u16, String), EndpointError> {
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

fn parse_host_and_port(address: &str, start: usize) -> Result<(String, u16), EndpointError> {
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

fn check_characters(
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn failure(uri: &str) -> (EndpointErrorKind, usize) {
        let error = uri.parse::<Endpoint>().expect_err(uri);
        (error.kind(), error.offset())
    }

    #[test]
    fn a_valid_endpoint_is_written_back_as_it_was_read() {
        for uri in [
            "nnrp+tcp://127.0.0.1:4433",
            "nnrp+tcp://localhost:0",
            "nnrp+tcp://[::1]:65535",
            "nnrp+tls://example.org:443",
            "nnrp+quic://[::]:0",
            "nnrps://example.org:443",
            "nnrp+ws://127.0.0.1:0",
            "nnrp+ws://localhost:80/",
            "nnrp+ws://[::1]:8080/inference/v1?token=a%20b",
            "nnrp+wss://example.org:443/nnrp",
            "nnrp+mem://left-hand",
        ] {
            assert_eq!(uri.parse::<Endpoint>().expect(uri).to_string(), uri);
        }
    }

    #[test]
    fn every_mistake_is_named_with_its_byte() {
        use EndpointErrorKind as Kind;
        for (uri, kind, offset) in [
            ("", Kind::MissingScheme, 0),
            ("127.0.0.1:4433", Kind::MissingScheme, 0),
            ("http://host:1", Kind::UnknownScheme, 0),
            ("nnrp+tcp://", Kind::MissingHost, 11),
            ("nnrp+tls://h", Kind::MissingPort, 12),
            ("nnrp+quic://h:y", Kind::InvalidPort, 14),
            ("nnrps://h", Kind::MissingPort, 9),
            ("nnrp+tcp://:1", Kind::MissingHost, 11),
            ("nnrp+tcp://host", Kind::MissingPort, 15),
            ("nnrp+tcp://host:", Kind::MissingPort, 16),
            ("nnrp+tcp://host:65536", Kind::InvalidPort, 16),
            ("nnrp+tcp://host:1x", Kind::InvalidPort, 17),
            ("nnrp+tcp://host:1/path", Kind::InvalidPort, 17),
            ("nnrp+tcp://ho st:1", Kind::UnexpectedCharacter, 13),
            ("nnrp+tcp://user@host:1", Kind::UnexpectedCharacter, 15),
            ("nnrp+tcp://::1", Kind::BareIpv6, 11),
            ("nnrp+tcp://[::1:1", Kind::UnclosedBracket, 11),
            ("nnrp+tcp://[::g]:1", Kind::InvalidIpv6, 12),
            ("nnrp+tcp://[::1]", Kind::MissingPort, 16),
            ("nnrp+ws://:1/", Kind::MissingHost, 10),
            ("nnrp+ws://host/path", Kind::MissingPort, 14),
            ("nnrp+ws://host:1?query", Kind::InvalidPort, 16),
            ("nnrp+ws://host:1/a b", Kind::UnexpectedCharacter, 18),
            ("nnrp+wss://host:1/#part", Kind::UnexpectedCharacter, 18),
            ("nnrp+mem://", Kind::MissingName, 11),
            ("nnrp+mem://a b", Kind::UnexpectedCharacter, 12),
        ] {
            assert_eq!(failure(uri), (kind, offset), "{uri}");
        }
        assert_eq!(failure(&"x".repeat(513)), (Kind::TooLong, 512));
    }

    proptest! {
        #[test]
        fn any_text_is_an_endpoint_or_an_error_inside_the_text(text in "\\PC{0,40}") {
            let schemes = ["nnrp+tcp", "nnrp+tls", "nnrp+quic", "nnrp+ws", "nnrp+wss", "nnrp+mem"];
            let inside = schemes.map(|scheme| format!("{scheme}://{text}"));
            let behind = schemes.map(|scheme| format!("{scheme}://h:1/{text}"));
            for uri in inside.into_iter().chain(behind).chain([text]) {
                match uri.parse::<Endpoint>() {
                    Ok(endpoint) => prop_assert_eq!(endpoint.to_string().parse(), Ok(endpoint)),
                    Err(error) => prop_assert!(error.offset() <= uri.len()),
                }
            }
        }
    }
}
