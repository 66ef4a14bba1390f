//! The task of a client's connection: it drives one transport after another for as long as its sessions can go on.

mod backoff;
mod departure;
mod migration;
mod old_link;

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use nnrp_transport_provider::Endpoint;
use tokio::time::{Instant, sleep, timeout_at};

use self::backoff::Outage;
pub use self::backoff::ReconnectPolicy;
use self::departure::Departure;
use self::old_link::OldLink;
use crate::driver::ride::{Driven, finish};
use crate::establish::{Begin, connect_timeout, establish};
use crate::random_id::random_byte;
use crate::shared::{EndGuard, Shared};
use crate::side::Side;
use crate::{ConnectionEnd, Event, EventSink};

/// Connects, drives, comes back after a loss, and tells the last event.
pub(crate) async fn run(guard: EndGuard, endpoint: Endpoint, sink: Arc<dyn EventSink>) {
    let shared = Arc::clone(&guard.0);
    let mut carrier = Carrier {
        peer: endpoint.to_string(),
        endpoint,
        shared,
        sink,
        outage: None,
        moving: None,
        old: OldLink::default(),
    };
    let driven = carrier.carry().await;
    finish(
        &carrier.shared,
        carrier.sink.as_ref(),
        driven,
        &carrier.peer,
    )
    .await;
}

/// What stays the same while transports come and go.
struct Carrier {
    shared: Arc<Shared>,
    sink: Arc<dyn EventSink>,
    endpoint: Endpoint,
    /// Whom it talks to, for the log.
    peer: String,
    /// Since when nothing has come of any transport; `None` while one is of use.
    outage: Option<Outage>,
    /// Where the sessions come from while they move.
    moving: Option<Box<Departure>>,
    /// Where they came from before.
    old: OldLink,
}

impl Carrier {
    /// Until the connection has ended for good.
    async fn carry(&mut self) -> Driven {
        let mut driven = self.try_transport(VecDeque::new()).await;
        loop {
            let reason = driven.end.clone();
            match self.pause_after(&mut driven) {
                Pause::None => return driven,
                Pause::GivenUp { attempts } => {
                    let last = Arc::new(reason);
                    driven.end = ConnectionEnd::GivenUp { attempts, last };
                    return driven;
                }
                Pause::For(pause) => {
                    if self.rest(pause, &mut driven.events).await.is_stopped() {
                        driven.end = ConnectionEnd::ClosedHere;
                        return driven;
                    }
                }
            }
            driven = self.try_transport(driven.events).await;
        }
    }

    /// Drives one transport to its end, if it can be had, and those to which its sessions move meanwhile.
    async fn try_transport(&mut self, events: VecDeque<Event>) -> Driven {
        let begin = match self.outage {
            None => Begin::AsConfigured,
            Some(_) => Begin::WithHello,
        };
        let establishing = Box::pin(establish(&self.shared, &self.endpoint, begin));
        let established = match &self.outage {
            None => establishing.await,
            Some(outage) => timeout_at(outage.ends, establishing)
                .await
                .unwrap_or_else(|_| Err(connect_timeout(&self.shared.options))),
        };
        let up_since = Instant::now();
        let driven = match established {
            Ok(established) => self.drive_and_move(established, events).await,
            Err(end) => return Driven::without_transport(end, events),
        };
        self.judge(up_since);
        driven
    }

    /// Whether the transport that has just ended was of use: one that breaks again and again without a single answer is not.
    fn judge(&mut self, up_since: Instant) {
        let Some(policy) = self.shared.options.reconnect else {
            return;
        };
        let answered = match &mut self.shared.lock().side {
            Side::Client(side) => side.take_answered(),
            Side::Server(_) => false,
        };
        if answered || up_since.elapsed() > policy.longest_delay {
            self.outage = None;
        }
    }

    /// What comes after the end of a transport; if it is another one, the sessions wait for it.
    fn pause_after(&mut self, driven: &mut Driven) -> Pause {
        let Some(policy) = self.shared.options.reconnect else {
            return Pause::None;
        };
        if !self.shared.suspend(&driven.end, &mut driven.events) {
            return Pause::None;
        }
        let now = Instant::now();
        let outage = self
            .outage
            .get_or_insert_with(|| Outage::begin(policy, now));
        let reason = driven.end.clone();
        let Some(pause) = outage.next_pause(now, random_byte()) else {
            let attempts = outage.attempts();
            return Pause::GivenUp { attempts };
        };
        let attempt = outage.attempts();
        tracing::warn!(
            reason = reason.name(),
            peer = %self.peer,
            attempt,
            pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            "{reason}; connecting again after a pause"
        );
        let lost = Event::ConnectionLost { reason };
        let reconnecting = Event::Reconnecting { attempt, pause };
        driven.events.extend([lost, reconnecting]);
        Pause::For(pause)
    }

    /// Waits, and delivers what the application has not taken yet.
    async fn rest(&mut self, pause: std::time::Duration, events: &mut VecDeque<Event>) -> Rested {
        let mut pause = pin!(sleep(pause));
        poll_fn(|cx| {
            if self.shared.poll_stop(cx).is_ready() {
                return Poll::Ready(Rested::Stopped);
            }
            while !events.is_empty() {
                self.sink.deliver(events);
                if !events.is_empty() && self.sink.poll_ready(cx).is_pending() {
                    break;
                }
            }
            pause.as_mut().poll(cx).map(|()| Rested::Enough)
        })
        .await
    }
}

/// What follows the end of a transport.
enum Pause {
    /// The end of the connection.
    None,
    /// The end of the connection, because nothing has come of so many attempts.
    GivenUp { attempts: u32 },
    /// Another attempt after this time.
    For(std::time::Duration),
}

/// How a pause ended.
#[derive(Clone, Copy)]
enum Rested {
    Enough,
    /// The application wants the end.
    Stopped,
}

impl Rested {
    fn is_stopped(self) -> bool {
        matches!(self, Self::Stopped)
    }
}
