//! The life of sessions between a client machine and a server machine, packet by packet.

use std::time::Duration;

use bytes::Bytes;
use nnrp_core::code::{
    ResultClass, SessionCloseStatus, SessionErrorCode, SessionPatchAckStatus, TransportId,
};
use nnrp_core::connection::client::{ClientConfig, ClientEvent};
use nnrp_core::connection::server::{ServerConfig, ServerEvent};
use nnrp_core::connection::{CommandError, EndCause, FrameContext};
use nnrp_core::flags::{HeaderFlags, PatchMask};
use nnrp_core::lifecycle::{ConnectionState, SessionState};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, MessageType, MetadataBytes, Packet};

use crate::link::{Link, default_open};

fn with_hello() -> Link {
    let hello = ClientHello {
        min_version_major: 1,
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 0b10,
        supported_payload_kind_bitmap: 0x7f,
        max_lane_count: 1,
        ..ClientHello::default()
    };
    let client = ClientConfig {
        hello: Some(hello),
        ..ClientConfig::default()
    };
    Link::new(client, ServerConfig::default())
}

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
fn a_refused_open_is_delivered_and_then_the_write_side_ends() {
    let mut link = Link::plain();
    let open = SessionOpen {
        profile_id: 0xffff,
        ..default_open(7)
    };
    let ticket = link
        .client
        .open_session(link.now, &open, Bytes::new())
        .expect("open");
    link.drive();
    let events = link.client_events();
    let [
        ClientEvent::OpenRefused {
            ticket: refused,
            ack,
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!((*refused, ack.session_id), (ticket, 0));
    assert_eq!(
        ack.session_error_code,
        SessionErrorCode::PROFILE_UNSUPPORTED
    );
    assert!(link.server.should_end_write() && link.server.is_finished());
    assert!(
        link.server_events().is_empty(),
        "the policy needs no application to refuse"
    );
}

#[test]
fn an_id_in_use_is_refused_with_session_limit_reached() {
    let mut link = Link::plain();
    link.directory
        .admit(&default_open(7), link.now)
        .expect("free");
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
fn a_close_answers_what_is_owed_before_the_ack_and_nothing_after_it() {
    let mut link = Link::plain();
    let session = link.open(7);
    let frame = link.submit(session, b"x");
    link.client.close_session(link.now, session).expect("open");
    link.drive();
    assert!(
        !link.server.wants_packet(),
        "nothing is read between a request and its ack"
    );
    link.answer(session, frame, Bytes::new());
    link.server.answer_close(link.now, session).expect("asked");
    let late = link.server.push_drop(link.now, session, frame);
    assert_eq!(late, Err(CommandError::ConnectionNotOpen));
    link.drive();
    let events = link.client_events();
    let closed = EndCause::Closed(SessionCloseStatus::Closed);
    assert!(matches!(events[0], ClientEvent::Result { frame_id, .. } if frame_id == frame));
    assert_eq!(
        events[1..],
        [ClientEvent::SessionEnded {
            session_id: 7,
            cause: closed
        }]
    );
    let ended = link.server_events().pop();
    let Some(ServerEvent::SessionEnded {
        session_id: 7,
        cause,
        ..
    }) = ended
    else {
        panic!("{ended:?}");
    };
    assert_eq!(cause, closed);
    assert!(link.server.is_finished() && link.client.is_finished());
}

#[test]
fn frames_still_withheld_at_a_close_end_without_an_answer() {
    let mut link = Link::plain();
    let session = link.open(7);
    link.submit(session, b"held");
    link.client.close_session(link.now, session).expect("open");
    link.drive();
    link.server.answer_close(link.now, session).expect("asked");
    link.drive();
    let closed = EndCause::Closed(SessionCloseStatus::Closed);
    let ended = ClientEvent::SessionEnded {
        session_id: 7,
        cause: closed,
    };
    assert_eq!(link.client_events(), [ended]);
}

#[test]
fn an_application_that_does_not_answer_a_close_is_answered_for() {
    let mut link = Link::plain();
    let session = link.open(7);
    link.client.close_session(link.now, session).expect("open");
    link.drive();
    let deadline = link.server.next_timeout().expect("a request waits");
    assert!(link.client_events().is_empty());
    link.server.handle_timeout(deadline).expect("not an error");
    link.drive();
    let events = link.client_events();
    assert!(
        matches!(events[..], [ClientEvent::SessionEnded { .. }]),
        "{events:?}"
    );
}

#[test]
fn patch_and_migrate_are_answered_before_anything_else_is_read() {
    let mut link = Link::plain();
    let session = link.open(7);
    let patch = SessionPatch {
        patch_mask: PatchMask::TARGET_CADENCE,
        target_cadence_x100: 6000,
        profile_patch_bytes: 9,
        ..SessionPatch::default()
    };
    link.client
        .patch_session(link.now, session, &patch, Bytes::new())
        .expect("open");
    let waits = link
        .client
        .patch_session(link.now, session, &patch, Bytes::new());
    assert_eq!(waits, Err(CommandError::RequestPending(session)));
    link.submit(session, b"after the patch");
    link.drive();
    let events = link.server_events();
    assert!(
        matches!(events[..], [ServerEvent::PatchRequested { .. }]),
        "{events:?}"
    );
    let flow = FlowUpdate {
        credit_epoch: 1,
        ..FlowUpdate::default()
    };
    let between = link.server.send_flow_update(0, &flow);
    assert_eq!(between, Err(CommandError::RequestPending(0)));
    let ack = SessionPatchAck::accept_all(&patch);
    link.server
        .answer_patch(link.now, session, &ack)
        .expect("asked");
    link.drive();
    let events = link.client_events();
    let [ClientEvent::SessionPatched { ack, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(ack.ack_status, SessionPatchAckStatus::Accepted);
    assert_eq!(ack.effective_target_cadence_x100, 6000);
    assert!(matches!(
        link.server_events()[..],
        [ServerEvent::Submitted { .. }]
    ));

    let migrate = SessionMigrate {
        old_transport_id: TransportId::Tcp,
        new_transport_id: TransportId::Quic,
        last_result_frame_id: 10,
        client_migrate_ts_us: 1,
    };
    link.client
        .migrate_session(link.now, session, &migrate)
        .expect("open");
    link.drive();
    let regressed = SessionMigrateAck {
        resume_from_frame_id: 9,
        ..SessionMigrateAck::default()
    };
    let refused = link.server.answer_migrate(link.now, session, &regressed);
    assert!(
        matches!(refused, Err(CommandError::Codec(_))),
        "{refused:?}"
    );
    let ack = SessionMigrateAck {
        resume_from_frame_id: 11,
        ..SessionMigrateAck::default()
    };
    link.server
        .answer_migrate(link.now, session, &ack)
        .expect("asked");
    link.drive();
    assert_eq!(
        link.client_events(),
        [ClientEvent::SessionMigrated { session_id: 7, ack }]
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
    let mut link = with_hello();
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
fn a_lost_transport_ends_sessions_and_opens_with_an_event() {
    let mut link = Link::plain();
    let session = link.open(7);
    link.submit(session, b"x");
    link.drive();
    link.server_events();
    link.client.handle_transport_lost();
    let ended = ClientEvent::SessionEnded {
        session_id: 7,
        cause: EndCause::TransportLost,
    };
    assert_eq!(link.client_events(), [ended]);
    assert_eq!(
        link.client.lifecycle().state_of(7),
        Some(SessionState::Closed)
    );
    link.server.handle_transport_lost();
    assert!(matches!(
        link.server_events()[..],
        [ServerEvent::SessionEnded {
            session_id: 7,
            cause: EndCause::TransportLost,
            ..
        }]
    ));
    assert!(link.server.is_finished() && link.client.is_finished());

    let mut link = Link::plain();
    let ticket = link
        .client
        .open_session(link.now, &default_open(7), Bytes::new())
        .expect("open");
    link.client.handle_end_of_stream();
    let failed = ClientEvent::OpenFailed {
        ticket,
        cause: EndCause::TransportLost,
    };
    assert_eq!(link.client_events(), [failed]);
}

#[test]
fn a_half_closed_client_still_gets_what_it_is_owed_for_a_short_while() {
    let mut link = Link::plain();
    let session = link.open(7);
    let frame = link.submit(session, b"x");
    link.drive();
    link.server.handle_end_of_stream(link.now);
    assert!(!link.server.should_end_write());
    link.answer(session, frame, Bytes::from_static(b"y"));
    link.drive();
    assert!(matches!(
        link.client_events()[0],
        ClientEvent::Result { .. }
    ));
    assert!(link.server.is_finished());

    let mut link = Link::plain();
    let session = link.open(7);
    link.submit(session, b"never answered");
    link.drive();
    link.server.handle_end_of_stream(link.now);
    link.advance(Duration::from_secs(1));
    assert!(link.server.is_finished());
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
fn what_a_server_sent_to_a_session_just_closed_is_late_and_dropped() {
    let mut link = with_hello();
    let session = link.open(42);
    link.client.close_session(link.now, session).expect("open");
    link.drive();
    link.server.answer_close(link.now, session).expect("asked");
    link.drive();
    link.client_events();
    let header = Header {
        session_id: 42,
        frame_id: 1,
        ..Header::new(MessageType::ResultDrop)
    };
    link.inject_to_client(&Packet::empty(header));
    assert_eq!(link.client_error, None);
    assert!(link.client_events().is_empty());
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
