//! A peer that sends more control packets than its budget: each within it is answered, and the end has a reason.

use bytes::{Bytes, BytesMut};
use nnrp_core::code::ErrorCode;
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::{ErrorKind, FrameDecoder, Header, Limit, Limits, MessageType, Packet};
use nnrp_runtime::{ConnectionEnd, Event, ListenOptions};
use nnrp_transport_provider::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::raw_peer::{RawPeer, hello, packet_of};
use crate::support::recorder::Server;
use crate::support::{tcp_endpoint, within};

const PINGS: usize = 20_000;

/// Sends the flood in one go and reads to the end of the stream.
async fn flood(greeting: &[Packet]) -> (Vec<Packet>, ConnectionEnd) {
    let (server, listener) = Server::start_at(tcp_endpoint(), ListenOptions::default(), 1000).await;
    let Endpoint::Tcp { host, port } = listener.endpoint().clone() else {
        panic!("a TCP endpoint");
    };
    let stream = TcpStream::connect((host, port)).await.expect("connect");
    let (mut reader, mut writer) = stream.into_split();
    let mut bytes = BytesMut::new();
    for packet in greeting {
        packet.encode_into(&mut bytes);
    }
    let ping = Packet::empty(Header::new(MessageType::Ping));
    for _ in 0..PINGS {
        ping.encode_into(&mut bytes);
    }
    let writing = tokio::spawn(async move { writer.write_all(&bytes).await.map(|()| writer) });

    let (mut received, mut packets) = (BytesMut::new(), Vec::new());
    while within(reader.read_buf(&mut received))
        .await
        .expect("no reset")
        > 0
    {}
    let mut decoder = FrameDecoder::new();
    while let Some(packet) = decoder
        .decode(&mut received, &Limits::default())
        .expect("whole packets")
    {
        packets.push(packet);
    }
    let writer = within(writing)
        .await
        .expect("no panic")
        .expect("all is taken");
    drop(writer);
    let end = server.events.find(|event| match event {
        Event::ConnectionClosed { reason } => Some(reason),
        _ => None,
    });
    (packets, end.await)
}

fn assert_limit(end: &ConnectionEnd) {
    let ConnectionEnd::Protocol(error) = end else {
        panic!("{end:?}");
    };
    let limit = Limit::ControlPackets;
    assert!(
        matches!(error.kind, ErrorKind::LimitExceeded { limit: exceeded, .. } if exceeded == limit),
        "{error}"
    );
}

fn count(packets: &[Packet], message_type: MessageType) -> usize {
    let of_type = |packet: &&Packet| packet.header().message_type == message_type;
    packets.iter().filter(of_type).count()
}

#[tokio::test]
async fn each_ping_within_the_budget_is_answered_before_the_end() {
    let (packets, end) = flood(&[]).await;
    let budget = Limits::default().control_packets_per_second as usize;
    let pongs = count(&packets, MessageType::Pong);
    // A slow machine takes the flood in over several seconds, each with its own budget.
    assert!(pongs >= budget, "{pongs} pongs");
    assert_eq!(pongs, packets.len());
    if pongs < PINGS {
        assert_limit(&end);
    }
}

#[tokio::test]
async fn a_peer_that_said_hello_is_told_which_limit_it_exceeded() {
    let hello = packet_of(0, 0, &hello(), Bytes::new());
    let (packets, end) = flood(&[hello]).await;
    if count(&packets, MessageType::Pong) == PINGS {
        // The machine is so slow that the flood was none.
        return;
    }
    let last = packets.last().expect("packets");
    assert_eq!(last.header().message_type, MessageType::Error);
    let report = ErrorReport::decode(last.metadata()).expect("a report");
    assert_eq!(report.error_code, ErrorCode::LIMIT_EXCEEDED);
    assert!(report.is_fatal);
    assert_limit(&end);
}

/// Breaks the protocol and goes on writing; how much the server takes of up to that many bytes.
async fn taken_after_an_error(most: usize) -> (usize, RawPeer) {
    let (_server, listener) = Server::start(ListenOptions::default(), 1000).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(1).await;
    let stray = Packet::empty(Header::new(MessageType::ResultDrop));
    peer.send(&stray).await;
    let (chunk, mut taken) = (vec![0; 64 << 10], 0);
    while taken < most && within(peer.link.writer.write_all(&chunk)).await.is_ok() {
        taken += chunk.len();
    }
    (taken, peer)
}

#[tokio::test(start_paused = true)]
async fn what_was_on_its_way_when_a_peer_broke_the_protocol_is_read_and_the_end_is_clean() {
    let (taken, mut peer) = taken_after_an_error(4 << 20).await;
    assert_eq!(taken, 4 << 20);
    assert!(peer.receive().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_breaks_the_protocol_is_not_read_without_end() {
    let (taken, _peer) = taken_after_an_error(64 << 20).await;
    // Ten MiB, and what stands in the buffers of the transport.
    assert!(taken <= 11 << 20, "{taken} bytes");
}
