//! The recorded traffic of published peers, replayed by both machines byte for byte.

#[path = "support/recorded.rs"]
mod recorded;

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use nnrp_core::connection::FrameContext;
use nnrp_core::connection::client::{ClientConfig, ClientConnection, ClientEvent};
use nnrp_core::connection::server::{ServerConfig, ServerConnection, ServerEvent, SessionPolicy};
use nnrp_core::directory::{Decision, DirectoryConfig, OpenRequest, SessionDirectory};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, MessageType, Packet, Timestamp};
use recorded::{lines, unhex};

const NOW: Timestamp = Timestamp::from_micros(7);

/// The server of the recording: four operations in flight, credit for two.
fn recorded_policy() -> SessionPolicy {
    SessionPolicy {
        max_in_flight_operations: 4,
        granted_operation_credit: 2,
        ..SessionPolicy::default()
    }
}

fn server() -> ServerConnection {
    let config = ServerConfig {
        policy: recorded_policy(),
        ..ServerConfig::default()
    };
    ServerConnection::new(Arc::new(config), NOW)
}

fn packet(hex: &str) -> Packet {
    Packet::decode(&Bytes::from(unhex(hex))).expect("a recorded packet")
}

fn bytes_of(packet: Option<Packet>) -> BytesMut {
    let mut bytes = BytesMut::new();
    packet.expect("a packet to send").encode_into(&mut bytes);
    bytes
}

/// Does at the client what makes it send `packet`; the application of the recording did the same.
fn command_client(client: &mut ClientConnection, packet: &Packet) {
    let header = packet.header();
    let (session, metadata, body) = (header.session_id, packet.metadata(), packet.body().clone());
    let context = FrameContext::default();
    match header.message_type {
        MessageType::SessionOpen => {
            let open = SessionOpen::decode(metadata).expect("open");
            client.open_session(NOW, &open, body).expect("open");
        }
        MessageType::FrameSubmit => {
            let submit = FrameSubmit::decode(metadata).expect("submit");
            let frame = client
                .submit(session, &submit, context, body)
                .expect("submit");
            assert_eq!(frame, header.frame_id);
        }
        MessageType::FrameCancel => client.cancel(session, header.frame_id).expect("cancel"),
        MessageType::SessionPatch => {
            let patch = SessionPatch::decode(metadata).expect("patch");
            client
                .patch_session(NOW, session, &patch, body)
                .expect("patch");
        }
        MessageType::SessionMigrate => {
            let migrate = SessionMigrate::decode(metadata).expect("migrate");
            client
                .migrate_session(NOW, session, &migrate)
                .expect("migrate");
        }
        MessageType::SessionClose => client.close_session(NOW, session).expect("close"),
        other => panic!("no client sends {}", other.name()),
    }
}

/// Does at the server what makes it send `packet`.
fn command_server(
    server: &mut ServerConnection,
    directory: &mut SessionDirectory,
    packet: &Packet,
) {
    let Header {
        message_type,
        session_id,
        frame_id,
        ..
    } = *packet.header();
    let metadata = packet.metadata();
    match message_type {
        MessageType::SessionOpenAck => {
            let Some(ServerEvent::OpenRequested { ticket, open, .. }) = server.poll_event() else {
                panic!("an open is asked for");
            };
            let decision = directory.admit(&OpenRequest::plain(&open), NOW);
            let Ok(Decision::Admit(admission)) = decision else {
                panic!("a free id");
            };
            server.admit(NOW, ticket, admission).expect("admit");
        }
        MessageType::FlowUpdate => {
            let update = FlowUpdate::decode(metadata).expect("update");
            server
                .send_flow_update(session_id, &update)
                .expect("update");
        }
        MessageType::ResultPush => {
            let result = ResultPush::decode(metadata).expect("result");
            let (context, body) = (FrameContext::default(), packet.body().clone());
            server
                .push_result(NOW, session_id, frame_id, context, &result, body)
                .expect("result");
        }
        MessageType::ResultDrop => server.push_drop(NOW, session_id, frame_id).expect("drop"),
        MessageType::SessionPatchAck => {
            let ack = SessionPatchAck::decode(metadata).expect("ack");
            server.answer_patch(NOW, session_id, &ack).expect("patch");
        }
        MessageType::SessionMigrateAck => {
            let ack = SessionMigrateAck::decode(metadata).expect("ack");
            server
                .answer_migrate(NOW, session_id, &ack)
                .expect("migrate");
        }
        MessageType::SessionCloseAck => server.answer_close(NOW, session_id).expect("close"),
        other => panic!("no server sends {}", other.name()),
    }
}

#[test]
fn both_machines_reproduce_the_recorded_session() {
    let mut client = ClientConnection::new(ClientConfig::default(), NOW).expect("no hello");
    let mut server = server();
    let mut directory = SessionDirectory::new(DirectoryConfig::default());
    let transcript = lines("transcript.txt");
    assert_eq!(transcript.len(), 16, "the recording is incomplete");
    for line in &transcript {
        let (sender, rest) = line.split_once(' ').expect("a sender");
        let (name, hex) = rest.split_once(' ').expect("a name");
        let recorded = packet(hex);
        if sender == "C" {
            command_client(&mut client, &recorded);
            assert_eq!(bytes_of(client.poll_transmit()), unhex(hex), "{name}");
            server.handle_packet(NOW, recorded).expect(name);
        } else {
            command_server(&mut server, &mut directory, &recorded);
            assert_eq!(bytes_of(server.poll_transmit()), unhex(hex), "{name}");
            client.handle_packet(NOW, recorded).expect(name);
        }
    }
    assert!(
        server.should_end_write(),
        "the server ends its write side after the close ack"
    );
    assert!(
        client.should_end_write(),
        "the client ends its write side after the close ack"
    );
    let last = std::iter::from_fn(|| client.poll_event()).last();
    assert!(
        matches!(last, Some(ClientEvent::SessionEnded { session_id: 1, .. })),
        "{last:?}"
    );
}

#[test]
fn recorded_opens_get_the_recorded_acks() {
    let config = DirectoryConfig {
        resume_by_id: true,
        ..DirectoryConfig::default()
    };
    let mut directory = SessionDirectory::new(config);
    let opens = lines("opens.txt");
    assert_eq!(opens.len(), 8, "the recording is incomplete");
    for line in &opens {
        let mut parts = line.splitn(4, ' ');
        let mut part = || parts.next().expect("four parts");
        let (session_id, open, ack, situation) = (part(), part(), part(), part());
        let mut server = server();
        let open = SessionOpen::decode(&unhex(open)).expect(situation);
        let packet =
            Packet::with_message(Header::new(MessageType::SessionOpen), &open, Bytes::new());
        server
            .handle_packet(NOW, packet.expect("short"))
            .expect(situation);
        if let Some(ServerEvent::OpenRequested { ticket, open, .. }) = server.poll_event() {
            match directory.admit(&OpenRequest::plain(&open), NOW) {
                Ok(Decision::Admit(admission)) => {
                    server.admit(NOW, ticket, admission).expect(situation);
                }
                Ok(other) => panic!("{situation}: {other:?}"),
                Err(code) => server.refuse(NOW, ticket, code).expect(situation),
            }
        }
        let answer = server.poll_transmit().expect(situation);
        assert_eq!(
            answer.header().session_id.to_string(),
            session_id,
            "{situation}"
        );
        assert_eq!(answer.metadata(), unhex(ack), "{situation}");
        assert_eq!(server.should_end_write(), session_id == "0", "{situation}");
    }
}
