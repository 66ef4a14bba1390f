//! Bounds and backpressure between a client machine and a server machine.

use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::code::FlowScopeKind;
use nnrp_core::connection::client::{ClientConfig, ClientEvent};
use nnrp_core::connection::server::{ServerConfig, ServerConnection, ServerEvent};
use nnrp_core::connection::{CommandError, FrameContext};
use nnrp_core::credit::Blocked;
use nnrp_core::flags::FlowFlags;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, Limits, MessageType, Packet, Timestamp};

use crate::link::{Link, hello};

#[test]
fn frames_over_the_limit_are_dropped_one_by_one_and_the_connection_stays() {
    let mut server = ServerConfig::default();
    server.policy.max_in_flight_operations = 4;
    let mut link = Link::new(ClientConfig::default(), server);
    let session = link.open(7);
    for frame_id in 1..=6 {
        let header = Header {
            session_id: 7,
            frame_id,
            ..Header::new(MessageType::FrameSubmit)
        };
        let packet = Packet::with_message(header, &FrameSubmit::default(), Bytes::new());
        link.inject_to_server(&packet.expect("short"));
    }
    let dropped: Vec<u32> = link
        .client_events()
        .into_iter()
        .map(|event| match event {
            ClientEvent::ResultDropped { frame_id, .. } => frame_id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(dropped, [5, 6]);
    assert_eq!(link.server.unanswered(session), 4);
    link.answer(session, 3, Bytes::new());
    assert_eq!(link.server_error, None);
}

#[test]
fn submits_in_a_row_end_at_the_credit_and_a_session_that_is_not_open_takes_none() {
    let mut server = ServerConfig::default();
    server.policy.granted_operation_credit = 3;
    let mut link = Link::new(ClientConfig::default(), server);
    let session = link.open(7);
    let mut submitting = link.client.submitting(session).expect("it is open");
    let mut next = || {
        let submit = FrameSubmit::default();
        submitting.submit(&submit, FrameContext::default(), Bytes::new())
    };
    assert_eq!([next(), next(), next()], [Ok(1), Ok(2), Ok(3)]);
    assert_eq!(next(), Err(CommandError::WouldBlock(Blocked::Credit)));
    assert_eq!(submitting.in_flight(), 3);
    assert_eq!(link.client.in_flight(session), 3);
    link.drive();
    link.answer(session, 1, Bytes::new());
    link.drive();
    let writable = ClientEvent::Writable { session_id: 7 };
    assert_eq!(link.client_events().last(), Some(&writable));
    let unknown = link.client.submitting(8).map(|_| ());
    assert_eq!(unknown, Err(CommandError::UnknownSession(8)));
}

#[test]
fn a_client_waits_for_room_and_hears_of_it() {
    let mut server = ServerConfig::default();
    server.policy.granted_operation_credit = 2;
    let mut link = Link::new(ClientConfig::default(), server);
    let session = link.open(7);
    let first = link.submit(session, b"1");
    link.submit(session, b"2");
    let blocked = link.try_submit(session, b"3");
    assert_eq!(blocked, Err(CommandError::WouldBlock(Blocked::Credit)));
    link.drive();
    assert!(link.client_events().is_empty(), "still as full as before");
    link.answer(session, first, Bytes::new());
    link.drive();
    let writable = ClientEvent::Writable { session_id: 7 };
    assert_eq!(link.client_events().last(), Some(&writable));
    assert_eq!(
        link.submit(session, b"3"),
        3,
        "a refused submit uses no frame id"
    );
}

#[test]
fn of_two_sessions_that_wait_each_hears_of_its_own_room() {
    let mut server = ServerConfig::default();
    server.policy.granted_operation_credit = 1;
    let client = ClientConfig {
        hello: Some(hello()),
        ..ClientConfig::default()
    };
    let mut link = Link::new(client, server);
    let sessions = [link.open(7), link.open(8)];
    for session in sessions {
        link.submit(session, b"1");
        let blocked = link.try_submit(session, b"2");
        assert_eq!(blocked, Err(CommandError::WouldBlock(Blocked::Credit)));
    }
    link.drive();
    for (session, session_id) in sessions.into_iter().zip([7, 8]) {
        link.answer(session, 1, Bytes::new());
        link.drive();
        let writable = |event: &ClientEvent| match event {
            ClientEvent::Writable { session_id } => Some(*session_id),
            _ => None,
        };
        let told: Vec<u32> = link.client_events().iter().filter_map(writable).collect();
        assert_eq!(told, [session_id], "the other is as full as before");
    }
}

#[test]
fn an_explicit_flow_update_replaces_the_granted_window() {
    let mut link = Link::plain();
    let session = link.open(7);
    let one = FlowUpdate {
        scope_kind: FlowScopeKind::Session,
        session_credit: 1,
        credit_epoch: 1,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    };
    link.server.send_flow_update(session, &one).expect("open");
    link.drive();
    let told = ClientEvent::FlowUpdated {
        session_id: 7,
        update: one,
        applied: true,
    };
    assert_eq!(link.client_events(), [told]);
    link.submit(session, b"1");
    let blocked = link.try_submit(session, b"2");
    assert_eq!(blocked, Err(CommandError::WouldBlock(Blocked::Credit)));
    link.server
        .send_flow_update(
            session,
            &FlowUpdate {
                session_credit: 9,
                ..one
            },
        )
        .expect("open");
    link.drive();
    assert!(matches!(
        link.client_events()[..],
        [ClientEvent::FlowUpdated { applied: false, .. }]
    ));
}

#[test]
fn a_full_event_queue_stops_the_intake_and_nothing_is_lost() {
    let limits = Limits {
        queued_events: 2,
        ..Limits::default()
    };
    let server = ServerConfig {
        limits,
        ..ServerConfig::default()
    };
    let mut link = Link::new(ClientConfig::default(), server);
    let session = link.open(7);
    for _ in 0..5 {
        link.submit(session, b"x");
    }
    link.drive();
    assert!(!link.server.wants_packet());
    let mut seen = 0;
    while let Some(event) = link.server.poll_event() {
        assert!(matches!(event, ServerEvent::Submitted { .. }), "{event:?}");
        seen += 1;
        link.drive();
    }
    assert_eq!(seen, 5);
}

#[test]
fn a_full_outgoing_queue_is_would_block_with_a_writable_event() {
    let limits = Limits {
        outgoing_packets: 2,
        ..Limits::default()
    };
    let server = ServerConfig {
        limits,
        ..ServerConfig::default()
    };
    let mut link = Link::new(ClientConfig::default(), server);
    let session = link.open(7);
    for _ in 0..3 {
        link.submit(session, b"x");
    }
    link.drive();
    link.server_events();
    link.server.push_drop(link.now, session, 1).expect("room");
    link.server.push_drop(link.now, session, 2).expect("room");
    let full = link.server.push_drop(link.now, session, 3);
    assert_eq!(full, Err(CommandError::WouldBlock(Blocked::Outgoing)));
    assert_eq!(link.server.poll_event(), None);
    link.drive();
    assert_eq!(link.server_events(), [ServerEvent::Writable]);
    link.server
        .push_drop(link.now, session, 3)
        .expect("room again");
}

#[test]
fn a_client_whose_application_takes_no_events_stops_reading() {
    let limits = Limits {
        queued_events: 2,
        ..Limits::default()
    };
    let client = ClientConfig {
        limits,
        ..ClientConfig::default()
    };
    let mut link = Link::new(client, ServerConfig::default());
    let session = link.open(7);
    let frames: Vec<u32> = (0..5).map(|_| link.submit(session, b"x")).collect();
    link.drive();
    for frame in frames {
        link.answer(session, frame, Bytes::new());
    }
    link.drive();
    assert!(!link.client.wants_packet());
    let mut seen = 0;
    while let Some(event) = link.client.poll_event() {
        assert!(matches!(event, ClientEvent::Result { .. }), "{event:?}");
        seen += 1;
        link.drive();
    }
    assert_eq!(seen, 5);
}

#[test]
fn a_flood_of_pings_gets_no_more_answers_than_there_is_room() {
    let limits = Limits {
        outgoing_packets: 3,
        ..Limits::default()
    };
    let client = ClientConfig {
        limits,
        ..ClientConfig::default()
    };
    let mut link = Link::new(client, ServerConfig::default());
    link.open(7);
    for _ in 0..100 {
        let ping = Packet::empty(Header::new(MessageType::Ping));
        link.client.handle_packet(link.now, ping).expect("a ping");
    }
    let answers = std::iter::from_fn(|| link.client.poll_transmit()).count();
    assert_eq!(answers, 3);

    let server = ServerConfig {
        limits,
        ..ServerConfig::default()
    };
    let mut link = Link::new(ClientConfig::default(), server);
    for _ in 0..3 {
        assert!(link.server.wants_packet());
        let ping = Packet::empty(Header::new(MessageType::Ping));
        link.server.handle_packet(link.now, ping).expect("a ping");
    }
    assert!(
        !link.server.wants_packet(),
        "a server reads no more than it can answer"
    );
}

#[test]
fn packets_without_body_count_against_the_bytes_of_the_send_queue() {
    let server = ServerConfig {
        limits: Limits {
            outgoing_packets: usize::MAX,
            outgoing_bytes: 4096,
            ..Limits::default()
        },
        ..ServerConfig::default()
    };
    let now = Timestamp::from_micros(0);
    let mut server = ServerConnection::new(Arc::new(server), now);
    let mut taken = 0;
    while server.wants_packet() {
        let ping = Packet::empty(Header::new(MessageType::Ping));
        server.handle_packet(now, ping).expect("a ping is answered");
        taken += 1;
        assert!(taken * Header::SIZE <= 4096, "more pongs than bytes");
    }
    assert!(taken > 1);
    while server.poll_transmit().is_some() {}
    assert!(server.wants_packet(), "the pongs are gone");
}
