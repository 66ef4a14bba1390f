//! `l1.session.open.*`, `open_ack.*`, `open_close`, `close.*`: metadata rules, and the exchange over a connection.

use bytes::Bytes;
use nnrp_core::code::{SessionCloseStatus, SessionStatus, TransportId};
use nnrp_core::message::session::{SessionClose, SessionCloseAck, SessionOpen, SessionOpenAck};
use nnrp_core::{Header, MessageType, MetadataBytes, Packet};
use nnrp_runtime::{Exchange, NnrpClient, NnrpClientSession, Security};

use super::super::dialogue::{hello_ack, of_frame, open, open_ack};
use super::super::server::{Server, client};
use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, good, holds, needed, same};
use super::super::wire::{Scripted, Wire, on_sockets, within};
use super::field::{enumeration, shorter};
use super::lifecycle;
use super::vector::{accepts, bytes_of};

const OPEN: &str = "preview3.metadata.session_open.default_context";
const OPEN_ACK: &str = "preview3.metadata.session_open_ack.opened";
/// Of an open and of its ack alike, with its place.
const PRIORITY_CLASS: (&str, usize) = ("session_priority_class", 6);

/// `l1.session.open.fixed_metadata.validation`
pub(in super::super) fn open_fixed_metadata(subject: &dyn Subject) -> Verdict {
    let bytes = bytes_of(OPEN)?;
    sizes(subject, "SESSION_OPEN", &bytes)?;
    enumeration(subject, "SESSION_OPEN", &bytes, PRIORITY_CLASS, 3)?;
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = server.connect().await?;
        let longer = [encoded(&open(42))?.as_slice(), &[0; 4]].concat();
        send_open(&mut wire, &longer).await?;
        let (_, ack) = wire.expect_message::<SessionOpenAck>().await?;
        same("longer metadata is accepted", ack.session_id, 42)?;
        let mut wire = server.connect().await?;
        send_open(&mut wire, &encoded(&open(43))?[..47]).await?;
        let said = wire.expect_end().await?;
        same("answers to an open that is too short", said, vec![])
    })
}

/// `l1.session.open_ack.fixed_metadata.validation`
pub(in super::super) fn open_ack_fixed_metadata(subject: &dyn Subject) -> Verdict {
    let (structure, bytes) = ("SESSION_OPEN_ACK", bytes_of(OPEN_ACK)?);
    sizes(subject, structure, &bytes)?;
    enumeration(subject, structure, &bytes, PRIORITY_CLASS, 3)?;
    enumeration(subject, structure, &bytes, ("session_status", 7), 4)?;
    lifecycle::open_acks(subject)?;
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        for (what, asked, status, id, code) in [
            ("opened", open(42), SessionStatus::Opened, 42, 0),
            (
                "a profile that is not served",
                SessionOpen {
                    profile_id: 0xffff,
                    ..open(43)
                },
                SessionStatus::Rejected,
                0,
                0x0001_0002,
            ),
            (
                "a schema that is not installed",
                SessionOpen {
                    schema_version: 9,
                    ..open(44)
                },
                SessionStatus::Rejected,
                0,
                0x0001_0003,
            ),
            (
                "more operations than are allowed",
                SessionOpen {
                    max_in_flight_operations: 0xffff,
                    ..open(45)
                },
                SessionStatus::Rejected,
                0,
                0x0001_0007,
            ),
        ] {
            let mut wire = server.connect().await?;
            let (header, ack, _) = wire.ask(&asked, Bytes::new()).await?;
            let found = (ack.session_status, ack.session_id, ack.session_error_code.0);
            same(what, found, (status, id, code))?;
            same(&format!("{what}: the header"), header.session_id, id)?;
            let echoed = (ack.accepted_profile_id, ack.schema_id, ack.schema_version);
            let wanted = (asked.profile_id, asked.schema_id, asked.schema_version);
            same(&format!("{what}: echoed"), echoed, wanted)?;
        }
        Ok(())
    })
}

