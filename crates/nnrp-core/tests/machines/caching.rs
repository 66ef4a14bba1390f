//! Objects that are put, named by submits, invalidated, and whose leases end.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::body::object_reference::ObjectReference;
use nnrp_core::body::prelude::BodyRegions;
use nnrp_core::cache::{CacheDependency, CachedObject, ObjectIdentity};
use nnrp_core::code::{
    CacheAckStatus, CacheInvalidateScope, CacheObjectKind, ErrorCode, ErrorScope, SubmitMode,
};
use nnrp_core::connection::client::{ClientConfig, ClientEvent};
use nnrp_core::connection::server::{ServerConfig, ServerEvent, SessionPolicy};
use nnrp_core::connection::{CommandError, FrameContext};
use nnrp_core::flags::{CachePutFlags, ObjectSlots, SessionFlags};
use nnrp_core::message::cache::{CacheAck, CacheInvalidate, CachePut};
use nnrp_core::message::session::SessionOpen;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{CodecError, Header, Limits, MessageType, Packet, Rule};

use super::link::{Link, default_open};

pub(super) const SESSION: u32 = 7;

pub(super) fn put(key: u32) -> CachePut {
    CachePut {
        cache_namespace: 5,
        cache_key_lo: key,
        object_kind: CacheObjectKind::PromptSegment,
        ttl_ms: 10_000,
        flags: CachePutFlags::REUSABLE,
        ..CachePut::default()
    }
}

/// A link with an open session that may have leases.
pub(super) fn caching_link() -> Link {
    let mut link = Link::with_hello();
    open_with(&mut link, SessionFlags::ALLOW_CACHE_LEASES);
    link
}

pub(super) fn open_with(link: &mut Link, session_flags: SessionFlags) {
    let open = SessionOpen {
        session_flags,
        ..default_open(SESSION)
    };
    link.open_with(&open);
    link.client_events();
    link.server_events();
}

pub(super) fn put_object(link: &mut Link, put: &CachePut, object: &'static [u8]) -> CacheAck {
    link.client
        .put_object(link.now, SESSION, put, Bytes::from_static(object))
        .expect("room");
    link.drive();
    let events = link.client_events();
    let [ClientEvent::CacheAnswered { ack, .. }] = events[..] else {
        panic!("{events:?}");
    };
    ack
}

/// A structured body that names these objects and nothing else.
pub(super) fn naming(objects: &[ObjectIdentity]) -> Bytes {
    let mut region = BytesMut::new();
    for object in objects {
        let mut block = [0; ObjectReference::SIZE];
        ObjectReference::from(*object)
            .encode(&mut block)
            .expect("a valid reference");
        region.extend_from_slice(&block);
    }
    let regions = BodyRegions {
        object_references: region.freeze(),
        ..BodyRegions::default()
    };
    regions.encode().expect("a short body")
}

pub(super) fn submit(link: &mut Link, body: Bytes) -> u32 {
    submit_as(link, &FrameSubmit::default(), body).expect("room")
}

fn submit_as(link: &mut Link, submit: &FrameSubmit, body: Bytes) -> Result<u32, CommandError> {
    let context = FrameContext {
        view_id: 3,
        ..FrameContext::default()
    };
    let frame = link.client.submit(SESSION, submit, context, body);
    link.drive();
    frame
}

/// The objects of the one submit that the server's application is told of.
pub(super) fn objects_of_submit(link: &mut Link) -> Vec<CachedObject> {
    let mut submits = link.server_events().into_iter();
    let objects = submits.find_map(|event| match event {
        ServerEvent::Submitted { objects, .. } => Some(objects),
        _ => None,
    });
    objects.expect("a submit")
}

