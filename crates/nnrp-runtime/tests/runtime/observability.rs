//! What an operator sees: counters of both ends that agree.

use std::sync::Arc;

use bytes::Bytes;
use nnrp_runtime::{Answer, ConnectionOptions, Event, ListenOptions, SessionOptions, Submission};
use nnrp_runtime::{EventSink, connect};
use tokio::runtime::Handle;

use crate::support::recorder::{Recorder, Server};

#[tokio::test(start_paused = true)]
async fn both_ends_count_the_same_bytes_and_frames() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let events = Recorder::new(100);
    let sink: Arc<dyn EventSink> = Arc::<Recorder>::clone(&events);
    let client = connect(
        listener.endpoint().clone(),
        ConnectionOptions::default(),
        sink,
        &Handle::current(),
    );
    let key = client
        .open_session(&SessionOptions::default())
        .expect("open");
    let submission = Submission {
        body: Bytes::from_static(&[7; 64]),
        ..Submission::default()
    };
    client.submit(key, [submission]).expect("submit");
    let (session, frame_id) = server
        .events
        .find(|event| match event {
            Event::Submit {
                session, header, ..
            } => Some((session, header.frame_id)),
            _ => None,
        })
        .await;
    let answer = Answer {
        frame_id,
        ..Answer::default()
    };
    server
        .connection()
        .send_results(session, [answer])
        .expect("send");
    events
        .find(|event| matches!(event, Event::Result { .. }).then_some(()))
        .await;
    let (ours, theirs) = (client.metrics(), listener.metrics());
    assert_eq!((ours.sessions, theirs.sessions), (1, 1));
    assert_eq!(
        (ours.bytes_out, ours.frames_out),
        (theirs.bytes_in, theirs.frames_in)
    );
    assert_eq!(
        (theirs.bytes_out, theirs.frames_out),
        (ours.bytes_in, ours.frames_in)
    );
    assert!(ours.bytes_out > 64 && ours.frames_out >= 2);
    client.abort();
    server
        .events
        .find(|event| matches!(event, Event::ConnectionClosed { .. }).then_some(()))
        .await;
    tokio::task::yield_now().await;
    let after = listener.metrics();
    assert_eq!((after.connections, after.sessions), (0, 0));
    assert_eq!((after.connections_total, after.sessions_total), (1, 1));
    assert_eq!(after.bytes_in, ours.bytes_out, "the past is not forgotten");
}
