//! Endpoint addresses as URIs: `nnrp+tcp://host:port`, `nnrp+tls://…`, `nnrp+quic://…`, `nnrp+ws://host:port/path`, `nnrp+wss://…` and
//! `nnrp+mem://name`.

mod error;
mod parse;

use std::fmt;
use std::str::FromStr;

pub use self::error::{EndpointError, EndpointErrorKind};
use self::parse::{
    check_characters, parse_host_and_port, parse_with_path, strip_scheme, unknown_scheme,
};
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

fn parse_memory_name(name: &str, start: usize) -> Result<Endpoint, EndpointError> {
    if name.is_empty() {
        return Err(EndpointError::new(EndpointErrorKind::MissingName, start));
    }
    check_characters(name, start, |byte| byte.is_ascii_graphic())?;
    Ok(Endpoint::Memory {
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests;
