//! The bounds of a listener, and how it ends.

use std::time::Duration;

use bytes::Bytes;
use nnrp_core::MessageType;
use nnrp_core::code::SessionErrorCode;
use nnrp_core::message::hello::ClientHello;
#[cfg(feature = "tls")]
use nnrp_runtime::Security;
use nnrp_runtime::{Answer, Event, ListenOptions, ListenerEnd};
#[cfg(feature = "tls")]
use nnrp_transport_provider::Endpoint;
#[cfg(feature = "tls")]
use nnrp_transport_provider::security::{ClientSecurity, SelfSigned, ServerSecurity};
use nnrp_transport_provider::{MemoryTransport, Transport};
#[cfg(feature = "tls")]
use tokio::net::TcpStream;

use crate::support::{RawPeer, Server, packet_of};

#[tokio::test(start_paused = true)]
async fn more_connections_than_the_limit_are_disconnected_at_once() {
    let options = ListenOptions {
        max_connections: 2,
        ..ListenOptions::default()
    };
    let (_server, listener) = Server::start(options, 10).await;
    let mut first = RawPeer::connect(&listener).await;
    let mut second = RawPeer::connect(&listener).await;
    first.open(1).await;
    second.open(2).await;
    let mut third = RawPeer::connect(&listener).await;
    assert!(third.receive().await.is_none());
    drop(first);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(
        RawPeer::connect(&listener)
            .await
            .open(3)
            .await
            .is_accepted()
    );
}

#[tokio::test(start_paused = true)]
async fn silent_peers_take_handshakes_and_not_connections() {
    let options = ListenOptions {
        max_handshakes: 3,
        ..ListenOptions::default()
    };
    let (_server, listener) = Server::start(options, 10).await;
    let mut served = Vec::new();
    for id in 1..=10 {
        let mut peer = RawPeer::connect(&listener).await;
        assert!(peer.open(id).await.is_accepted());
        served.push(peer);
    }
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(RawPeer::connect(&listener).await);
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(
        RawPeer::connect(&listener).await.receive().await.is_none(),
        "the fourth"
    );
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert!(
        RawPeer::connect(&listener)
            .await
            .open(99)
            .await
            .is_accepted(),
        "after the handshake timeout"
    );
}

#[tokio::test(start_paused = true)]
async fn a_closed_listener_frees_its_endpoint_and_its_connections_go_on() {
    let (server, listener) = Server::start(ListenOptions::default(), 10).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    listener.close();
    listener.close();
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(matches!(
        server.ends.lock().expect("not poisoned")[..],
        [ListenerEnd::ClosedHere]
    ));
    MemoryTransport
        .listen(listener.endpoint())
        .await
        .expect("the endpoint is free");
    peer.submit(9, 1, b"goes on").await;
    server
        .events
        .find(|event| matches!(event, Event::Submit { .. }).then_some(()))
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_id_in_use_is_refused_and_free_again_when_its_transport_ends() {
    let (_server, listener) = Server::start(ListenOptions::default(), 10).await;
    let mut first = RawPeer::connect(&listener).await;
    first.open(9).await;
    let refusal = RawPeer::connect(&listener).await.open(9).await;
    assert!(!refusal.is_accepted());
    assert_eq!(
        (refusal.session_id, refusal.session_error_code),
        (0, SessionErrorCode::SESSION_LIMIT_REACHED)
    );
    drop(first);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(
        RawPeer::connect(&listener)
            .await
            .open(9)
            .await
            .is_accepted()
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_says_hello_and_opens_nothing_gives_its_handshake_back_in_time() {
    let options = ListenOptions {
        max_handshakes: 1,
        ..ListenOptions::default()
    };
    let (_server, listener) = Server::start(options, 10).await;
    let mut idle = RawPeer::connect(&listener).await;
    let hello = ClientHello {
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 2,
        supported_payload_kind_bitmap: 2,
        ..ClientHello::default()
    };
    idle.send(&packet_of(0, 0, &hello, Bytes::new())).await;
    idle.expect(MessageType::ServerHelloAck).await;
    assert!(idle.receive().await.is_none(), "it has had its time");
    let mut next = RawPeer::connect(&listener).await;
    assert!(next.open(1).await.is_accepted());
}

#[tokio::test(start_paused = true)]
async fn no_connection_is_read_while_all_have_the_operations_of_the_limit() {
    let options = ListenOptions {
        max_operations: 1,
        ..ListenOptions::default()
    };
    let (server, listener) = Server::start(options, 10).await;
    let submit = |event| match event {
        Event::Submit {
            session, header, ..
        } => Some((session, header.frame_id)),
        _ => None,
    };
    let mut first = RawPeer::connect(&listener).await;
    first.open(1).await;
    let mut second = RawPeer::connect(&listener).await;
    second.open(2).await;
    let latest = server.connection();
    second.submit(2, 1, b"two").await;
    let (session, frame_id) = server.events.find(submit).await;
    first.submit(1, 1, b"one").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(server.events.len(), 0, "the first waits for the second");
    assert_eq!(listener.metrics().operations, 1);
    let answer = Answer {
        frame_id,
        ..Answer::default()
    };
    latest.send_results(session, [answer]).expect("an answer");
    server.events.find(submit).await;
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_peer_that_never_begins_its_tls_handshake_keeps_its_place_only_for_the_timeout() {
    let own = SelfSigned::generate("localhost").expect("a certificate");
    let mut options = ListenOptions {
        max_handshakes: 1,
        handshake_timeout: Duration::from_millis(200),
        ..ListenOptions::default()
    };
    let identity = ServerSecurity {
        identity: Some(own.identity),
        ..ServerSecurity::default()
    };
    options.connection.security = Security::new(ClientSecurity::default(), identity);
    let endpoint = Endpoint::Tls {
        host: "127.0.0.1".into(),
        port: 0,
    };
    let (server, listener) = Server::start_at(endpoint, options, 10).await;
    let Endpoint::Tls { port, .. } = *listener.endpoint() else {
        unreachable!("it is bound to the kind asked for");
    };
    let silent = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("connect");
    let reason = server
        .events
        .find(|event| match event {
            Event::ConnectionClosed { reason } => Some(reason),
            _ => None,
        })
        .await;
    assert_eq!(reason.name(), "peer-timeout");
    drop(silent);
}
