//! Futures of the async API that are dropped in the middle: nothing is lost, nothing happens twice.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{
    NnrpClient, NnrpClientConfig, NnrpClientSession, NnrpServer, NnrpServerConfig,
    NnrpServerSession, SessionOptions,
};
use nnrp_transport_provider::Endpoint;

use crate::support::{memory_endpoint, tcp_endpoint, within};

const FRAMES: u32 = 500;

/// Polls a future once and drops it.
async fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Tries again and again, with a future of its own each time.
async fn in_single_polls<T, F: Future<Output = T>>(mut attempt: impl FnMut() -> F) -> T {
    within(async {
        loop {
            if let Some(value) = poll_once(attempt()).await {
                return value;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

async fn pair(endpoint: Endpoint) -> (NnrpServer, NnrpServerSession, NnrpClientSession) {
    let server = NnrpServer::bind(endpoint, NnrpServerConfig::default())
        .await
        .expect("bind");
    let config = NnrpClientConfig::default().with_session(SessionOptions {
        max_in_flight: 3,
        ..SessionOptions::default()
    });
    let client = within(NnrpClient::connect(server.endpoint().clone(), config))
        .await
        .expect("connect");
    let opening = async { client.open_session().await.expect("open") };
    let accepting = in_single_polls(|| server.accept());
    let (session, accepted) = tokio::join!(opening, accepting);
    (server, accepted.expect("accept"), session)
}

/// Every await of either side is dropped after one poll, as a `select!` whose other branch is always ready does.
async fn nothing_is_lost_or_doubled(endpoint: Endpoint) {
    let (_server, accepted, session) = pair(endpoint).await;
    let serving = async {
        for frame_id in 1..=FRAMES {
            let submit = in_single_polls(|| accepted.receive_submit()).await;
            let submit = submit.expect("a submit");
            assert_eq!(submit.frame_id, frame_id);
            let metadata = ResultPush::default();
            in_single_polls(|| accepted.send_result(frame_id, metadata, submit.body.clone()))
                .await
                .expect("a result");
        }
    };
    let submitting = async {
        for frame_id in 1..=FRAMES {
            let body = frame_id.to_le_bytes().to_vec();
            let submitted =
                in_single_polls(|| session.submit(FrameSubmit::default(), body.clone())).await;
            assert_eq!(submitted.expect("submit"), frame_id);
        }
    };
    let receiving = async {
        for frame_id in 1..=FRAMES {
            let result = in_single_polls(|| session.await_result()).await;
            let result = result.expect("a result");
            assert_eq!(result.frame_id, frame_id);
            assert_eq!(result.body, frame_id.to_le_bytes()[..]);
        }
    };
    tokio::join!(serving, submitting, receiving);
}

#[tokio::test]
async fn futures_dropped_after_one_poll_lose_and_double_nothing_in_memory() {
    nothing_is_lost_or_doubled(memory_endpoint()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn futures_dropped_after_one_poll_lose_and_double_nothing_over_tcp() {
    nothing_is_lost_or_doubled(tcp_endpoint()).await;
}
