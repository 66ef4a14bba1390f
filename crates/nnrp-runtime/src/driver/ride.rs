//! What the rest of the crate sees of a link that is being driven: a ride, what is left of it, and the last event.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use nnrp_transport_provider::Link;

use super::Driver;
use super::ending::log;
use crate::shared::Shared;
use crate::{ConnectionEnd, Event, EventSink};

/// What is left when a link was driven to its end.
pub(crate) struct Driven {
    pub(crate) end: ConnectionEnd,
    /// What the sink has not taken yet.
    pub(crate) events: VecDeque<Event>,
    span: tracing::Span,
}

impl Driven {
    /// There was no link.
    pub(crate) fn without_transport(end: ConnectionEnd, events: VecDeque<Event>) -> Self {
        Self {
            end,
            events,
            span: tracing::Span::none(),
        }
    }
}

/// A link that is being driven.
pub(crate) struct Ride {
    /// Boxed: a ride is moved, and whoever holds one in a future would hold room for it twice.
    driver: Box<Driver>,
    span: tracing::Span,
    server: bool,
}

impl Ride {
    pub(crate) fn begin(
        shared: Arc<Shared>,
        link: Link,
        sink: Arc<dyn EventSink>,
        events: VecDeque<Event>,
    ) -> Self {
        let server = shared.lock().side.is_server();
        let span = tracing::info_span!("connection", peer = %link.peer, server);
        let driver = Driver::new(shared, link, sink, events);
        Self {
            driver: Box::new(driver),
            span,
            server,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ConnectionEnd> {
        self.span.in_scope(|| self.driver.poll(cx))
    }

    /// The link is gone afterwards, however long the application takes for what is left.
    pub(crate) fn end(mut self, end: ConnectionEnd) -> Driven {
        let events = self.take_events();
        self.driver.end_transport(&end, self.server);
        let span = self.span;
        Driven { end, events, span }
    }

    /// Tells the application something with the next poll.
    pub(crate) fn tell(&mut self, event: Event, cx: &Context<'_>) {
        self.driver.events.push_back(event);
        cx.waker().wake_by_ref();
    }

    /// What the sink has not taken yet.
    pub(crate) fn take_events(&mut self) -> VecDeque<Event> {
        std::mem::take(&mut self.driver.events)
    }

    /// Writes what is queued, ends this side and forgets what comes: for a link whose sessions are elsewhere.
    pub(crate) fn poll_wind_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.span.in_scope(|| self.driver.poll_wind_up(cx))
    }
}

/// Drives an established link until it ends.
pub(crate) async fn drive(
    shared: Arc<Shared>,
    link: Link,
    sink: Arc<dyn EventSink>,
    events: VecDeque<Event>,
) -> Driven {
    let mut ride = Ride::begin(shared, link, sink, events);
    let end = poll_fn(|cx| ride.poll(cx)).await;
    ride.end(end)
}

/// Delivers what is left and then the last event of a connection.
pub(crate) async fn finish(shared: &Shared, sink: &dyn EventSink, driven: Driven, peer: &str) {
    let Driven {
        end,
        mut events,
        span,
    } = driven;
    shared.end(&end, &mut events);
    span.in_scope(|| log(&end, peer, &shared.metrics()));
    events.push_back(Event::ConnectionClosed { reason: end });
    poll_fn(|cx| {
        span.in_scope(|| {
            while !events.is_empty() {
                sink.deliver(&mut events);
                if !events.is_empty() && sink.poll_ready(cx).is_pending() {
                    return Poll::Pending;
                }
            }
            Poll::Ready(())
        })
    })
    .await;
}