/// `l1.session.open_close`
pub(in super::super) fn open_close(subject: &dyn Subject) -> Verdict {
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = server.connect().await?;
        wire.open(42).await?;
        let ack = wire.close_session(42).await?;
        let found = (ack.last_operation_id, ack.session_error_code.0);
        same("watermark and error of the close", found, (7, 0))?;
        same("packets after the close", wire.expect_end().await?, vec![])?;
        // And from the client's end.
        let client = server.client(Exchange::OpenFirst).await?;
        let session = good("opening", within("opening", client.open_session()).await?)?;
        holds("an open session has an id", session.session_id() != 0)?;
        good("closing", within("closing", session.close()).await?)
    })
}

/// `l1.session.close.state_machine.validation`
pub(in super::super) fn close_state_machine(subject: &dyn Subject) -> Verdict {
    lifecycle::closes(subject)?;
    on_sockets(async {
        let mut listener = Scripted::listen(subject).await?;
        let (client, session, mut wire) = connected(&mut listener).await?;
        let session_id = session.session_id();
        let closing = tokio::spawn(session.close());
        wire.expect_message::<SessionClose>().await?;
        for status in [
            SessionCloseStatus::Acknowledged,
            SessionCloseStatus::Draining,
        ] {
            send_ack(&mut wire, session_id, status).await?;
            round_trip(&mut wire).await?;
            let what = format!("a close that is {} is not over", status.name());
            holds(&what, !closing.is_finished())?;
        }
        send_ack(&mut wire, session_id, SessionCloseStatus::Closed).await?;
        let closed = within("the close", closing).await?;
        good("closing", needed("the closing task", closed)?)?;
        // The connection outlives its session.
        round_trip(&mut wire).await?;
        drop(client);
        Ok(())
    })
}

/// A client under test with one open session at a scripted server that has answered its hello.
pub(super) async fn connected(
    listener: &mut Scripted,
) -> Result<(NnrpClient, NnrpClientSession, Wire), Failure> {
    let (endpoint, security) = (listener.endpoint(), Security::default());
    let connecting = client(&endpoint, &security, Exchange::Hello);
    let (connected, wire) = tokio::join!(connecting, async {
        let mut wire = listener.accept().await?;
        wire.expect(MessageType::ClientHello).await?;
        let header = Header::new(MessageType::ServerHelloAck);
        wire.send(header, &hello_ack()).await?;
        Ok::<_, Failure>(wire)
    });
    let (client, mut wire) = (connected?, wire?);
    let (session, answered) = tokio::join!(client.open_session(), async {
        let (_, open) = wire.expect_message::<SessionOpen>().await?;
        let id = open.requested_session_id;
        let header = of_frame(MessageType::SessionOpenAck, id, 0);
        wire.send(header, &open_ack(&open)).await
    });
    answered?;
    Ok((client, good("opening", session)?, wire))
}

/// A ping and its answer: everything before it was taken in.
pub(super) async fn round_trip(wire: &mut Wire) -> Verdict {
    let ping = Packet::empty(Header::new(MessageType::Ping));
    wire.send_packet(&ping).await?;
    wire.expect(MessageType::Pong).await?;
    // What the answer follows from was told to tasks that have not had their turn yet.
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn send_ack(wire: &mut Wire, session_id: u32, close_status: SessionCloseStatus) -> Verdict {
    let header = of_frame(MessageType::SessionCloseAck, session_id, 0);
    let ack = SessionCloseAck {
        close_status,
        ..SessionCloseAck::default()
    };
    wire.send(header, &ack).await
}

async fn send_open(wire: &mut Wire, metadata: &[u8]) -> Verdict {
    let metadata = MetadataBytes::from(Bytes::copy_from_slice(metadata));
    let header = Header::new(MessageType::SessionOpen);
    let packet = Packet::new(header, metadata, Bytes::new());
    wire.send_packet(&needed("a packet", packet)?).await
}

fn encoded(open: &SessionOpen) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; SessionOpen::SIZE];
    needed("an open", open.encode(&mut bytes))?;
    Ok(bytes)
}

/// Shorter metadata is refused, longer accepted.
fn sizes(subject: &dyn Subject, structure: &str, bytes: &[u8]) -> Verdict {
    shorter(subject, structure, bytes)?;
    let longer = [bytes, &[0xff; 8]].concat();
    accepts(subject, &format!("longer {structure}"), structure, &longer).map(drop)
}
