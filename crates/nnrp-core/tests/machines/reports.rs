//! Why a connection ends: told to peers that say hello, and to no others.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use nnrp_core::code::{ErrorCode, ErrorScope};
use nnrp_core::connection::client::ClientEvent;
use nnrp_core::connection::server::{ServerConfig, ServerConnection, ServerEvent, ServerTimeouts};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{
    CodecError, ErrorKind, FrameDecoder, Header, Limits, MessageType, Packet, ProtocolError,
    TimeoutKind, Timestamp,
};

use crate::link::{Link, hello};

const NOW: Timestamp = Timestamp::from_micros(1_000_000);

/// A server that was fed these bytes, and what it has sent.
fn fed(bytes: &[u8]) -> (ServerConnection, Vec<Packet>) {
    let mut server = ServerConnection::new(Arc::new(ServerConfig::default()), NOW);
    let mut decoder = FrameDecoder::new();
    let mut buffer = BytesMut::from(bytes);
    while server.wants_packet() {
        match decoder.decode(&mut buffer, &Limits::default()) {
            Ok(Some(packet)) => {
                if server.handle_packet(NOW, packet).is_err() {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => server.handle_stream_error(NOW, error),
        }
    }
    let sent = std::iter::from_fn(|| server.poll_transmit()).collect();
    (server, sent)
}

fn encoded(packet: &Packet) -> BytesMut {
    let mut bytes = BytesMut::new();
    packet.encode_into(&mut bytes);
    bytes
}

/// The bytes of a hello; 64 bytes of metadata follow the 40 of the header.
fn hello_bytes() -> BytesMut {
    let header = Header::new(MessageType::ClientHello);
    let packet = Packet::with_message(header, &hello(), Bytes::new());
    encoded(&packet.expect("a valid hello"))
}

/// A hello of which one thing is changed after it was encoded.
fn spoiled_hello(spoil: impl FnOnce(&mut [u8])) -> BytesMut {
    let mut bytes = hello_bytes();
    spoil(&mut bytes);
    bytes
}

/// Headers that cannot be decoded, with what is wrong with them.
fn bad_headers() -> Vec<(&'static str, Vec<u8>, ErrorCode)> {
    let header = Header {
        session_id: 7,
        frame_id: 1,
        ..Header::new(MessageType::FrameSubmit)
    };
    let packet = Packet::with_message(header, &FrameSubmit::default(), Bytes::new());
    let good = encoded(&packet.expect("a valid submit"));
    let with = |offset: usize, bytes: &[u8]| {
        let mut spoiled = good.to_vec();
        spoiled[offset..offset + bytes.len()].copy_from_slice(bytes);
        spoiled
    };
    let (malformed, version) = (ErrorCode::MALFORMED_HEADER, ErrorCode::UNSUPPORTED_VERSION);
    let limit = ErrorCode::LIMIT_EXCEEDED;
    vec![
        ("magic", with(0, b"X"), malformed),
        ("version", with(4, &[2]), version),
        ("wire format", with(5, &[1]), version),
        ("message type", with(6, &[0x7e]), malformed),
        ("header length", with(7, &[41]), malformed),
        ("flags", with(8, &[0x40]), malformed),
        ("lengths that overflow", with(12, &[0xff; 8]), malformed),
        ("metadata of 1 GiB", with(12, &[0, 0, 0, 0x40]), limit),
        ("body of 2 GiB", with(16, &[0, 0, 0, 0x80]), limit),
    ]
}

fn report_in(packet: &Packet) -> ErrorReport {
    assert_eq!(packet.header().message_type, MessageType::Error);
    ErrorReport::decode(packet.metadata()).expect("a report")
}

fn assert_fatal(report: &ErrorReport, error_code: ErrorCode, what: &str) {
    assert_eq!(report.error_code, error_code, "{what}");
    assert!(report.is_fatal, "{what}");
    assert_eq!(report.error_scope, ErrorScope::Connection, "{what}");
}

#[test]
fn after_a_hello_a_header_that_cannot_be_decoded_is_reported_before_the_end() {
    for (what, bytes, error_code) in bad_headers() {
        let (mut server, sent) = fed(&[&hello_bytes()[..], &bytes].concat());
        let [_ack, report] = &sent[..] else {
            panic!("{what}: {sent:?}");
        };
        assert_fatal(&report_in(report), error_code, what);
        assert!(
            server.should_end_write() && !server.wants_packet(),
            "{what}"
        );
        assert!(!server.is_finished(), "{what}: the peer may still send");
        server.handle_end_of_stream(NOW);
        assert!(server.is_finished(), "{what}");
    }
}

#[test]
fn a_peer_that_goes_on_sending_after_its_report_is_left_after_the_linger_time() {
    let (mut server, _) = fed(&[&hello_bytes()[..], &[b'X'; 40]].concat());
    let end = NOW.after(ServerTimeouts::default().linger);
    assert_eq!(server.next_timeout(), Some(end));
    assert_eq!(server.handle_timeout(end), Ok(()));
    assert!(server.is_finished());
}

#[test]
fn a_hello_that_cannot_be_served_is_answered_with_its_error_alone() {
    let (malformed, version) = (ErrorCode::MALFORMED_BODY, ErrorCode::UNSUPPORTED_VERSION);
    let refused = [
        (
            "a later version",
            spoiled_hello(|b| b[40..42].fill(2)),
            version,
        ),
        ("other wire formats", spoiled_hello(|b| b[42] = 2), version),
        (
            "a window upside down",
            spoiled_hello(|b| b[40] = 2),
            malformed,
        ),
        (
            "no profile",
            spoiled_hello(|b| b[44..48].fill(0)),
            malformed,
        ),
        (
            "no payload kind",
            spoiled_hello(|b| b[48..52].fill(0)),
            malformed,
        ),
        (
            "no profile in common",
            spoiled_hello(|b| b[44] = 0x80),
            ErrorCode::UNSUPPORTED_CAPABILITY,
        ),
        (
            "metadata too short",
            spoiled_hello(|b| b[12] = 63),
            malformed,
        ),
        (
            "a body of 2 GiB",
            spoiled_hello(|b| b[19] = 0x80),
            ErrorCode::LIMIT_EXCEEDED,
        ),
    ];
    for (what, bytes, error_code) in refused {
        let (server, sent) = fed(&bytes);
        let [report] = &sent[..] else {
            panic!("{what}: {sent:?}");
        };
        assert_fatal(&report_in(report), error_code, what);
        assert!(server.should_end_write(), "{what}");
        assert!(!server.peer_said_hello(), "{what}: nothing is agreed on");
    }
}

#[test]
fn one_profile_in_common_is_enough() {
    let (greeted, sent) = fed(&spoiled_hello(|b| b[44] |= 0x80));
    assert!(greeted.peer_said_hello());
    let served = hello().supported_profile_bitmap;
    assert_eq!(sent[0].header().message_type, MessageType::ServerHelloAck);
    assert_eq!(sent[0].metadata()[8..12], served.to_le_bytes());
}

#[test]
fn a_peer_that_greets_and_opens_nothing_is_told_when_its_time_is_up() {
    let (mut server, _) = fed(&hello_bytes());
    let late = NOW.after(ServerTimeouts::default().handshake);
    let error = server.handle_timeout(late).expect_err("too late");
    assert_eq!(error.kind, ErrorKind::TimedOut(TimeoutKind::Handshake));
    let report = server.poll_transmit().expect("a report");
    let report = report_in(&report);
    assert_fatal(&report, ErrorCode::LIMIT_EXCEEDED, "handshake");
    assert!(server.should_end_write());
}

#[test]
fn a_peer_without_a_hello_gets_nothing_but_the_end() {
    for (what, bytes, _) in bad_headers() {
        let (server, sent) = fed(&bytes);
        assert_eq!(sent, [], "{what}");
        assert!(server.is_finished(), "{what}");
    }
    let lost_step = ProtocolError::on_connection(CodecError::InvalidMagic);
    let mut link = Link::plain();
    link.open(7);
    link.server.handle_stream_error(link.now, lost_step);
    assert_eq!(link.server.poll_transmit(), None);
    assert!(link.server.is_finished());

    let mut link = Link::plain();
    link.open(7);
    let late = Packet::with_message(
        Header::new(MessageType::ClientHello),
        &ClientHello {
            supported_profile_bitmap: 0x80,
            ..hello()
        },
        Bytes::new(),
    );
    link.inject_to_server(&late.expect("a valid hello"));
    assert!(link.server_error.is_some());
    let events = link.client_events();
    let told = |event: &ClientEvent| matches!(event, ClientEvent::PeerError { .. });
    assert!(!events.iter().any(told), "{events:?}");
}

#[test]
fn a_server_that_has_answered_a_hello_is_told_what_its_client_cannot_decode() {
    let lost_step = ProtocolError::on_connection(CodecError::InvalidMagic);
    let mut link = Link::with_hello();
    link.open(7);
    link.client.handle_stream_error(lost_step);
    link.drive();
    let events = link.server_events();
    let [ServerEvent::PeerError { report, .. }, ..] = &events[..] else {
        panic!("{events:?}");
    };
    assert_fatal(report, ErrorCode::MALFORMED_HEADER, "magic");
}
