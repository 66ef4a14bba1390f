//! How a connection begins: the recorded client without a hello, and a hello with everything that it may carry.

use nnrp_core::code::{LossTolerance, TransportId, TransportPolicy};
use nnrp_core::connection::server::ServerConfig;
use nnrp_core::extension::{
    HelloExtensions, LossToleranceOffer, PayloadCapabilities, TransportPolicyOffer,
};
use nnrp_core::message::hello::ServerHelloAck;
use nnrp_core::schema::SchemaDescriptor;
use nnrp_core::{Header, MessageType};
use serde_json::json;

use super::host_client::{HostClient, encoded, hello, state};
use super::link::Link;
use super::record::Kind;
use super::recorded::transcript;

#[test]
fn the_recorded_client_is_reproduced_byte_for_byte() {
    let client = HostClient::with_hello("{}", None);
    let packets = transcript();
    for (sent_by_client, packet) in &packets {
        if *sent_by_client {
            let header = Header::decode(packet).expect("a header");
            let body = &packet[packet.len() - header.body_len as usize..];
            // A close says what the machine knows; the recorded one was given without words, too.
            let end = match header.message_type {
                MessageType::SessionClose => 40,
                _ => packet.len() - body.len(),
            };
            client.give(&packet[..end], body).expect("a command");
            assert_eq!(client.transmit(), *packet, "{:?}", header.message_type);
        } else {
            client.receive(packet).expect("room");
        }
    }
    let events = client.events();
    let count = |kind| events.iter().filter(|event| event.kind == kind).count();
    assert_eq!(count(Kind::SessionOpened), 1);
    assert_eq!(count(Kind::SessionEnded), 1);
    assert_eq!(
        events.last().map(|event| event.kind),
        Some(Kind::ConnectionEnded)
    );
    assert!(client.has(state::SHOULD_END_WRITE));
}

#[test]
fn a_hello_is_answered_with_its_extensions_and_schemas() {
    let extensions = HelloExtensions {
        transport_policy: Some(TransportPolicyOffer {
            transport_policy: TransportPolicy::FORCE_QUIC,
            preferred_transport_id: TransportId::Quic,
        }),
        loss_tolerance: Some(LossToleranceOffer {
            session_loss_tolerance: LossTolerance::BEST_EFFORT,
        }),
        payload_capabilities: Some(PayloadCapabilities {
            payload_kind_bitmap: 0x7f,
        }),
    };
    let known = SchemaDescriptor::token_delta();
    let unknown = SchemaDescriptor {
        schema_id: 0x4242,
        ..known
    };
    let mut schemas = [[0; SchemaDescriptor::SIZE]; 2];
    known.encode(&mut schemas[0]).expect("valid");
    unknown.encode(&mut schemas[1]).expect("valid");
    let arguments = [
        b"{}",
        &encoded(&hello())[..],
        &schemas.concat(),
        &extensions.encode(),
    ];
    let client = HostClient::try_new(arguments, 5).expect("valid");
    let config = ServerConfig {
        transport_id: TransportId::Quic,
        ..ServerConfig::default()
    };
    let mut link = Link::of(client, config);
    assert!(!link.client.has(state::HELLO_ACKNOWLEDGED));
    let answered = link.expect_one(Kind::HelloAcknowledged);
    assert!(
        link.client
            .has(state::HELLO_ACKNOWLEDGED | state::WANTS_BYTES)
    );
    let ack = ServerHelloAck::decode(&answered.metadata).expect("an ack");
    assert_eq!(ack.selected_version_major, 1);
    let text = answered.json();
    let said = &text["extensions"];
    assert_eq!(said["transport_policy"]["active_transport_id"], json!(1));
    assert!(said["loss_tolerance"].is_object() && said["payload_capabilities"].is_object());
    let schemas = text["schemas"].as_array().expect("a list");
    assert_eq!(schemas.len(), 2, "{text}");
    assert!(schemas[0]["refusal"].is_null(), "{text}");
    assert_eq!(
        schemas[0]["descriptor"]["schema_id"],
        json!(known.schema_id)
    );
    // 64 bits do not fit a number of JavaScript.
    let hash = known.schema_hash.to_string();
    assert_eq!(schemas[0]["descriptor"]["schema_hash"], json!(hash));
    assert!(schemas[1]["refusal"].is_number(), "{text}");
}
