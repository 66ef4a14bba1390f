//! The life of sessions between a client machine and a server machine, packet by packet.

use bytes::Bytes;
use nnrp_core::code::{ResultClass, SessionErrorCode};
use nnrp_core::connection::client::ClientEvent;
use nnrp_core::connection::server::ServerEvent;
use nnrp_core::connection::{CommandError, EndCause, FrameContext};
use nnrp_core::directory::OpenRequest;
use nnrp_core::flags::HeaderFlags;
use nnrp_core::lifecycle::ConnectionState;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, MessageType, MetadataBytes, Packet};

use crate::link::{Link, default_open};

#[test]
fn a_submit_reaches_the_server_and_its_result_the_client_with_all_header_fields() {
    let mut link = Link::plain();
    let session = link.open(7);
    let context = FrameContext {
        flags: HeaderFlags::KEYFRAME | HeaderFlags::EOS,
        view_id: 3,
        route_id: 4,
        trace_id: 5,
    };
    let metadata = FrameSubmit {
        latency_budget_ms: 25,
        ..FrameSubmit::default()
    };
    let body = Bytes::from_static(b"prompt");
    let frame = link
        .client
        .submit(session, &metadata, context, body.clone())
        .expect("room");
    link.drive();
    let submitted = ServerEvent::Submitted {
        session_id: 7,
        frame_id: frame,
        context,
        metadata,
        body: body.clone(),
        objects: Vec::new(),
    };
    assert_eq!(link.server_events(), [submitted]);

    let result = ResultPush {
        status_code: 200,
        ..ResultPush::default()
    };
    link.server
        .push_result(link.now, 7, frame, context, &result, body.clone())
        .expect("owed");
    link.drive();
    let answer = ClientEvent::Result {
        session_id: 7,
        frame_id: frame,
        context,
        metadata: result,
        body,
    };
    assert_eq!(link.client_events(), [answer]);
    assert_eq!(
        (link.client.in_flight(7), link.server.unanswered(7)),
        (0, 0)
    );
}

#[test]
fn a_partial_result_leaves_its_frame_unanswered() {
    let mut link = Link::plain();
    let session = link.open(7);
    let frame = link.submit(session, b"x");
    link.drive();
    let partial = ResultPush {
        result_class: ResultClass::Partial,
        ..ResultPush::default()
    };
    let (context, body) = (FrameContext::default(), Bytes::new());
    link.server
        .push_result(link.now, session, frame, context, &partial, body)
        .expect("owed");
    link.drive();
    assert_eq!(
        (
            link.client.in_flight(session),
            link.server.unanswered(session)
        ),
        (1, 1)
    );
    link.answer(session, frame, Bytes::new());
    link.drive();
    assert_eq!(
        (
            link.client.in_flight(session),
            link.server.unanswered(session)
        ),
        (0, 0)
    );
}

#[test]
fn a_frame_is_answered_once() {
    let mut link = Link::plain();
    let session = link.open(7);
    let frame = link.submit(session, b"x");
    link.drive();
    link.server
        .push_drop(link.now, session, frame)
        .expect("owed");
    let again = link.server.push_drop(link.now, session, frame);
    assert_eq!(again, Err(CommandError::UnknownFrame(frame)));
    let never = link.server.push_drop(link.now, session, 99);
    assert_eq!(never, Err(CommandError::UnknownFrame(99)));
}

