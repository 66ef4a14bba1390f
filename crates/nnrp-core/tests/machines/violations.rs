//! Peers that break the protocol: each gets a typed error that names the packet, and its end.

use std::time::Duration;

use bytes::Bytes;
use nnrp_core::code::TransportId;
use nnrp_core::connection::client::{ClientConfig, ClientEvent};
use nnrp_core::connection::server::{ServerConfig, ServerEvent, ServerTimeouts};
use nnrp_core::connection::{CommandError, EndCause};
use nnrp_core::message::Message;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::migrate::SessionMigrate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{
    ErrorKind, Header, Location, MessageType, MetadataBytes, Packet, Rule, TimeoutKind,
};

use crate::link::{Link, default_open};

fn header(message_type: MessageType, session_id: u32, frame_id: u32) -> Header {
    Header {
        session_id,
        frame_id,
        ..Header::new(message_type)
    }
}

fn message<M: Message>(session_id: u32, frame_id: u32, message: &M) -> Packet {
    let header = header(M::MESSAGE_TYPE, session_id, frame_id);
    Packet::with_message(header, message, Bytes::new()).expect("a valid message")
}

fn server_failure(link: &mut Link) -> (ErrorKind, Location) {
    let error = link.server_error.expect("the server objects");
    assert!(link.server.should_end_write(), "the connection ends");
    assert!(!link.server.wants_packet());
    for event in link.server_events() {
        if let ServerEvent::SessionEnded { cause, .. } = event {
            assert_eq!(cause, EndCause::Failed(error));
        }
    }
    (error.kind, error.at)
}

#[test]
fn the_first_packet_must_open_a_session_or_greet() {
    for message_type in [
        MessageType::FrameSubmit,
        MessageType::SessionClose,
        MessageType::Pong,
    ] {
        let mut link = Link::plain();
        link.inject_to_server(&Packet::empty(header(message_type, 1, 1)));
        let (kind, at) = server_failure(&mut link);
        assert_eq!(
            kind,
            ErrorKind::UnexpectedMessage {
                expected: "SESSION_OPEN first"
            }
        );
        assert_eq!(at.message_type, Some(message_type));
    }
}

#[test]
fn an_open_with_a_token_but_without_the_flag_ends_the_connection_without_an_ack() {
    let mut link = Link::plain();
    let open = SessionOpen {
        resume_token_bytes: 24,
        ..default_open(7)
    };
    link.inject_to_server(&message(0, 0, &open));
    let (kind, _) = server_failure(&mut link);
    assert_eq!(kind.rule(), Some(Rule::ResumeFlagMissing));
    assert!(link.client_events().is_empty());
}

#[test]
fn a_second_open_without_a_hello_is_unexpected() {
    let mut link = Link::plain();
    link.open(7);
    link.inject_to_server(&message(0, 0, &default_open(8)));
    let (kind, _) = server_failure(&mut link);
    assert_eq!(kind.name(), "UnexpectedMessage");
}

#[test]
fn a_repeated_frame_id_is_refused_while_it_is_remembered() {
    let mut link = Link::plain();
    link.open(7);
    link.inject_to_server(&message(7, 3, &FrameSubmit::default()));
    link.answer(7, 3, Bytes::new());
    link.drive();
    link.inject_to_server(&message(7, 3, &FrameSubmit::default()));
    let (kind, at) = server_failure(&mut link);
    assert_eq!(kind, ErrorKind::OperationAlreadyExists(3));
    assert_eq!(
        at,
        Location {
            message_type: Some(MessageType::FrameSubmit),
            session_id: 7,
            frame_id: 3
        }
    );
}

#[test]
fn frame_ids_may_come_in_any_order_but_not_be_zero() {
    let mut link = Link::plain();
    link.open(7);
    link.inject_to_server(&message(7, 7, &FrameSubmit::default()));
    link.inject_to_server(&message(7, 3, &FrameSubmit::default()));
    assert_eq!(link.server_error, None);
    link.inject_to_server(&message(7, 0, &FrameSubmit::default()));
    let (kind, _) = server_failure(&mut link);
    assert_eq!(
        kind,
        ErrorKind::InvalidOperationRelationship(Rule::OperationZeroId)
    );
}

#[test]
fn a_submit_needs_its_session_and_its_exact_metadata_length() {
    let mut link = Link::plain();
    link.open(7);
    link.inject_to_server(&message(8, 1, &FrameSubmit::default()));
    assert_eq!(server_failure(&mut link).0, ErrorKind::UnknownSession(8));

    let mut link = Link::plain();
    link.open(7);
    let metadata = MetadataBytes::from(Bytes::from_static(&[0; 73]));
    let submit = Packet::new(
        header(MessageType::FrameSubmit, 7, 1),
        metadata,
        Bytes::new(),
    );
    link.inject_to_server(&submit.expect("short"));
    let expected = ErrorKind::UnexpectedMetadataLength {
        expected: 72,
        actual: 73,
    };
    assert_eq!(server_failure(&mut link).0, expected);
}

#[test]
fn a_move_to_the_transport_in_use_is_refused_at_once() {
    let mut link = Link::plain();
    let session = link.open(7);
    let nowhere = SessionMigrate {
        old_transport_id: TransportId::Tcp,
        new_transport_id: TransportId::Tcp,
        ..SessionMigrate::default()
    };
    let here = link.client.migrate_session(link.now, session, &nowhere);
    assert_eq!(
        here,
        Err(CommandError::Codec(Rule::MigrateSameTransport.into()))
    );
    link.inject_to_server(&message(session, 0, &nowhere));
    let (kind, _) = server_failure(&mut link);
    assert_eq!(kind, ErrorKind::Codec(Rule::MigrateSameTransport.into()));
}

