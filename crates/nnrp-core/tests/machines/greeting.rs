//! What goes with a hello: control extensions that are answered, and schemas that are offered.

use bytes::{Bytes, BytesMut};
use nnrp_core::code::{
    ErrorCode, LossTolerance, PROFILE_TOKEN, PROFILE_UNSPECIFIED, SCHEMA_TOKEN_DELTA,
    SessionErrorCode, SessionStatus, TransportId, TransportPolicy,
};
use nnrp_core::connection::client::{ClientConfig, ClientConnection, ClientEvent};
use nnrp_core::connection::server::{ServerConfig, SessionPolicy};
use nnrp_core::connection::{FrameContext, SchemaAnswer};
use nnrp_core::extension::{
    Extension, HelloExtensions, LossToleranceOffer, PayloadCapabilities, TransportPolicyOffer,
};
use nnrp_core::flags::{PayloadKinds, SchemaFlags, ServerFlags};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::session::SessionOpen;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::schema::SchemaDescriptor;
use nnrp_core::{ErrorKind, Header, MessageType, Packet};

use super::link::{Link, default_open, hello};

/// A link whose client has said hello with these extensions and schemas, and its answer.
fn greeted(
    extensions: HelloExtensions,
    schemas: &[SchemaDescriptor],
    server: ServerConfig,
) -> (Link, Vec<ClientEvent>) {
    let config = ClientConfig {
        hello: Some(hello()),
        hello_extensions: extensions,
        ..ClientConfig::default()
    };
    let mut link = Link::new(config, server);
    link.client = ClientConnection::with_schemas(config, link.now, schemas).expect("a valid hello");
    link.drive();
    let events = link.client_events();
    (link, events)
}

fn answers_to(schemas: &[SchemaDescriptor], policy: SessionPolicy) -> (Link, Vec<SchemaAnswer>) {
    let server = ServerConfig {
        policy,
        ..ServerConfig::default()
    };
    let (link, events) = greeted(HelloExtensions::default(), schemas, server);
    let Some(ClientEvent::HelloAcknowledged { schemas, .. }) = events.into_iter().next() else {
        panic!("an answer to the hello");
    };
    (link, schemas)
}

fn refusals(answers: &[SchemaAnswer]) -> Vec<Option<ErrorCode>> {
    answers.iter().map(|answer| answer.refusal).collect()
}

fn schema(schema_id: u32, schema_version: u32) -> SchemaDescriptor {
    SchemaDescriptor {
        schema_id,
        schema_version,
        ..SchemaDescriptor::token_delta()
    }
}

#[test]
fn each_extension_of_a_hello_has_its_answer() {
    let wanted = HelloExtensions {
        transport_policy: Some(TransportPolicyOffer {
            transport_policy: TransportPolicy::FORCE_QUIC,
            preferred_transport_id: TransportId::Quic,
        }),
        loss_tolerance: Some(LossToleranceOffer {
            session_loss_tolerance: LossTolerance::BEST_EFFORT,
        }),
        payload_capabilities: Some(PayloadCapabilities {
            payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK.bits() | 1 << 20,
        }),
    };
    for (active, accepted) in [
        (TransportId::Quic, TransportPolicy::FORCE_QUIC),
        (TransportId::Tcp, TransportPolicy::AUTO),
    ] {
        let server = ServerConfig {
            transport_id: active,
            ..ServerConfig::default()
        };
        let (mut link, events) = greeted(wanted, &[], server);
        let [
            ClientEvent::HelloAcknowledged {
                ack, extensions, ..
            },
        ] = &events[..]
        else {
            panic!("{events:?}");
        };
        let policy = extensions.transport_policy.expect("answered");
        assert_eq!(policy.transport_policy, TransportPolicy::FORCE_QUIC);
        assert_eq!(policy.accepted_transport_policy, accepted);
        assert_eq!(policy.active_transport_id, active);
        assert_eq!(extensions.loss_tolerance, wanted.loss_tolerance);
        let kinds = PayloadKinds::TOKEN_CHUNK.bits();
        let capabilities = extensions.payload_capabilities.expect("answered");
        assert_eq!(capabilities.payload_kind_bitmap, kinds);
        assert_eq!(ack.accepted_payload_kind_bitmap, kinds);

        let session = link.open(7);
        let tensor = FrameSubmit {
            payload_kind_bitmap: PayloadKinds::TENSOR,
            ..FrameSubmit::default()
        };
        let context = FrameContext::default();
        let refused = link.client.submit(session, &tensor, context, Bytes::new());
        assert!(refused.is_err(), "what is agreed on is enforced");
    }
}

