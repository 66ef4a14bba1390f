//! The hello of a client and its answer, on a link that carries nothing else yet.

use std::io;

use bytes::BytesMut;
use nnrp_core::connection::client::{ClientConnection, ClientEvent};
use nnrp_core::{FrameDecoder, HEADER_LEN, Header};
use nnrp_transport_provider::Link;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::ConnectionEnd;
use crate::end::{failed, lost, refused};
use crate::shared::Shared;

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
