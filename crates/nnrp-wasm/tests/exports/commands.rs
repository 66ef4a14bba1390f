//! Requests about a session and its cached objects, each given as the packet that it sends.

use bytes::Bytes;
use nnrp_core::cache::ObjectStore;
use nnrp_core::code::{CacheAckStatus, CacheInvalidateScope, CacheObjectKind, TransportId};
use nnrp_core::connection::server::ServerEvent;
use nnrp_core::flags::{CachePutFlags, PatchMask};
use nnrp_core::message::cache::{CacheAck, CacheInvalidate, CachePut};
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionClose;
use nnrp_core::{Header, MessageType};

use super::host_client::encoded;
use super::link::Link;
use super::record::Kind;

fn put() -> CachePut {
    CachePut {
        cache_namespace: 5,
        cache_key_lo: 1,
        object_kind: CacheObjectKind::PromptSegment,
        ttl_ms: 10_000,
        flags: CachePutFlags::REUSABLE,
        ..CachePut::default()
    }
}

#[test]
fn a_patch_is_answered() {
    let mut link = Link::greeted();
    let session = link.open(0);
    let patch = SessionPatch {
        profile_id: 1,
        patch_mask: PatchMask::from_bits(1).expect("a known bit"),
        target_cadence_x100: 6000,
        ..SessionPatch::default()
    };
    link.client.command(session, &patch, &[]).expect("a patch");
    link.drive();
    let asked = match link.asked.pop_front() {
        Some(ServerEvent::PatchRequested { patch, .. }) => patch,
        other => panic!("{other:?}"),
    };
    assert_eq!(asked, patch);
    let refused = link
        .client
        .command(session, &patch, &[])
        .expect_err("one at a time");
    assert_eq!(refused["name"], "RequestPending");
    let (now, ack) = (link.now(), SessionPatchAck::accept_all(&asked));
    link.server
        .answer_patch(now, session, &ack)
        .expect("asked for");
    let patched = link.expect_one(Kind::SessionPatched);
    assert_eq!(patched.session_id, session);
    assert_eq!(patched.metadata, encoded(&ack));
}

#[test]
fn a_migration_is_answered() {
    let mut link = Link::greeted();
    let session = link.open(0);
    let migrate = SessionMigrate {
        old_transport_id: TransportId::Tcp,
        new_transport_id: TransportId::Quic,
        ..SessionMigrate::default()
    };
    link.client
        .command(session, &migrate, &[])
        .expect("a migration");
    link.drive();
    assert!(matches!(
        link.asked.pop_front(),
        Some(ServerEvent::MigrateRequested { .. })
    ));
    let (now, ack) = (link.now(), SessionMigrateAck::default());
    link.server
        .answer_migrate(now, session, &ack)
        .expect("asked for");
    let migrated = link.expect_one(Kind::SessionMigrated);
    assert_eq!(
        (migrated.session_id, migrated.metadata),
        (session, encoded(&ack))
    );
}

#[test]
fn an_object_is_cached_until_it_is_invalidated() {
    let mut link = Link::greeted();
    let session = link.open(0);
    link.client
        .command(session, &put(), b"object")
        .expect("a put");
    let cached = link.expect_one(Kind::CacheAnswered);
    assert_eq!(cached.session_id, session);
    let ack = CacheAck::decode(&cached.metadata).expect("an ack");
    assert_eq!(ack.status, CacheAckStatus::Accepted, "{ack:?}");
    let sent = CachePut::decode(&cached.body).expect("the put that it answers");
    assert_eq!((sent.object_bytes, sent.cache_key_lo), (6, 1));
    assert_eq!(link.server.cached_objects().map(ObjectStore::len), Some(1));

    let invalidate = CacheInvalidate {
        invalidate_scope: CacheInvalidateScope::Namespace,
        cache_namespace: 5,
        ..CacheInvalidate::default()
    };
    link.client
        .command(session, &invalidate, &[])
        .expect("an invalidation");
    link.drive();
    assert_eq!(link.server.cached_objects().map(ObjectStore::len), Some(0));

    link.client
        .command(session, &put(), b"again")
        .expect("a put");
    link.expect_one(Kind::CacheAnswered);
    link.server
        .invalidate_objects(session, &invalidate)
        .expect("an open session");
    let heard = link.expect_one(Kind::ObjectsInvalidated);
    assert_eq!(
        (heard.session_id, heard.metadata),
        (session, encoded(&invalidate))
    );
}

