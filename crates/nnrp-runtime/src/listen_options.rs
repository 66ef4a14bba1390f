//! What a listener admits and grants, with the defaults of the C header.

use std::time::Duration;

use nnrp_core::code::SessionPriorityClass;
use nnrp_core::connection::server::{self, ServerConfig, ServerTimeouts};
use nnrp_core::directory::DirectoryConfig;
use nnrp_core::schema::SchemaDescriptor;

use crate::{AdmissionPolicy, ConnectionOptions};

/// What a listener admits.
#[derive(Clone, Debug)]
pub struct ListenOptions {
    /// For each accepted connection.
    pub connection: ConnectionOptions,
    /// Connections at once; further peers are disconnected at once. Default 10000.
    pub max_connections: usize,
    /// Connections at once that have not opened a session yet. Default 1024.
    pub max_handshakes: usize,
    /// Submits without an answer, on all connections together, from which on further ones are answered with a drop on connections that have some of
    /// them. Default 65536.
    pub max_operations: usize,
    /// Objects cached for all connections together. Default 65536.
    pub max_cached_objects: usize,
    /// Bytes of those objects. Default 256 MiB.
    pub max_cached_bytes: usize,
    /// Bytes that wait, on all connections together, for peers to read, for the application, or for the rest of their packet, from which on a connection
    /// is not read that has a part in them of 64 KiB or more, or that begins a packet of that size. Default 256 MiB.
    ///
    /// A packet of 64 KiB or more counts as a whole as soon as its header has arrived, the last beyond the limit. While others wait for memory, a peer that
    /// sends less than 16 KiB a second of such a packet, on average over the write timeout, is given up. Less than 96 KiB of each connection are not counted.
    pub max_buffered_bytes: usize,
    /// The application's say in who opens a session. Default: everybody whom the other limits allow.
    pub admission: Option<AdmissionPolicy>,
    /// Time from accept to the first session open, the handshakes of TLS, QUIC and WebSocket included. Default 10 s.
    pub handshake_timeout: Duration,
    /// What sessions may ask for and are granted.
    pub sessions: SessionPolicy,
    /// Grants patch and migration requests; otherwise they end their connection as unexpected messages. Default true.
    pub control: bool,
    /// Which session ids are taken, and for how long.
    pub directory: DirectoryConfig,
}

impl Default for ListenOptions {
    fn default() -> Self {
        Self {
            connection: ConnectionOptions::default(),
            max_connections: 10_000,
            max_handshakes: 1024,
            max_operations: 65_536,
            max_buffered_bytes: 256 << 20,
            admission: None,
            max_cached_objects: 65_536,
            max_cached_bytes: 256 << 20,
            handshake_timeout: Duration::from_secs(10),
            sessions: SessionPolicy::default(),
            control: true,
            directory: DirectoryConfig::default(),
        }
    }
}

impl ListenOptions {
    pub(crate) fn server_config(&self) -> ServerConfig {
        let timeouts = ServerTimeouts {
            handshake: self.handshake_timeout,
            request: self.connection.close_timeout,
            idle: None,
            keep_alive: self.connection.keep_alive,
            ..ServerTimeouts::default()
        };
        let limits = self.connection.limits(self.sessions.max_in_flight);
        ServerConfig {
            limits,
            timeouts,
            policy: self.sessions.machine_policy(self.directory.resume_window),
            ..ServerConfig::default()
        }
    }
}

/// Which sessions a server accepts (spec 13.5, group A) and what it grants.
#[derive(Clone, Debug)]
pub struct SessionPolicy {
    /// Accepted profiles. Default token (2).
    pub profiles: Vec<u16>,
    /// Accepted (schema id, schema version). Default (0x1001, 3).
    pub schemas: Vec<(u32, u32)>,
    /// What is known of those schemas; a client that offers one of them with another content is told. Default the token-delta schema.
    pub schema_descriptors: Vec<SchemaDescriptor>,
    /// Whether sessions may use schemas that their client offers and this server does not know: their payloads are then the application's to
    /// understand. Default false.
    pub install_offered_schemas: bool,
    /// Operations at once: the most a client may ask for, and what it is granted. Default 256.
    pub max_in_flight: u16,
    /// Lease lifetime granted, milliseconds. Default 30000.
    pub lease_ttl_ms: u32,
    /// The most urgent class granted. Default interactive.
    pub highest_priority_class: SessionPriorityClass,
    /// Whether a frame is dropped when the default deadline of its session passes; only for clients that say hello, because published ones announce a
    /// deadline and expect nothing of it. Default true.
    pub enforce_deadlines: bool,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        let policy = server::SessionPolicy::default();
        Self {
            profiles: policy.profiles,
            schemas: policy.schemas,
            schema_descriptors: policy.schema_descriptors,
            install_offered_schemas: policy.install_offered_schemas,
            max_in_flight: policy.max_in_flight_operations,
            lease_ttl_ms: policy.lease_ttl_ms,
            highest_priority_class: policy.highest_priority_class,
            enforce_deadlines: policy.enforce_deadlines,
        }
    }
}

impl SessionPolicy {
    fn machine_policy(&self, resume_window: Duration) -> server::SessionPolicy {
        server::SessionPolicy {
            profiles: self.profiles.clone(),
            schemas: self.schemas.clone(),
            schema_descriptors: self.schema_descriptors.clone(),
            install_offered_schemas: self.install_offered_schemas,
            max_in_flight_operations: self.max_in_flight,
            granted_operation_credit: self.max_in_flight,
            lease_ttl_ms: self.lease_ttl_ms,
            highest_priority_class: self.highest_priority_class,
            enforce_deadlines: self.enforce_deadlines,
            resume_window_ms: u32::try_from(resume_window.as_millis()).unwrap_or(u32::MAX),
        }
    }
}
