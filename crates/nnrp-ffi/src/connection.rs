//! Connections and sessions behind handles: which object a handle names, and whose events they deliver.

use crate::event::{flatten, takes_place};
use crate::executor;
use crate::failure::Failure;
use crate::handle::{Kind, NNRP_HANDLE_INVALID, NnrpHandle};
use crate::handle_table::{Full, Removal, Table};
use crate::layout::NnrpEvent;
use crate::past_metrics::note_connection_end;
use crate::queue::Queue;
use bytes::Bytes;
use nnrp_runtime::{ConnectionHandle, Event, EventSink, Metrics, SessionKey};
use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};

/// Most connections, and most sessions, alive or undrained at once.
const LIMIT: u32 = 1 << 21;

/// Every connection whose last event has not been drained.
pub(crate) static CONNECTIONS: Table<Connection> = Table::new(Kind::Connection, LIMIT);

/// Every session whose last event has not been drained.
pub(crate) static SESSIONS: Table<Session> = Table::new(Kind::Session, LIMIT);

/// One connection of either side.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) handle: NnrpHandle,
    pub(crate) queue: Arc<Queue>,
    /// Server: where it was accepted; 0 on the client's side.
    listener: NnrpHandle,
    /// Set right after the object was made, before anybody is told its handle.
    runtime: OnceLock<ConnectionHandle>,
    sessions: Mutex<HashMap<SessionKey, Entry>>,
    whereabouts: Mutex<Whereabouts>,
    /// Whether a session of it may have to go on elsewhere.
    resumable: AtomicBool,
}

/// The two ends of a connection in words.
#[derive(Debug)]
struct Whereabouts {
    uri: Arc<str>,
    /// Known once the transport is up.
    peer: Option<Arc<str>>,
}

/// One session of a connection.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) handle: NnrpHandle,
    pub(crate) key: SessionKey,
    pub(crate) connection: Arc<Connection>,
}

/// What a connection remembers of a session. It is forgotten when both are true.
#[derive(Debug, Clone, Copy)]
struct Entry {
    handle: NnrpHandle,
    /// Its last event was queued.
    ended: bool,
    /// The application has its handle: from `nnrp_connection_open_session` on the client's side, by an event on the server's.
    named: bool,
}

impl Connection {
    /// A connection of `queue`, not yet joined to the runtime's.
    pub(crate) fn register(
        queue: &Arc<Queue>,
        listener: NnrpHandle,
        uri: &str,
    ) -> Result<Arc<Self>, Full> {
        CONNECTIONS.insert_with(|handle| {
            Arc::new(Self {
                handle,
                queue: Arc::clone(queue),
                listener,
                runtime: OnceLock::new(),
                sessions: Mutex::default(),
                resumable: AtomicBool::new(false),
                whereabouts: Mutex::new(Whereabouts {
                    uri: uri.into(),
                    peer: None,
                }),
            })
        })
    }

    /// Sessions of this connection may have to go on elsewhere.
    pub(crate) fn expect_resumable_sessions(&self) {
        self.resumable.store(true, Ordering::Relaxed);
    }

    /// Whether to ask for what an ended session needs to go on elsewhere.
    pub(crate) fn has_resumable_sessions(&self) -> bool {
        self.resumable.load(Ordering::Relaxed)
    }

    /// The endpoint: of a client where it is, of a server where it listens.
    pub(crate) fn uri(&self) -> Arc<str> {
        Arc::clone(&self.whereabouts().uri)
    }

    /// The peer's address, once the transport is up.
    pub(crate) fn peer(&self) -> Option<Arc<str>> {
        self.whereabouts().peer.clone()
    }

    /// Notes where the connection is, before the application is told.
    fn note_whereabouts(&self, event: &Event) {
        match event {
            Event::Connected { peer } | Event::Accepted { peer } => {
                self.whereabouts().peer = Some(peer.as_str().into());
            }
            Event::Migrated { endpoint } => self.whereabouts().uri = endpoint.as_str().into(),
            _ => {}
        }
    }

    fn whereabouts(&self) -> MutexGuard<'_, Whereabouts> {
        self.whereabouts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the connection to the runtime's.
    pub(crate) fn join(&self, runtime: ConnectionHandle) {
        // The first one stays: each connection is joined once, by its maker.
        let _ = self.runtime.set(runtime);
    }

    /// The runtime's connection.
    pub(crate) fn runtime(&self) -> &ConnectionHandle {
        // An event may name the connection a moment before its maker has joined it.
        self.runtime.wait()
    }

