//! Bodies that take minutes to travel, and bodies that never arrive as a whole; time is paused, so the tests take none.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::message::hello::ServerHelloAck;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{MessageType, TimeoutKind};
use nnrp_runtime::{
    ConnectionEnd, ConnectionOptions, Event, Exchange, ListenOptions, ListenerHandle,
    SessionOptions, Submission, connect,
};
use nnrp_transport_provider::{MemoryTransport, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::support::raw_peer::{RawPeer, packet_of};
use crate::support::recorder::{Recorder, Server};
use crate::support::{memory_endpoint, within};

const LARGE: usize = 600 << 10;

/// The bytes of a submit with a body of this size.
fn submit_bytes(session_id: u32, body_len: usize) -> BytesMut {
    let body = Bytes::from(vec![7; body_len]);
    let packet = packet_of(session_id, 1, &FrameSubmit::default(), body);
    let mut bytes = BytesMut::new();
    packet.encode_into(&mut bytes);
    bytes
}

fn submit_body_len(event: Event) -> Option<usize> {
    match event {
        Event::Submit { body, .. } => Some(body.len()),
        Event::ConnectionClosed { reason } => panic!("{reason:?}"),
        _ => None,
    }
}

fn listener_options(max_buffered_bytes: usize) -> ListenOptions {
    ListenOptions {
        max_buffered_bytes,
        ..ListenOptions::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_takes_minutes_to_arrive_is_no_silence() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.greet().await;
    peer.open(9).await;
    let bytes = submit_bytes(9, 1 << 20);
    for piece in bytes.chunks(bytes.len() / 100) {
        sleep(Duration::from_secs(3)).await;
        peer.send_bytes(piece).await;
    }
    assert_eq!(server.events.find(submit_body_len).await, 1 << 20);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_takes_minutes_to_leave_is_no_silence() {
    let endpoint = memory_endpoint();
    let mut listener = MemoryTransport.listen(&endpoint).await.expect("listen");
    let events = Recorder::new(1000);
    let options = ConnectionOptions {
        exchange: Exchange::Hello,
        ..ConnectionOptions::default()
    };
    let connection = connect(endpoint, options, events.clone(), &Handle::current());
    let mut peer = RawPeer::accept(listener.as_mut()).await;
    peer.expect(MessageType::ClientHello).await;
    let ack = ServerHelloAck {
        selected_version_major: 1,
        accepted_profile_bitmap: 0b10,
        accepted_payload_kind_bitmap: 0b10,
        max_lane_count: 1,
        max_concurrent_frames: 16,
        ..ServerHelloAck::default()
    };
    peer.send(&packet_of(0, 0, &ack, Bytes::new())).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    peer.admit(7, 4).await;
    events
        .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()))
        .await;
    let body = Submission {
        body: vec![0; 1 << 20].into(),
        ..Submission::default()
    };
    connection.submit(key, [body]).expect("submit");
    let mut piece = vec![0; 8 << 10];
    for _ in 0..(1 << 20) / piece.len() {
        sleep(Duration::from_secs(1)).await;
        within(peer.link.reader.read_exact(&mut piece))
            .await
            .expect("the connection is still there");
    }
    assert_eq!(events.len(), 0, "nothing has ended");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_in_the_middle_ends_its_connection() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    let bytes = submit_bytes(9, 1 << 20);
    peer.send_bytes(&bytes[..bytes.len() / 2]).await;
    let reason = server
        .events
        .find(|event| match event {
            Event::ConnectionClosed { reason } => Some(reason),
            _ => None,
        })
        .await;
    let stopped = ConnectionEnd::PeerTimeout(TimeoutKind::Packet);
    assert_eq!(format!("{reason:?}"), format!("{stopped:?}"));
    assert!(peer.receive().await.is_none());
}

/// Peers with a session each that send a submit but its last byte, one after the other; each comes back when all of that is on its way.
async fn nearly_submit(listener: &ListenerHandle, count: u32) -> Vec<JoinHandle<RawPeer>> {
    let mut senders = Vec::new();
    for id in 1..=count {
        let mut peer = RawPeer::connect(listener).await;
        peer.open(id).await;
        let mut part = submit_bytes(id, LARGE);
        part.truncate(part.len() - 1);
        senders.push(tokio::spawn(async move {
            peer.send_bytes(&part).await;
            peer
        }));
        sleep(Duration::from_millis(10)).await;
    }
    senders
}

fn finished(senders: &[JoinHandle<RawPeer>]) -> Vec<bool> {
    senders.iter().map(JoinHandle::is_finished).collect()
}

#[tokio::test(start_paused = true)]
async fn large_packets_in_part_take_no_more_than_the_listener_may_buffer() {
    let (server, listener) = Server::start(listener_options(1 << 20), 100).await;
    let mut senders = nearly_submit(&listener, 4).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(finished(&senders), [true, true, false, false]);
    // Small ones go on meanwhile, and the end of a large one makes room for the next.
    let mut modest = RawPeer::connect(&listener).await;
    modest.open(9).await;
    modest.submit(9, 1, b"little").await;
    assert_eq!(server.events.find(submit_body_len).await, 6);
    let mut first = senders.remove(0).await.expect("the first peer");
    first.send_bytes(&[7]).await;
    assert_eq!(server.events.find(submit_body_len).await, LARGE);
    sleep(Duration::from_secs(1)).await;
    let written = finished(&senders).into_iter().filter(|done| *done).count();
    assert_eq!(written, 2, "one more");
}

#[tokio::test(start_paused = true)]
async fn who_dribbles_a_large_packet_leaves_its_memory_to_those_who_wait() {
    let (server, listener) = Server::start(listener_options(1 << 20), 100).await;
    let mut dribbler = RawPeer::connect(&listener).await;
    dribbler.open(9).await;
    let mut bytes = submit_bytes(9, 1 << 20);
    dribbler.send_bytes(&bytes.split_to(600 << 10)).await;
    let dribble = tokio::spawn(async move {
        for piece in bytes.chunks(1 << 10) {
            sleep(Duration::from_secs(1)).await;
            if dribbler.link.writer.write_all(piece).await.is_err() {
                return;
            }
        }
    });
    sleep(Duration::from_mins(1)).await;
    assert_eq!(listener.connection_count(), 1, "nobody waits");
    let senders = nearly_submit(&listener, 2).await;
    sleep(Duration::from_secs(25)).await;
    assert_eq!(finished(&senders), [false, false]);
    sleep(Duration::from_secs(40)).await;
    assert!(dribble.is_finished(), "it has been given up");
    assert_eq!(finished(&senders), [true, true]);
    drop(server);
}
