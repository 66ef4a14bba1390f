//! Objects that are not cached: too large, too many, not agreed on, or with a put that lies.

use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::cache::CacheBudget;
use nnrp_core::code::CacheAckStatus;
use nnrp_core::connection::CommandError;
use nnrp_core::connection::client::{ClientConfig, ClientEvent};
use nnrp_core::connection::server::ServerConfig;
use nnrp_core::flags::{CachePutFlags, SessionFlags, SessionFlagsAck};
use nnrp_core::message::cache::{CacheAck, CachePut};
use nnrp_core::message::session::SessionOpen;
use nnrp_core::{ErrorKind, Header, Limits, MessageType, Packet};

use super::caching::{
    SESSION, caching_link, hello_config, naming, objects_of_submit, open_with, put, put_object,
    submit,
};
use super::link::{Link, default_open};

#[test]
fn what_exceeds_a_limit_is_rejected_by_its_ack_and_stored_nowhere() {
    let budget = Arc::new(CacheBudget::new(100, 10));
    let server = ServerConfig {
        limits: Limits {
            cached_objects: 2,
            cached_bytes: 8,
            ..Limits::default()
        },
        cache_budget: Arc::clone(&budget),
        ..ServerConfig::default()
    };
    let mut link = Link::new(hello_config(), server);
    open_with(&mut link, SessionFlags::ALLOW_CACHE_LEASES);
    let large = link
        .client
        .put_object(link.now, SESSION, &put(1), Bytes::from_static(&[0; 9]));
    let refusal = CommandError::BodyTooLarge {
        actual: 9,
        allowed: 8,
    };
    assert_eq!(large, Err(refusal), "the limit is known from the hello");

    let pinned = CachePut {
        flags: CachePutFlags::PINNED,
        ..put(1)
    };
    put_object(&mut link, &pinned, b"12345678");
    let ack = put_object(&mut link, &put(2), b"1");
    assert_eq!(ack.status, CacheAckStatus::Rejected);
    assert_eq!((ack.detail_code.0 >> 16, ack.accepted_ttl_ms), (3, 0));
    assert_eq!((budget.objects(), budget.bytes()), (1, 8));
    link.client.close();
    link.drive();
    assert_eq!((budget.objects(), budget.bytes()), (0, 0));
}

#[test]
fn a_put_whose_body_has_another_length_than_it_says_is_rejected() {
    let mut link = caching_link();
    let lying = CachePut {
        object_bytes: 5,
        ..put(1)
    };
    let header = Header {
        session_id: SESSION,
        ..Header::new(MessageType::CachePut)
    };
    let packet = Packet::with_message(header, &lying, Bytes::from_static(b"four"));
    link.server
        .handle_packet(link.now, packet.expect("short"))
        .expect("no violation");
    let answer = link.server.poll_transmit().expect("an ack");
    let ack = CacheAck::decode(answer.metadata()).expect("a valid ack");
    assert_eq!(ack.status, CacheAckStatus::Rejected);
    assert!(link.server.cached_objects().is_none());
}

#[test]
fn a_pin_needs_a_session_with_leases() {
    for flags in [SessionFlags::NONE, SessionFlags::ALLOW_CACHE_LEASES] {
        let leases = !flags.is_empty();
        let server = ServerConfig {
            limits: Limits {
                cached_objects: 2,
                ..Limits::default()
            },
            ..ServerConfig::default()
        };
        let mut link = Link::new(hello_config(), server);
        let open = SessionOpen {
            session_flags: flags,
            ..default_open(SESSION)
        };
        link.open_with(&open);
        let events = link.client_events();
        let opened = events.iter().find_map(|event| match event {
            ClientEvent::SessionOpened { ack, .. } => Some(ack.session_flags_ack),
            _ => None,
        });
        let enabled = SessionFlagsAck::CACHE_LEASES_ENABLED;
        assert_eq!(opened.expect("open").contains(enabled), leases);
        let pinned = CachePut {
            flags: CachePutFlags::PINNED | CachePutFlags::REUSABLE,
            ..put(1)
        };
        put_object(&mut link, &pinned, b"a");
        for key in 2..5 {
            put_object(&mut link, &put(key), b"a");
        }
        link.server_events();
        submit(&mut link, naming(&[put(1).identity()]));
        let kept = !link.server_events().is_empty();
        assert_eq!(kept, leases, "pinned objects are not evicted, others are");
    }
}

