//! Connections that break while results flow: each result comes once, and no command hears of an end.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use nnrp_core::message::cache::CacheInvalidate;
use nnrp_core::message::patch::SessionPatch;
use nnrp_runtime::{
    Answer, CommandError, ConnectionHandle, ConnectionOptions, Event, EventSink, ListenOptions,
    ListenerEnd, ListenerHandle, ListenerSink, ReconnectPolicy, SessionOptions, connect, listen,
};
use nnrp_transport_provider::{Endpoint, Security};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::reconnect::{POLICY, open, submission};
use crate::support::{memory_endpoint, security, tcp_endpoint, within};

/// Echoes, and breaks each connection after some answers.
struct Unreliable {
    connection: ConnectionHandle,
    left: Mutex<u32>,
}

impl EventSink for Unreliable {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        for event in events.drain(..) {
            let Event::Submit {
                session,
                header,
                body,
                ..
            } = event
            else {
                continue;
            };
            let answer = Answer {
                frame_id: header.frame_id,
                body,
                ..Answer::default()
            };
            // A connection that ends meanwhile takes no answer; its session asks again.
            let _sent = self.connection.send_results(session, [answer]);
            let mut left = self.left.lock().expect("not poisoned");
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.connection.abort();
            }
        }
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// How many answers each further connection lives for.
struct UnreliableListener(Mutex<u32>);

impl ListenerSink for UnreliableListener {
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink> {
        let mut seed = self.0.lock().expect("not poisoned");
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Arc::new(Unreliable {
            connection: connection.clone(),
            left: Mutex::new(10 + (*seed >> 16) % 40),
        })
    }

    fn closed(&self, _: ListenerEnd) {}
}

async fn unreliable(endpoint: Endpoint, security: Security) -> ListenerHandle {
    let mut options = ListenOptions::default();
    options.connection.security = security;
    let sink = Arc::new(UnreliableListener(Mutex::new(7)));
    let executor = Arc::new(Handle::current());
    listen(endpoint, options, sink, executor)
        .await
        .expect("listen")
}

