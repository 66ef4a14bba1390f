//! Sorts the events of a client connection into the inboxes of its sessions.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use crate::inbox::Inbox;
use crate::{Event, EventSink, SessionKey};

#[derive(Debug, Default)]
pub(crate) struct ClientRouter {
    /// What is about no session.
    pub(crate) connection: Inbox,
    sessions: Mutex<BTreeMap<SessionKey, Place>>,
}

/// Where the events of a session go. It is remembered until it has ended and nobody reads any more.
#[derive(Debug)]
enum Place {
    Open(Arc<Inbox>),
    /// Its last event is in.
    Ended(Arc<Inbox>),
    /// Nobody reads, and more may come.
    Forgotten,
}

impl Place {
    fn inbox(&self) -> Option<&Arc<Inbox>> {
        match self {
            Self::Open(inbox) | Self::Ended(inbox) => Some(inbox),
            Self::Forgotten => None,
        }
    }
}

impl ClientRouter {
    /// The inbox of a session; its first events may have come before anybody asks for it.
    pub(crate) fn inbox_of(&self, session: SessionKey) -> Arc<Inbox> {
        let mut sessions = self.sessions();
        let place = sessions
            .entry(session)
            .or_insert_with(|| Place::Open(Arc::default()));
        place.inbox().map(Arc::clone).unwrap_or_default()
    }

    /// Nobody will read what comes for this session.
    pub(crate) fn forget(&self, session: SessionKey) {
        let mut sessions = self.sessions();
        let place = sessions.remove(&session);
        if let Some(inbox) = place.as_ref().and_then(Place::inbox) {
            inbox.go_deaf();
        }
        if !matches!(place, Some(Place::Ended(_))) {
            sessions.insert(session, Place::Forgotten);
        }
    }

    /// Nobody will read anything any more.
    pub(crate) fn go_deaf(&self) {
        self.connection.go_deaf();
        let sessions = self.sessions();
        let inboxes = sessions.values().filter_map(Place::inbox);
        inboxes.for_each(|inbox| inbox.go_deaf());
    }

    fn route(&self, event: Event) {
        let session = match event.session() {
            // How the transport is concerns all sessions; who reads one of them wants its answers.
            Some(session) if !event.is_about_transport() => session,
            _ => {
                self.connection.take_in(event);
                return;
            }
        };
        let mut sessions = self.sessions();
        let place = sessions
            .entry(session)
            .or_insert_with(|| Place::Open(Arc::default()));
        let inbox = place.inbox().cloned();
        if matches!(event, Event::SessionClosed { .. }) {
            match &inbox {
                Some(inbox) => *place = Place::Ended(Arc::clone(inbox)),
                None => drop(sessions.remove(&session)),
            }
        }
        drop(sessions);
        if let Some(inbox) = inbox {
            inbox.take_in(event);
        }
    }

    fn has_room_for(&self, event: &Event) -> bool {
        if !event.is_traffic() {
            return true;
        }
        match event.session() {
            None => self.connection.has_room(),
            Some(session) => {
                let sessions = self.sessions();
                let inbox = sessions.get(&session).and_then(Place::inbox);
                inbox.is_none_or(|inbox| inbox.has_room())
            }
        }
    }

    fn sessions(&self) -> MutexGuard<'_, BTreeMap<SessionKey, Place>> {
        // The map is whole after every statement.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventSink for ClientRouter {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        while events.front().is_some_and(|event| self.has_room_for(event)) {
            events.drain(..1).for_each(|event| self.route(event));
        }
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        // One session that does not read holds up its connection, as one unread stream holds up its socket.
        let sessions = self.sessions();
        let inboxes = sessions.values().filter_map(Place::inbox).map(Arc::as_ref);
        let mut full = inboxes
            .chain([&self.connection])
            .filter(|inbox| inbox.poll_room(cx).is_pending());
        if full.next().is_some() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}
