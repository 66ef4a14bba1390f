//! The async server (names of spec 13.16).

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use nnrp_core::message::session::SessionOpenAck;
use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::inbox::Inbox;
use crate::transport_kind::{quic_endpoint, require_kind, tcp_endpoint};
use crate::{
    ConnectionHandle, Event, EventSink, ListenOptions, ListenerEnd, ListenerHandle, ListenerSink,
    NnrpServerSession, RuntimeError, RuntimeTransportKind, SessionKey, listen, listen_beside,
};

/// How a server listens and what it admits.
#[derive(Clone, Debug, Default)]
pub struct NnrpServerConfig {
    /// Transport; must fit the endpoint. Default TCP.
    pub transport: RuntimeTransportKind,
    /// Timeouts, limits and what sessions may ask for.
    pub listen: ListenOptions,
}

impl NnrpServerConfig {
    /// The same configuration with another transport.
    #[must_use]
    pub fn with_transport(self, transport: RuntimeTransportKind) -> Self {
        Self { transport, ..self }
    }

    /// The same configuration with other supported profiles.
    #[must_use]
    pub fn with_supported_profiles(mut self, profiles: impl IntoIterator<Item = u16>) -> Self {
        self.listen.sessions.profiles = profiles.into_iter().collect();
        self
    }

    /// The same configuration with other timeouts and limits.
    #[must_use]
    pub fn with_listen(self, listen: ListenOptions) -> Self {
        Self { listen, ..self }
    }
}

/// A server that hands out the sessions its clients open. Dropping it stops accepting; sessions go on.
#[derive(Debug)]
pub struct NnrpServer {
    listener: ListenerHandle,
    arrivals: Arc<Arrivals>,
}

/// Sessions that may wait to be accepted; more of them wait with their connections, which takes their peers' places among them.
const MAX_ARRIVALS: usize = 1024;

/// Sessions that were opened and not accepted by the application yet.
#[derive(Debug, Default)]
struct Arrivals {
    state: Mutex<ArrivalState>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct ArrivalState {
    sessions: VecDeque<NnrpServerSession>,
    /// Tasks of connections whose session finds no place here.
    blocked: Vec<Waker>,
    ended: Option<ListenerEnd>,
    /// The server is gone: nobody will accept.
    deserted: bool,
}

impl NnrpServer {
    /// Binds `host:port`; port 0 takes a free one. Must be called inside a tokio runtime, which then drives everything.
    pub async fn bind_tcp(address: &str, config: NnrpServerConfig) -> Result<Self, RuntimeError> {
        Self::bind(tcp_endpoint(address)?, config).await
    }

    /// Binds `host:port` on QUIC; as [`bind_tcp`](Self::bind_tcp).
    pub async fn bind_quic(address: &str, config: NnrpServerConfig) -> Result<Self, RuntimeError> {
        Self::bind(quic_endpoint(address)?, config).await
    }

    /// Binds an endpoint. Must be called inside a tokio runtime, which then drives everything.
    pub async fn bind(endpoint: Endpoint, config: NnrpServerConfig) -> Result<Self, RuntimeError> {
        require_kind(config.transport, &endpoint)?;
        let arrivals = Arc::new(Arrivals::default());
        let sink = Arc::new(Reception(Arc::clone(&arrivals)));
        let listener = listen(endpoint, config.listen, sink, Arc::new(Handle::current())).await?;
        Ok(Self { listener, arrivals })
    }

    /// Binds another endpoint of the same server: a session that was opened at one of them can be resumed at the other, as a migration does. Each
    /// accepts its own.
    pub async fn bind_beside(
        &self,
        endpoint: Endpoint,
        config: NnrpServerConfig,
    ) -> Result<Self, RuntimeError> {
        require_kind(config.transport, &endpoint)?;
        let arrivals = Arc::new(Arrivals::default());
        let sink = Arc::new(Reception(Arc::clone(&arrivals)));
        let executor = Arc::new(Handle::current());
        let listener =
            listen_beside(&self.listener, endpoint, config.listen, sink, executor).await?;
        Ok(Self { listener, arrivals })
    }

    /// The bound endpoint, with its real port.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.listener.endpoint()
    }

    /// Connections that are alive.
    #[must_use]
    pub fn connection_count(&self) -> usize {
        self.listener.connection_count()
    }

    /// Comes to an end in order: as [`ListenerHandle::drain`].
    pub fn drain(&self, time: Duration) {
        self.listener.drain(time);
    }

