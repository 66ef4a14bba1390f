//! Every wait has an end; time is paused, so the tests take none.

use std::time::Duration;

use nnrp_core::{MessageType, TimeoutKind};
use nnrp_runtime::{
    CommandError, ConnectionEnd, ConnectionOptions, Event, ListenOptions, SessionEnd,
    SessionOptions, Submission, connect,
};
use nnrp_transport_provider::{MemoryTransport, Transport};
use tokio::io::AsyncReadExt;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::support::memory_endpoint;
use crate::support::raw_peer::{RawPeer, client_of_raw_server};
use crate::support::recorder::{Recorder, Server};

fn closed(event: Event) -> Option<ConnectionEnd> {
    match event {
        Event::ConnectionClosed { reason } => Some(reason),
        _ => None,
    }
}

fn session_closed(event: Event) -> Option<SessionEnd> {
    match event {
        Event::SessionClosed { reason, .. } => Some(reason),
        _ => None,
    }
}

/// Asserts that it is now about so long after the start.
fn assert_elapsed(start: Instant, expected: Duration) {
    let elapsed = start.elapsed();
    assert!(
        elapsed >= expected && elapsed < expected + Duration::from_millis(700),
        "{elapsed:?} instead of {expected:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn connecting_to_a_listener_that_does_not_accept_ends_after_the_connect_timeout() {
    let endpoint = memory_endpoint();
    let _listener = MemoryTransport.listen(&endpoint).await.expect("listen");
    let mut waiting = Vec::new();
    for _ in 0..128 {
        waiting.push(
            MemoryTransport
                .connect(&endpoint)
                .await
                .expect("room in the backlog"),
        );
    }
    let (start, events) = (Instant::now(), Recorder::new(10));
    let connection = connect(
        endpoint,
        ConnectionOptions::default(),
        events.clone(),
        &Handle::current(),
    );
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("before the transport is up");
    let reason = events.find(session_closed).await;
    assert!(
        matches!(
            reason,
            SessionEnd::ConnectionEnded(ConnectionEnd::ConnectTimeout(10_000))
        ),
        "{reason:?}"
    );
    assert!(matches!(
        events.find(closed).await,
        ConnectionEnd::ConnectTimeout(10_000)
    ));
    assert_elapsed(start, Duration::from_secs(10));
    assert_eq!(
        connection.submit(key, [Submission::default()]),
        Err(CommandError::Closed)
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_the_open_is_given_up() {
    let (connection, events, _peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let start = Instant::now();
    connection
        .open_session(&SessionOptions::default())
        .expect("open");
    let reason = events.find(closed).await;
    assert!(
        matches!(reason, ConnectionEnd::PeerTimeout(TimeoutKind::Open)),
        "{reason:?}"
    );
    assert_elapsed(start, Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_acks_a_close_is_given_up() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    peer.admit(7, 4).await;
    events
        .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()))
        .await;
    let start = Instant::now();
    connection.close_session(key).expect("close");
    peer.expect(MessageType::SessionClose).await;
    let reason = events.find(closed).await;
    assert!(
        matches!(reason, ConnectionEnd::PeerTimeout(TimeoutKind::Request)),
        "{reason:?}"
    );
    assert_elapsed(start, Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_close_waits_for_answers_only_for_the_drain_timeout() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    peer.admit(7, 4).await;
    events
        .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()))
        .await;
    connection
        .submit(key, [Submission::default()])
        .expect("submit");
    peer.expect(MessageType::FrameSubmit).await;
    let start = Instant::now();
    connection.close_session(key).expect("close");
    peer.expect(MessageType::SessionClose).await;
    assert_elapsed(start, Duration::from_millis(250));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_connects_and_stays_silent_is_disconnected() {
    let (server, listener) = Server::start(ListenOptions::default(), 10).await;
    let start = Instant::now();
    let mut silent = RawPeer::connect(&listener).await;
    assert!(silent.receive().await.is_none());
    let reason = server.events.find(closed).await;
    assert!(
        matches!(reason, ConnectionEnd::PeerTimeout(TimeoutKind::Handshake)),
        "{reason:?}"
    );
    assert_elapsed(start, Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_session_may_be_idle_for_hours_by_default() {
    let (server, listener) = Server::start(ListenOptions::default(), 10).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    tokio::time::sleep(Duration::from_hours(2)).await;
    peer.submit(9, 1, b"still here").await;
    server
        .events
        .find(|event| matches!(event, Event::Submit { .. }).then_some(()))
        .await;
}

#[tokio::test(start_paused = true)]
async fn the_idle_timeout_ends_a_connection_without_traffic() {
    let connection = ConnectionOptions {
        idle_timeout: Some(Duration::from_mins(1)),
        ..ConnectionOptions::default()
    };
    let options = ListenOptions {
        connection,
        ..ListenOptions::default()
    };
    let (server, listener) = Server::start(options, 10).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    tokio::time::sleep(Duration::from_secs(40)).await;
    peer.submit(9, 1, b"traffic").await;
    let start = Instant::now();
    let reason = server.events.find(closed).await;
    assert!(
        matches!(reason, ConnectionEnd::PeerTimeout(TimeoutKind::Idle)),
        "{reason:?}"
    );
    assert_elapsed(start, Duration::from_mins(1));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_reads_is_given_up_after_the_write_timeout() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let wishes = SessionOptions {
        max_in_flight: 256,
        ..SessionOptions::default()
    };
    let key = connection.open_session(&wishes).expect("open");
    peer.admit(7, 256).await;
    events
        .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()))
        .await;
    let start = Instant::now();
    let body = Submission {
        body: vec![0; 1 << 20].into(),
        ..Submission::default()
    };
    connection.submit(key, [body]).expect("submit");
    let reason = events.find(closed).await;
    assert!(matches!(reason, ConnectionEnd::WriteTimeout), "{reason:?}");
    assert_elapsed(start, Duration::from_secs(30));
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_a_byte_a_second_is_given_up_after_the_write_timeout_too() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    peer.admit(7, 4).await;
    events
        .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()))
        .await;
    let start = Instant::now();
    let body = Submission {
        body: vec![0; 1 << 20].into(),
        ..Submission::default()
    };
    connection.submit(key, [body]).expect("submit");
    let trickle = tokio::spawn(async move {
        let mut byte = [0];
        while peer.link.reader.read_exact(&mut byte).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let reason = events.find(closed).await;
    assert!(matches!(reason, ConnectionEnd::WriteTimeout), "{reason:?}");
    assert_elapsed(start, Duration::from_secs(30));
    trickle.abort();
}

#[tokio::test(start_paused = true)]
async fn closing_towards_a_peer_that_never_reads_ends_after_the_close_timeout() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    peer.admit(7, 4).await;
    events
        .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()))
        .await;
    let body = Submission {
        body: vec![0; 1 << 20].into(),
        ..Submission::default()
    };
    connection.submit(key, [body]).expect("submit");
    let start = Instant::now();
    connection.close();
    assert!(matches!(
        events.find(closed).await,
        ConnectionEnd::ClosedHere
    ));
    assert_elapsed(start, Duration::from_secs(5));
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn an_application_that_does_not_drain_is_not_an_idle_peer() {
    let connection = ConnectionOptions {
        idle_timeout: Some(Duration::from_mins(1)),
        ..ConnectionOptions::default()
    };
    let options = ListenOptions {
        connection,
        ..ListenOptions::default()
    };
    let (server, listener) = Server::start(options, 2).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    for frame in 1..=10 {
        peer.submit(9, frame, b"unread for a while").await;
    }
    tokio::time::sleep(Duration::from_mins(5)).await;
    for expected in 1..=10 {
        let frame = server.events.find(|event| match event {
            Event::Submit { header, .. } => Some(header.frame_id),
            Event::ConnectionClosed { reason } => panic!("{reason:?}"),
            _ => None,
        });
        assert_eq!(frame.await, expected);
    }
    let start = Instant::now();
    let reason = server.events.find(closed).await;
    assert!(
        matches!(reason, ConnectionEnd::PeerTimeout(TimeoutKind::Idle)),
        "{reason:?}"
    );
    assert_elapsed(start, Duration::from_mins(1));
}
