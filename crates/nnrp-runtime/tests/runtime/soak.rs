//! Connections that are lost at any moment, and a session that is carried on: each result is counted exactly once.

use std::sync::Arc;

use bytes::Bytes;
use nnrp_runtime::{
    CommandError, ConnectionOptions, Event, ListenOptions, SessionOptions, Submission, connect,
    listen,
};
use tokio::runtime::Handle;

use crate::echoes::Echoes;
use crate::support::recorder::Recorder;
use crate::support::{tcp_endpoint, within};

const RESULTS: u32 = 3000;
const IN_FLIGHT: u16 = 64;

/// Numbers that look random and are the same in every run.
fn next_number(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_loses_its_connection_at_any_moment_gets_each_result_once() {
    let executor = Handle::current();
    let listener = listen(
        tcp_endpoint(),
        ListenOptions::default(),
        Arc::new(Echoes),
        Arc::new(executor.clone()),
    )
    .await
    .expect("listen");
    let begin = |events: &Arc<Recorder>| {
        let options = ConnectionOptions::default();
        connect(
            listener.endpoint().clone(),
            options,
            events.clone(),
            &executor,
        )
    };
    let mut events = Recorder::new(1000);
    let mut connection = begin(&events);
    let wishes = SessionOptions {
        allow_resume: true,
        max_in_flight: IN_FLIGHT,
        ..SessionOptions::default()
    };
    let mut key = connection.open_session(&wishes).expect("open");
    let (mut submitted, mut results, mut random) = (0, vec![0u8; RESULTS as usize + 1], 7);
    let (mut losses, mut opened, mut left) = (0, false, 40);
    while results.iter().skip(1).any(|count| *count == 0) {
        while opened && submitted < RESULTS {
            let submission = Submission {
                body: Bytes::from(vec![3; 64]),
                ..Submission::default()
            };
            match connection.submit(key, [submission]) {
                Ok(_) => submitted += 1,
                Err(CommandError::WouldBlock) => break,
                Err(error) => panic!("{error}"),
            }
        }
        match within(events.next()).await {
            Event::SessionOpened { .. } => opened = true,
            Event::Result { header, .. } => {
                results[header.frame_id as usize] += 1;
                left -= 1;
            }
            Event::FramesLost { frame_ids, .. } => panic!("{frame_ids:?} are lost"),
            Event::ConnectionClosed { reason } => panic!("{reason}"),
            _ => {}
        }
        if left == 0 {
            left = next_number(&mut random) % 80 + 1;
            connection.abort();
            // What was delivered before the end counts.
            loop {
                match within(events.next()).await {
                    Event::Result { header, .. } => results[header.frame_id as usize] += 1,
                    Event::ConnectionClosed { .. } => break,
                    _ => {}
                }
            }
            let earlier = connection.take_resumable(key).expect("it was opened so");
            events = Recorder::new(1000);
            connection = begin(&events);
            key = connection
                .resume_session(earlier)
                .map_err(|(error, _)| error)
                .expect("resume");
            (opened, losses) = (false, losses + 1);
        }
    }
    assert!(results.iter().skip(1).all(|count| *count == 1), "once each");
    assert!(losses >= 10, "{losses} connections were lost");
    assert!(listener.metrics().resumes >= losses - 1);
}
