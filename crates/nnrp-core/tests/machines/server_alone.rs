//! A server machine and packets that no client machine of ours would send it.

use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::code::{FlowScopeKind, PROFILE_TENSOR, PROFILE_TOKEN, SessionErrorCode};
use nnrp_core::connection::server::{ServerConfig, ServerConnection, ServerEvent, SessionPolicy};
use nnrp_core::directory::{Decision, DirectoryConfig, OpenRequest, SessionDirectory};
use nnrp_core::flags::{FlowFlags, SessionFlags};
use nnrp_core::message::Message;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};
use nnrp_core::message::probe::TransportProbe;
use nnrp_core::message::session::{SessionClose, SessionOpen, SessionOpenAck};
use nnrp_core::{ErrorKind, Header, MessageType, Packet, ProtocolError, Rule, Timestamp};

use crate::link::{default_open, hello};

/// A server whose policy is the default but for the profiles.
fn server(profiles: &[u16]) -> ServerConnection {
    let policy = SessionPolicy {
        profiles: profiles.to_vec(),
        ..SessionPolicy::default()
    };
    let config = ServerConfig {
        policy,
        ..ServerConfig::default()
    };
    ServerConnection::new(Arc::new(config), Timestamp::default())
}

fn hand<M: Message>(
    server: &mut ServerConnection,
    session_id: u32,
    message: &M,
) -> Result<(), ProtocolError> {
    hand_with(server, session_id, message, &[])
}

fn hand_with<M: Message>(
    server: &mut ServerConnection,
    session_id: u32,
    message: &M,
    body: &'static [u8],
) -> Result<(), ProtocolError> {
    let header = Header {
        session_id,
        ..Header::new(M::MESSAGE_TYPE)
    };
    let packet =
        Packet::with_message(header, message, Bytes::from_static(body)).expect("a valid message");
    server.handle_packet(Timestamp::default(), packet)
}

fn greet(server: &mut ServerConnection, hello: &ClientHello) {
    hand(server, 0, hello).expect("a hello that is understood");
    let ack = server.poll_transmit().expect("an answer to the hello");
    assert_eq!(ack.header().message_type, MessageType::ServerHelloAck);
}

/// Opens a session and closes it again, if asked to.
fn open(server: &mut ServerConnection, session_id: u32, and_close: bool) {
    let now = Timestamp::default();
    hand(server, 0, &default_open(session_id)).expect("an open that is understood");
    let Some(ServerEvent::OpenRequested { ticket, open, .. }) = server.poll_event() else {
        panic!("the application is asked")
    };
    let mut directory = SessionDirectory::new(DirectoryConfig::default());
    let Ok(Decision::Admit(admission)) = directory.admit(&OpenRequest::plain(&open), now) else {
        panic!("a free id")
    };
    server.admit(now, ticket, admission).expect("admit");
    if and_close {
        hand(server, session_id, &SessionClose::default()).expect("a close");
        server.answer_close(now, session_id).expect("asked");
    }
    while server.poll_transmit().is_some() {}
}

/// The code with which the server refuses an open without asking its application.
fn refusal(server: &mut ServerConnection, open: &SessionOpen) -> SessionErrorCode {
    refusal_with(server, open, &[])
}

fn refusal_with(
    server: &mut ServerConnection,
    open: &SessionOpen,
    body: &'static [u8],
) -> SessionErrorCode {
    hand_with(server, 0, open, body).expect("an open that is understood");
    let answer = server.poll_transmit().expect("a refusal");
    let ack = SessionOpenAck::decode(answer.metadata()).expect("an ack");
    assert_eq!(ack.session_id, 0);
    ack.session_error_code
}

#[test]
fn a_profile_that_the_hello_did_not_agree_on_is_refused_before_the_schema_is_looked_at() {
    let mut server = server(&[PROFILE_TENSOR, PROFILE_TOKEN]);
    let tensor_only = ClientHello {
        supported_profile_bitmap: 0b01,
        ..hello()
    };
    greet(&mut server, &tensor_only);
    let token = SessionOpen {
        schema_version: 9,
        max_in_flight_operations: u16::MAX,
        ..default_open(7)
    };
    let code = refusal(&mut server, &token);
    assert_eq!(code, SessionErrorCode::PROFILE_UNSUPPORTED);
}

#[test]
fn an_id_of_this_connection_is_in_use_for_opens_and_unknown_for_resumes() {
    for and_close in [false, true] {
        let mut server = server(&[PROFILE_TOKEN]);
        greet(&mut server, &hello());
        open(&mut server, 7, and_close);
        let code = refusal(&mut server, &resume(7));
        assert_eq!(code, SessionErrorCode::RESUME_REJECTED);
        let code = refusal(&mut server, &default_open(7));
        assert_eq!(code, SessionErrorCode::SESSION_LIMIT_REACHED);
    }
}

