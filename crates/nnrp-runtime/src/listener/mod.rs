//! Listening at an endpoint, and the handle of a listener.

mod acceptor;
mod shared;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use nnrp_core::cache::CacheBudget;
use nnrp_transport_provider::{Endpoint, TransportError};
use tokio::sync::Notify;
use tokio::time::Instant;

use self::acceptor::Acceptor;
use self::shared::{Common, ListenerShared};
use crate::clock::Clock;
use crate::gauge::{BLOCK_BYTES, Gauge};
use crate::permit::Permits;
use crate::session_directory::SessionDirectory;
use crate::transport_kind::transport_of;
use crate::{Executor, ListenOptions, ListenerSink, Metrics};

/// A bound listener. Cloning it names the same listener; dropping it closes nothing.
#[derive(Clone, Debug)]
pub struct ListenerHandle {
    shared: Arc<ListenerShared>,
}

impl ListenerHandle {
    /// The bound endpoint, with its real port.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    /// Connections that are alive.
    #[must_use]
    pub fn connection_count(&self) -> usize {
        self.shared.connections.taken()
    }

    /// The sum over the connections that are alive and those that were.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.shared.roster.metrics()
    }

    /// Comes to an end in order: accepts nobody and opens no session any more; each connection ends when its submits are answered and the answers are
    /// delivered. For answers that are still missing after `time` nobody waits. [`connection_count`](Self::connection_count) tells when all is done.
    pub fn drain(&self, time: Duration) {
        let until = Instant::now() + time;
        // Whoever is accepted at this moment looks here.
        let until = *self.shared.drain_until.get_or_init(|| until);
        self.close();
        for connection in self.shared.roster.alive() {
            connection.drain(until);
        }
    }

    /// Stops accepting; connections go on. [`ListenerSink::closed`] follows. Closing twice does nothing.
    pub fn close(&self) {
        self.shared.close.notify_one();
    }
}

/// Binds an endpoint and starts to accept.
///
/// The future looks the name up and binds; it must be polled inside a tokio runtime, which may be another one than the executor's. The accepting
/// task and one task per connection go to `executor`.
pub async fn listen(
    endpoint: Endpoint,
    options: ListenOptions,
    sink: Arc<dyn ListenerSink>,
    executor: Arc<dyn Executor>,
) -> Result<ListenerHandle, TransportError> {
    let common = Common {
        directory: SessionDirectory::new(options.directory),
        operations: Arc::new(Gauge::new(options.max_operations)),
        buffered: Arc::new(Gauge::new(
            (options.max_buffered_bytes / BLOCK_BYTES).max(1),
        )),
        cache_budget: Arc::new(CacheBudget::new(
            options.max_cached_objects,
            options.max_cached_bytes,
        )),
        clock: Clock::start(),
    };
    listen_with(endpoint, options, sink, executor, common).await
}

/// Binds another endpoint of the same server: as [`listen`], and a session that was opened at one of them can be resumed at the other, as a migration
/// does. The settings of the directory and the limits of operations and
/// buffered bytes are those of `first`.
pub async fn listen_beside(
    first: &ListenerHandle,
    endpoint: Endpoint,
    options: ListenOptions,
    sink: Arc<dyn ListenerSink>,
    executor: Arc<dyn Executor>,
) -> Result<ListenerHandle, TransportError> {
    let common = first.shared.common.clone();
    listen_with(endpoint, options, sink, executor, common).await
}

async fn listen_with(
    endpoint: Endpoint,
    options: ListenOptions,
    sink: Arc<dyn ListenerSink>,
    executor: Arc<dyn Executor>,
    common: Common,
) -> Result<ListenerHandle, TransportError> {
    let transport = transport_of(&endpoint, &options.connection.security)?;
    let listener = transport.listen(&endpoint).await?;
    let shared = Arc::new(ListenerShared {
        endpoint: listener.endpoint().clone(),
        close: Notify::new(),
        connections: Permits::default(),
        roster: Arc::default(),
        common,
        drain_until: OnceLock::new(),
    });
    let acceptor = Acceptor::new(options, sink, Arc::clone(&executor), Arc::clone(&shared));
    executor.spawn(Box::pin(acceptor.run(listener)));
    Ok(ListenerHandle { shared })
}
