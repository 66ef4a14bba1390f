//! The task of a listener: it accepts, and starts one task for each peer without waiting for what it says.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use nnrp_core::TimeoutKind;
use nnrp_core::connection::server::{ServerConfig, ServerConnection};
use nnrp_transport_provider::{Incoming, Link, Listener, TransportError};

use super::shared::ListenerShared;
use crate::driver::ride::{Driven, drive, finish};
use crate::permit::{Permit, Permits};
use crate::roster::Membership;
use crate::server_side::{ServerSettings, ServerSide};
use crate::shared::{EndGuard, Shared};
use crate::side::Side;
use crate::{
    ConnectionEnd, ConnectionHandle, ConnectionOptions, Event, EventSink, Executor, ListenOptions,
    ListenerEnd, ListenerSink,
};

/// Pause after a failed accept: the usual cause, no free descriptor, does not go away faster.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Failures in a row (10 seconds of them) after which a listener gives up, unless they are for want of resources.
const MAX_ACCEPT_FAILURES: u32 = 200;

pub(super) struct Acceptor {
    options: ListenOptions,
    /// Those of them that connections keep.
    of_connections: Arc<ConnectionOptions>,
    sink: Arc<dyn ListenerSink>,
    executor: Arc<dyn Executor>,
    shared: Arc<ListenerShared>,
    handshakes: Permits,
    config: Arc<ServerConfig>,
    settings: ServerSettings,
}

impl Acceptor {
    pub(super) fn new(
        options: ListenOptions,
        sink: Arc<dyn ListenerSink>,
        executor: Arc<dyn Executor>,
        shared: Arc<ListenerShared>,
    ) -> Self {
        let settings = ServerSettings {
            directory: Arc::clone(&shared.common.directory),
            drain_timeout: options.connection.drain_timeout,
            control: options.control,
            operations: Arc::clone(&shared.common.operations),
            buffered: Arc::clone(&shared.common.buffered),
            admission: options.admission.clone(),
        };
        let config = Arc::new(ServerConfig {
            transport_id: shared.endpoint.transport_id(),
            cache_budget: Arc::clone(&shared.common.cache_budget),
            ..options.server_config()
        });
        Self {
            of_connections: Arc::new(options.connection.clone()),
            options,
            sink,
            executor,
            shared,
            handshakes: Permits::default(),
            config,
            settings,
        }
    }

    pub(super) async fn run(self, mut listener: Box<dyn Listener>) {
        let end = self.accept_until_closed(listener.as_mut()).await;
        drop(listener);
        self.sink.closed(end);
    }

