//! Nothing is dropped and nothing grows: full sinks stop the reading, full send queues stop the sender.

use std::time::Duration;

use nnrp_core::message::result::ResultPush;
use nnrp_core::{MessageType, Packet};
use nnrp_runtime::{
    Answer, CommandError, ConnectionOptions, Event, ListenOptions, SessionOptions, Submission,
};

use crate::support::raw_peer::{RawPeer, client_of_raw_server, packet_of};
use crate::support::recorder::Server;

async fn settle() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn an_application_that_does_not_drain_stops_the_reading_and_loses_nothing() {
    let (server, listener) = Server::start(ListenOptions::default(), 10).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    for frame in 1..=200 {
        peer.submit(9, frame, b"body").await;
    }
    settle().await;
    assert!(
        server.events.len() <= 12,
        "10 submits, accepted, opened; not {}",
        server.events.len()
    );
    for expected in 1..=200 {
        let frame = server.events.find(|event| match event {
            Event::Submit { header, .. } => Some(header.frame_id),
            _ => None,
        });
        assert_eq!(frame.await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_events_arrive_although_the_sink_was_full() {
    let (server, listener) = Server::start(ListenOptions::default(), 5).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    for frame in 1..=20 {
        peer.submit(9, frame, b"").await;
    }
    settle().await;
    server.connection().close();
    drop(peer);
    settle().await;
    let mut frames = 0;
    let mut sessions_closed = 0;
    loop {
        match server.events.next().await {
            Event::Submit { .. } => frames += 1,
            Event::SessionClosed { .. } => sessions_closed += 1,
            Event::ConnectionClosed { .. } => break,
            _ => {}
        }
    }
    assert!(
        frames >= 5 && sessions_closed == 1,
        "{frames} frames, {sessions_closed} sessions closed"
    );
}

#[tokio::test(start_paused = true)]
async fn a_full_send_queue_refuses_and_says_once_when_there_is_room() {
    let connection = ConnectionOptions {
        send_queue_bytes: 64 * 1024,
        ..ConnectionOptions::default()
    };
    let options = ListenOptions {
        connection,
        ..ListenOptions::default()
    };
    let (server, listener) = Server::start(options, 1000).await;
    let mut peer = RawPeer::connect(&listener).await;
    peer.open(9).await;
    for frame in 1..=100 {
        peer.submit(9, frame, b"").await;
    }
    settle().await;
    let key = server.events.find(|event| event.session()).await;
    let connection = server.connection();
    let answer = |frame_id| Answer {
        frame_id,
        body: vec![0; 16 * 1024].into(),
        ..Answer::default()
    };
    let first = connection
        .send_results(key, (1..=100).map(answer))
        .expect("some");
    assert!(first.count < 100, "{first:?}");
    assert_eq!(
        connection.send_results(key, [answer(first.count + 1)]),
        Err(CommandError::WouldBlock)
    );
    settle().await;
    let mut sent = first.count;
    while let Ok(more) = connection.send_results(key, (sent + 1..=100).map(answer)) {
        sent += more.count;
        settle().await;
    }
    assert!(
        sent < 100,
        "the pipe and the queue hold less than 1.6 MB, and took {sent} results"
    );
    for frame in 1..=sent {
        assert_eq!(
            peer.expect(MessageType::ResultPush).await.header().frame_id,
            frame
        );
    }
    settle().await;
    let mut writable = 0;
    while server.events.len() > 0 {
        writable += usize::from(matches!(server.events.next().await, Event::Writable { .. }));
    }
    assert!(writable >= 1, "no writable event");
    connection
        .send_results(key, [answer(sent + 1)])
        .expect("room again");
}

#[tokio::test(start_paused = true)]
async fn a_client_reads_results_while_its_own_bulk_is_stuck() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    peer.admit(7, 4).await;
    let stuck = |bytes| Submission {
        body: vec![0; bytes].into(),
        ..Submission::default()
    };
    events
        .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()))
        .await;
    connection
        .submit(key, [stuck(10), stuck(4 << 20)])
        .expect("submit");
    settle().await;
    let result: Packet = packet_of(
        7,
        1,
        &ResultPush::default(),
        bytes::Bytes::from_static(b"early"),
    );
    peer.send(&result).await;
    let body = events.find(|event| match event {
        Event::Result { body, .. } => Some(body),
        _ => None,
    });
    assert_eq!(&body.await[..], b"early");
}

#[tokio::test(start_paused = true)]
async fn a_cancel_that_found_no_room_hears_of_it() {
    let options = ConnectionOptions {
        send_queue_bytes: 4096,
        ..ConnectionOptions::default()
    };
    let (connection, events, mut peer) = client_of_raw_server(options).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    peer.admit(7, 4).await;
    events
        .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()))
        .await;
    // More than the pipe takes, so that the last one stays in the send queue.
    for _ in 0..2 {
        let bulk = Submission {
            body: vec![0; 1 << 20].into(),
            ..Submission::default()
        };
        connection.submit(key, [bulk]).expect("submit");
        settle().await;
    }
    assert_eq!(
        connection.cancel(key, 1),
        Err(CommandError::WouldBlock),
        "the send queue holds a body"
    );
    peer.expect(MessageType::FrameSubmit).await;
    peer.expect(MessageType::FrameSubmit).await;
    let writable = events.find(|event| match event {
        Event::Writable { session } => Some(session),
        _ => None,
    });
    assert_eq!(writable.await, key);
    assert_eq!(connection.cancel(key, 1), Ok(()));
}
