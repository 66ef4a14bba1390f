//! The async server (names of spec 13.16).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use nnrp_core::Header;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpenAck;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::inbox::Inbox;
use crate::transport_kind::{require_kind, tcp_endpoint};
use crate::{
    Answer, ConnectionHandle, Event, EventSink, ListenOptions, ListenerEnd, ListenerHandle,
    ListenerSink, RuntimeError, RuntimeTransportKind, SessionEnd, SessionKey, listen,
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

/// Sessions that were opened and not accepted by the application yet; bounded by connections and sessions.
#[derive(Debug, Default)]
struct Arrivals {
    state: Mutex<ArrivalState>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct ArrivalState {
    sessions: VecDeque<NnrpServerSession>,
    ended: Option<ListenerEnd>,
    /// The server is gone: nobody will accept.
    deserted: bool,
}

impl NnrpServer {
    /// Binds `host:port`; port 0 takes a free one. Must be called inside a tokio runtime, which then drives everything.
    pub async fn bind_tcp(address: &str, config: NnrpServerConfig) -> Result<Self, RuntimeError> {
        Self::bind(tcp_endpoint(address)?, config).await
    }

    /// Binds an endpoint. Must be called inside a tokio runtime, which then drives everything.
    pub async fn bind(endpoint: Endpoint, config: NnrpServerConfig) -> Result<Self, RuntimeError> {
        require_kind(config.transport, &endpoint)?;
        let arrivals = Arc::new(Arrivals::default());
        let sink = Arc::new(Reception(Arc::clone(&arrivals)));
        let listener = listen(endpoint, config.listen, sink, Arc::new(Handle::current())).await?;
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

    /// The next session that a client has opened. Peers that connect and stay silent delay nobody.
    pub async fn accept(&self) -> Result<NnrpServerSession, RuntimeError> {
        loop {
            let changed = self.arrivals.changed.notified();
            {
                let mut state = self.arrivals.lock();
                if let Some(session) = state.sessions.pop_front() {
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

    fn end(&self, reason: ListenerEnd) {
        self.lock().ended = Some(reason);
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, ArrivalState> {
        // The state is whole after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        let session = NnrpServerSession {
            connection: self.connection.clone(),
            inbox,
            key,
            ack,
        };
        self.arrivals.add(session);
    }

    fn inboxes(&self) -> MutexGuard<'_, HashMap<SessionKey, Arc<Inbox>>> {
        // The map is whole after every statement.
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_room_for(&self, event: &Event) -> bool {
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
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
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

/// A session that a client has opened. Dropping it ends its connection after what is queued.
#[derive(Debug)]
pub struct NnrpServerSession {
    connection: ConnectionHandle,
    inbox: Arc<Inbox>,
    key: SessionKey,
    ack: SessionOpenAck,
}

/// What a client sends to a session.
#[derive(Clone, Debug, PartialEq)]
pub enum NnrpServerEvent {
    /// A frame to answer.
    Submit(NnrpSubmit),
    /// The client no longer wants an unanswered frame; it still needs its answer.
    Cancel(NnrpCancel),
}

/// A frame to answer.
#[derive(Clone, Debug, PartialEq)]
pub struct NnrpSubmit {
    /// Its id.
    pub frame_id: u32,
    /// The header it came with.
    pub header: Header,
    /// Metadata.
    pub metadata: FrameSubmit,
    /// Body.
    pub body: Bytes,
}

/// A frame that is no longer wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NnrpCancel {
    /// The frame.
    pub frame_id: u32,
}

impl NnrpServerSession {
    /// The session's id on the wire.
    #[must_use]
    pub fn session_id(&self) -> u32 {
        self.ack.session_id
    }

    /// What the client asked for and was granted.
    #[must_use]
    pub fn granted(&self) -> &SessionOpenAck {
        &self.ack
    }

    /// The next submit or cancel. The end of the session is an error that says why.
    pub async fn next_event(&self) -> Result<NnrpServerEvent, RuntimeError> {
        match self.inbox.next().await? {
            Event::Submit {
                header,
                metadata,
                body,
                ..
            } => Ok(NnrpServerEvent::Submit(NnrpSubmit {
                frame_id: header.frame_id,
                header,
                metadata,
                body,
            })),
            Event::Cancel { header, .. } => Ok(NnrpServerEvent::Cancel(NnrpCancel {
                frame_id: header.frame_id,
            })),
            event => Err(RuntimeError::UnexpectedMessage(format!("{event:?}"))),
        }
    }

    /// The next event, which has to be a submit; a cancel is consumed and an `UnexpectedMessage`.
    pub async fn receive_submit(&self) -> Result<NnrpSubmit, RuntimeError> {
        match self.next_event().await? {
            NnrpServerEvent::Submit(submit) => Ok(submit),
            other @ NnrpServerEvent::Cancel(_) => Err(RuntimeError::UnexpectedMessage(format!(
                "{other:?} instead of a submit"
            ))),
        }
    }

    /// The next event, which has to be a cancel; a submit is consumed and an `UnexpectedMessage`.
    pub async fn receive_cancel(&self) -> Result<NnrpCancel, RuntimeError> {
        match self.next_event().await? {
            NnrpServerEvent::Cancel(cancel) => Ok(cancel),
            other @ NnrpServerEvent::Submit(_) => Err(RuntimeError::UnexpectedMessage(format!(
                "{other:?} instead of a cancel"
            ))),
        }
    }

    /// Sends a result as soon as the send queue has room. An `active_profile_id` of 0 becomes the session's.
    pub async fn send_result(
        &self,
        frame_id: u32,
        metadata: ResultPush,
        body: impl Into<Bytes>,
    ) -> Result<(), RuntimeError> {
        let answer = Answer {
            frame_id,
            metadata,
            body: body.into(),
            ..Answer::default()
        };
        let send = || self.connection.send_results(self.key, [answer.clone()]);
        self.inbox.when_writable(send).await.map(drop)
    }

    /// Tells the client that no result will come for a frame.
    pub async fn send_result_drop(&self, frame_id: u32) -> Result<(), RuntimeError> {
        self.inbox
            .when_writable(|| self.connection.send_drop(self.key, frame_id))
            .await
    }

    /// Changes credit. Do not send it to a client that is not known to expect one.
    pub async fn send_flow_update(&self, update: FlowUpdate) -> Result<(), RuntimeError> {
        self.inbox
            .when_writable(|| self.connection.send_flow_update(self.key, &update))
            .await
    }

    /// Waits for the client's close, which is acked by itself once the frames before it are answered or have had the drain timeout.
    /// Submits that were not received before are passed over.
    pub async fn receive_close(&self) -> Result<SessionEnd, RuntimeError> {
        loop {
            match self.inbox.next().await {
                Ok(_) => {}
                Err(RuntimeError::SessionEnded(end)) => return Ok(end),
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends the session and with it the connection, after what is queued.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for NnrpServerSession {
    fn drop(&mut self) {
        // Ok or already ended: both leave nothing to do.
        let _ = self.connection.close_session(self.key);
        self.inbox.go_deaf();
    }
}
