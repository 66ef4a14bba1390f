//! What lies in an event queue: the events and their bodies in order, and the room that they take.

#[cfg(unix)]
use crate::descriptor::Descriptor;
use crate::event::{NNRP_EVENT_CONNECTED, NNRP_EVENT_SESSION_CLOSED};
use crate::handle::NnrpHandle;
use crate::layout::NnrpEvent;
use crate::session_event::{
    NNRP_EVENT_CONNECTION_LOST, NNRP_EVENT_GREETED, NNRP_EVENT_RECONNECTING,
    NNRP_EVENT_SESSION_RESUMED,
};
use crate::small_bodies::SmallBodies;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::task::Waker;

/// Bodies up to this size are copied into the queue, which then holds no receive buffer for them.
const SMALL_BODY_BYTES: usize = 256;

/// Undrained events about the transport of one connection. Of more in a row the latest say it all: a client that connects
/// again and again must not fill the memory of an application that does not drain.
const MOST_TRANSPORT_EVENTS: usize = 32;

/// What a queue holds, and who waits.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) events: VecDeque<Queued>,
    pub(super) small_bodies: SmallBodies,
    /// Events that take a place.
    pub(super) placed: usize,
    /// Their bodies.
    pub(super) body_bytes: usize,
    /// Connections that wait for a place, by handle.
    pub(super) blocked: BTreeMap<NnrpHandle, Waker>,
    /// Connections and listeners that end with the queue.
    pub(super) owned: BTreeSet<NnrpHandle>,
    /// The queue became non-empty and the callback has not been told yet.
    pub(super) wake_due: bool,
    pub(super) closed: bool,
    /// Threads inside [`Queue::wait`](super::Queue::wait).
    pub(super) waiting: usize,
    /// Undrained events about the transport of a connection, by its handle.
    pub(super) transport_events: BTreeMap<NnrpHandle, usize>,
    /// Readable while there are events; made when it is asked for.
    #[cfg(unix)]
    pub(super) descriptor: Option<Descriptor>,
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    Ready,
    TimedOut,
    Closed,
}

/// One event, on the way to the application.
#[derive(Debug)]
pub(super) struct Queued {
    event: NnrpEvent,
    body: Body,
    /// Whether it takes a place.
    placed: bool,
}

/// Where the body of a queued event lies.
#[derive(Debug)]
enum Body {
    /// Among the small ones of the queue, so long.
    Small(usize),
    Own(Bytes),
}

/// The body of the oldest event.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Payload<'a> {
    Small(&'a [u8]),
    Own(&'a Bytes),
}

impl<'a> Payload<'a> {
    pub(crate) fn as_slice(self) -> &'a [u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Own(bytes) => bytes,
        }
    }

    /// For who keeps it.
    pub(crate) fn to_bytes(self) -> Bytes {
        match self {
            Self::Small(bytes) => Bytes::copy_from_slice(bytes),
            Self::Own(bytes) => bytes.clone(),
        }
    }
}

impl State {
    /// Why a wait would end at once.
    pub(super) fn readiness(&self) -> Option<Waited> {
        if self.closed {
            Some(Waited::Closed)
        } else {
            (!self.events.is_empty()).then_some(Waited::Ready)
        }
    }

    /// Adds the youngest event.
    pub(super) fn push(&mut self, event: NnrpEvent, body: Bytes, placed: bool) {
        self.note_transport(&event);
        self.placed += usize::from(placed);
        self.body_bytes += body.len();
        // Small bodies leave in their order only, and an event about a transport may have to go before its turn.
        let body = if body.len() <= SMALL_BODY_BYTES && !is_about_transport(event.kind) {
            self.small_bodies.push(&body);
            Body::Small(body.len())
        } else {
            Body::Own(body)
        };
        self.events.push_back(Queued {
            event,
            body,
            placed,
        });
    }

    /// The oldest event and its body.
    pub(super) fn oldest(&self) -> Option<(&NnrpEvent, Payload<'_>)> {
        let Queued { event, body, .. } = self.events.front()?;
        let payload = match body {
            Body::Small(size) => Payload::Small(self.small_bodies.oldest(*size)),
            Body::Own(bytes) => Payload::Own(bytes),
        };
        Some((event, payload))
    }

    /// The oldest event was taken.
    pub(super) fn forget_oldest(&mut self) {
        let Some(forgotten) = self.events.pop_front() else {
            return;
        };
        self.placed -= usize::from(forgotten.placed);
        self.body_bytes -= forgotten.body.len();
        if let Body::Small(size) = forgotten.body {
            self.small_bodies.forget(size);
        }
        self.forget_transport(&forgotten.event);
    }

    /// Sessions whose last event is undrained.
    pub(super) fn ended_sessions(&self) -> impl Iterator<Item = NnrpHandle> {
        let events = self.events.iter().map(|queued| &queued.event);
        events
            .filter(|event| event.kind == NNRP_EVENT_SESSION_CLOSED)
            .map(|event| event.session)
    }

    /// Lets those who poll see whether there are events.
    pub(super) fn show_readiness(&mut self) {
        #[cfg(unix)]
        if let Some(descriptor) = &mut self.descriptor {
            descriptor.set(!self.events.is_empty());
        }
    }

    /// Makes room for an event about the transport of a connection at the cost of its oldest one.
    fn note_transport(&mut self, event: &NnrpEvent) {
        if !is_about_transport(event.kind) {
            return;
        }
        let count = self.transport_events.entry(event.connection).or_default();
        if *count < MOST_TRANSPORT_EVENTS {
            *count += 1;
            return;
        }
        let oldest = self.events.iter().position(|queued| {
            queued.event.connection == event.connection && is_about_transport(queued.event.kind)
        });
        if let Some(forgotten) = oldest.and_then(|index| self.events.remove(index)) {
            self.body_bytes -= forgotten.body.len();
            self.placed -= usize::from(forgotten.placed);
        }
    }

    fn forget_transport(&mut self, event: &NnrpEvent) {
        if !is_about_transport(event.kind) {
            return;
        }
        if let Some(count) = self.transport_events.get_mut(&event.connection) {
            *count -= 1;
            if *count == 0 {
                self.transport_events.remove(&event.connection);
            }
        }
    }
}

impl Body {
    fn len(&self) -> usize {
        match self {
            Self::Small(size) => *size,
            Self::Own(bytes) => bytes.len(),
        }
    }
}

/// Whether an event tells how the transport of a client is.
fn is_about_transport(kind: u32) -> bool {
    matches!(
        kind,
        NNRP_EVENT_CONNECTED
            | NNRP_EVENT_GREETED
            | NNRP_EVENT_CONNECTION_LOST
            | NNRP_EVENT_RECONNECTING
            | NNRP_EVENT_SESSION_RESUMED
    )
}
