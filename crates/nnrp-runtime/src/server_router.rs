//! Sorts the events of a server's connections: sessions that open to the arrivals, everything else into the inboxes of the sessions.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use nnrp_core::message::session::SessionOpenAck;

use crate::arrivals::Arrivals;
use crate::inbox::Inbox;
use crate::{
    ConnectionHandle, Event, EventSink, ListenerEnd, ListenerSink, NnrpServerSession, SessionKey,
};

/// Gives each connection of a listener its router.
#[derive(Debug)]
pub(crate) struct Reception(Arc<Arrivals>);

impl Reception {
    pub(crate) fn new(arrivals: Arc<Arrivals>) -> Self {
        Self(arrivals)
    }
}

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
