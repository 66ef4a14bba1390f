//! The bounds of a listener, and how it ends.

use std::time::Duration;

use bytes::Bytes;
use nnrp_core::MessageType;
use nnrp_core::code::SessionErrorCode;
use nnrp_core::message::hello::ClientHello;
use nnrp_runtime::{Event, ListenOptions, ListenerEnd};
use nnrp_transport_provider::{MemoryTransport, Transport};

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
