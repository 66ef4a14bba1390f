//! What an operator sees: counters of both ends that agree, and one reason for each connection that ended.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use nnrp_runtime::{Answer, ConnectionOptions, Event, ListenOptions, SessionOptions, Submission};
use nnrp_runtime::{EventSink, connect};
use tokio::runtime::Handle;
use tracing::field::{Field, Visit};
use tracing::span;

use crate::support::{RawPeer, Recorder, Server};

/// Collects the `reason` of every event.
#[derive(Clone, Debug, Default)]
struct Reasons(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Reasons {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for Reasons {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "reason" {
            self.0.lock().expect("not poisoned").push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

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

#[tokio::test(start_paused = true)]
async fn every_connection_that_ends_leaves_one_reason_in_the_log() {
    let reasons = Reasons::default();
    let _guard = tracing::subscriber::set_default(reasons.clone());
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let closed = async || {
        server
            .events
            .find(|event| matches!(event, Event::ConnectionClosed { .. }).then_some(()))
            .await;
    };
    let mut garbage = RawPeer::connect(&listener).await;
    garbage.send_bytes(&[0xFF; 64]).await;
    closed().await;
    let silent = RawPeer::connect(&listener).await;
    closed().await;
    drop(silent);
    let mut vanishing = RawPeer::connect(&listener).await;
    vanishing.open(7).await;
    drop(vanishing);
    closed().await;
    let reasons = reasons.0.lock().expect("not poisoned").clone();
    assert_eq!(
        reasons,
        ["protocol-error", "peer-timeout", "transport-lost"]
    );
}