    async fn accept_until_closed(&self, listener: &mut dyn Listener) -> ListenerEnd {
        let mut failures = 0;
        let mut closed = pin!(self.shared.close.notified());
        loop {
            let mut accepting = listener.accept();
            let accepted = poll_fn(|cx| match closed.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => accepting.as_mut().poll(cx).map(Some),
            })
            .await;
            match accepted {
                None => return ListenerEnd::ClosedHere,
                Some(Ok(incoming)) => {
                    failures = 0;
                    self.welcome(incoming);
                }
                Some(Err(error)) if is_shortage(&error) => {
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
                Some(Err(error)) if failures >= MAX_ACCEPT_FAILURES => {
                    return ListenerEnd::Failed(Arc::new(error));
                }
                Some(Err(_)) => {
                    failures += 1;
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Starts the task of a peer, or disconnects it when there are too many.
    fn welcome(&self, incoming: Box<dyn Incoming>) {
        let connection = self.shared.connections.take(self.options.max_connections);
        let handshake = self.handshakes.take(self.options.max_handshakes);
        let (Some(connection), Some(handshake)) = (connection, handshake) else {
            self.shared.roster.count_refused();
            let peer = incoming.peer();
            tracing::warn!(
                reason = "too-many-connections",
                peer,
                "turned away: the listener has all connections or handshakes that it may have"
            );
            return;
        };
        let machine =
            ServerConnection::new(Arc::clone(&self.config), self.shared.common.clock.now());
        let shared = Arc::new_cyclic(|myself| {
            let settings = self.settings.clone();
            let side = ServerSide::new(
                machine,
                settings,
                handshake,
                myself.clone(),
                incoming.peer(),
            );
            Shared::new(
                Side::Server(Box::new(side)),
                Arc::clone(&self.of_connections),
                self.shared.common.clock,
            )
        });
        let sink = self
            .sink
            .accepted(&ConnectionHandle::new(Arc::clone(&shared)));
        let membership = self.shared.roster.enter(&shared);
        if let Some(until) = self.shared.drain_until.get() {
            shared.drain(*until);
        }
        self.executor.spawn(Box::pin(run_connection(
            EndGuard(shared),
            (connection, membership),
            incoming,
            self.options.handshake_timeout,
            sink,
        )));
    }
}

/// Whether an accept failed because descriptors or memory ran out. That passes when peers leave; a listener that gave up would do peers that come
/// in masses a favour.
fn is_shortage(error: &TransportError) -> bool {
    /// WSAEMFILE, WSAENOBUFS.
    const WINDOWS: [i32; 2] = [10_024, 10_055];
    /// ENOMEM, ENFILE, EMFILE, and ENOBUFS of Apple's systems and of Linux.
    const UNIX: [i32; 5] = [12, 23, 24, 55, 105];
    let numbers: &[i32] = if cfg!(windows) { &WINDOWS } else { &UNIX };
    error
        .os_error()
        .is_some_and(|number| numbers.contains(&number))
}

async fn run_connection(
    guard: EndGuard,
    place: (Permit, Membership),
    incoming: Box<dyn Incoming>,
    timeout: Duration,
    sink: Arc<dyn EventSink>,
) {
    let (shared, peer) = (&guard.0, incoming.peer());
    let driven = match attach(shared, incoming, timeout).await {
        Ok(link) => {
            let accepted = Event::Accepted {
                peer: link.peer.clone(),
            };
            let events = VecDeque::from([accepted]);
            drive(Arc::clone(shared), link, Arc::clone(&sink), events).await
        }
        Err(end) => Driven::without_transport(end, VecDeque::new()),
    };
    finish(shared, sink.as_ref(), driven, &peer).await;
    drop(place);
}

/// Finishes the handshake of TLS, QUIC or WebSocket, for which a peer gets no more time than for the whole of its opening.
async fn attach(
    shared: &Shared,
    incoming: Box<dyn Incoming>,
    timeout: Duration,
) -> Result<Link, ConnectionEnd> {
    let mut attaching = pin!(tokio::time::timeout(timeout, incoming.attach()));
    poll_fn(|cx| {
        if shared.poll_stop(cx).is_ready() {
            return Poll::Ready(Err(ConnectionEnd::ClosedHere));
        }
        attaching.as_mut().poll(cx).map(|outcome| match outcome {
            Ok(attached) => attached.map_err(|error| ConnectionEnd::ConnectFailed(Arc::new(error))),
            Err(_) => Err(ConnectionEnd::PeerTimeout(TimeoutKind::Handshake)),
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use nnrp_transport_provider::{Endpoint, TransportErrorKind};

    #[cfg(unix)]
    #[test]
    fn a_want_of_descriptors_is_no_reason_to_give_up() {
        let endpoint = Endpoint::tcp("127.0.0.1:0").expect("an endpoint");
        let failed = |number| {
            let error = std::io::Error::from_raw_os_error(number);
            TransportError::new(TransportErrorKind::Accept, &endpoint, error)
        };
        let (too_many_open_files, bad_descriptor) = (24, 9);
        assert!(is_shortage(&failed(too_many_open_files)));
        assert!(!is_shortage(&failed(bad_descriptor)));
    }
}
