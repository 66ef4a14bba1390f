//! What broken, hostile and vanished peers cause, and where it ends.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionClose;
use nnrp_core::{CodecError, ErrorKind, Limit, MessageType};
use nnrp_runtime::{
    ConnectionEnd, ConnectionHandle, ConnectionOptions, Event, EventSink, Exchange, ListenOptions,
    ListenerEnd, ListenerSink, SessionEnd, SessionOptions, Submission, connect, listen,
};
use nnrp_transport_provider::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use crate::support::memory_endpoint;
use crate::support::raw_peer::{RawPeer, client_of_raw_server, packet_of};
use crate::support::recorder::{Recorder, Server};

async fn end_of(events: &Recorder) -> ConnectionEnd {
    events
        .find(|event| match event {
            Event::ConnectionClosed { reason } => Some(reason),
            _ => None,
        })
        .await
}

async fn protocol_error_after(bytes: &[u8]) -> ErrorKind {
    let (server, listener) = Server::start(ListenOptions::default(), 10).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.send_bytes(bytes).await;
    assert!(peer.receive().await.is_none());
    match end_of(&server.events).await {
        ConnectionEnd::Protocol(error) => error.kind,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn garbage_ends_its_connection_with_a_typed_error() {
    let kind = protocol_error_after(b"GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(kind, ErrorKind::Codec(CodecError::InvalidMagic));
}

#[tokio::test(start_paused = true)]
async fn a_header_that_announces_4_gib_is_refused_at_the_header() {
    let mut header = b"NNRP\x01\x00\x10\x28".to_vec();
    header.extend([0; 4]);
    header.extend(72_u32.to_le_bytes());
    header.extend((u32::MAX - 72).to_le_bytes());
    header.resize(40, 0);
    let kind = protocol_error_after(&header).await;
    assert!(
        matches!(
            kind,
            ErrorKind::LimitExceeded {
                limit: Limit::BodyBytes,
                ..
            }
        ),
        "{kind:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn other_connections_of_the_listener_do_not_notice() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let mut good = RawPeer::connect(&listener).await;
    good.open(8).await;
    let mut bad = RawPeer::connect(&listener).await;
    bad.send_bytes(&[0xff; 64]).await;
    assert!(bad.receive().await.is_none());
    assert!(matches!(
        end_of(&server.events).await,
        ConnectionEnd::Protocol(_)
    ));
    good.submit(8, 1, b"unaffected").await;
    server
        .events
        .find(|event| matches!(event, Event::Submit { .. }).then_some(()))
        .await;
    assert_eq!(listener.connection_count(), 1);
}

#[tokio::test]
async fn a_server_killed_in_mid_stream_surfaces_on_session_and_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let port = listener.local_addr().expect("address").port();
    let events = Recorder::new(10);
    let endpoint = Endpoint::Tcp {
        host: "127.0.0.1".into(),
        port,
    };
    let connection = connect(
        endpoint,
        ConnectionOptions {
            exchange: Exchange::OpenFirst,
            ..ConnectionOptions::default()
        },
        events.clone(),
        &Handle::current(),
    );
    connection
        .open_session(&SessionOptions::default())
        .expect("open");
    let (mut stream, _) = listener.accept().await.expect("accept");
    stream.read_exact(&mut [0; 88]).await.expect("the open");
    // The first bytes of an ack, then a reset as from a killed process with unread data.
    stream.write_all(b"NNRP\x01\x00\x08").await.expect("write");
    stream.set_zero_linger().expect("linger");
    drop(stream);
    let session = events.find(|event| match event {
        Event::SessionClosed { reason, .. } => Some(reason),
        _ => None,
    });
    let reason = session.await;
    assert!(
        matches!(
            reason,
            SessionEnd::ConnectionEnded(ConnectionEnd::Lost { .. })
        ),
        "{reason:?}"
    );
    let end = end_of(&events).await;
    assert!(
        matches!(
            end,
            ConnectionEnd::Lost {
                kind: io::ErrorKind::ConnectionReset,
                os_error: Some(_)
            }
        ),
        "{end:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_inside_a_packet_is_a_lost_transport() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    connection
        .open_session(&SessionOptions::default())
        .expect("open");
    peer.expect(MessageType::SessionOpen).await;
    peer.send_bytes(b"NNRP\x01\x00").await;
    drop(peer);
    let end = end_of(&events).await;
    assert!(
        matches!(
            end,
            ConnectionEnd::Lost {
                kind: io::ErrorKind::UnexpectedEof,
                ..
            }
        ),
        "{end:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_leaves_with_nothing_open_has_closed_in_order() {
    let (_connection, events, peer) = client_of_raw_server(ConnectionOptions::default()).await;
    drop(peer);
    assert!(matches!(end_of(&events).await, ConnectionEnd::ClosedByPeer));
}

#[tokio::test(start_paused = true)]
async fn connecting_to_nobody_is_a_typed_end() {
    let events = Recorder::new(10);
    connect(
        memory_endpoint(),
        ConnectionOptions::default(),
        events.clone(),
        &Handle::current(),
    );
    match end_of(&events).await {
        ConnectionEnd::ConnectFailed(error) => {
            assert_eq!(error.io_error().kind(), io::ErrorKind::ConnectionRefused);
        }
        other => panic!("{other:?}"),
    }
}

/// An application with a defect.
struct Panicking;

impl EventSink for Panicking {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        assert!(
            !events.iter().any(Event::is_traffic),
            "the application's defect, on purpose"
        );
        events.clear();
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

impl ListenerSink for Panicking {
    fn accepted(&self, _: &ConnectionHandle) -> Arc<dyn EventSink> {
        Arc::new(Panicking)
    }

    fn closed(&self, _: ListenerEnd) {}
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_application_ends_its_connection_and_frees_its_session_id() {
    let sink = Arc::new(Panicking);
    let executor = Arc::new(Handle::current());
    let listener = listen(memory_endpoint(), ListenOptions::default(), sink, executor)
        .await
        .expect("listen");
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    peer.submit(9, 1, b"boom").await;
    assert!(peer.receive().await.is_none());
    tokio::time::sleep(Duration::from_millis(1)).await;
    let mut next = RawPeer::connect(&listener).await;
    assert!(next.open(9).await.is_accepted());
    assert_eq!(listener.connection_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_is_lost_while_a_close_waits_ends_the_session_with_it() {
    let (server, listener) = Server::start(ListenOptions::default(), 10).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    peer.submit(9, 1, b"unanswered").await;
    let close = SessionClose::by_client(9, 1);
    peer.send(&packet_of(9, 0, &close, Bytes::new())).await;
    server
        .events
        .find(|event| matches!(event, Event::Submit { .. }).then_some(()))
        .await;
    server.connection().abort();
    let ended = server.events.find(|event| match event {
        Event::SessionClosed { session_id, .. } => Some(session_id),
        _ => None,
    });
    assert_eq!(ended.await, 9);
    assert!(matches!(
        end_of(&server.events).await,
        ConnectionEnd::ClosedHere
    ));
}

#[tokio::test(start_paused = true)]
async fn what_a_server_said_before_it_left_is_heard_although_writing_fails() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    peer.admit(7, 4).await;
    events
        .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()))
        .await;
    let bulk = Submission {
        body: vec![0; 4 << 20].into(),
        ..Submission::default()
    };
    connection.submit(key, [bulk]).expect("submit");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let result = ResultPush::default();
    peer.send(&packet_of(7, 1, &result, Bytes::from_static(b"last words")))
        .await;
    drop(peer);
    let body = events.find(|event| match event {
        Event::Result { body, .. } => Some(body),
        Event::ConnectionClosed { reason } => panic!("{reason:?}"),
        _ => None,
    });
    assert_eq!(&body.await[..], b"last words");
    assert!(matches!(end_of(&events).await, ConnectionEnd::Lost { .. }));
}
