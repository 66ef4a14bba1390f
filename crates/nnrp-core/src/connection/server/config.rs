//! What all connections of a server share: bounds, waiting times, policy and cache.

use alloc::sync::Arc;
use core::time::Duration;

use super::policy::SessionPolicy;
use crate::cache::CacheBudget;
use crate::code::TransportId;
use crate::limits::Limits;

/// How long a server waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTimeouts {
    /// For the first session, whatever else the client says before it.
    pub handshake: Duration,
    /// For the application to answer an open, patch, migration or close.
    pub request: Duration,
    /// For any packet while no frame is unanswered; `None` = for ever.
    pub idle: Option<Duration>,
    /// Silence after which a ping leaves, to clients that say hello; `None` = never.
    pub keep_alive: Option<Duration>,
    /// For the answer to such a ping.
    pub ping: Duration,
    /// For answers still owed when the client has ended its write side.
    pub half_close: Duration,
    /// For the client to end its write side after the server has ended its own. Dropping a
    /// transport with unread bytes would destroy the last packets on their way to the client.
    pub linger: Duration,
}

impl Default for ServerTimeouts {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            request: Duration::from_secs(10),
            idle: Some(Duration::from_mins(10)),
            keep_alive: Some(Duration::from_secs(15)),
            ping: Duration::from_secs(10),
            half_close: Duration::from_secs(1),
            linger: Duration::from_secs(2),
        }
    }
}

/// What all connections of a server share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerConfig {
    /// Bounds of each connection.
    pub limits: Limits,
    /// Waiting times.
    pub timeouts: ServerTimeouts,
    /// What is served and granted.
    pub policy: SessionPolicy,
    /// The transport they come over, for clients that ask.
    pub transport_id: TransportId,
    /// What the connections may cache together.
    pub cache_budget: Arc<CacheBudget>,
}
