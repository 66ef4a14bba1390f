//! What both ends of the async API say to each other beside submits and results.

use bytes::Bytes;
use nnrp_core::code::{
    CacheAckStatus, CacheInvalidateScope, CacheObjectKind, ErrorCode, ErrorScope,
};
use nnrp_core::flags::CachePutFlags;
use nnrp_core::message::cache::{CacheInvalidate, CachePut};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::result::{ResultHint, ResultPush};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{
    NnrpClient, NnrpClientConfig, NnrpClientEvent, NnrpClientSession, NnrpServer, NnrpServerConfig,
    NnrpServerEvent, NnrpServerSession, RuntimeError,
};

use crate::support::{memory_endpoint, within};

/// Both ends of a session.
struct Pair {
    client: NnrpClientSession,
    server: NnrpServerSession,
    _ends: (NnrpClient, NnrpServer),
}

async fn pair() -> Pair {
    let config = NnrpServerConfig::default();
    let server = NnrpServer::bind(memory_endpoint(), config)
        .await
        .expect("bind");
    let config = NnrpClientConfig::default();
    let connected = within(NnrpClient::connect(server.endpoint().clone(), config)).await;
    let client = connected.expect("connect");
    let both = within(async { tokio::join!(client.open_session(), server.accept()) }).await;
    Pair {
        client: both.0.expect("open"),
        server: both.1.expect("accept"),
        _ends: (client, server),
    }
}

impl Pair {
    /// Submits a frame and has it received.
    async fn submit(&self) -> u32 {
        let submitted = self.client.submit_nowait(FrameSubmit::default(), "body");
        let frame = submitted.expect("room");
        let submit = within(self.server.receive_submit())
            .await
            .expect("a submit");
        assert_eq!(submit.frame_id, frame);
        frame
    }

    async fn client_event(&self) -> NnrpClientEvent {
        within(self.client.await_event()).await.expect("an event")
    }

    async fn server_event(&self) -> NnrpServerEvent {
        within(self.server.next_event()).await.expect("an event")
    }
}

#[tokio::test(start_paused = true)]
async fn hints_and_reports_of_a_server_reach_its_client() {
    let pair = pair().await;
    let frame = pair.submit().await;
    let hint = ResultHint {
        retry_after_ms: 30,
        ..ResultHint::default()
    };
    pair.server
        .send_hint(frame, hint)
        .await
        .expect("a greeted client");
    let NnrpClientEvent::Hint { frame_id, hint } = pair.client_event().await else {
        panic!("a hint");
    };
    assert_eq!((frame_id, hint.retry_after_ms), (frame, 30));

    let report = ErrorReport {
        error_code: ErrorCode::SERVER_BUSY,
        error_scope: ErrorScope::Frame,
        related_session_id: pair.client.session_id(),
        related_frame_id: frame,
        ..ErrorReport::default()
    };
    let sent = pair.server.report_error(report, "later").await;
    sent.expect("a greeted client");
    let NnrpClientEvent::Error { report, diagnostic } = pair.client_event().await else {
        panic!("a report");
    };
    assert_eq!(report.error_code, ErrorCode::SERVER_BUSY);
    assert_eq!(diagnostic, "later");
    let sent = pair
        .server
        .send_result(frame, ResultPush::default(), "done")
        .await;
    sent.expect("the frame is still unanswered");
    assert_eq!(
        within(pair.client.await_result())
            .await
            .expect("a result")
            .body,
        "done"
    );
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_one_thing_and_gets_another_is_told_what_came() {
    let pair = pair().await;
    let frame = pair.submit().await;
    pair.client.cancel_frame(frame).await.expect("cancel");
    let other = within(pair.server.receive_submit()).await;
    assert!(
        matches!(&other, Err(RuntimeError::UnexpectedMessage(text)) if text.contains("instead of a submit")),
        "{other:?}"
    );
    pair.client
        .submit(FrameSubmit::default(), "again")
        .await
        .expect("submit");
    let other = within(pair.server.receive_cancel()).await;
    assert!(
        matches!(&other, Err(RuntimeError::UnexpectedMessage(text)) if text.contains("instead of a cancel")),
        "{other:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_is_put_stored_named_and_removed_by_either_side() {
    let pair = pair().await;
    let put = CachePut {
        cache_namespace: 5,
        cache_key_lo: 1,
        object_kind: CacheObjectKind::PromptSegment,
        ttl_ms: 10_000,
        flags: CachePutFlags::REUSABLE,
        ..CachePut::default()
    };
    pair.client
        .put_object(put, Bytes::from_static(b"once"))
        .await
        .expect("room");
    let NnrpServerEvent::ObjectStored(object) = pair.server_event().await else {
        panic!("an object");
    };
    assert_eq!(object.body, "once");
    let NnrpClientEvent::CacheAnswered { ack, .. } = pair.client_event().await else {
        panic!("an answer");
    };
    assert_eq!(ack.status, CacheAckStatus::Accepted);

    let everything = CacheInvalidate {
        invalidate_scope: CacheInvalidateScope::WholeSession,
        ..CacheInvalidate::default()
    };
    pair.client
        .invalidate_objects(everything)
        .await
        .expect("room");
    let NnrpServerEvent::ObjectsInvalidated(of_client) = pair.server_event().await else {
        panic!("the removal");
    };
    pair.server
        .invalidate_objects(everything)
        .await
        .expect("room");
    let NnrpClientEvent::ObjectsInvalidated(of_server) = pair.client_event().await else {
        panic!("the removal");
    };
    assert_eq!((of_client, of_server), (everything, everything));
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_a_client_closes_ends_the_session_of_the_server() {
    let pair = pair().await;
    pair.client.close_transport();
    let end = within(pair.server.receive_close()).await;
    assert!(end.is_ok(), "{end:?}");
}
