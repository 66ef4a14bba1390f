//! Where the events of connections go: straight from the task that owns the connection, without a hop.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::{ConnectionHandle, Event, ListenerEnd};

/// Takes the events of one connection; several connections may share what is behind it.
///
/// Both calls come from the task that owns the connection, one at a time per connection, and must not block.
pub trait EventSink: Send + Sync + 'static {
    /// Moves events from the front of `events` for as long as they fit, in order.
    ///
    /// Events that are not [traffic](Event::is_traffic) fit always; their number is bounded. What stays is offered again after
    /// [`poll_ready`](Self::poll_ready). A sink that nobody will ever drain again takes (and discards) everything.
    fn deliver(&self, events: &mut VecDeque<Event>);

    /// Ready when at least one event of traffic fits. Pending registers the waker; the connection reads nothing from its peer
    /// until then.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()>;
}

/// Takes what happens on a listener.
pub trait ListenerSink: Send + Sync + 'static {
    /// A peer connected. Returns the sink of its events, the first of which is [`Event::Accepted`].
    ///
    /// Called from the task of the listener before the connection's task starts; must not block.
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink>;

    /// The last call for this listener; its connections may go on.
    fn closed(&self, reason: ListenerEnd);
}