#[test]
fn a_cancel_reaches_the_server_and_its_drop_comes_back() {
    let mut link = Link::greeted();
    let session = link.open(0);
    let frame = link.client.submit(session, b"x").expect("room");
    link.submitted();
    let cancel = |frame| {
        link.client
            .plain_command(MessageType::FrameCancel, session, frame)
    };
    cancel(frame).expect("an unanswered frame");
    assert_eq!(
        cancel(frame + 1).expect_err("no such frame")["name"],
        "UnknownFrame"
    );
    link.drive();
    assert!(matches!(
        link.asked.pop_front(),
        Some(ServerEvent::CancelRequested { frame_id, .. }) if frame_id == frame
    ));
    let now = link.now();
    link.server
        .push_drop(now, session, frame)
        .expect("unanswered");
    assert_eq!(link.expect_one(Kind::ResultDropped).frame_id, frame);
}

#[test]
fn a_close_with_words_of_its_own_says_them() {
    let mut link = Link::greeted();
    let session = link.open(0);
    let close = SessionClose {
        drain_timeout_ms: 750,
        ..SessionClose::by_client(session, 0)
    };
    link.client.command(session, &close, &[]).expect("a close");
    link.drive();
    match link.asked.pop_front() {
        Some(ServerEvent::CloseRequested { close: asked, .. }) => assert_eq!(asked, close),
        other => panic!("{other:?}"),
    }
    let refused = link
        .client
        .submit(session, b"x")
        .expect_err("it is closing");
    assert_eq!(refused["name"], "SessionNotOpen");
    let now = link.now();
    link.server.answer_close(now, session).expect("asked for");
    assert_eq!(link.expect_one(Kind::SessionEnded).session_id, session);
}

#[test]
fn one_session_is_all_that_a_server_without_hello_has() {
    let mut link = Link::new("{}", None);
    let session = link.open(42);
    assert_eq!(session, 42);
    assert_eq!(
        link.client.open(43).expect_err("one is open")["name"],
        "OneSessionPerConnection"
    );
    let refused = link.client.command(session, &put(), b"object");
    let failure = refused.expect_err("no hello");
    assert_eq!(
        (&failure["name"], &failure["detail"]["what"]),
        (&"NotNegotiated".into(), &"cache".into())
    );
    let frame = link.client.submit(session, b"x").expect("room");
    link.submitted();
    link.answer(session, frame, &ResultPush::default());
    link.expect_one(Kind::Result);
    link.client
        .plain_command(MessageType::SessionClose, session, 0)
        .expect("a close");
    link.drive();
    let now = link.now();
    link.server.answer_close(now, session).expect("asked for");
    let kinds: Vec<Kind> = link.events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [Kind::SessionEnded, Kind::ConnectionEnded]);
}

#[test]
fn what_only_servers_say_is_no_command() {
    let link = Link::greeted();
    for message_type in [MessageType::Pong, MessageType::ResultDrop] {
        let refused = link.client.plain_command(message_type, 1, 1);
        let failure = refused.expect_err("no command");
        assert_eq!(
            (&failure["family"], &failure["name"]),
            (&"usage".into(), &"NotACommand".into())
        );
    }
    let refused = link.client.command(1, &ResultPush::default(), &[]);
    let message = refused.expect_err("no command")["message"].to_string();
    assert!(message.contains("RESULT_PUSH"), "{message}");
    let header = Header::new(MessageType::FrameSubmit);
    let cut = link.client.give(&header.to_bytes(), &Bytes::new());
    assert_eq!(cut.expect_err("no metadata")["name"], "SourceTooShort");
}
