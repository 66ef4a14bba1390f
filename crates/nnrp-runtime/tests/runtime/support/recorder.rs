//! A sink that records, and a server whose connections have one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use nnrp_runtime::{
    ConnectionHandle, Event, EventSink, ListenOptions, ListenerEnd, ListenerHandle, ListenerSink,
    listen,
};
use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::{memory_endpoint, within};

/// Records events; takes at most `capacity` of traffic until they are taken out.
#[derive(Debug)]
pub(crate) struct Recorder {
    capacity: usize,
    state: Mutex<Recorded>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Recorded {
    events: VecDeque<Event>,
    task: Option<Waker>,
}

impl Recorder {
    pub(crate) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            capacity,
            state: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// The next event.
    pub(crate) async fn next(&self) -> Event {
        within(async {
            loop {
                let changed = self.changed.notified();
                if let Some(event) = self.take() {
                    return event;
                }
                changed.await;
            }
        })
        .await
    }

    /// The next event for which `select` is something; those before it are dropped.
    pub(crate) async fn find<T>(&self, mut select: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            if let Some(found) = select(self.next().await) {
                return found;
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().events.len()
    }

    fn take(&self) -> Option<Event> {
        let mut state = self.lock();
        let event = state.events.pop_front()?;
        if let Some(task) = state.task.take() {
            task.wake();
        }
        Some(event)
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorded {
    fn traffic(&self) -> usize {
        self.events
            .iter()
            .filter(|event| event.is_traffic())
            .count()
    }
}

impl EventSink for Recorder {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        let mut state = self.lock();
        while let Some(event) = events.front() {
            if event.is_traffic() && state.traffic() >= self.capacity {
                break;
            }
            state.events.extend(events.pop_front());
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.traffic() < self.capacity {
            return Poll::Ready(());
        }
        state.task = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// A listener's sink: every connection gets the same recorder; the handles are kept.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) events: Arc<Recorder>,
    connections: Mutex<Vec<ConnectionHandle>>,
    pub(crate) ends: Mutex<Vec<ListenerEnd>>,
}

impl ListenerSink for Server {
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink> {
        self.connections
            .lock()
            .expect("not poisoned")
            .push(connection.clone());
        Arc::<Recorder>::clone(&self.events)
    }

    fn closed(&self, reason: ListenerEnd) {
        self.ends.lock().expect("not poisoned").push(reason);
    }
}

impl Server {
    /// The handle of the connection that was accepted last.
    pub(crate) fn connection(&self) -> ConnectionHandle {
        self.connections
            .lock()
            .expect("not poisoned")
            .last()
            .expect("a connection")
            .clone()
    }

    pub(crate) async fn start(
        options: ListenOptions,
        capacity: usize,
    ) -> (Arc<Self>, ListenerHandle) {
        Self::start_at(memory_endpoint(), options, capacity).await
    }

    pub(crate) async fn start_at(
        endpoint: Endpoint,
        options: ListenOptions,
        capacity: usize,
    ) -> (Arc<Self>, ListenerHandle) {
        let server = Arc::new(Self {
            events: Recorder::new(capacity),
            connections: Mutex::default(),
            ends: Mutex::default(),
        });
        let sink: Arc<dyn ListenerSink> = Arc::<Self>::clone(&server);
        let listener = listen(endpoint, options, sink, Arc::new(Handle::current()))
            .await
            .expect("listen");
        (server, listener)
    }
}
