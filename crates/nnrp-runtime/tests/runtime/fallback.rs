//! When a client that was not understood begins again without a hello, and when it does not.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::code::ErrorCode;
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::{Header, MessageType, Packet};
use nnrp_runtime::{ConnectionEnd, ConnectionOptions, Event, SessionOptions, connect};
use nnrp_transport_provider::{Endpoint, Listener, MemoryTransport, Transport};
use nnrp_transport_tcp::TcpTransport;
use tokio::io::AsyncReadExt;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::support::raw_peer::{RawPeer, packet_of};
use crate::support::recorder::Recorder;
use crate::support::{memory_endpoint, tcp_endpoint, within};

/// Connections that the in-memory transport lets wait for their listener.
const BACKLOG: usize = 128;

fn start(endpoint: &Endpoint) -> std::sync::Arc<Recorder> {
    let events = Recorder::new(10);
    let options = ConnectionOptions::default();
    let executor = Handle::current();
    let connection = connect(endpoint.clone(), options, events.clone(), &executor);
    let opened = connection.open_session(&SessionOptions::default());
    opened.expect("before the transport is up");
    events
}

async fn end_of(events: &Recorder) -> ConnectionEnd {
    let closed = events.find(|event| match event {
        Event::ConnectionClosed { reason } => Some(reason),
        _ => None,
    });
    within(closed).await
}

async fn expect_open(listener: &mut dyn Listener, events: &Recorder) {
    let mut peer = within(RawPeer::accept(listener)).await;
    peer.admit(7, 4).await;
    let opened = events.find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()));
    within(opened).await;
}

#[tokio::test]
async fn a_reset_instead_of_an_answer_is_followed_by_an_open() {
    let endpoint = tcp_endpoint();
    let mut listener = TcpTransport.listen(&endpoint).await.expect("listen");
    let events = start(listener.endpoint());
    let mut refused = within(RawPeer::accept(listener.as_mut())).await;
    // What is left unread makes a reset of the end of the socket.
    within(refused.link.reader.read_exact(&mut [0; 1]))
        .await
        .expect("the first byte of the hello");
    drop(refused);
    expect_open(listener.as_mut(), &events).await;
}

#[tokio::test(start_paused = true)]
async fn both_attempts_share_the_connect_timeout() {
    let endpoint = memory_endpoint();
    let mut listener = MemoryTransport.listen(&endpoint).await.expect("listen");
    let (began, events) = (Instant::now(), start(&endpoint));
    let mut silent = RawPeer::accept(listener.as_mut()).await;
    silent.expect(MessageType::ClientHello).await;
    let mut waiting = Vec::new();
    for _ in 0..BACKLOG {
        let link = MemoryTransport.connect(&endpoint).await;
        waiting.push(link.expect("room in the backlog"));
    }
    tokio::time::sleep(Duration::from_secs(6)).await;
    drop(silent);
    let end = end_of(&events).await;
    assert!(
        matches!(end, ConnectionEnd::ConnectTimeout(10_000)),
        "{end}"
    );
    let elapsed = began.elapsed();
    let allowed = Duration::from_secs(10)..Duration::from_millis(10_700);
    assert!(allowed.contains(&elapsed), "{elapsed:?}");
}

/// A server that says this to a hello gets no second connection; the end of the first one.
async fn end_after(answer: &[u8]) -> ConnectionEnd {
    let endpoint = memory_endpoint();
    let mut listener = MemoryTransport.listen(&endpoint).await.expect("listen");
    let events = start(&endpoint);
    let mut peer = RawPeer::accept(listener.as_mut()).await;
    peer.expect(MessageType::ClientHello).await;
    peer.send_bytes(answer).await;
    drop(peer);
    let end = end_of(&events).await;
    let again = tokio::time::timeout(Duration::from_mins(1), listener.accept()).await;
    assert!(again.is_err(), "a second connection after {answer:x?}");
    end
}

#[tokio::test(start_paused = true)]
async fn whatever_is_an_answer_is_not_followed_by_an_open() {
    let unexpected = Packet::empty(Header::new(MessageType::Pong));
    let header = unexpected.header().to_bytes();
    let end = end_after(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
    assert!(matches!(end, ConnectionEnd::Protocol(_)), "{end}");
    let end = end_after(&header).await;
    assert!(!matches!(end, ConnectionEnd::ConnectTimeout(_)), "{end}");
    let end = end_after(&header[..10]).await;
    assert!(matches!(end, ConnectionEnd::Lost { .. }), "{end}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_a_hello_is_quoted() {
    let report = ErrorReport {
        error_code: ErrorCode::UNSUPPORTED_CAPABILITY,
        is_fatal: true,
        ..ErrorReport::default()
    };
    let text = Bytes::from("profile 1 only, ".repeat(100));
    let mut bytes = BytesMut::new();
    packet_of(0, 0, &report, text).encode_into(&mut bytes);
    let end = end_after(&bytes).await;
    let ConnectionEnd::Refused { code, text } = &end else {
        panic!("{end}");
    };
    assert_eq!(*code, ErrorCode::UNSUPPORTED_CAPABILITY);
    assert!(text.starts_with("profile 1 only") && text.len() == 200);
    assert_eq!(end.name(), "refused");
    assert!(end.to_string().contains("unsupported_capability"), "{end}");
}
