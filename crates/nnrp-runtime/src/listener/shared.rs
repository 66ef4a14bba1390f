//! What a listener's task and its handles share, and what the listeners of one server do.

use std::sync::{Arc, OnceLock};

use nnrp_core::cache::CacheBudget;
use nnrp_transport_provider::Endpoint;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::gauge::Gauge;
use crate::permit::Permits;
use crate::roster::Roster;
use crate::session_directory::SessionDirectory;

#[derive(Debug)]
pub(super) struct ListenerShared {
    pub(super) endpoint: Endpoint,
    pub(super) close: Notify,
    pub(super) connections: Permits,
    pub(super) roster: Arc<Roster>,
    pub(super) common: Common,
    pub(super) drain_until: OnceLock<Instant>,
}

/// What the listeners of one server share.
#[derive(Clone, Debug)]
pub(super) struct Common {
    pub(super) directory: Arc<SessionDirectory>,
    pub(super) operations: Arc<Gauge>,
    /// Blocks of bytes that wait.
    pub(super) buffered: Arc<Gauge>,
    pub(super) cache_budget: Arc<CacheBudget>,
    /// One clock for all connections: the session ids they share expire by it.
    pub(super) clock: Clock,
}
