//! `l3.transport.*`: an open, submits, results and a close over loopback with each transport.

use bytes::Bytes;
use nnrp_core::code::TransportId;
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::Exchange;

use super::super::server::Server;
use super::super::subject::Subject;
use super::super::verdict::{Verdict, good, same};
use super::super::wire::{on_sockets, within};

/// `l3.transport.tcp.minimum`
pub(in super::super) fn tcp(subject: &dyn Subject) -> Verdict {
    minimum(subject, TransportId::Tcp)
}

/// `l3.transport.quic.minimum`
pub(in super::super) fn quic(subject: &dyn Subject) -> Verdict {
    minimum(subject, TransportId::Quic)
}

fn minimum(subject: &dyn Subject, transport: TransportId) -> Verdict {
    on_sockets(async {
        let server = Server::start(subject, transport, |_| {}).await?;
        packets(&server).await?;
        session(&server).await
    })
}

/// Packet by packet, as a published client would.
async fn packets(server: &Server) -> Verdict {
    let mut wire = server.connect().await?;
    wire.open(42).await?;
    for (frame_id, length) in [(1, 0), (2, 64), (3, 100_000)] {
        let body = Bytes::from(vec![0x5a; length]);
        wire.submit(42, frame_id, 0, &body).await?;
        wire.expect_result(42, frame_id, &body).await?;
    }
    wire.close_session(42).await?;
    same("packets after the close", wire.expect_end().await?, vec![])
}

/// With a client of this implementation.
async fn session(server: &Server) -> Verdict {
    let client = server.client(Exchange::OpenFirst).await?;
    let session = good("opening", within("opening", client.open_session()).await?)?;
    let metadata = FrameSubmit {
        payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK,
        payload_frame_count: 1,
        ..FrameSubmit::default()
    };
    let body = Bytes::from_static(b"over the loopback interface");
    let submitted = within("a submit", session.submit(metadata, body.clone())).await?;
    let frame_id = good("submitting", submitted)?;
    let result = good(
        "a result",
        within("a result", session.await_result()).await?,
    )?;
    same("the frame answered", result.frame_id, frame_id)?;
    same("the body of the result", &result.body, &body)?;
    good("closing", within("closing", session.close()).await?)
}
