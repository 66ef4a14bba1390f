//! The async API from open to close.

use std::time::Duration;

use nnrp_core::code::{FlowScopeKind, SessionErrorCode};
use nnrp_core::flags::FlowFlags;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{
    CommandError, NnrpClient, NnrpClientConfig, NnrpClientEvent, NnrpClientSession, NnrpServer,
    NnrpServerConfig, NnrpServerEvent, NnrpServerSession, RuntimeError, RuntimeTransportKind,
    SessionEnd, SessionOptions,
};
use nnrp_transport_provider::Endpoint;

use crate::support::{memory_endpoint, tcp_endpoint, within};

async fn session_on(endpoint: Endpoint) -> (NnrpClientSession, NnrpServerSession) {
    let server = NnrpServer::bind(endpoint, NnrpServerConfig::default())
        .await
        .expect("bind");
    let client = NnrpClient::connect(server.endpoint().clone(), NnrpClientConfig::default());
    let client = within(client).await.expect("connect");
    let (client, server) = tokio::join!(client.open_session(), server.accept());
    (client.expect("open"), server.expect("accept"))
}

async fn exchange(endpoint: Endpoint) {
    let (client, server) = session_on(endpoint).await;
    assert_eq!(client.session_id(), server.session_id());
    let frame_id = client
        .submit(FrameSubmit::default(), "prompt")
        .await
        .expect("submit");
    let submit = within(server.receive_submit()).await.expect("a submit");
    assert_eq!(
        (submit.frame_id, &submit.body[..]),
        (frame_id, &b"prompt"[..])
    );
    server
        .send_result(
            frame_id,
            ResultPush {
                status_code: 200,
                ..ResultPush::default()
            },
            "delta",
        )
        .await
        .expect("send");
    let result = within(client.await_result()).await.expect("a result");
    assert_eq!(
        (
            result.frame_id,
            result.metadata.status_code,
            &result.body[..]
        ),
        (frame_id, 200, &b"delta"[..])
    );
    assert_eq!(
        result.metadata.active_profile_id, 2,
        "0 becomes the profile of the session"
    );
    let (closed, received) = tokio::join!(within(client.close()), within(server.receive_close()));
    closed.expect("close");
    assert!(
        matches!(received, Ok(SessionEnd::ClosedByPeer { .. })),
        "{received:?}"
    );
}

#[tokio::test]
async fn a_prompt_becomes_a_result_in_process() {
    exchange(memory_endpoint()).await;
}

#[tokio::test]
async fn a_prompt_becomes_a_result_over_tcp() {
    exchange(tcp_endpoint()).await;
}

#[tokio::test]
async fn the_introduction_of_the_project_runs_on_any_port() {
    let server = NnrpServer::bind_tcp("127.0.0.1:0", NnrpServerConfig::default())
        .await
        .expect("bind");
    let Endpoint::Tcp { host, port } = server.endpoint().clone() else {
        panic!("a TCP endpoint")
    };
    let config = NnrpClientConfig::default().with_transport(RuntimeTransportKind::Tcp);
    let client = NnrpClient::connect_tcp(&format!("{host}:{port}"), config)
        .await
        .expect("connect");
    let session = client.open_session().await.expect("open");
    assert_ne!(session.session_id(), 0);
}

#[tokio::test]
async fn default_clients_of_one_server_do_not_collide() {
    let server = NnrpServer::bind(memory_endpoint(), NnrpServerConfig::default())
        .await
        .expect("bind");
    let mut sessions = Vec::new();
    for _ in 0..50 {
        let client = NnrpClient::connect(server.endpoint().clone(), NnrpClientConfig::default())
            .await
            .expect("connect");
        sessions.push(client.open_session().await.expect("open"));
    }
    assert_eq!(server.connection_count(), 50);
}

#[tokio::test]
async fn a_refused_session_says_with_which_code() {
    let server = NnrpServer::bind(memory_endpoint(), NnrpServerConfig::default())
        .await
        .expect("bind");
    let wishes = SessionOptions {
        profile_id: 0xffff,
        ..SessionOptions::default()
    };
    let config = NnrpClientConfig::default().with_session(wishes);
    let client = NnrpClient::connect(server.endpoint().clone(), config)
        .await
        .expect("connect");
    let refusal = within(client.open_session()).await.expect_err("refused");
    assert!(
        matches!(
            refusal,
            RuntimeError::SessionRejected(SessionErrorCode::PROFILE_UNSUPPORTED)
        ),
        "{refusal:?}"
    );
}

#[tokio::test]
async fn quic_is_refused_before_any_io() {
    let config = NnrpClientConfig::default().with_transport(RuntimeTransportKind::Quic);
    let error = NnrpClient::connect_tcp("127.0.0.1:1", config)
        .await
        .expect_err("unsupported");
    assert!(
        matches!(error, RuntimeError::UnsupportedTransport(_)),
        "{error:?}"
    );
}

#[tokio::test]
async fn submits_wait_for_the_in_flight_limit_and_go_on_after_a_result() {
    let (client, server) = session_on(memory_endpoint()).await;
    for _ in 0..4 {
        client
            .submit_nowait(FrameSubmit::default(), "x")
            .expect("below the limit of 4");
    }
    let full = client
        .submit_nowait(FrameSubmit::default(), "x")
        .expect_err("at the limit");
    assert!(
        matches!(full, RuntimeError::Command(CommandError::WouldBlock)),
        "{full:?}"
    );
    let answer = async {
        let submit = server.receive_submit().await.expect("a submit");
        tokio::time::sleep(Duration::from_millis(20)).await;
        server
            .send_result(submit.frame_id, ResultPush::default(), "")
            .await
            .expect("send");
    };
    let (fifth, ()) = tokio::join!(within(client.submit(FrameSubmit::default(), "y")), answer);
    assert_eq!(fifth.expect("submit"), 5);
}

