//! `l1.connection.*`, `l1.session.close.sibling_survival`: several sessions on one connection (spec 10.9).

use std::time::{Duration, Instant};

use bytes::Bytes;
use nnrp_core::code::{SessionStatus, TransportId};
use nnrp_core::{Header, MessageType, Packet};

use super::super::dialogue::open;
use super::super::server::Server;
use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, same, wrong};
use super::super::wire::{PATIENCE, Wire, on_sockets};
use super::siblings;

/// `l1.connection.session_container.parallel_open.validation`
pub(in super::super) fn parallel_open(subject: &dyn Subject) -> Verdict {
    siblings::parallel(subject)?;
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        two_sessions(&server).await.map(drop)
    })
}

/// `l1.connection.close.session_cascade.validation`
pub(in super::super) fn session_cascade(subject: &dyn Subject) -> Verdict {
    siblings::cascade(subject)?;
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = two_sessions(&server).await?;
        let close = Packet::empty(Header::new(MessageType::Close));
        wire.send_packet(&close).await?;
        same("packets after a CLOSE", wire.expect_end().await?, vec![])?;
        for session_id in [42, 43] {
            free_again(&server, session_id).await?;
        }
        Ok(())
    })
}

/// `l1.session.close.sibling_survival.validation`
pub(in super::super) fn sibling_survival(subject: &dyn Subject) -> Verdict {
    siblings::siblings(subject)?;
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = two_sessions(&server).await?;
        wire.close_session(42).await?;
        let body = Bytes::from_static(b"still here");
        wire.submit(43, 1, 0, &body).await?;
        wire.expect_result(43, 1, &body).await.map(drop)
    })
}

async fn two_sessions(server: &Server) -> Result<Wire, Failure> {
    let mut wire = server.connect().await?;
    wire.greet().await?;
    for session_id in [42, 43] {
        wire.open(session_id).await?;
    }
    Ok(wire)
}

/// The session ended with its connection, so another one may have its id.
async fn free_again(server: &Server, session_id: u32) -> Verdict {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let mut wire = server.connect().await?;
        let (_, ack, _) = wire.ask(&open(session_id), Bytes::new()).await?;
        if ack.session_status == SessionStatus::Opened {
            return Ok(());
        }
        same("why it is refused", ack.session_error_code.0, 0x0001_0007)?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    wrong(format!("session {session_id} outlives its connection"))
}
