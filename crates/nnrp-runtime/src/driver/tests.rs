//! The driver over a stream that holds back what it has taken, as TLS and WebSocket do when their socket is full.

use super::ride::drive;
use super::*;
use crate::client_side::ClientSide;
use crate::clock::Clock;
use crate::{ConnectionOptions, SessionOptions};
use nnrp_core::connection::client::ClientConnection;
use nnrp_transport_provider::TransportId;
use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::watch;

/// Takes everything at once, and passes it on when it is flushed with an open gate.
struct Hoarder {
    held: Vec<u8>,
    gate: watch::Receiver<bool>,
    arrived: Arc<Mutex<Vec<u8>>>,
}

impl AsyncWrite for Hoarder {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.held.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !*self.gate.borrow() {
            // The gate wakes whoever waits for it, which is polled anew each time.
            let mut gate = self.gate.clone();
            let waker = cx.waker().clone();
            tokio::spawn(async move {
                gate.changed().await.expect("the test holds the gate");
                waker.wake();
            });
            return Poll::Pending;
        }
        let held = std::mem::take(&mut self.held);
        self.arrived.lock().expect("not poisoned").extend(held);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

struct Anything;

impl EventSink for Anything {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        events.clear();
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// A client whose first session waits for its transport.
fn client() -> Arc<Shared> {
    // No timeout makes it write once more.
    let options = Arc::new(ConnectionOptions {
        connect_timeout: Duration::from_hours(1),
        keep_alive: None,
        ..ConnectionOptions::default()
    });
    let clock = Clock::start();
    let machine = || ClientConnection::new(options.client_config(), clock.now()).expect("no hello");
    let mut side = ClientSide::new(machine(), TransportId::Tcp, Arc::clone(&options));
    side.open_session(clock.now(), &SessionOptions::default())
        .expect("a session");
    side.transport_is_up(clock.now(), machine(), None, &mut VecDeque::new());
    Arc::new(Shared::new(Side::Client(Box::new(side)), options, clock))
}

#[tokio::test]
async fn what_a_stream_has_held_back_leaves_without_another_write() {
    let (open_gate, gate) = watch::channel(false);
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let (_silent, reader) = tokio::io::duplex(64);
    let link = Link {
        reader: Box::new(reader),
        writer: Box::new(Hoarder {
            held: Vec::new(),
            gate,
            arrived: Arc::clone(&arrived),
        }),
        peer: "a hoarder".into(),
        alpn: None,
        control: None,
    };
    let driving = tokio::spawn(drive(client(), link, Arc::new(Anything), VecDeque::new()));
    while open_gate.receiver_count() < 2 {
        tokio::task::yield_now().await;
    }
    open_gate.send(true).expect("the stream waits for it");
    let session_open = 40 + 48;
    let arrival = async {
        while arrived.lock().expect("not poisoned").len() < session_open {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let outcome = tokio::time::timeout(Duration::from_mins(1), arrival).await;
    outcome.expect("nothing stays in the stream");
    driving.abort();
}
