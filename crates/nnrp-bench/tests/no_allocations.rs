//! In steady state a small message costs no allocation, on the client and on the server: both run in the one thread whose allocations are counted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use nnrp_bench::connect::token;
use nnrp_bench::counting_allocator::{CountingAllocator, allocations};
use nnrp_conformance::echo::EchoSink;
use nnrp_runtime::{
    ConnectionHandle, ConnectionOptions, Event, EventSink, ListenOptions, ListenerEnd,
    ListenerSink, SessionKey, SessionOptions, Submission, connect, listen,
};
use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;
use tokio::sync::Notify;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Answers after which queues have their size and pools their buffers.
const WARM: u32 = 4_000;
/// Answers of a window during which nothing may be allocated.
const WINDOW: u32 = 1_000;
/// Windows, of which the quietest counts: where the machine stops for a second, connections take it for silence and give memory back. What a message
/// costs shows in each of them.
const WINDOWS: usize = 8;

#[test]
fn a_small_message_over_tcp_costs_no_allocation() {
    for in_flight in [1, 256] {
        let endpoint = "nnrp+tcp://127.0.0.1:0".parse().expect("an endpoint");
        assert_eq!(
            allocations_over(endpoint, in_flight),
            0,
            "{in_flight} in flight"
        );
    }
}

#[test]
fn a_small_message_in_memory_costs_no_allocation() {
    for in_flight in [1, 256] {
        let name = format!("no-allocations-{in_flight}");
        let endpoint = Endpoint::Memory { name };
        assert_eq!(
            allocations_over(endpoint, in_flight),
            0,
            "{in_flight} in flight"
        );
    }
}

/// Allocations of both peers during the quietest window.
fn allocations_over(endpoint: Endpoint, in_flight: u16) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        // A machine that stops for a while is not what is measured here: nothing is sent for the sake of silence.
        let options = ConnectionOptions {
            keep_alive: None,
            ..ConnectionOptions::default()
        };
        let listening = ListenOptions {
            connection: options.clone(),
            ..ListenOptions::default()
        };
        let executor = Arc::new(Handle::current());
        let server = listen(endpoint, listening, Arc::new(Echoes), executor);
        let server = server.await.expect("a listener");
        let caller = Arc::new(Caller::new(in_flight.into()));
        let sink: Arc<dyn EventSink> = Arc::<Caller>::clone(&caller);
        let connection = connect(server.endpoint().clone(), options, sink, &Handle::current());
        let options = SessionOptions {
            max_in_flight: in_flight,
            ..SessionOptions::default()
        };
        let session = connection.open_session(&options).expect("a session");
        assert!(caller.target.set((connection, session)).is_ok());
        caller.done.notified().await;
        let state = caller.state.lock().expect("no panic before");
        let quietest = state.windows.iter().min();
        *quietest.expect("all answers have come")
    })
}

struct Echoes;

impl ListenerSink for Echoes {
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink> {
        Arc::new(EchoSink::new(connection.clone(), true))
    }

    fn closed(&self, _: ListenerEnd) {}
}

/// Keeps its window full from inside the task of the connection.
struct Caller {
    in_flight: u32,
    target: OnceLock<(ConnectionHandle, SessionKey)>,
    body: Bytes,
    state: Mutex<State>,
    done: Notify,
}

#[derive(Default)]
struct State {
    submitted: u32,
    answered: u32,
    /// Answers and the thread's allocations at the start of the window that is open.
    window: Option<(u32, u64)>,
    /// Allocations of the windows that are over; space for them is there from the start.
    windows: Vec<u64>,
}

impl State {
    /// Closes the window that is complete and opens the next one.
    fn count(&mut self) {
        let now = (self.answered, allocations());
        match self.window {
            None if self.answered >= WARM => self.window = Some(now),
            Some((answered, before)) if self.answered >= answered + WINDOW => {
                if self.windows.len() < WINDOWS {
                    self.windows.push(now.1 - before);
                }
                self.window = Some(now);
            }
            _ => {}
        }
    }
}

impl Caller {
    fn new(in_flight: u32) -> Self {
        Self {
            in_flight,
            target: OnceLock::new(),
            body: Bytes::from(vec![7; 64]),
            state: Mutex::new(State {
                windows: Vec::with_capacity(WINDOWS),
                ..State::default()
            }),
            done: Notify::new(),
        }
    }

    fn take(&self, state: &mut State, event: &Event) {
        match event {
            Event::Result { body, .. } => {
                assert_eq!(body, &self.body);
                state.answered += 1;
            }
            Event::SessionOpened { .. } => self.submit(state),
            Event::ResultDrop { .. } | Event::ConnectionClosed { .. } => {
                panic!("{event:?} in the midst")
            }
            _ => {}
        }
    }

    fn submit(&self, state: &mut State) {
        let (connection, session) = self.target.get().expect("set before the session opens");
        let submission = Submission {
            metadata: token(),
            body: self.body.clone(),
            ..Submission::default()
        };
        let room = (state.answered + self.in_flight - state.submitted) as usize;
        let accepted = connection
            .submit(*session, std::iter::repeat_n(submission, room))
            .expect("room for what was answered");
        state.submitted += accepted.count;
    }
}

impl EventSink for Caller {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        let mut state = self.state.lock().expect("no panic before");
        let before = state.answered;
        for event in events.drain(..) {
            self.take(&mut state, &event);
        }
        state.count();
        if state.windows.len() == WINDOWS {
            self.done.notify_one();
        }
        if state.answered > before {
            self.submit(&mut state);
        }
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<()> {
        // What arrives is bounded by what is in flight.
        Poll::Ready(())
    }
}
