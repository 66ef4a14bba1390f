//! `l1.session.resume.*`: refusals, and going on above the watermark over another connection (spec 12 §12.1).

use bytes::{Bytes, BytesMut};
use nnrp_core::MessageType;
use nnrp_core::code::{SessionStatus, TransportId};
use nnrp_core::extension::Extension;
use nnrp_core::flags::SessionFlags;
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::resume::ResumeOutcome;

use super::super::dialogue::{HOLD, open};
use super::super::server::Server;
use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, good, holds, same};
use super::super::wire::on_sockets;
use super::resume_rules;

/// The extension in which a resuming client says how many answers it has; others skip it.
const POSITION: u16 = 0x8001;

/// `l1.session.resume.rejected.validation`
pub(in super::super) fn rejected(subject: &dyn Subject) -> Verdict {
    resume_rules::requests(subject)?;
    resume_rules::acks(subject)?;
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = server.connect().await?;
        wire.greet().await?;
        wire.open(41).await?;
        let issued = resumable(&server).await?;
        let mut forged = issued.to_vec();
        forged[0] ^= 1;
        for (what, session_id, token) in [
            ("a session that never was", 77, issued.to_vec()),
            ("a session that is not resumable", 41, issued.to_vec()),
            ("another token", 42, forged),
        ] {
            let mut wire = server.connect().await?;
            wire.greet().await?;
            let asked = resuming(session_id, &token);
            let (_, ack, _) = wire.ask(&asked, Bytes::from(token)).await?;
            let found = (ack.session_status, ack.session_error_code.0);
            same(what, found, (SessionStatus::Rejected, 0x0001_0006))?;
            same(what, ack.session_id, 0)?;
            let outcome = good(what, subject.check_resume_ack(&asked, &ack))?;
            same(what, outcome, ResumeOutcome::Rejected)?;
        }
        Ok(())
    })
}

/// `l1.session.resume.from_operation.validation`
pub(in super::super) fn from_operation(subject: &dyn Subject) -> Verdict {
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = server.connect().await?;
        wire.greet().await?;
        let (_, ack, token) = wire.ask(&wanted(42), Bytes::new()).await?;
        let token = token_of(&ack, &token)?;
        let body = Bytes::from_static(b"once");
        for frame_id in [1, 2] {
            wire.submit(42, frame_id, 0, &body).await?;
            wire.expect_result(42, frame_id, &body).await?;
        }
        wire.submit(42, 3, HOLD, &body).await?;
        wire.submit(42, 4, 0, &body).await?;
        wire.expect_result(42, 4, &body).await?;
        // Lost with three answers, frame 3 unfinished.
        drop(wire);
        let mut wire = server.connect().await?;
        wire.greet().await?;
        let mut asked = resuming(42, &token);
        let position = position(3);
        asked.session_extension_bytes = good("a length", u32::try_from(position.len()))?;
        let blocks = Bytes::from([&token[..], &position].concat());
        let (_, ack, _) = wire.ask(&asked, blocks).await?;
        same(
            "the session",
            (ack.session_id, ack.session_status),
            (42, SessionStatus::Resumed),
        )?;
        let outcome = good("the ack", subject.check_resume_ack(&asked, &ack))?;
        let resumed = matches!(outcome, ResumeOutcome::Resumed { .. });
        holds("the session is resumed", resumed)?;
        // Nothing that was delivered comes again: the next packet answers what was unfinished.
        wire.cancel(42, 3).await?;
        let dropped = wire.expect(MessageType::ResultDrop).await?;
        let found = (dropped.header().session_id, dropped.header().frame_id);
        same("what goes on", found, (42, 3))?;
        wire.submit(42, 5, 0, &body).await?;
        wire.expect_result(42, 5, &body).await.map(drop)
    })
}

/// Opens session 42 as resumable and loses its connection; gives its token.
async fn resumable(server: &Server) -> Result<Bytes, Failure> {
    let mut wire = server.connect().await?;
    wire.greet().await?;
    let (_, ack, body) = wire.ask(&wanted(42), Bytes::new()).await?;
    token_of(&ack, &body)
}

fn token_of(ack: &SessionOpenAck, body: &Bytes) -> Result<Bytes, Failure> {
    same("the session", ack.session_status, SessionStatus::Opened)?;
    let blocks = good("the ack", ack.blocks(body))?;
    let token = blocks.map(|blocks| blocks.resume_token).unwrap_or_default();
    holds("a resumable session has a token", !token.is_empty())?;
    Ok(token)
}

fn wanted(session_id: u32) -> SessionOpen {
    SessionOpen {
        session_flags: SessionFlags::ALLOW_RESUME,
        ..open(session_id)
    }
}

fn resuming(session_id: u32, token: &[u8]) -> SessionOpen {
    SessionOpen {
        resume_token_bytes: u32::try_from(token.len()).unwrap_or(u32::MAX),
        ..wanted(session_id)
    }
}

fn position(answers: u64) -> BytesMut {
    let mut block = BytesMut::new();
    let entry = Extension {
        extension_type: POSITION,
        critical: false,
        payload: &answers.to_le_bytes(),
    };
    entry.append_to(&mut block);
    block
}
