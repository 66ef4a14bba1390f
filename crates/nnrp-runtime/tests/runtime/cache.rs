//! Cached objects over the runtime: put, named, missed, invalidated.

use bytes::{Bytes, BytesMut};
use nnrp_core::body::object_reference::ObjectReference;
use nnrp_core::body::prelude::BodyRegions;
use nnrp_core::code::{CacheAckStatus, CacheObjectKind, ErrorCode};
use nnrp_core::flags::CachePutFlags;
use nnrp_core::message::cache::{CacheInvalidate, CachePut};
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{
    CommandError, ConnectionOptions, Exchange, ListenOptions, NnrpClient, NnrpClientConfig,
    NnrpClientEvent, NnrpClientSession, NnrpServer, NnrpServerConfig, NnrpServerEvent,
    NnrpServerSession, RuntimeError, SessionOptions,
};
use nnrp_transport_provider::Endpoint;

use crate::support::{memory_endpoint, tcp_endpoint, within};

const PUT: CachePut = CachePut {
    cache_namespace: 1,
    cache_key_hi: 2,
    cache_key_lo: 3,
    object_kind: CacheObjectKind::PromptSegment,
    ttl_ms: 20_000,
    object_bytes: 0,
    codec_bitmap: 0,
    flags: CachePutFlags::REUSABLE,
};

async fn sessions_on(
    endpoint: Endpoint,
    listen: ListenOptions,
    connection: ConnectionOptions,
) -> (NnrpClientSession, NnrpServerSession) {
    let config = NnrpServerConfig::default().with_listen(listen);
    let server = NnrpServer::bind(endpoint, config).await.expect("bind");
    let session = SessionOptions {
        allow_cache_leases: true,
        ..SessionOptions::default()
    };
    let config = NnrpClientConfig::default()
        .with_connection(connection)
        .with_session(session);
    let client = NnrpClient::connect(server.endpoint().clone(), config);
    let client = within(client).await.expect("connect");
    let (client, server) = tokio::join!(client.open_session(), server.accept());
    (client.expect("open"), server.expect("accept"))
}

/// A body that names the object of [`PUT`].
fn naming() -> Bytes {
    let mut block = [0; ObjectReference::SIZE];
    ObjectReference::from(PUT.identity())
        .encode(&mut block)
        .expect("a valid reference");
    let regions = BodyRegions {
        object_references: BytesMut::from(&block[..]).freeze(),
        ..BodyRegions::default()
    };
    regions.encode().expect("a short body")
}

async fn next_submit_objects(server: &NnrpServerSession) -> Vec<Bytes> {
    loop {
        if let NnrpServerEvent::Submit(submit) =
            within(server.next_event()).await.expect("a submit")
        {
            let result = server.send_result(submit.frame_id, ResultPush::default(), "");
            result.await.expect("room");
            return submit
                .objects
                .into_iter()
                .map(|object| object.body)
                .collect();
        }
    }
}

async fn put_and_use(endpoint: Endpoint) {
    let (client, server) = sessions_on(
        endpoint,
        ListenOptions::default(),
        ConnectionOptions::default(),
    )
    .await;
    client
        .put_object(PUT, "once upon a time")
        .await
        .expect("agreed");
    let answer = within(client.await_event()).await.expect("an answer");
    let NnrpClientEvent::CacheAnswered { put, ack } = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(put.object_bytes, 16);
    assert_eq!(
        (ack.status, ack.accepted_ttl_ms),
        (CacheAckStatus::Accepted, 20_000)
    );
    for _ in 0..2 {
        let submit = client.submit(FrameSubmit::default(), naming());
        let frame = submit.await.expect("room");
        assert_eq!(next_submit_objects(&server).await, ["once upon a time"]);
        let result = within(client.await_result()).await.expect("a result");
        assert_eq!(result.frame_id, frame);
    }

    let everything = CacheInvalidate::default();
    server.invalidate_objects(everything).await.expect("agreed");
    let told = within(client.await_event()).await.expect("told");
    assert_eq!(told, NnrpClientEvent::ObjectsInvalidated(everything));
    let frame = client
        .submit(FrameSubmit::default(), naming())
        .await
        .expect("room");
    let report = within(client.await_event()).await.expect("a report");
    let NnrpClientEvent::Error { report, .. } = report else {
        panic!("{report:?}");
    };
    assert_eq!(
        (report.error_code, report.related_frame_id),
        (ErrorCode::CACHE_MISS, frame)
    );
    let dropped = within(client.await_event()).await.expect("a drop");
    assert_eq!(dropped, NnrpClientEvent::ResultDrop { frame_id: frame });
    within(client.close())
        .await
        .expect("the session goes on until its close");
}

#[tokio::test]
async fn objects_are_put_named_and_invalidated_over_tcp() {
    put_and_use(tcp_endpoint()).await;
}

#[tokio::test(start_paused = true)]
async fn objects_are_put_named_and_invalidated_over_memory() {
    put_and_use(memory_endpoint()).await;
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_over_in_its_time() {
    let (client, server) = sessions_on(
        memory_endpoint(),
        ListenOptions::default(),
        ConnectionOptions::default(),
    )
    .await;
    client.put_object(PUT, "brief").await.expect("agreed");
    tokio::time::sleep(std::time::Duration::from_secs(19)).await;
    client
        .submit(FrameSubmit::default(), naming())
        .await
        .expect("room");
    assert_eq!(next_submit_objects(&server).await, ["brief"]);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    client
        .submit(FrameSubmit::default(), naming())
        .await
        .expect("room");
    loop {
        if let NnrpClientEvent::Error { report, .. } =
            within(client.await_event()).await.expect("a report")
        {
            assert_eq!(report.error_code, ErrorCode::LEASE_EXPIRED);
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_without_a_cache_and_one_without_a_hello_take_no_objects() {
    let no_cache = ListenOptions {
        connection: ConnectionOptions {
            max_cached_objects: 0,
            ..ConnectionOptions::default()
        },
        ..ListenOptions::default()
    };
    let open_first = ConnectionOptions {
        exchange: Exchange::OpenFirst,
        ..ConnectionOptions::default()
    };
    for (listen, connection) in [
        (no_cache, ConnectionOptions::default()),
        (ListenOptions::default(), open_first),
    ] {
        let (client, _server) = sessions_on(memory_endpoint(), listen, connection).await;
        let refused = client.put_object(PUT, "object").await;
        assert!(
            matches!(
                refused,
                Err(RuntimeError::Command(CommandError::WrongState(_)))
            ),
            "{refused:?}"
        );
    }
}
