//! What is urgent overtakes bulk work that waits on the same connection, over real transports.

use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::HEADER_LEN;
use nnrp_core::code::{ResultClass, SessionPriorityClass};
use nnrp_core::flags::ResultFlags;
use nnrp_core::message::result::ResultPush;
use nnrp_runtime::{
    Answer, ConnectionOptions, Event, ListenOptions, SessionKey, SessionOptions, Submission,
    connect,
};
use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;

use crate::support::recorder::{Recorder, Server};
use crate::support::{security, tcp_endpoint, within};

const BODY: usize = 16 * 1024;
const PACKET: usize = HEADER_LEN + ResultPush::SIZE + BODY;
/// What is on its way into the transport and cannot be overtaken: a batch, which the packet that fills it may exceed.
const BATCH: usize = 64 * 1024 + PACKET;

fn bulk_answer() -> Answer {
    Answer {
        frame_id: 1,
        metadata: ResultPush {
            result_class: ResultClass::Partial,
            result_flags: ResultFlags::PARTIAL,
            ..ResultPush::default()
        },
        body: Bytes::from(vec![7; BODY]),
        ..Answer::default()
    }
}

/// Opens a session on both sides and submits its first frame.
async fn session(
    connection: &nnrp_runtime::ConnectionHandle,
    client: &Recorder,
    server: &Server,
    priority_class: SessionPriorityClass,
) -> (SessionKey, SessionKey) {
    let options = SessionOptions {
        priority_class,
        ..SessionOptions::default()
    };
    let key = connection.open_session(&options).expect("open");
    let opened = |event| matches!(event, Event::SessionOpened { .. }).then_some(());
    client.find(opened).await;
    connection
        .submit(key, [Submission::default()])
        .expect("submit");
    let submitted = |event| match event {
        Event::Submit { session, .. } => Some(session),
        _ => None,
    };
    (key, server.events.find(submitted).await)
}

/// `bulk` packets are far more than the buffers of the transport take from a server whose client does not read.
async fn an_urgent_result_waits_for_one_batch(endpoint: Endpoint, bulk: usize) {
    let security = security();
    let connection_options = ConnectionOptions {
        send_queue_bytes: 2 * bulk * PACKET,
        security,
        ..ConnectionOptions::default()
    };
    let listen_options = ListenOptions {
        connection: connection_options.clone(),
        ..ListenOptions::default()
    };
    let (server, listener) = Server::start_at(endpoint, listen_options, 100).await;
    let client = Recorder::new(1);
    let connection = connect(
        listener.endpoint().clone(),
        connection_options,
        Arc::<Recorder>::clone(&client),
        &Handle::current(),
    );
    let (bulk_key, bulk_session) = session(
        &connection,
        &client,
        &server,
        SessionPriorityClass::Background,
    )
    .await;
    let (_, urgent_session) = session(
        &connection,
        &client,
        &server,
        SessionPriorityClass::Interactive,
    )
    .await;
    let serving = server.connection();
    let queued = serving.send_results(bulk_session, std::iter::repeat_n(bulk_answer(), bulk));
    assert_eq!(queued.expect("room").count as usize, bulk);
    let urgent = Answer {
        frame_id: 1,
        ..Answer::default()
    };
    serving
        .send_results(urgent_session, [urgent])
        .expect("room");
    let under_way = usize::try_from(serving.metrics().bytes_out).expect("a size") + BATCH;
    assert!(under_way < bulk * PACKET, "most of the bulk work waits");
    let mut before = 0;
    loop {
        match within(client.next()).await {
            Event::Result { session, .. } if session == bulk_key => before += PACKET,
            Event::Result { .. } => break,
            Event::ConnectionClosed { reason } => panic!("{reason}"),
            _ => {}
        }
    }
    assert!(before <= under_way, "{before} of {under_way} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tcp_an_urgent_result_waits_for_one_batch_of_bulk_work() {
    an_urgent_result_waits_for_one_batch(tcp_endpoint(), 2048).await;
}

#[cfg(feature = "quic")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_quic_an_urgent_result_waits_for_one_batch_of_bulk_work() {
    let endpoint = Endpoint::quic("127.0.0.1:0").expect("an endpoint");
    an_urgent_result_waits_for_one_batch(endpoint, 1024).await;
}
