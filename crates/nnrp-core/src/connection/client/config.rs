//! How a client connection behaves: bounds, waiting times, and what its hello says.

use core::time::Duration;

use crate::extension::HelloExtensions;
use crate::limits::Limits;
use crate::message::hello::ClientHello;

/// How long a client waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientTimeouts {
    /// For the answer to a hello or to `SESSION_OPEN`.
    pub open: Duration,
    /// For the answer to a patch, migration or close.
    pub request: Duration,
    /// For the answer to a ping.
    pub ping: Duration,
    /// Silence after which a ping leaves by itself, once the hello exchange is done; `None` =
    /// never.
    pub keep_alive: Option<Duration>,
    /// For any packet while a frame is unanswered; `None` = for ever.
    pub idle: Option<Duration>,
}

impl Default for ClientTimeouts {
    fn default() -> Self {
        Self {
            open: Duration::from_secs(10),
            request: Duration::from_secs(10),
            ping: Duration::from_secs(10),
            keep_alive: Some(Duration::from_secs(15)),
            idle: None,
        }
    }
}

/// How a client connection behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientConfig {
    /// Bounds of the connection.
    pub limits: Limits,
    /// Waiting times.
    pub timeouts: ClientTimeouts,
    /// Sent before anything else. Published servers drop a connection that starts with it, so
    /// the default is none; without it a connection carries one session.
    pub hello: Option<ClientHello>,
    /// What goes with the hello.
    pub hello_extensions: HelloExtensions,
}
