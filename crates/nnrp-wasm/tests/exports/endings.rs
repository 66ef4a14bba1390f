//! How connections end: closed by either side, lost, in time or too late, in the middle of a packet.

use nnrp_core::code::ErrorScope;
use nnrp_core::connection::server::ServerEvent;
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::{Header, MessageType};
use serde_json::json;

use super::host_client::{HostClient, hello, state};
use super::link::Link;
use super::record::Kind;

#[test]
fn a_closed_connection_ends_once_and_without_a_failure() {
    let mut link = Link::greeted();
    let session = link.open(0);
    link.client
        .plain_command(MessageType::Close, 0, 0)
        .expect("a close");
    let events = link.events();
    let kinds: Vec<Kind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [Kind::SessionEnded, Kind::ConnectionEnded]);
    assert_eq!(events[0].json(), json!({ "reason": "closedLocally" }));
    assert_eq!(
        (events[0].session_id, events[1].text.as_str()),
        (session, "")
    );
    assert!(link.client.has(state::SHOULD_END_WRITE));
    link.client.end_transport(true);
    assert!(link.client.has(state::IS_OVER | state::IS_FINISHED));
    assert_eq!(link.client.deadline(), u64::MAX);
    assert_eq!(link.events(), []);
    let late = link.client.open(1).expect_err("it is over");
    assert_eq!(late["name"], "ConnectionNotOpen");
}

#[test]
fn a_connection_that_its_server_closes_says_so() {
    let mut link = Link::greeted();
    link.open(0);
    let now = link.now();
    link.server.close(now);
    let events = link.events();
    assert_eq!(events[0].json(), json!({ "reason": "closedByPeer" }));
    assert_eq!(events[1].kind, Kind::ConnectionEnded);
}

#[test]
fn a_fatal_report_of_the_host_ends_its_connection() {
    let mut link = Link::greeted();
    link.open(0);
    let report = ErrorReport {
        error_scope: ErrorScope::Connection,
        is_fatal: true,
        ..ErrorReport::default()
    };
    link.client.command(0, &report, &[]).expect("a report");
    let kinds: Vec<Kind> = link.events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [Kind::SessionEnded, Kind::ConnectionEnded]);
}

#[test]
fn a_peer_that_speaks_something_else_ends_the_connection() {
    let client = HostClient::with_hello("{}", Some(&hello()));
    client.open(0).expect("an open");
    client
        .receive(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        .expect("room");
    let events = client.events();
    let kinds: Vec<Kind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [Kind::OpenFailed, Kind::ConnectionEnded]);
    assert_eq!(events[0].json()["reason"], "failed");
    let failure = events[1].json();
    assert_eq!(
        (&failure["family"], &failure["name"]),
        (&json!("protocol"), &json!("InvalidMagic"))
    );
    assert!(client.has(state::IS_OVER) && !client.has(state::WANTS_BYTES));
    client
        .receive(b"more")
        .expect("what comes late is not looked at");
}

#[test]
fn a_packet_that_breaks_a_rule_is_named_with_its_place() {
    let mut link = Link::greeted();
    link.open(0);
    let header = Header {
        session_id: 77,
        frame_id: 5,
        ..Header::new(MessageType::ResultDrop)
    };
    link.client.receive(&header.to_bytes()).expect("room");
    let ended = link.client.events().pop().expect("the end");
    let failure = ended.json();
    assert_eq!(
        (&failure["family"], &failure["name"]),
        (&json!("protocol"), &json!("UnknownSession"))
    );
    let place = json!({ "message_type": "RESULT_DROP", "session_id": 77, "frame_id": 5 });
    assert_eq!(failure["detail"], place);
    assert!(failure["code"].is_number());
    // The peer is told before the connection ends.
    link.drive();
    assert!(matches!(
        link.asked.pop_front(),
        Some(ServerEvent::PeerError { .. })
    ));
}

#[test]
fn nobody_answers_and_the_deadline_passes() {
    let options = r#"{"timeouts":{"open":50,"keepAlive":null}}"#;
    let mut client = HostClient::with_hello(options, Some(&hello()));
    let started = client.now;
    assert_eq!(client.deadline(), started + 50_000);
    client.now = started + 49_999;
    client.tick();
    assert_eq!(client.events(), []);
    client.now = started + 50_000;
    client.tick();
    let events = client.events();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].kind, Kind::ConnectionEnded);
    assert_eq!(events[0].json()["name"], "TimedOut");
}

#[test]
fn a_ping_without_an_answer_ends_the_connection_and_its_session_can_go_on() {
    let mut link = Link::greeted();
    link.open(0);
    // Two pings leave after a silence, then the time for their answers has passed.
    for _ in 0..3 {
        link.client.now = link.client.deadline();
        link.client.tick();
        link.client.transmit();
    }
    let events = link.client.events();
    let kinds: Vec<Kind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [Kind::SessionEnded, Kind::ConnectionEnded]);
    assert_eq!(events[0].json()["reason"], "failed");
    assert_eq!(events[0].json()["error"]["name"], "TimedOut");
    assert_ne!(events[0].resumable, 0);
}

#[test]
fn a_stream_that_stops_inside_a_packet_is_lost() {
    let client = HostClient::with_hello("{}", None);
    let ticket = client.open(1).expect("an open");
    let ping = Header::new(MessageType::Ping).to_bytes();
    client.receive(&ping[..20]).expect("room");
    client.end_transport(true);
    let events = client.events();
    let kinds: Vec<Kind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [Kind::OpenFailed, Kind::ConnectionEnded]);
    assert_eq!(
        (events[0].frame_id, events[0].json()),
        (ticket, json!({ "reason": "transportLost" }))
    );
    assert_eq!(events[1].json()["name"], "TruncatedPacket");
    client.end_transport(false);
    assert_eq!(client.events(), [], "an end is an end");
}

#[test]
fn a_stream_that_ends_between_packets_is_read_to_its_end_first() {
    let client = HostClient::with_hello("{}", None);
    let ping = Header::new(MessageType::Ping).to_bytes();
    client.receive(&ping).expect("room");
    client.end_transport(true);
    let events = client.events();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(
        (events[0].kind, events[0].text.as_str()),
        (Kind::ConnectionEnded, "")
    );
}