/// Every result of 400 frames comes exactly once, however often the connection breaks.
async fn counts_each_result_once(endpoint: Endpoint) {
    const FRAMES: u32 = 400;
    let security = security();
    let listener = unreliable(endpoint, security.clone()).await;
    let options = ConnectionOptions {
        reconnect: Some(ReconnectPolicy {
            first_delay: Duration::from_millis(1),
            longest_delay: Duration::from_millis(50),
            attempts: 1000,
            ..ReconnectPolicy::default()
        }),
        security,
        ..ConnectionOptions::default()
    };
    let (connection, key, events) = open(listener.endpoint(), options).await;
    let (mut submitted, mut results, mut losses) = (0, vec![0u8; FRAMES as usize + 1], 0);
    while results.iter().skip(1).any(|count| *count == 0) {
        while submitted < FRAMES {
            match connection.submit(key, [submission("counted")]) {
                Ok(_) => submitted += 1,
                Err(CommandError::WouldBlock) => break,
                Err(error) => panic!("{error}"),
            }
        }
        match events.next().await {
            Event::Result { header, .. } => results[header.frame_id as usize] += 1,
            Event::ConnectionLost { .. } => losses += 1,
            Event::SessionClosed { reason, .. } => panic!("{reason}"),
            Event::FramesLost { frame_ids, .. } => panic!("{frame_ids:?} are lost"),
            _ => {}
        }
    }
    assert!(results.iter().skip(1).all(|count| *count == 1), "once each");
    assert!(losses >= 5, "{losses} losses");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tcp_each_result_comes_once() {
    counts_each_result_once(tcp_endpoint()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_memory_each_result_comes_once() {
    counts_each_result_once(memory_endpoint()).await;
}

#[cfg(feature = "tls")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_each_result_comes_once() {
    counts_each_result_once("nnrp+tls://127.0.0.1:0".parse().expect("an endpoint")).await;
}

#[cfg(feature = "quic")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_quic_each_result_comes_once() {
    counts_each_result_once(Endpoint::quic("127.0.0.1:0").expect("an endpoint")).await;
}

/// Answers one frame, then is gone.
struct OneAnswer;

impl ListenerSink for OneAnswer {
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink> {
        Arc::new(Unreliable {
            connection: connection.clone(),
            left: Mutex::new(1),
        })
    }

    fn closed(&self, _: ListenerEnd) {}
}

/// Commands that become packets, for each result: a connection lives for two or three, and a server takes 10,000 in a second.
const MOST_TAKEN: u32 = 2000;

type Command<'a> = &'a dyn Fn() -> Result<(), CommandError>;

/// Submits the next frame out of the delivery of each result.
struct Chain {
    connection: OnceLock<ConnectionHandle>,
    refused: Mutex<Vec<CommandError>>,
    results: watch::Sender<u32>,
}

impl EventSink for Chain {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        for event in events.drain(..) {
            if let Event::Result { session, .. } = event {
                let connection = self.connection.get().expect("set before the first submit");
                if let Err(error) = connection.submit(session, [submission("next")]) {
                    self.refused.lock().expect("not poisoned").push(error);
                }
                self.results.send_modify(|count| *count += 1);
            }
        }
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_hears_of_an_end_while_the_connection_comes_back() {
    let listener = listen(
        memory_endpoint(),
        ListenOptions::default(),
        Arc::new(OneAnswer),
        Arc::new(Handle::current()),
    )
    .await
    .expect("listen");
    let (results, mut seen) = watch::channel(0);
    let chain = Arc::new(Chain {
        connection: OnceLock::new(),
        refused: Mutex::default(),
        results,
    });
    let sink: Arc<dyn EventSink> = Arc::<Chain>::clone(&chain);
    let options = ConnectionOptions {
        reconnect: Some(ReconnectPolicy {
            first_delay: Duration::from_millis(1),
            ..POLICY
        }),
        ..ConnectionOptions::default()
    };
    let connection = connect(
        listener.endpoint().clone(),
        options,
        sink,
        &Handle::current(),
    );
    assert!(chain.connection.set(connection.clone()).is_ok());
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    connection
        .submit(key, [submission("first")])
        .expect("submit");
    let stop = Arc::new(AtomicBool::new(false));
    let asking = std::thread::spawn({
        let (connection, stop, results) = (connection.clone(), Arc::clone(&stop), seen.clone());
        move || {
            let commands: [(&str, Command); 4] = [
                // No frame has this id, so an answer is all that can come of it.
                ("cancel", &|| connection.cancel(key, u32::MAX)),
                ("ping", &|| connection.ping()),
                ("patch", &|| {
                    connection.patch_session(key, &SessionPatch::default(), Bytes::new())
                }),
                ("invalidate", &|| {
                    connection.invalidate_objects(Some(key), &CacheInvalidate::default())
                }),
            ];
            let (mut answers, mut count, mut taken) = (0, 0, 0);
            while !stop.load(Ordering::Relaxed) {
                let count_now = *results.borrow();
                if count_now != count {
                    (count, taken) = (count_now, 0);
                }
                let asked = if taken < MOST_TAKEN { 4 } else { 1 };
                for (name, command) in &commands[..asked] {
                    let answer = command();
                    let told_of_an_end = answer == Err(CommandError::Closed);
                    assert!(!told_of_an_end, "{name}, after {answers} answers");
                    taken += u32::from(answer.is_ok());
                }
                answers += 1;
            }
        }
    });
    within(seen.wait_for(|count| *count >= 200))
        .await
        .expect("a result for each");
    stop.store(true, Ordering::Relaxed);
    asking.join().expect("never told of an end");
    assert_eq!(*chain.refused.lock().expect("not poisoned"), []);
}