    /// The next session that a client has opened. Peers that connect and stay silent delay nobody.
    pub async fn accept(&self) -> Result<NnrpServerSession, RuntimeError> {
        loop {
            let changed = self.arrivals.changed.notified();
            {
                let mut state = self.arrivals.lock();
                if let Some(session) = state.sessions.pop_front() {
                    // Half of the places are free before anybody goes on, so that one wake-up pays for many arrivals.
                    if state.sessions.len() <= MAX_ARRIVALS / 2 {
                        state.unblock();
                    }
                    return Ok(session);
                }
                if let Some(end) = &state.ended {
                    return Err(RuntimeError::ListenerEnded(end.clone()));
                }
            }
            changed.await;
        }
    }
}

impl Drop for NnrpServer {
    fn drop(&mut self) {
        self.listener.close();
        let mut state = self.arrivals.lock();
        state.deserted = true;
        state.unblock();
        let sessions = std::mem::take(&mut state.sessions);
        drop(state);
        drop(sessions);
    }
}

impl Arrivals {
    /// A session that nobody will accept ends here.
    fn add(&self, session: NnrpServerSession) {
        let mut state = self.lock();
        if state.deserted {
            drop(state);
            drop(session);
            return;
        }
        state.sessions.push_back(session);
        drop(state);
        self.changed.notify_waiters();
    }

    fn has_room(&self) -> bool {
        self.lock().has_room()
    }

    fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.has_room() {
            return Poll::Ready(());
        }
        let known = |waker: &Waker| waker.will_wake(cx.waker());
        if !state.blocked.iter().any(known) {
            state.blocked.push(cx.waker().clone());
        }
        Poll::Pending
    }

    fn end(&self, reason: ListenerEnd) {
        self.lock().ended = Some(reason);
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, ArrivalState> {
        // The state is whole after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ArrivalState {
    fn has_room(&self) -> bool {
        self.deserted || self.sessions.len() < MAX_ARRIVALS
    }

    fn unblock(&mut self) {
        self.blocked.drain(..).for_each(Waker::wake);
    }
}

#[derive(Debug)]
struct Reception(Arc<Arrivals>);

impl ListenerSink for Reception {
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink> {
        let arrivals = Arc::clone(&self.0);
        Arc::new(Router {
            connection: connection.clone(),
            arrivals,
            inboxes: Mutex::default(),
            waits_to_arrive: AtomicBool::new(false),
        })
    }

    fn closed(&self, reason: ListenerEnd) {
        self.0.end(reason);
    }
}

/// Sorts the events of a connection into the inboxes of its sessions.
#[derive(Debug)]
struct Router {
    connection: ConnectionHandle,
    arrivals: Arc<Arrivals>,
    inboxes: Mutex<HashMap<SessionKey, Arc<Inbox>>>,
    /// The next event opens a session that finds no place among the arrivals.
    waits_to_arrive: AtomicBool,
}

impl Router {
    fn route(&self, event: Event) {
        match event {
            Event::SessionOpened { session, ack } => self.announce(session, ack),
            Event::SessionClosed { session, .. } => {
                if let Some(inbox) = self.inboxes().remove(&session) {
                    inbox.take_in(event);
                }
            }
            event => {
                if let Some(inbox) = event
                    .session()
                    .and_then(|session| self.inboxes().get(&session).cloned())
                {
                    inbox.take_in(event);
                }
            }
        }
    }

    fn announce(&self, key: SessionKey, ack: SessionOpenAck) {
        let inbox = Arc::new(Inbox::default());
        self.inboxes().insert(key, Arc::clone(&inbox));
        let session = NnrpServerSession::new(self.connection.clone(), inbox, key, ack);
        self.arrivals.add(session);
    }

    fn inboxes(&self) -> MutexGuard<'_, HashMap<SessionKey, Arc<Inbox>>> {
        // The map is whole after every statement.
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_room_for(&self, event: &Event) -> bool {
        if matches!(event, Event::SessionOpened { .. }) {
            return self.arrivals.has_room();
        }
        let inboxes = self.inboxes();
        let inbox = event.session().and_then(|session| inboxes.get(&session));
        !event.is_traffic() || inbox.is_none_or(|inbox| inbox.has_room())
    }
}

impl EventSink for Router {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        while events.front().is_some_and(|event| self.has_room_for(event)) {
            events.drain(..1).for_each(|event| self.route(event));
        }
        let opens = matches!(events.front(), Some(Event::SessionOpened { .. }));
        self.waits_to_arrive.store(opens, Ordering::Relaxed);
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.waits_to_arrive.load(Ordering::Relaxed) {
            return self.arrivals.poll_room(cx);
        }
        // One session that does not read holds up its connection, as one unread stream holds up its socket.
        let inboxes = self.inboxes();
        let mut full = inboxes
            .values()
            .filter(|inbox| inbox.poll_room(cx).is_pending());
        if full.next().is_some() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}