    /// What has happened on it so far; nothing yet if it is not joined.
    pub(crate) fn metrics(&self) -> Metrics {
        let runtime = self.runtime.get();
        runtime.map_or_else(Metrics::default, ConnectionHandle::metrics)
    }

    /// The handle of a session that this side opened; the application gets it from here.
    pub(crate) fn name_session(self: &Arc<Self>, key: SessionKey) -> Result<NnrpHandle, Full> {
        self.touch_session(key, |entry| entry.named = true)
    }

    /// Handle of a session, which is made at its first mention, by a call or by an event, whichever is first.
    fn touch_session(
        self: &Arc<Self>,
        key: SessionKey,
        change: impl FnOnce(&mut Entry),
    ) -> Result<NnrpHandle, Full> {
        let mut sessions = self.sessions();
        let entry = match sessions.entry(key) {
            Slot::Occupied(known) => known.into_mut(),
            Slot::Vacant(slot) => slot.insert(self.register_session(key)?),
        };
        change(entry);
        let Entry {
            handle,
            ended,
            named,
        } = *entry;
        if named && ended {
            sessions.remove(&key);
        }
        Ok(handle)
    }

    fn register_session(self: &Arc<Self>, key: SessionKey) -> Result<Entry, Full> {
        let mut handle = 0;
        SESSIONS.insert_with(|issued| {
            handle = issued;
            Arc::new(Session {
                handle,
                key,
                connection: Arc::clone(self),
            })
        })?;
        let named = self.listener != NNRP_HANDLE_INVALID;
        Ok(Entry {
            handle,
            ended: false,
            named,
        })
    }

    /// The event as the application gets it. `last` is the session of the one before: most events follow one of their own.
    fn translate(
        self: &Arc<Self>,
        event: Event,
        last: &mut Option<(SessionKey, NnrpHandle)>,
    ) -> Option<(NnrpEvent, Bytes)> {
        let key = event.session();
        self.note_whereabouts(&event);
        let ends = matches!(event, Event::SessionClosed { .. });
        let (mut event, body) = flatten(event)?;
        event.connection = self.handle;
        event.listener = self.listener;
        if let Some(key) = key {
            let known = last.filter(|(session, _)| *session == key && !ends);
            let Ok(handle) = known.map_or_else(
                || self.touch_session(key, |entry| entry.ended |= ends),
                |(_, handle)| Ok(handle),
            ) else {
                self.abort_soon();
                return None;
            };
            *last = (!ends).then_some((key, handle));
            event.session = handle;
        }
        Some((event, body))
    }

    /// Ends the connection from inside its own sink, where its commands must not be called.
    fn abort_soon(self: &Arc<Self>) {
        if let Ok(executor) = executor::next() {
            let connection = Arc::clone(self);
            drop(executor.spawn(async move { connection.runtime().abort() }));
        }
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<SessionKey, Entry>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Delivers the events of one connection to its queue.
#[derive(Debug)]
pub(crate) struct Sink(pub(crate) Arc<Connection>);

impl EventSink for Sink {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        let mut last = None;
        self.0.queue.append(events, takes_place, |event| {
            self.0.translate(event, &mut last)
        });
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.queue.poll_ready(self.0.handle, cx)
    }
}

/// The connection of a live handle.
pub(crate) fn connection(handle: NnrpHandle) -> Result<Arc<Connection>, Failure> {
    CONNECTIONS.get(handle).ok_or_else(Failure::handle)
}

/// The session of a live handle.
pub(crate) fn session(handle: NnrpHandle) -> Result<Arc<Session>, Failure> {
    SESSIONS.get(handle).ok_or_else(Failure::handle)
}

/// Nobody will hear of a session any more.
pub(crate) fn forget_session(handle: NnrpHandle) {
    SESSIONS.remove(handle);
}

/// The last event of a connection was drained.
pub(crate) fn forget_connection(handle: NnrpHandle) {
    if let Removal::Removed(connection) = CONNECTIONS.remove(handle) {
        note_connection_end(connection.metrics());
        connection.queue.disown(handle);
    }
}

/// Ends a connection whose queue is closed; nobody will drain its last events.
pub(crate) fn end_connection(handle: NnrpHandle) {
    if let Removal::Removed(connection) = CONNECTIONS.remove(handle) {
        connection.runtime().abort();
        note_connection_end(connection.metrics());
        let sessions = std::mem::take(&mut *connection.sessions());
        for entry in sessions.values() {
            forget_session(entry.handle);
        }
    }
}
