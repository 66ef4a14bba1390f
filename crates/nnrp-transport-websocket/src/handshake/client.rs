//! The client's side: asks, and judges the answer.

use std::io;

use bytes::{Buf, BytesMut};
use httparse::{EMPTY_HEADER, Response};
use nnrp_transport_provider::Link;
use tokio::io::AsyncWriteExt;

use super::accept_key::{accept_key, base64};
use super::head::{Fields, HeadError, MOST_FIELDS, MOST_HEAD_BYTES, read_head};
use super::terms::{SUBPROTOCOL, VERSION};
use crate::random;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Host and port as they stand in an URI.
    pub(crate) authority: String,
    pub(crate) path: String,
}

/// Why an answer opens no WebSocket.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Declined {
    #[error("the server does not speak HTTP/1.1")]
    NoResponse,
    #[error("the head of the answer has more than 8 KiB or 64 fields")]
    TooLong,
    #[error("the server answers {0} instead of opening a WebSocket")]
    Status(String),
    #[error("the answer does not upgrade to websocket")]
    NoUpgrade,
    #[error(
        "Sec-WebSocket-Accept is not what follows from the key: this server does not speak WebSocket"
    )]
    Accept,
    #[error("the server has chosen an extension that nobody has offered")]
    Extension,
    #[error("the server has chosen a subprotocol that nobody has offered")]
    Subprotocol,
}

impl From<Declined> for io::Error {
    fn from(declined: Declined) -> Self {
        let kind = match declined {
            Declined::Status(_) => io::ErrorKind::PermissionDenied,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, declined)
    }
}

/// Shakes hands with a server and gives what it has sent beyond that.
pub(crate) async fn ask(carrier: &mut Link, target: &Target) -> io::Result<BytesMut> {
    let key = new_key()?;
    carrier
        .writer
        .write_all(request(target, &key).as_bytes())
        .await?;
    carrier.writer.flush().await?;
    let mut buffer = BytesMut::with_capacity(MOST_HEAD_BYTES);
    let response = read_head(&mut carrier.reader, &mut buffer, |bytes| {
        Response::new(&mut [EMPTY_HEADER; MOST_FIELDS]).parse(bytes)
    });
    let length = response.await.map_err(|error| match error {
        HeadError::Io(error) => error,
        HeadError::Malformed => Declined::NoResponse.into(),
        HeadError::TooLong => Declined::TooLong.into(),
    })?;
    judge(&buffer, &key)?;
    buffer.advance(length);
    Ok(buffer)
}

fn new_key() -> io::Result<String> {
    let mut bytes = [0; 16];
    random::fill(&mut bytes)?;
    Ok(base64(&bytes))
}

fn request(target: &Target, key: &str) -> String {
    let Target { authority, path } = target;
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!(
        "GET {slash}{path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: {VERSION}\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
    )
}

/// RFC 6455 §4.1, the numbered list at its end.
fn judge(buffer: &[u8], key: &str) -> Result<(), Declined> {
    let mut fields = [EMPTY_HEADER; MOST_FIELDS];
    let mut response = Response::new(&mut fields);
    // It was parsed before.
    response.parse(buffer).map_err(|_| Declined::NoResponse)?;
    let code = response.code.unwrap_or_default();
    if code != 101 {
        let reason = response.reason.unwrap_or_default();
        return Err(Declined::Status(
            format!("{code} {reason}").trim_end().to_owned(),
        ));
    }
    let fields = Fields(response.headers);
    if !fields.lists("Upgrade", "websocket") || !fields.lists("Connection", "upgrade") {
        return Err(Declined::NoUpgrade);
    }
    if fields.only("Sec-WebSocket-Accept") != Some(accept_key(key).as_str()) {
        return Err(Declined::Accept);
    }
    if fields.has("Sec-WebSocket-Extensions") {
        return Err(Declined::Extension);
    }
    match fields
        .all("Sec-WebSocket-Protocol")
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => Ok(()),
        [chosen] if *chosen == SUBPROTOCOL => Ok(()),
        _ => Err(Declined::Subprotocol),
    }
}
