//! Connecting: the handle is there at once, the transport follows in its task.

use std::sync::Arc;

use nnrp_transport_provider::Endpoint;

use crate::client_side::ClientSide;
use crate::clock::Clock;
use crate::establish::machine_of;
use crate::shared::{EndGuard, Shared};
use crate::side::Side;
use crate::{ConnectionHandle, ConnectionOptions, EventSink, Executor, recovery};

/// Starts to connect and returns at once; name lookup, connecting and everything after it happen in one task of `executor`.
///
/// [`Event::Connected`](crate::Event::Connected) or [`Event::ConnectionClosed`](crate::Event::ConnectionClosed) follows. Sessions may be opened at once.
pub fn connect(
    endpoint: Endpoint,
    options: ConnectionOptions,
    sink: Arc<dyn EventSink>,
    executor: &dyn Executor,
) -> ConnectionHandle {
    let clock = Clock::start();
    let options = Arc::new(options);
    let machine = machine_of(&options, options.client_config(), clock);
    let transport = endpoint.transport_id();
    let side = ClientSide::new(machine, transport, Arc::clone(&options));
    let side = Side::Client(Box::new(side));
    let shared = Arc::new(Shared::new(side, options, clock));
    let guard = EndGuard(Arc::clone(&shared));
    executor.spawn(Box::pin(recovery::run(guard, endpoint, sink)));
    ConnectionHandle::new(shared)
}
