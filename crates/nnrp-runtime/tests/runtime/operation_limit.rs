//! At the limit of operations of a listener: what gets no room is dropped, and everything else of every peer is still heard.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::code::ErrorCode;
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, MessageType, Packet};
use nnrp_runtime::{Answer, ConnectionOptions, Event, ListenOptions, ListenerHandle, SessionKey};

use crate::support::raw_peer::{RawPeer, packet_of};
use crate::support::recorder::Server;

fn options(max_operations: usize) -> ListenOptions {
    ListenOptions {
        max_operations,
        ..ListenOptions::default()
    }
}

async fn next_submit(server: &Server) -> (SessionKey, u32) {
    let submit = |event| match event {
        Event::Submit {
            session, header, ..
        } => Some((session, header.frame_id)),
        _ => None,
    };
    server.events.find(submit).await
}

fn connection_closed(event: Event) -> Option<&'static str> {
    match event {
        Event::ConnectionClosed { reason } => Some(reason.name()),
        _ => None,
    }
}

fn cancel_of(session_id: u32, frame_id: u32) -> Packet {
    Packet::empty(Header {
        session_id,
        frame_id,
        ..Header::new(MessageType::FrameCancel)
    })
}

/// A peer with a session of its number and that many submits, which the application has.
async fn busy_peer(
    server: &Server,
    listener: &ListenerHandle,
    session_id: u32,
    submits: u32,
) -> (RawPeer, SessionKey) {
    let mut peer = RawPeer::connect(listener).await;
    peer.open(session_id).await;
    let mut key = None;
    for frame_id in 1..=submits {
        peer.submit(session_id, frame_id, b"running").await;
        let (session, arrived) = next_submit(server).await;
        assert_eq!(arrived, frame_id);
        key = Some(session);
    }
    (peer, key.expect("a submit"))
}

async fn expect_drop(peer: &mut RawPeer, frame_id: u32) {
    let drop = peer.expect(MessageType::ResultDrop).await;
    assert_eq!(drop.header().frame_id, frame_id);
}

#[tokio::test(start_paused = true)]
async fn a_submit_over_the_limit_is_dropped_and_its_peer_is_still_heard() {
    let (server, listener) = Server::start(options(2), 100).await;
    let (mut peer, session) = busy_peer(&server, &listener, 1, 2).await;
    let connection = server.connection();
    peer.submit(1, 3, b"one too many").await;
    expect_drop(&mut peer, 3).await;
    let ping = Packet::empty(Header::new(MessageType::Ping));
    peer.send(&ping).await;
    peer.expect(MessageType::Pong).await;
    peer.send(&cancel_of(1, 2)).await;
    let event = server.events.next().await;
    assert!(
        matches!(event, Event::Cancel { header, .. } if header.frame_id == 2),
        "{event:?}"
    );
    let answer = Answer {
        frame_id: 1,
        ..Answer::default()
    };
    connection
        .send_results(session, [answer])
        .expect("an answer");
    peer.expect(MessageType::ResultPush).await;
    peer.submit(1, 4, b"in the free place").await;
    assert_eq!(next_submit(&server).await.1, 4);
    assert_eq!(listener.metrics().operations, 2);
}

#[tokio::test(start_paused = true)]
async fn who_has_none_running_is_served_whatever_the_others_have() {
    let (server, listener) = Server::start(options(2), 100).await;
    let (_greedy, _) = busy_peer(&server, &listener, 1, 2).await;
    let (mut modest, _) = busy_peer(&server, &listener, 2, 1).await;
    modest.submit(2, 2, b"a second one").await;
    expect_drop(&mut modest, 2).await;
    assert_eq!(listener.metrics().operations, 3);
}

#[tokio::test(start_paused = true)]
async fn of_a_dropped_submit_the_application_hears_nothing_its_cancel_included() {
    let (server, listener) = Server::start(options(1), 100).await;
    let (mut peer, _) = busy_peer(&server, &listener, 1, 1).await;
    let mut bytes = BytesMut::new();
    packet_of(1, 2, &FrameSubmit::default(), Bytes::new()).encode_into(&mut bytes);
    cancel_of(1, 2).encode_into(&mut bytes);
    cancel_of(1, 1).encode_into(&mut bytes);
    peer.send_bytes(&bytes).await;
    expect_drop(&mut peer, 2).await;
    let event = server.events.next().await;
    assert!(
        matches!(event, Event::Cancel { header, .. } if header.frame_id == 1),
        "{event:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_said_hello_is_told_why_its_submit_is_dropped() {
    let (server, listener) = Server::start(options(1), 100).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.greet().await;
    peer.open(1).await;
    peer.submit(1, 1, b"running").await;
    next_submit(&server).await;
    peer.submit(1, 2, b"one too many").await;
    let report = peer.expect(MessageType::Error).await;
    let report = ErrorReport::decode(report.metadata()).expect("a report");
    assert_eq!(
        (
            report.error_code,
            report.is_fatal,
            report.related_session_id,
            report.related_frame_id
        ),
        (ErrorCode::LIMIT_EXCEEDED, false, 1, 2)
    );
    expect_drop(&mut peer, 2).await;
}

#[tokio::test(start_paused = true)]
async fn peers_that_leave_at_the_limit_give_everything_back() {
    let (server, listener) = Server::start(options(4), 100).await;
    let mut peers = Vec::new();
    for session_id in 1..=2 {
        peers.push(busy_peer(&server, &listener, session_id, 2).await.0);
    }
    assert_eq!(listener.metrics().operations, 4);
    for (peer, session_id) in peers.iter_mut().zip(1..) {
        // What comes before the end of the stream is not in its way.
        peer.submit(session_id, 3, b"one too many").await;
    }
    drop(peers);
    for _ in 1..=2 {
        server.events.find(connection_closed).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(listener.metrics().operations, 0);
    assert_eq!(listener.connection_count(), 0);
    busy_peer(&server, &listener, 9, 4).await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_at_the_limit_has_its_idle_timeout() {
    let limited = ListenOptions {
        connection: ConnectionOptions {
            idle_timeout: Some(Duration::from_secs(20)),
            ..ConnectionOptions::default()
        },
        ..options(1)
    };
    let (server, listener) = Server::start(limited, 100).await;
    let (_silent, _) = busy_peer(&server, &listener, 1, 1).await;
    assert_eq!(
        server.events.find(connection_closed).await,
        "peer-timeout",
        "although its operation is running"
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(listener.metrics().operations, 0);
}