fn resume(session_id: u32) -> SessionOpen {
    SessionOpen {
        session_flags: SessionFlags::ALLOW_RESUME,
        resume_token_bytes: 24,
        ..default_open(session_id)
    }
}

#[test]
fn a_resume_with_neither_the_declared_token_nor_an_empty_body_is_refused_whoever_may_resume() {
    let with_auth = SessionOpen {
        auth_bytes: 1,
        ..resume(7)
    };
    for (open, body) in [
        (resume(7), &[0; 23][..]),
        (resume(7), &[0; 25][..]),
        (with_auth, &[0; 24][..]),
    ] {
        let mut server = server(&[PROFILE_TOKEN]);
        let code = refusal_with(&mut server, &open, body);
        assert_eq!(code, SessionErrorCode::RESUME_REJECTED);
        assert!(server.poll_event().is_none(), "nobody is asked");
    }
    let mut server = server(&[PROFILE_TOKEN]);
    hand(&mut server, 0, &resume(7)).expect("an open that is understood");
    let asked = server.poll_event();
    assert!(matches!(asked, Some(ServerEvent::OpenRequested { .. })));
}

/// Answers a patch and takes in what the client has sent right behind it; gives what is sent.
fn sent_after_a_patch(server: &mut ServerConnection) -> Vec<MessageType> {
    let now = Timestamp::default();
    hand(server, 7, &SessionPatch::default()).expect("a patch");
    let ack = SessionPatchAck::accept_all(&SessionPatch::default());
    server.answer_patch(now, 7, &ack).expect("asked");
    let ping = Packet::empty(Header::new(MessageType::Ping));
    server.handle_packet(now, ping).expect("a ping");
    hand(server, 0, &TransportProbe::default()).expect("a probe");
    server
        .send_flow_update(0, &grant(FlowScopeKind::Connection))
        .expect("nothing waits");
    std::iter::from_fn(|| server.poll_transmit())
        .map(|packet| packet.header().message_type)
        .collect()
}

#[test]
fn nothing_overtakes_an_ack_on_its_way_to_a_client_without_a_hello() {
    use MessageType::{FlowUpdate, Pong, SessionPatchAck, TransportProbeAck};
    let mut plain = server(&[PROFILE_TOKEN]);
    open(&mut plain, 7, false);
    let expected = [SessionPatchAck, Pong, TransportProbeAck, FlowUpdate];
    assert_eq!(sent_after_a_patch(&mut plain), expected);

    let mut greeted = server(&[PROFILE_TOKEN]);
    greet(&mut greeted, &hello());
    open(&mut greeted, 7, false);
    let expected = [Pong, TransportProbeAck, FlowUpdate, SessionPatchAck];
    assert_eq!(sent_after_a_patch(&mut greeted), expected);
}

fn grant(scope_kind: FlowScopeKind) -> FlowUpdate {
    FlowUpdate {
        scope_kind,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    }
}

#[test]
fn a_flow_update_of_a_client_that_said_hello_is_checked_and_changes_nothing() {
    let mut server = server(&[PROFILE_TOKEN]);
    greet(&mut server, &hello());
    hand(&mut server, 0, &grant(FlowScopeKind::Connection)).expect("before any session");
    open(&mut server, 7, false);
    open(&mut server, 8, true);
    while server.poll_event().is_some() {}
    for session_id in [7, 8] {
        hand(&mut server, session_id, &grant(FlowScopeKind::Session)).expect("its own session");
    }
    assert!(server.poll_event().is_none() && server.poll_transmit().is_none());

    let unknown = hand(&mut server, 9, &grant(FlowScopeKind::Session)).expect_err("no session 9");
    assert_eq!(unknown.kind, ErrorKind::UnknownSession(9));
}

#[test]
fn a_flow_update_of_a_client_with_the_fields_of_another_scope_breaks_a_rule() {
    let mut server = server(&[PROFILE_TOKEN]);
    greet(&mut server, &hello());
    let broken = hand(&mut server, 0, &grant(FlowScopeKind::Session)).expect_err("no session");
    assert_eq!(broken.kind.rule(), Some(Rule::FlowUpdateSessionScopeFields));
}

#[test]
fn a_flow_update_of_a_client_without_a_hello_is_unexpected() {
    let mut server = server(&[PROFILE_TOKEN]);
    open(&mut server, 7, false);
    let update = grant(FlowScopeKind::Connection);
    let unexpected = hand(&mut server, 0, &update).expect_err("published servers know none");
    assert_eq!(unexpected.kind.name(), "UnexpectedMessage");
}