#[tokio::test]
async fn a_cancel_reaches_the_server_and_its_drop_the_client() {
    let (client, server) = session_on(memory_endpoint()).await;
    let frame_id = client
        .submit(FrameSubmit::default(), "long work")
        .await
        .expect("submit");
    assert!(matches!(
        within(server.next_event()).await,
        Ok(NnrpServerEvent::Submit(_))
    ));
    client.cancel_frame(frame_id).await.expect("cancel");
    assert_eq!(
        within(server.receive_cancel())
            .await
            .expect("a cancel")
            .frame_id,
        frame_id
    );
    server.send_result_drop(frame_id).await.expect("drop");
    assert_eq!(
        within(client.await_event()).await.expect("an event"),
        NnrpClientEvent::ResultDrop { frame_id }
    );
}

#[tokio::test]
async fn awaiting_a_result_reports_a_drop_as_unexpected() {
    let (client, server) = session_on(memory_endpoint()).await;
    let frame_id = client
        .submit(FrameSubmit::default(), "")
        .await
        .expect("submit");
    server.receive_submit().await.expect("a submit");
    server.send_result_drop(frame_id).await.expect("drop");
    let error = within(client.await_result()).await.expect_err("a drop");
    assert!(
        matches!(error, RuntimeError::UnexpectedMessage(_)),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_flow_update_reaches_the_client_and_holds_up_its_submits() {
    let (client, server) = session_on(memory_endpoint()).await;
    let update = FlowUpdate {
        scope_kind: FlowScopeKind::Session,
        session_credit: 0,
        credit_epoch: 1,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    };
    server.send_flow_update(update).await.expect("send");
    assert_eq!(
        within(client.await_event()).await.expect("an event"),
        NnrpClientEvent::FlowUpdate(update)
    );
    let paused = client
        .submit_nowait(FrameSubmit::default(), "")
        .expect_err("no credit");
    assert!(
        matches!(paused, RuntimeError::Command(CommandError::WouldBlock)),
        "{paused:?}"
    );
    let more = FlowUpdate {
        session_credit: 3,
        credit_epoch: 2,
        ..update
    };
    let (submitted, sent) = tokio::join!(
        within(client.submit(FrameSubmit::default(), "")),
        server.send_flow_update(more)
    );
    sent.expect("send");
    submitted.expect("credit is back");
}

#[tokio::test]
async fn a_result_for_a_frame_that_was_never_submitted_is_refused() {
    let (_client, server) = session_on(memory_endpoint()).await;
    let error = server
        .send_result(9, ResultPush::default(), "")
        .await
        .expect_err("unknown");
    assert!(
        matches!(
            error,
            RuntimeError::Command(CommandError::UnknownFrame { frame_id: 9 })
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_dropped_client_session_ends_the_servers_with_a_reason() {
    let (client, server) = session_on(tcp_endpoint()).await;
    drop(client);
    let error = within(server.receive_submit()).await.expect_err("the end");
    assert!(
        matches!(
            error,
            RuntimeError::SessionEnded(SessionEnd::ClosedByPeer { .. })
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_dropped_server_session_ends_the_clients() {
    let (client, server) = session_on(tcp_endpoint()).await;
    drop(server);
    within(client.await_event()).await.expect_err("the end");
    client
        .submit_nowait(FrameSubmit::default(), "")
        .expect_err("after the end");
}

#[tokio::test]
async fn bodies_above_the_limit_are_refused_where_they_are_made() {
    let (client, _server) = session_on(memory_endpoint()).await;
    let error = client
        .submit_nowait(FrameSubmit::default(), vec![0; (16 << 20) + 1])
        .expect_err("too large");
    let limit = 16 << 20;
    assert!(
        matches!(error, RuntimeError::Command(CommandError::BodyTooLarge { limit: l, .. }) if l == limit),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_dropped_server_ends_the_sessions_nobody_will_accept() {
    let server = NnrpServer::bind(memory_endpoint(), NnrpServerConfig::default())
        .await
        .expect("bind");
    let client = NnrpClient::connect(server.endpoint().clone(), NnrpClientConfig::default())
        .await
        .expect("connect");
    let session = client.open_session().await.expect("open");
    drop(server);
    within(session.await_event()).await.expect_err("the end");
}

#[tokio::test(start_paused = true)]
async fn peers_that_open_and_vanish_unaccepted_are_bounded_and_none_is_lost() {
    let server = NnrpServer::bind(memory_endpoint(), NnrpServerConfig::default())
        .await
        .expect("bind");
    for _ in 0..1100 {
        let client = NnrpClient::connect(server.endpoint().clone(), NnrpClientConfig::default());
        let session = within(client).await.expect("connect").open_session().await;
        session.expect("open").close_transport();
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(
        server.connection_count(),
        1100 - 1024,
        "whose session found no place waits with its connection"
    );
    for _ in 0..1100 {
        let session = within(server.accept()).await.expect("accept");
        let event = within(session.next_event()).await;
        event.expect_err("its client has left");
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(server.connection_count(), 0);
}
