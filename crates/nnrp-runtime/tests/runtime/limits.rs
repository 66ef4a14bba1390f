//! The bounds of a listener, and how it ends.

use std::time::Duration;

use bytes::Bytes;
use nnrp_core::MessageType;
use nnrp_core::code::{SessionErrorCode, SessionPriorityClass};
use nnrp_core::message::session::SessionOpenAck;
#[cfg(feature = "tls")]
use nnrp_runtime::Security;
use nnrp_runtime::{AdmissionPolicy, Answer, Event, ListenOptions, ListenerEnd, SessionLimits};
#[cfg(feature = "tls")]
use nnrp_transport_provider::Endpoint;
#[cfg(feature = "tls")]
use nnrp_transport_provider::security::{ClientSecurity, SelfSigned, ServerSecurity};
use nnrp_transport_provider::{MemoryTransport, Transport};
#[cfg(feature = "tls")]
use tokio::net::TcpStream;

use crate::support::raw_peer::RawPeer;
use crate::support::recorder::Server;

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
    idle.greet().await;
    idle.expect(MessageType::Error).await;
    assert!(idle.receive().await.is_none(), "it has had its time");
    let mut next = RawPeer::connect(&listener).await;
    assert!(next.open(1).await.is_accepted());
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

#[tokio::test(start_paused = true)]
async fn a_drained_listener_delivers_what_is_running_and_opens_nothing_more() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    peer.submit(9, 1, b"running").await;
    let submit = |event| match event {
        Event::Submit { session, .. } => Some(session),
        _ => None,
    };
    let session = server.events.find(submit).await;
    let busy = server.connection();
    let mut silent = RawPeer::connect(&listener).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    listener.drain(Duration::from_secs(30));
    assert!(silent.receive().await.is_none(), "nobody begins any more");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(listener.connection_count(), 1, "it waits for its answer");
    let answer = Answer {
        frame_id: 1,
        ..Answer::default()
    };
    busy.send_results(session, [answer]).expect("an answer");
    peer.expect(MessageType::ResultPush).await;
    assert!(peer.receive().await.is_none());
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(listener.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_missing_answers_no_longer_than_it_may() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    peer.submit(9, 1, b"never answered").await;
    let submit = |event| matches!(event, Event::Submit { .. }).then_some(());
    server.events.find(submit).await;
    let began = tokio::time::Instant::now();
    listener.drain(Duration::from_secs(7));
    listener.drain(Duration::from_secs(70));
    assert!(peer.receive().await.is_none());
    assert!((7..=8).contains(&began.elapsed().as_secs()));
}

#[tokio::test(start_paused = true)]
async fn a_connection_with_much_that_waits_is_not_read_while_all_have_their_limit() {
    let options = ListenOptions {
        max_buffered_bytes: 256 << 10,
        ..ListenOptions::default()
    };
    let (server, listener) = Server::start(options, 100).await;
    let submit = |event| match event {
        Event::Submit {
            session, header, ..
        } => Some((session, header.frame_id)),
        _ => None,
    };
    let mut greedy = RawPeer::connect(&listener).await;
    greedy.open(1).await;
    let connection = server.connection();
    greedy.submit(1, 1, b"much").await;
    let (session, frame_id) = server.events.find(submit).await;
    let answer = Answer {
        frame_id,
        body: Bytes::from(vec![0; 1 << 20]),
        ..Answer::default()
    };
    connection
        .send_results(session, [answer])
        .expect("an answer");
    tokio::time::sleep(Duration::from_millis(10)).await;
    // It does not read, and is not read either; who has little waiting is.
    greedy.submit(1, 2, b"more").await;
    let mut modest = RawPeer::connect(&listener).await;
    modest.open(2).await;
    modest.submit(2, 7, b"little").await;
    assert_eq!(server.events.find(submit).await.1, 7);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(server.events.len(), 0, "the greedy one waits");
    greedy.expect(MessageType::ResultPush).await;
    assert_eq!(server.events.find(submit).await.1, 2);
}

#[tokio::test(start_paused = true)]
async fn the_application_decides_who_opens_a_session() {
    let policy = AdmissionPolicy::new(|request| {
        assert!(!request.peer.is_empty() && !request.resumes());
        if request.open.requested_session_id == 13 {
            Err(SessionErrorCode::AUTH_FAILED)
        } else {
            Ok(())
        }
    });
    let options = ListenOptions {
        admission: Some(policy),
        ..ListenOptions::default()
    };
    let (_server, listener) = Server::start(options, 100).await;
    let refusal = RawPeer::connect(&listener).await.open(13).await;
    assert_eq!(refusal.session_error_code, SessionErrorCode::AUTH_FAILED);
    let admitted = RawPeer::connect(&listener).await.open(14).await;
    assert!(admitted.is_accepted());
}

#[tokio::test(start_paused = true)]
async fn the_application_says_what_a_session_gets_within_what_the_listener_grants() {
    let policy = AdmissionPolicy::granting(|request| {
        let few = SessionLimits {
            max_in_flight_operations: 2,
            granted_operation_credit: 3,
            lease_ttl_ms: 1000,
            highest_priority_class: SessionPriorityClass::Background,
        };
        let is_known = request.open.requested_session_id == 14;
        Ok(if is_known { SessionLimits::NONE } else { few })
    });
    let options = ListenOptions {
        admission: Some(policy),
        ..ListenOptions::default()
    };
    let (server, listener) = Server::start(options, 100).await;
    let gets = |ack: &SessionOpenAck| {
        let (in_flight, credit) = (ack.max_in_flight_operations, ack.granted_operation_credit);
        (
            in_flight,
            credit,
            ack.lease_ttl_ms,
            ack.accepted_priority_class,
        )
    };
    let known = RawPeer::connect(&listener).await.open(14).await;
    assert_eq!(
        gets(&known),
        (256, 256, 30_000, SessionPriorityClass::Balanced)
    );
    let mut stranger = RawPeer::connect(&listener).await;
    let ack = stranger.open(13).await;
    assert_eq!(gets(&ack), (2, 3, 1000, SessionPriorityClass::Background));
    // The server application answers nothing: the third frame is one too many.
    for frame in 1..=3 {
        stranger.submit(13, frame, b"").await;
    }
    let dropped = stranger.expect(MessageType::ResultDrop).await;
    assert_eq!(dropped.header().frame_id, 3);
    drop(server);
}