#[test]
fn without_a_cache_in_the_hello_puts_are_refused_and_bodies_opaque() {
    let client = ClientConfig {
        hello: hello_config().hello.map(|hello| {
            let cache_object_bitmap = 0;
            nnrp_core::message::hello::ClientHello {
                cache_object_bitmap,
                ..hello
            }
        }),
        ..ClientConfig::default()
    };
    let mut link = Link::new(client, ServerConfig::default());
    open_with(&mut link, SessionFlags::ALLOW_CACHE_LEASES);
    let refused = link
        .client
        .put_object(link.now, SESSION, &put(1), Bytes::new());
    assert_eq!(refused, Err(CommandError::NotNegotiated("cache")));
    let header = Header {
        session_id: SESSION,
        ..Header::new(MessageType::CachePut)
    };
    let packet = Packet::with_message(header, &put(1), Bytes::new()).expect("short");
    link.server
        .handle_packet(link.now, packet)
        .expect("no violation");
    let answer = link.server.poll_transmit().expect("an ack");
    let ack = CacheAck::decode(answer.metadata()).expect("a valid ack");
    assert_eq!(ack.status, CacheAckStatus::Rejected);
    submit(&mut link, naming(&[put(1).identity()]));
    assert_eq!(objects_of_submit(&mut link), []);
}

#[test]
fn without_a_hello_a_put_ends_the_connection_as_it_does_at_published_servers() {
    let mut link = Link::plain();
    link.open(SESSION);
    let header = Header {
        session_id: SESSION,
        ..Header::new(MessageType::CachePut)
    };
    let packet = Packet::with_message(header, &put(1), Bytes::new()).expect("short");
    let error = link.server.handle_packet(link.now, packet);
    let kind = error.expect_err("a violation").kind;
    assert!(matches!(kind, ErrorKind::UnexpectedMessage { .. }));
}

fn put_by_server(session_id: u32) -> Packet {
    let header = Header {
        session_id,
        ..Header::new(MessageType::CachePut)
    };
    Packet::with_message(header, &put(1), Bytes::from_static(b"object")).expect("a valid put")
}

#[test]
fn a_put_by_the_server_is_rejected_and_the_connection_goes_on() {
    let mut link = caching_link();
    for session_id in [SESSION, 0] {
        let taken = link
            .client
            .handle_packet(link.now, put_by_server(session_id));
        assert_eq!(taken, Ok(()));
        let answer = link.client.poll_transmit().expect("an ack");
        assert_eq!(answer.header().session_id, session_id);
        let ack = CacheAck::decode(answer.metadata()).expect("an ack");
        assert!(ack.answers(&put(1)));
        assert_eq!(ack.status, CacheAckStatus::Rejected);
        assert_eq!((ack.detail_code.0 >> 16, ack.accepted_ttl_ms), (3, 0));
    }
    assert!(link.client_events().is_empty());
    let unknown = link.client.handle_packet(link.now, put_by_server(99));
    let error = unknown.expect_err("no session 99");
    assert_eq!(error.kind, ErrorKind::UnknownSession(99));
}

#[test]
fn a_put_by_a_server_that_was_not_greeted_is_unexpected() {
    let mut link = Link::plain();
    link.open(SESSION);
    link.inject_to_client(&put_by_server(SESSION));
    let error = link.client_error.expect("the client objects");
    assert_eq!(error.kind.name(), "UnexpectedMessage");
}

#[test]
fn an_ack_that_nobody_waits_for_is_a_violation() {
    let mut link = caching_link();
    let header = Header {
        session_id: SESSION,
        ..Header::new(MessageType::CacheAck)
    };
    let ack = CacheAck::of(&put(1), CacheAckStatus::Accepted);
    let packet = Packet::with_message(header, &ack, Bytes::new()).expect("short");
    link.inject_to_client(&packet);
    assert!(link.client_error.is_some());
}
