//! What a server answers to a request that it does not take.

use std::io;

/// Why a request is not taken, with its HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("this port speaks WebSocket, and that was no HTTP/1.1 request")]
    NoRequest,
    #[error("the head of the request has more than 8 KiB or 64 fields")]
    TooLong,
    #[error("a WebSocket is opened with GET")]
    Method,
    #[error("the request has no single Host field")]
    Host,
    #[error("the request of a handshake has no body")]
    Body,
    #[error("there is no WebSocket at this path")]
    Path,
    #[error("here is nothing but a WebSocket: Upgrade and Connection are missing")]
    NoUpgrade,
    #[error("Sec-WebSocket-Version 13 is the one that is spoken here")]
    Version,
    #[error("Sec-WebSocket-Key is not 16 bytes in base64")]
    Key,
    #[error("pages of this origin may not connect")]
    Origin,
    #[error("none of the offered subprotocols is nnrp.1")]
    Subprotocol,
}

impl Refusal {
    fn status(self) -> &'static str {
        match self {
            Self::NoRequest | Self::Host | Self::Body | Self::Key | Self::Subprotocol => {
                "400 Bad Request"
            }
            Self::Origin => "403 Forbidden",
            Self::Path => "404 Not Found",
            Self::Method => "405 Method Not Allowed",
            Self::NoUpgrade | Self::Version => "426 Upgrade Required",
            Self::TooLong => "431 Request Header Fields Too Large",
        }
    }

    /// Fields that belong to the status.
    fn fields(self) -> &'static str {
        match self {
            Self::Method => "Allow: GET\r\n",
            Self::NoUpgrade | Self::Version => {
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            }
            _ => "",
        }
    }

    /// The whole answer.
    pub(super) fn response(self) -> String {
        let connection = match self {
            Self::NoUpgrade | Self::Version => "upgrade, close",
            _ => "close",
        };
        let body = format!("{self}\n");
        format!(
            "HTTP/1.1 {}\r\nConnection: {connection}\r\n{}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
            self.status(),
            self.fields(),
            body.len()
        )
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal {
            Refusal::Origin | Refusal::Path => io::ErrorKind::PermissionDenied,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, refusal)
    }
}
