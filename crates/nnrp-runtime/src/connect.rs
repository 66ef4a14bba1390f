//! Connecting: the handle is there at once, the transport follows in its task.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;

use nnrp_core::connection::client::ClientConnection;
use nnrp_transport_provider::{Endpoint, Link};

use crate::client_side::ClientSide;
use crate::clock::Clock;
use crate::driver::{drive, finish};
use crate::shared::{EndGuard, Shared};
use crate::side::Side;
use crate::transport_kind::transport_of;
use crate::{ConnectionEnd, ConnectionHandle, ConnectionOptions, Event, EventSink, Executor};

/// Starts to connect and returns at once; name lookup, connecting and everything after it happen in one task of `executor`.
///
/// [`Event::Connected`] or [`Event::ConnectionClosed`] follows. Sessions may be opened at once.
pub fn connect(
    endpoint: Endpoint,
    options: ConnectionOptions,
    sink: Arc<dyn EventSink>,
    executor: &dyn Executor,
) -> ConnectionHandle {
    let clock = Clock::start();
    let machine = ClientConnection::new(options.client_config(), clock.now());
    // Only a hello can be invalid, and there is none.
    let machine = machine.unwrap_or_else(|error| unreachable!("{error}"));
    let side = Side::Client(Box::new(ClientSide::new(machine, options.clone())));
    let shared = Arc::new(Shared::new(side, options, clock));
    let guard = EndGuard(Arc::clone(&shared));
    executor.spawn(Box::pin(run(guard, endpoint, sink)));
    ConnectionHandle::new(shared)
}

async fn run(guard: EndGuard, endpoint: Endpoint, sink: Arc<dyn EventSink>) {
    let shared = &guard.0;
    let mut events = VecDeque::new();
    match establish(shared, &endpoint).await {
        Ok(link) => {
            events.push_back(Event::Connected {
                peer: link.peer.clone(),
            });
            if let Side::Client(side) = &mut shared.lock().side {
                side.transport_is_up(shared.clock.now(), &mut events);
            }
            drive(Arc::clone(shared), link, sink, events).await;
        }
        Err(end) => {
            if let Side::Client(side) = &mut shared.lock().side {
                side.transport_failed(&end, &mut events);
            }
            finish(shared, sink.as_ref(), events, end).await;
        }
    }
}

async fn establish(shared: &Shared, endpoint: &Endpoint) -> Result<Link, ConnectionEnd> {
    let failed = |error| ConnectionEnd::ConnectFailed(Arc::new(error));
    let timeout = shared.options.connect_timeout;
    let transport = transport_of(endpoint, &shared.options.security).map_err(failed)?;
    let mut connecting = pin!(tokio::time::timeout(timeout, transport.connect(endpoint)));
    poll_fn(|cx| {
        if shared.poll_stop(cx).is_ready() {
            return std::task::Poll::Ready(Err(ConnectionEnd::ClosedHere));
        }
        connecting.as_mut().poll(cx).map(|outcome| match outcome {
            Ok(connected) => connected.map_err(failed),
            Err(_) => Err(ConnectionEnd::ConnectTimeout(
                u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
            )),
        })
    })
    .await
}
