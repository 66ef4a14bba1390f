//! Cached objects over a connection: what a server says to submits that name them (spec 03 §3.9, 04 §4.4).

use std::time::Duration;

use bytes::Bytes;
use nnrp_core::body::object_reference::ObjectReference;
use nnrp_core::body::prelude::BodyRegions;
use nnrp_core::code::{
    CacheAckStatus, CacheInvalidateScope, CacheObjectKind, ErrorScope, TransportId,
};
use nnrp_core::flags::{CachePutFlags, ServerFlags};
use nnrp_core::message::cache::{CacheAck, CacheInvalidate, CachePut};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::{Header, MessageType};

use super::super::dialogue::{hello, of_frame};
use super::super::server::Server;
use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, holds, needed, same};
use super::super::wire::{Wire, on_sockets};

/// Longer than the shortest lease.
const LEASE_IS_OVER: Duration = Duration::from_millis(20);

/// What was never put, and what was invalidated, is a miss.
pub(super) fn misses(subject: &dyn Subject) -> Verdict {
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = caching(&server).await?;
        refused(&mut wire, 1, 0x0003_0001).await?;
        put(&mut wire, 20_000).await?;
        let invalidate = CacheInvalidate {
            invalidate_scope: CacheInvalidateScope::ObjectKey,
            cache_namespace: 5,
            cache_key_lo: 9,
            ..CacheInvalidate::default()
        };
        let header = of_frame(MessageType::CacheInvalidate, 42, 0);
        wire.send(header, &invalidate).await?;
        refused(&mut wire, 2, 0x0003_0001).await?;
        put(&mut wire, 20_000).await?;
        let body = naming()?;
        wire.submit(42, 3, 0, &body).await?;
        wire.expect_result(42, 3, &body).await.map(drop)
    })
}

/// What has outlived its lease is another answer than a miss.
pub(super) fn expires(subject: &dyn Subject) -> Verdict {
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = caching(&server).await?;
        put(&mut wire, 1).await?;
        tokio::time::sleep(LEASE_IS_OVER).await;
        refused(&mut wire, 1, 0x0003_0002).await
    })
}

/// A session on a connection whose hello agreed on a cache.
async fn caching(server: &Server) -> Result<Wire, Failure> {
    let mut wire = server.connect().await?;
    let hello = ClientHello {
        cache_object_bitmap: CacheObjectKind::ALL_BITS,
        cache_namespace_count: 8,
        max_cache_entries: 16,
        max_cache_bytes: 1 << 16,
        ..hello()
    };
    wire.send(Header::new(MessageType::ClientHello), &hello)
        .await?;
    let (_, ack) = wire.expect_message::<ServerHelloAck>().await?;
    let caches = ack.server_flags.contains(ServerFlags::CACHE_ENABLED);
    holds("the server caches", caches)?;
    wire.open(42).await?;
    Ok(wire)
}

async fn put(wire: &mut Wire, ttl_ms: u32) -> Verdict {
    let put = CachePut {
        cache_namespace: 5,
        cache_key_lo: 9,
        object_kind: CacheObjectKind::PromptSegment,
        ttl_ms,
        object_bytes: 4,
        flags: CachePutFlags::REUSABLE,
        ..CachePut::default()
    };
    let header = of_frame(MessageType::CachePut, 42, 0);
    let object = Bytes::from_static(b"once");
    wire.send_with_body(header, &put, object).await?;
    let (_, ack) = wire.expect_message::<CacheAck>().await?;
    same("a put", ack.status, CacheAckStatus::Accepted)?;
    same("its lifetime", ack.accepted_ttl_ms, ttl_ms)
}

/// Submits a frame that names the object; it has to be refused with this code, and dropped.
async fn refused(wire: &mut Wire, frame_id: u32, code: u32) -> Verdict {
    wire.submit(42, frame_id, 0, &naming()?).await?;
    let (_, report) = wire.expect_message::<ErrorReport>().await?;
    same("the code of the refusal", report.error_code.0, code)?;
    let found = (report.error_scope, report.is_fatal);
    same("what it is about", found, (ErrorScope::Frame, false))?;
    let found = (report.related_session_id, report.related_frame_id);
    same("the frame refused", found, (42, frame_id))?;
    let dropped = wire.expect(MessageType::ResultDrop).await?;
    same("the frame dropped", dropped.header().frame_id, frame_id)
}

/// A structured body of one object reference.
fn naming() -> Result<Bytes, Failure> {
    let reference = ObjectReference {
        object_kind: CacheObjectKind::PromptSegment,
        cache_namespace: 5,
        cache_key_hi: 0,
        cache_key_lo: 9,
    };
    let mut bytes = [0; ObjectReference::SIZE];
    needed("a reference", reference.encode(&mut bytes))?;
    let regions = BodyRegions {
        object_references: Bytes::copy_from_slice(&bytes),
        ..BodyRegions::default()
    };
    needed("a body", regions.encode())
}