#[test]
fn an_id_in_use_is_refused_with_session_limit_reached() {
    let mut link = Link::plain();
    let open = default_open(7);
    let taken = link.directory.admit(&OpenRequest::plain(&open), link.now);
    taken.expect("free");
    link.client
        .open_session(link.now, &default_open(7), Bytes::new())
        .expect("open");
    link.drive();
    link.admit_all();
    link.drive();
    let events = link.client_events();
    let [ClientEvent::OpenRefused { ack, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        ack.session_error_code,
        SessionErrorCode::SESSION_LIMIT_REACHED
    );
}

#[test]
fn a_cancel_is_told_once_and_of_answered_frames_not_at_all() {
    let mut link = Link::plain();
    let session = link.open(7);
    let frame = link.submit(session, b"hold");
    link.client.cancel(session, frame).expect("unanswered");
    link.client.cancel(session, frame).expect("unanswered");
    link.drive();
    let events = link.server_events();
    let told = ServerEvent::CancelRequested {
        session_id: 7,
        frame_id: frame,
    };
    assert_eq!(events[1..], [told]);
    link.server
        .push_drop(link.now, session, frame)
        .expect("owed");
    link.drive();
    assert!(matches!(
        link.client_events()[..],
        [ClientEvent::ResultDropped { .. }]
    ));
    let known = link.client.cancel(session, frame);
    assert_eq!(known, Err(CommandError::UnknownFrame(frame)));

    let header = Header {
        session_id: 7,
        frame_id: frame,
        ..Header::new(MessageType::FrameCancel)
    };
    link.inject_to_server(&Packet::empty(header));
    link.inject_to_server(&Packet::empty(header));
    assert!(link.server_events().is_empty() && link.client_events().is_empty());
    assert_eq!(link.server_error, None);
}

#[test]
fn without_a_hello_a_connection_carries_one_session() {
    let mut link = Link::plain();
    link.open(7);
    let second = link
        .client
        .open_session(link.now, &default_open(8), Bytes::new());
    assert_eq!(second, Err(CommandError::OneSessionPerConnection));
}

#[test]
fn after_a_hello_sessions_come_and_go_on_one_connection() {
    let mut link = Link::with_hello();
    let first = link.open(42);
    let second = link.open(43);
    assert!(link.server.peer_said_hello());
    let frame = link.submit(second, b"x");
    link.client.close_session(link.now, first).expect("open");
    link.drive();
    link.server.answer_close(link.now, first).expect("asked");
    link.drive();
    link.answer(second, frame, Bytes::new());
    link.drive();
    let events = link.client_events();
    let [
        ClientEvent::SessionEnded { session_id: 42, .. },
        ClientEvent::Result { session_id: 43, .. },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert!(!link.server.should_end_write());

    link.client
        .open_session(link.now, &default_open(9), Bytes::new())
        .expect("hello");
    let wrong = SessionOpen {
        schema_version: 9,
        ..default_open(10)
    };
    link.client
        .open_session(link.now, &wrong, Bytes::new())
        .expect("hello");
    link.drive();
    link.admit_all();
    link.drive();
    let events = link.client_events();
    let [
        ClientEvent::SessionOpened { session_id: 9, .. },
        ClientEvent::OpenRefused { .. },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert!(
        !link.server.should_end_write(),
        "a refusal leaves the connection usable"
    );

    link.client.close();
    link.drive();
    let ended: Vec<u32> = link
        .server_events()
        .into_iter()
        .filter_map(|event| match event {
            ServerEvent::SessionEnded {
                session_id,
                cause: EndCause::ClosedByPeer,
                ..
            } => Some(session_id),
            _ => None,
        })
        .collect();
    assert_eq!(ended, [9, 43]);
    assert_eq!(link.server.lifecycle().state(), ConnectionState::Closed);
}

#[test]
fn ping_and_probe_are_answered_before_any_session() {
    let mut link = Link::plain();
    link.client.ping(link.now).expect("room");
    link.client
        .probe(link.now, 17, Bytes::from(vec![0; 32 << 10]))
        .expect("room");
    link.drive();
    let events = link.client_events();
    let [
        ClientEvent::Pong { .. },
        ClientEvent::ProbeAcknowledged { probe_id: 17, .. },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!(link.open(7), 7);
}

#[test]
fn a_large_metadata_block_travels_whole() {
    let mut link = Link::plain();
    let open = default_open(7);
    let mut metadata = vec![0; 200];
    open.encode(&mut metadata).expect("room");
    let header = Header::new(MessageType::SessionOpen);
    let packet = Packet::new(
        header,
        MetadataBytes::from(Bytes::from(metadata)),
        Bytes::new(),
    );
    link.inject_to_server(&packet.expect("short"));
    assert_eq!(
        link.admit_all().len(),
        1,
        "longer metadata of an open is accepted"
    );
}

#[test]
fn a_client_answers_a_ping_with_its_trace_id() {
    let mut link = Link::plain();
    link.open(7);
    let ping = Header {
        trace_id: 99,
        ..Header::new(MessageType::Ping)
    };
    link.client
        .handle_packet(link.now, Packet::empty(ping))
        .expect("a ping");
    let answer = link.client.poll_transmit().expect("a pong");
    let expected = Header {
        trace_id: 99,
        ..Header::new(MessageType::Pong)
    };
    assert_eq!(*answer.header(), expected);
}