/// What the client hears of a frame whose references do not resolve: a report, then the drop.
fn assert_refused(link: &mut Link, frame: u32, code: ErrorCode) {
    let events = link.client_events();
    let [
        ClientEvent::PeerError { report, .. },
        ClientEvent::ResultDropped { frame_id, .. },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!(report.error_code, code);
    assert_eq!(report.error_scope, ErrorScope::Frame);
    assert!(!report.is_fatal && report.retry_after_ms == 0);
    let related = (report.related_session_id, report.related_frame_id);
    assert_eq!((related, report.related_view_id), ((SESSION, frame), 3));
    assert_eq!(*frame_id, frame);
    let told = |event: &ServerEvent| matches!(event, ServerEvent::Submitted { .. });
    assert!(
        !link.server_events().iter().any(told),
        "the application is not"
    );
}

#[test]
fn an_object_that_was_put_is_handed_over_with_the_submits_that_name_it() {
    let mut link = caching_link();
    let ack = put_object(&mut link, &put(1), b"once upon a time");
    assert_eq!(ack.status, CacheAckStatus::Accepted);
    assert!(ack.answers(&put(1)) && ack.accepted_ttl_ms == 10_000);
    assert_eq!(ack.detail_code, ErrorCode::default());
    assert_eq!(
        ack.max_object_bytes as usize,
        Limits::default().cached_bytes
    );
    for _ in 0..2 {
        submit(&mut link, naming(&[put(1).identity()]));
        let [object] = &objects_of_submit(&mut link)[..] else {
            panic!("one object");
        };
        assert_eq!(object.identity, put(1).identity());
        assert_eq!(object.body[..], *b"once upon a time");
    }
}

#[test]
fn a_submit_may_name_an_object_whose_ack_is_still_on_its_way() {
    let mut link = caching_link();
    link.client
        .put_object(link.now, SESSION, &put(1), Bytes::from_static(b"a"))
        .expect("room");
    submit(&mut link, naming(&[put(1).identity()]));
    assert_eq!(objects_of_submit(&mut link).len(), 1);
}

#[test]
fn a_miss_is_reported_with_its_frame_and_the_frame_is_dropped() {
    let mut link = caching_link();
    put_object(&mut link, &put(1), b"a");
    let frame = submit(&mut link, naming(&[put(1).identity(), put(2).identity()]));
    assert_refused(&mut link, frame, ErrorCode::CACHE_MISS);
    submit(&mut link, Bytes::from_static(b"the session goes on"));
    assert_eq!(objects_of_submit(&mut link), []);
}

#[test]
fn the_same_content_renews_the_lease_and_other_content_replaces_the_object() {
    let mut link = caching_link();
    assert_eq!(
        put_object(&mut link, &put(1), b"a").status,
        CacheAckStatus::Accepted
    );
    link.advance(Duration::from_secs(9));
    assert_eq!(
        put_object(&mut link, &put(1), b"a").status,
        CacheAckStatus::Accepted
    );
    link.advance(Duration::from_secs(9));
    submit(&mut link, naming(&[put(1).identity()]));
    let first = objects_of_submit(&mut link)[0].version;
    assert_eq!(
        put_object(&mut link, &put(1), b"b").status,
        CacheAckStatus::Replaced
    );
    submit(&mut link, naming(&[put(1).identity()]));
    let object = &objects_of_submit(&mut link)[0];
    assert!(object.version > first && object.body[..] == *b"b");
}

#[test]
fn an_object_is_gone_when_its_lease_is_over_and_its_bytes_with_it() {
    let mut link = caching_link();
    put_object(&mut link, &put(1), b"abc");
    let due = link.server.next_timeout().expect("the end of the lease");
    assert!(due <= link.now.after(Duration::from_secs(10)));
    link.advance(Duration::from_secs(10));
    let objects = link.server.cached_objects().expect("something was put");
    assert_eq!((objects.len(), objects.bytes()), (0, 0));
    let frame = submit(&mut link, naming(&[put(1).identity()]));
    assert_refused(&mut link, frame, ErrorCode::LEASE_EXPIRED);
}

#[test]
fn no_lease_is_longer_than_that_of_its_session() {
    let server = ServerConfig {
        policy: SessionPolicy {
            lease_ttl_ms: 4000,
            ..SessionPolicy::default()
        },
        ..ServerConfig::default()
    };
    let mut link = Link::new(hello_config(), server);
    open_with(&mut link, SessionFlags::NONE);
    assert_eq!(put_object(&mut link, &put(1), b"a").accepted_ttl_ms, 4000);
    let unspecified = CachePut {
        ttl_ms: 0,
        ..put(2)
    };
    assert_eq!(
        put_object(&mut link, &unspecified, b"a").accepted_ttl_ms,
        4000
    );
}

#[test]
fn an_object_for_one_frame_is_gone_after_it() {
    let mut link = caching_link();
    let once = CachePut {
        flags: CachePutFlags::NONE,
        ..put(1)
    };
    put_object(&mut link, &once, b"a");
    submit(&mut link, naming(&[once.identity(), once.identity()]));
    assert_eq!(objects_of_submit(&mut link).len(), 2);
    let frame = submit(&mut link, naming(&[once.identity()]));
    assert_refused(&mut link, frame, ErrorCode::CACHE_MISS);
}

#[test]
fn both_sides_can_invalidate() {
    let mut link = caching_link();
    put_object(&mut link, &put(1), b"a");
    put_object(&mut link, &put(2), b"a");
    let key = CacheInvalidate {
        invalidate_scope: CacheInvalidateScope::ObjectKey,
        cache_namespace: 5,
        cache_key_lo: 1,
        reason_code: 3,
        ..CacheInvalidate::default()
    };
    link.client
        .invalidate_objects(SESSION, &key)
        .expect("agreed");
    let frame = submit(&mut link, naming(&[put(1).identity()]));
    assert_refused(&mut link, frame, ErrorCode::CACHE_MISS);

    let all = CacheInvalidate::default();
    link.server
        .invalidate_objects(SESSION, &all)
        .expect("agreed");
    link.drive();
    let told = ClientEvent::ObjectsInvalidated {
        session_id: SESSION,
        invalidate: all,
    };
    assert_eq!(link.client_events(), [told]);
    let frame = submit(&mut link, naming(&[put(2).identity()]));
    assert_refused(&mut link, frame, ErrorCode::CACHE_MISS);
}

#[test]
fn an_object_whose_dependency_changed_cannot_be_used() {
    let mut link = caching_link();
    put_object(&mut link, &put(1), b"a");
    put_object(&mut link, &put(2), b"b");
    let objects = link.server.cached_objects().expect("something was put");
    let lease = objects.lease(SESSION, &put(1).identity()).expect("leased");
    let dependency = CacheDependency {
        object: put(1).identity(),
        required_version: lease.object_version,
    };
    link.server
        .set_object_dependencies(SESSION, &put(2).identity(), vec![dependency])
        .expect("it is there");
    submit(&mut link, naming(&[put(2).identity()]));
    assert_eq!(objects_of_submit(&mut link).len(), 1);
    put_object(&mut link, &put(1), b"changed");
    let frame = submit(&mut link, naming(&[put(2).identity()]));
    assert_refused(&mut link, frame, ErrorCode::DEPENDENCY_INVALID);
}

#[test]
fn references_in_slots_must_fit_the_mask_on_both_sides() {
    let mut link = caching_link();
    let camera = CachePut {
        object_kind: CacheObjectKind::CameraBlock,
        ..put(1)
    };
    put_object(&mut link, &camera, b"camera");
    let by_reference = FrameSubmit {
        submit_mode: SubmitMode::Reference,
        object_ref_mask: ObjectSlots::CAMERA_BLOCK.bits(),
        ..FrameSubmit::default()
    };
    submit_as(&mut link, &by_reference, naming(&[camera.identity()])).expect("a fitting mask");
    assert_eq!(objects_of_submit(&mut link)[0].body[..], *b"camera");

    let raw = submit_as(&mut link, &by_reference, Bytes::from_static(b"raw"));
    assert!(matches!(raw, Err(CommandError::Codec(_))), "{raw:?}");
    let none = submit_as(&mut link, &by_reference, naming(&[]));
    let mismatch = CodecError::from(Rule::ObjectRegionMaskMismatch);
    assert_eq!(none, Err(CommandError::Codec(mismatch)));

    let header = Header {
        session_id: SESSION,
        frame_id: 9,
        view_id: 3,
        ..Header::new(MessageType::FrameSubmit)
    };
    let packet = Packet::with_message(header, &by_reference, naming(&[]));
    link.inject_to_server(&packet.expect("short"));
    let events = link.client_events();
    assert!(
        matches!(&events[..], [ClientEvent::PeerError { report, .. }, ..]
            if report.error_code == ErrorCode::MALFORMED_BODY),
        "{events:?}"
    );
}

#[test]
fn inline_bodies_are_opaque_unless_they_name_objects() {
    let mut link = caching_link();
    for body in [&b""[..], b"raw", &[0; 32], &[0; 40], &[0xff; 100]] {
        submit(&mut link, Bytes::from_static(body));
        assert_eq!(objects_of_submit(&mut link), []);
    }
}

#[test]
fn an_object_of_the_connection_serves_all_its_sessions() {
    let mut link = caching_link();
    link.client
        .put_object(link.now, 0, &put(1), Bytes::from_static(b"shared"))
        .expect("room");
    link.drive();
    submit(&mut link, naming(&[put(1).identity()]));
    assert_eq!(objects_of_submit(&mut link)[0].body[..], *b"shared");
}

#[test]
fn the_objects_of_a_session_end_with_it() {
    let mut link = caching_link();
    put_object(&mut link, &put(1), b"abc");
    link.client.close_session(link.now, SESSION).expect("open");
    link.drive();
    link.server
        .answer_close(link.now, SESSION)
        .expect("it was asked for");
    let objects = link.server.cached_objects().expect("something was put");
    assert!(objects.is_empty());
}

pub(super) fn hello_config() -> ClientConfig {
    ClientConfig {
        hello: Some(super::link::hello()),
        ..ClientConfig::default()
    }
}
