//! The server's side: reads the request, judges it, and answers.

use std::io;

use bytes::{Buf, BytesMut};
use httparse::{EMPTY_HEADER, Request};
use nnrp_transport_provider::Link;
use nnrp_transport_provider::security::Origins;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::accept_key::{accept_key, is_key};
use super::head::{Fields, HeadError, MOST_FIELDS, MOST_HEAD_BYTES, read_head};
use super::refusal::Refusal;
use super::terms::{SUBPROTOCOL, VERSION};

/// Whom a listener takes.
#[derive(Clone, Debug)]
pub(crate) struct Welcome {
    /// The path that has to be asked for; empty = any.
    pub(crate) path: String,
    pub(crate) origins: Origins,
}

/// Shakes hands with a client and gives what it has sent beyond that. Whoever is not taken is told why.
pub(crate) async fn answer(carrier: &mut Link, welcome: &Welcome) -> io::Result<BytesMut> {
    let mut buffer = BytesMut::with_capacity(MOST_HEAD_BYTES);
    let request = read_head(&mut carrier.reader, &mut buffer, |bytes| {
        Request::new(&mut [EMPTY_HEADER; MOST_FIELDS]).parse(bytes)
    });
    let judged = match request.await {
        Ok(length) => judge(&buffer, welcome).map(|response| (length, response)),
        Err(HeadError::Io(error)) => return Err(error),
        Err(HeadError::Malformed) => Err(Refusal::NoRequest),
        Err(HeadError::TooLong) => Err(Refusal::TooLong),
    };
    match judged {
        Ok((length, response)) => {
            write(&mut carrier.writer, &response).await?;
            buffer.advance(length);
            Ok(buffer)
        }
        Err(refusal) => {
            write(&mut carrier.writer, &refusal.response()).await?;
            carrier.writer.shutdown().await?;
            Err(refusal.into())
        }
    }
}

async fn write(writer: &mut (impl AsyncWrite + Unpin), response: &str) -> io::Result<()> {
    writer.write_all(response.as_bytes()).await?;
    writer.flush().await
}

/// The answer to a whole request.
fn judge(buffer: &[u8], welcome: &Welcome) -> Result<String, Refusal> {
    let mut fields = [EMPTY_HEADER; MOST_FIELDS];
    let mut request = Request::new(&mut fields);
    // It was parsed before.
    request.parse(buffer).map_err(|_| Refusal::NoRequest)?;
    let (method, path) = (
        request.method.unwrap_or_default(),
        request.path.unwrap_or_default(),
    );
    let is_http_1_1 = request.version == Some(1);
    let fields = Fields(request.headers);
    if !is_http_1_1 {
        return Err(Refusal::NoRequest);
    }
    if method != "GET" {
        return Err(Refusal::Method);
    }
    let host = fields
        .only("Host")
        .filter(|host| !host.is_empty())
        .ok_or(Refusal::Host)?;
    if fields.has("Transfer-Encoding") || fields.all("Content-Length").any(|length| length != "0") {
        return Err(Refusal::Body);
    }
    if !welcome.path.is_empty() && without_query(path) != without_query(&welcome.path) {
        return Err(Refusal::Path);
    }
    if !fields.lists("Upgrade", "websocket") || !fields.lists("Connection", "upgrade") {
        return Err(Refusal::NoUpgrade);
    }
    if fields.only("Sec-WebSocket-Version") != Some(VERSION) {
        return Err(Refusal::Version);
    }
    let key = fields
        .only("Sec-WebSocket-Key")
        .filter(|key| is_key(key))
        .ok_or(Refusal::Key)?;
    if fields
        .all("Origin")
        .any(|origin| !welcome.origins.admit(origin, host))
    {
        return Err(Refusal::Origin);
    }
    Ok(accepted(key, choose_subprotocol(fields)?))
}

/// Where subprotocols are offered, ours is among them or the client wants something else.
fn choose_subprotocol(fields: Fields<'_>) -> Result<bool, Refusal> {
    const OFFERED: &str = "Sec-WebSocket-Protocol";
    match (fields.has(OFFERED), fields.lists(OFFERED, SUBPROTOCOL)) {
        (true, false) => Err(Refusal::Subprotocol),
        (_, ours) => Ok(ours),
    }
}

fn accepted(key: &str, with_subprotocol: bool) -> String {
    let subprotocol = if with_subprotocol {
        format!("Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n")
    } else {
        String::new()
    };
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n{subprotocol}\r\n",
        accept_key(key)
    )
}

fn without_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}