#[test]
fn a_hello_is_answered_with_what_both_sides_can_do() {
    let hello = ClientHello {
        supported_profile_bitmap: 0b11,
        supported_payload_kind_bitmap: 0xffff_ffff,
        supported_codec_bitmap: 0b111,
        supported_dtype_bitmap: 0b11,
        cache_object_bitmap: 0b101,
        max_cache_entries: 5,
        latency_budget_ms: 25,
        target_cadence_x100: 6000,
        quality_tier: 2,
        degrade_policy: 1,
        ..hello()
    };
    let config = ClientConfig {
        hello: Some(hello),
        ..ClientConfig::default()
    };
    let server = ServerConfig::default();
    let (limits, policy) = (server.limits, server.policy.clone());
    let mut link = Link::new(config, server);
    link.drive();
    let events = link.client_events();
    let [ClientEvent::HelloAcknowledged { ack, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    let expected = ServerHelloAck {
        selected_version_major: 1,
        accepted_profile_bitmap: 0b10,
        accepted_payload_kind_bitmap: 0x7f,
        cache_object_bitmap: 0b101,
        max_cache_entries: 5,
        max_cache_bytes: u32::try_from(limits.cached_bytes).expect("32 bits"),
        max_lane_count: 1,
        max_concurrent_frames: limits.concurrent_frames,
        target_cadence_x100: 6000,
        latency_budget_ms: 25,
        quality_tier: 2,
        degrade_policy: 1,
        max_body_bytes: limits.body_bytes,
        token_ttl_ms: policy.resume_window_ms,
        server_flags: ServerFlags::CACHE_ENABLED,
        ..ServerHelloAck::default()
    };
    assert_eq!(*ack, expected);
    assert_eq!(ack.check_against(&hello), Ok(()));
}

#[test]
fn a_hello_without_extensions_is_answered_without() {
    let (_, events) = greeted(HelloExtensions::default(), &[], ServerConfig::default());
    let [ClientEvent::HelloAcknowledged { ack, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(ack.control_extension_bytes, 0);
}

/// The report, and the error, that a hello with this block gets.
fn refused_hello(block: Bytes, declared: u32) -> (ErrorReport, ErrorKind) {
    let mut link = Link::plain();
    let hello = ClientHello {
        control_extension_bytes: declared,
        ..hello()
    };
    let header = Header::new(MessageType::ClientHello);
    let packet = Packet::with_message(header, &hello, block).expect("short");
    let error = link.server.handle_packet(link.now, packet);
    let packet = link.server.poll_transmit().expect("a report");
    assert_eq!(packet.header().message_type, MessageType::Error);
    let report = ErrorReport::decode(packet.metadata()).expect("a report");
    (report, error.expect_err("a violation").kind)
}

#[test]
fn a_critical_extension_that_is_not_known_and_a_torn_one_are_reported() {
    let mut block = BytesMut::new();
    let entry = Extension {
        extension_type: 0x4001,
        critical: true,
        payload: b"12345678",
    };
    entry.append_to(&mut block);
    let (report, kind) = refused_hello(block.freeze(), 16);
    assert_eq!(report.error_code, ErrorCode::UNSUPPORTED_CAPABILITY);
    assert!(report.is_fatal && matches!(kind, ErrorKind::ControlExtension(_)));

    let torn = Bytes::from_static(&[1, 1, 0, 0, 8, 0, 0, 0, 0]);
    let (report, _) = refused_hello(torn.clone(), 9);
    assert_eq!(report.error_code, ErrorCode::MALFORMED_BODY);
    let (report, _) = refused_hello(torn, 8);
    assert_eq!(report.error_code, ErrorCode::MALFORMED_BODY);
}

#[test]
fn a_session_with_an_extension_that_cannot_be_accepted_is_refused_and_the_connection_stays() {
    let mut unknown = BytesMut::new();
    let entry = Extension {
        extension_type: 0x4001,
        critical: true,
        payload: &[],
    };
    entry.append_to(&mut unknown);
    let torn = Bytes::from_static(&[1, 0x40, 0, 0, 9, 0, 0, 0]);
    for (block, error_code) in [
        (unknown.freeze(), ErrorCode::UNSUPPORTED_CAPABILITY),
        (torn, ErrorCode::MALFORMED_BODY),
    ] {
        let mut link = Link::with_hello();
        let open = SessionOpen {
            session_extension_bytes: 8,
            ..default_open(7)
        };
        link.client
            .open_session(link.now, &open, block)
            .expect("open");
        link.drive();
        let events = link.client_events();
        assert!(
            matches!(&events[1..], [
                ClientEvent::PeerError { report, .. },
                ClientEvent::OpenRefused { ack, .. },
            ] if report.error_code == error_code
                && !report.is_fatal
                && ack.session_status == SessionStatus::Rejected
                && ack.session_error_code == SessionErrorCode::PROFILE_UNSUPPORTED),
            "{events:?}"
        );
        link.open(8);
    }
}

#[test]
fn a_server_of_no_profile_but_the_unspecified_one_answers_a_hello() {
    let server = |profiles: &[u16]| ServerConfig {
        policy: SessionPolicy {
            profiles: profiles.to_vec(),
            ..SessionPolicy::default()
        },
        ..ServerConfig::default()
    };
    let unspecified = SessionOpen {
        profile_id: PROFILE_UNSPECIFIED,
        ..default_open(7)
    };
    let (mut link, events) = greeted(HelloExtensions::default(), &[], server(&[0]));
    let [ClientEvent::HelloAcknowledged { ack, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    let offered = hello().supported_profile_bitmap;
    assert_eq!(ack.accepted_profile_bitmap, offered, "it must not be empty");
    link.open_with(&unspecified);
    link.open_with(&default_open(8));
    let outcomes: Vec<_> = link
        .client_events()
        .into_iter()
        .map(|event| match event {
            ClientEvent::SessionOpened { session_id, .. } => Ok(session_id),
            ClientEvent::OpenRefused { ack, .. } => Err(ack.session_error_code),
            event => panic!("{event:?}"),
        })
        .collect();
    let refused = SessionErrorCode::PROFILE_UNSUPPORTED;
    assert_eq!(outcomes, [Ok(7), Err(refused)]);

    // Where both know another profile, that one is what they have in common.
    let (_, events) = greeted(HelloExtensions::default(), &[], server(&[0, 1, 2]));
    let [ClientEvent::HelloAcknowledged { ack, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(ack.accepted_profile_bitmap, 0b10);
}

#[test]
fn schemas_that_are_offered_are_compared_with_those_that_are_served() {
    let other_hash = SchemaDescriptor {
        schema_hash: 1,
        ..SchemaDescriptor::token_delta()
    };
    let no_profile = SchemaDescriptor {
        profile_id: 9,
        ..schema(5, 1)
    };
    let later_protocol = SchemaDescriptor {
        min_version_major: 2,
        max_version_major: 3,
        ..schema(5, 1)
    };
    let offered = [
        SchemaDescriptor::token_delta(),
        other_hash,
        schema(SCHEMA_TOKEN_DELTA, 4),
        schema(5, 1),
        no_profile,
        later_protocol,
    ];
    let (_, answers) = answers_to(&offered, SessionPolicy::default());
    assert_eq!(
        refusals(&answers),
        [
            None,
            Some(ErrorCode::SCHEMA_HASH_CONFLICT),
            Some(ErrorCode::SCHEMA_VERSION_UNKNOWN),
            Some(ErrorCode::SCHEMA_UNKNOWN),
            Some(ErrorCode::SCHEMA_UPDATE_REJECTED),
            Some(ErrorCode::SCHEMA_INCOMPATIBLE),
        ]
    );
    assert_eq!(answers[3].descriptor, schema(5, 1));
}

#[test]
fn a_session_may_use_a_schema_of_its_hello_only_where_that_is_allowed() {
    for install_offered_schemas in [true, false] {
        let policy = SessionPolicy {
            install_offered_schemas,
            ..SessionPolicy::default()
        };
        let (mut link, answers) = answers_to(&[schema(5, 1)], policy);
        assert_eq!(answers[0].refusal.is_none(), install_offered_schemas);
        let open = SessionOpen {
            profile_id: PROFILE_TOKEN,
            schema_id: 5,
            schema_version: 1,
            ..default_open(7)
        };
        link.open_with(&open);
        let events = link.client_events();
        let opened = matches!(events[..], [ClientEvent::SessionOpened { .. }]);
        assert_eq!(opened, install_offered_schemas, "{events:?}");
    }
}

#[test]
fn a_critical_schema_that_is_not_known_is_an_error() {
    let critical = SchemaDescriptor {
        schema_flags: SchemaFlags::CRITICAL,
        ..schema(5, 1)
    };
    let (mut link, events) = greeted(
        HelloExtensions::default(),
        &[critical],
        ServerConfig::default(),
    );
    assert!(
        matches!(&events[..], [ClientEvent::HelloAcknowledged { .. }, ClientEvent::PeerError { report, .. }]
            if report.error_code == ErrorCode::SCHEMA_UNKNOWN && !report.is_fatal),
        "{events:?}"
    );
    link.open(7);
}

#[test]
fn no_more_than_64_schemas_are_offered() {
    let config = ClientConfig {
        hello: Some(hello()),
        ..ClientConfig::default()
    };
    let now = Link::plain().now;
    assert!(ClientConnection::with_schemas(config, now, &[schema(5, 1); 64]).is_ok());
    assert!(ClientConnection::with_schemas(config, now, &[schema(5, 1); 65]).is_err());
}