#[test]
fn messages_of_the_other_side_are_unexpected() {
    let mut link = Link::plain();
    link.open(7);
    link.inject_to_server(&message(7, 1, &ResultPush::default()));
    assert_eq!(server_failure(&mut link).0.name(), "UnexpectedMessage");

    let mut link = Link::plain();
    link.open(7);
    link.inject_to_client(&message(7, 1, &FrameSubmit::default()));
    let error = link.client_error.expect("the client objects");
    assert_eq!(
        error.kind,
        ErrorKind::UnexpectedMessage {
            expected: "a message of a server"
        }
    );
    let ended = ClientEvent::SessionEnded {
        session_id: 7,
        cause: EndCause::Failed(error),
        resumable: None,
    };
    assert_eq!(link.client_events(), [ended]);
}

#[test]
fn acks_nobody_asked_for_are_unexpected() {
    let mut link = Link::plain();
    link.open(7);
    link.inject_to_client(&message(
        9,
        0,
        &SessionOpenAck {
            session_id: 9,
            ..SessionOpenAck::default()
        },
    ));
    assert_eq!(
        link.client_error.expect("objects").kind.name(),
        "UnexpectedMessage"
    );
}

#[test]
fn an_ack_that_opens_session_zero_breaks_a_rule() {
    let mut link = Link::plain();
    link.client
        .open_session(link.now, &default_open(7), Bytes::new())
        .expect("open");
    link.inject_to_client(&message(0, 0, &SessionOpenAck::default()));
    let kind = link.client_error.expect("objects").kind;
    assert_eq!(kind.rule(), Some(Rule::OpenAckSuccessZeroSession));
    assert!(matches!(
        link.client_events()[..],
        [ClientEvent::OpenFailed { .. }]
    ));
}

#[test]
fn a_result_of_a_session_that_never_was_is_a_violation() {
    let mut link = Link::plain();
    link.open(7);
    link.inject_to_client(&message(8, 1, &ResultPush::default()));
    assert_eq!(
        link.client_error.expect("objects").kind,
        ErrorKind::UnknownSession(8)
    );
}

#[test]
fn a_flow_update_with_the_fields_of_another_scope_breaks_a_rule() {
    let mut link = Link::plain();
    link.open(7);
    let update = FlowUpdate {
        session_credit: 1,
        ..FlowUpdate::default()
    };
    link.inject_to_client(&message(0, 0, &update));
    let kind = link.client_error.expect("objects").kind;
    assert_eq!(kind.rule(), Some(Rule::FlowUpdateConnectionScopeFields));
}

#[test]
fn a_silent_peer_is_given_up_after_the_handshake_time() {
    let mut link = Link::plain();
    let handshake = ServerTimeouts::default().handshake;
    assert_eq!(link.server.next_timeout(), Some(link.now.after(handshake)));
    link.advance(handshake);
    let error = link.server_error.expect("too late");
    assert_eq!(error.kind, ErrorKind::TimedOut(TimeoutKind::Handshake));
    assert!(link.server.should_end_write());
}

#[test]
fn an_idle_session_ends_after_the_idle_time_but_not_while_work_is_owed() {
    let timeouts = ServerTimeouts {
        idle: Some(Duration::from_mins(1)),
        ..Default::default()
    };
    let config = ServerConfig {
        timeouts,
        ..ServerConfig::default()
    };
    let mut link = Link::new(ClientConfig::default(), config);
    link.open(7);
    link.inject_to_server(&message(7, 1, &FrameSubmit::default()));
    link.advance(Duration::from_mins(10));
    assert_eq!(link.server_error, None, "the client waits for the server");
    link.answer(7, 1, Bytes::new());
    link.advance(Duration::from_secs(59));
    assert_eq!(link.server_error, None);
    link.advance(Duration::from_secs(1));
    let error = link.server_error.expect("idle");
    assert_eq!(error.kind, ErrorKind::TimedOut(TimeoutKind::Idle));
}

#[test]
fn a_server_that_does_not_answer_an_open_is_given_up() {
    let mut link = Link::plain();
    link.client
        .open_session(link.now, &default_open(7), Bytes::new())
        .expect("open");
    let deadline = link.client.next_timeout().expect("an open waits");
    let error = link.client.handle_timeout(deadline).expect_err("too late");
    assert_eq!(error.kind, ErrorKind::TimedOut(TimeoutKind::Open));
    assert!(matches!(
        link.client_events()[..],
        [ClientEvent::OpenFailed { .. }]
    ));
}

#[test]
fn input_after_the_end_is_discarded() {
    let mut link = Link::plain();
    link.open(7);
    link.client.close_session(link.now, 7).expect("open");
    link.drive();
    link.server.answer_close(link.now, 7).expect("asked");
    link.server_events();
    let stray = message(7, 1, &FrameSubmit::default());
    assert!(
        link.server.wants_packet(),
        "what the client still sends is read away"
    );
    assert_eq!(link.server.handle_packet(link.now, stray), Ok(()));
    assert!(link.server_events().is_empty());
}
