//! How a client begins a connection: with `CLIENT_HELLO`, or with `SESSION_OPEN` as published clients do (spec 13.15).

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use nnrp_core::connection::client::{ClientConnection, ClientEvent};
use nnrp_core::{FrameDecoder, HEADER_LEN, Header};
use nnrp_transport_provider::Link;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use crate::ConnectionEnd;
use crate::end::{failed, lost, refused};
use crate::shared::Shared;

/// What a client says first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Exchange {
    /// `CLIENT_HELLO`; if the server ends the connection without any answer, once more on a fresh one with `SESSION_OPEN`, which is remembered for
    /// the endpoint. Both attempts share the connect timeout.
    #[default]
    Auto,
    /// `CLIENT_HELLO`: many sessions on one connection, keep-alive, resume and migration, cache. Published servers refuse it.
    Hello,
    /// `SESSION_OPEN`: one session a connection. Every server understands it.
    OpenFirst,
}

/// Endpoints whose servers are remembered to know no hello.
const REMEMBERED: usize = 256;
/// How long: a server may be replaced by one that does.
const MEMORY: Duration = Duration::from_mins(10);

static OPEN_FIRST: Mutex<VecDeque<(String, Instant)>> = Mutex::new(VecDeque::new());

/// Whether the server of an endpoint is remembered to know no hello.
pub(crate) fn is_open_first(endpoint: &str) -> bool {
    let mut known = known_endpoints();
    known.retain(|(_, since)| since.elapsed() < MEMORY);
    known.iter().any(|(known, _)| known == endpoint)
}

/// The server of an endpoint has answered a `SESSION_OPEN` after it had not answered a hello.
pub(crate) fn remember_open_first(endpoint: &str) {
    let mut known = known_endpoints();
    known.retain(|(known, _)| known != endpoint);
    known.push_back((endpoint.to_owned(), Instant::now()));
    if known.len() > REMEMBERED {
        known.pop_front();
    }
}

fn known_endpoints() -> MutexGuard<'static, VecDeque<(String, Instant)>> {
    // The queue is whole after every statement.
    OPEN_FIRST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a greeting has led to nothing.
#[derive(Debug)]
pub(crate) enum GreetingFailure {
    /// The connection ended before the server said anything.
    NoAnswer(ConnectionEnd),
    /// The server's answer was none.
    Failed(ConnectionEnd),
}

/// Sends the machine's hello and takes exactly the one packet that answers it.
pub(crate) async fn greet(
    link: &mut Link,
    machine: &mut ClientConnection,
    shared: &Shared,
) -> Result<(), GreetingFailure> {
    let no_answer = |error: io::Error| GreetingFailure::NoAnswer(lost(&error));
    let mut buffer = BytesMut::new();
    let (counters, limits) = (&shared.counters, shared.options.limits(0));
    while let Some(packet) = machine.poll_transmit() {
        counters.note_sent(&packet);
        packet.encode_into(&mut buffer);
    }
    link.writer.write_all(&buffer).await.map_err(no_answer)?;
    link.writer.flush().await.map_err(no_answer)?;
    counters.bytes_out.add(buffer.len());
    let broken = |error| GreetingFailure::Failed(failed(error));
    let cut = |error: io::Error| GreetingFailure::Failed(lost(&error));
    let mut head = [0; HEADER_LEN];
    // A single byte is an answer: whoever sends one has understood, or speaks another protocol.
    link.reader
        .read_exact(&mut head[..1])
        .await
        .map_err(no_answer)?;
    link.reader.read_exact(&mut head[1..]).await.map_err(cut)?;
    buffer.clear();
    buffer.extend_from_slice(&head);
    let mut decoder = FrameDecoder::new();
    // Checks the header and its lengths before a byte more is taken.
    let mut packet = decoder.decode(&mut buffer, &limits).map_err(broken)?;
    if packet.is_none() {
        let length = Header::decode(&head).and_then(|header| header.packet_len());
        let mut content = BytesMut::zeroed(length.map_or(0, |length| length - HEADER_LEN));
        link.reader.read_exact(&mut content).await.map_err(cut)?;
        packet = decoder.decode(&mut content, &limits).map_err(broken)?;
    }
    if let Some(packet) = packet {
        counters.frames_in.add(1);
        counters.bytes_in.add(packet.len());
        let handled = machine.handle_packet(shared.clock.now(), packet);
        handled.map_err(broken)?;
    }
    if machine.hello_acknowledged() {
        return Ok(());
    }
    let end = match machine.poll_event() {
        Some(ClientEvent::PeerError { report, diagnostic }) => {
            refused(report.error_code, &diagnostic)
        }
        _ => ConnectionEnd::ClosedByPeer,
    };
    Err(GreetingFailure::Failed(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn endpoints_are_remembered_for_a_while_and_in_bounded_number() {
        remember_open_first("nnrp://one");
        assert!(is_open_first("nnrp://one") && !is_open_first("nnrp://two"));
        (0..REMEMBERED).for_each(|n| remember_open_first(&format!("nnrp://many:{n}")));
        assert!(!is_open_first("nnrp://one"));
        assert!(known_endpoints().len() <= REMEMBERED);
        tokio::time::advance(MEMORY).await;
        assert!(!is_open_first("nnrp://many:255"));
    }
}
