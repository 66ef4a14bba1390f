//! Timeouts and limits of connections, listeners and sessions, with the defaults of the C header.

use std::time::Duration;

use nnrp_core::code::{CacheObjectKind, SessionPriorityClass};
use nnrp_core::connection::client::{ClientConfig, ClientTimeouts};
use nnrp_core::connection::server::{self, ServerConfig, ServerTimeouts};
use nnrp_core::directory::DirectoryConfig;
use nnrp_core::extension::HelloExtensions;
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::schema::SchemaDescriptor;
use nnrp_core::{Limits, VERSION_MAJOR};
use nnrp_transport_provider::Security;

use crate::{AdmissionPolicy, Exchange, ReconnectPolicy};

/// Tensor (bit 0) and token (bit 1).
const SUPPORTED_PROFILES: u32 = 0b11;

/// Timeouts and limits that hold for one connection on either side.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    /// Client: time for connecting; also time for the answer to each session open. Default 10 s.
    pub connect_timeout: Duration,
    /// Client: what is said first. Default [`Exchange::Auto`].
    pub exchange: Exchange,
    /// Silence after which a `PING` leaves, on connections that began with a hello; without an answer the connection ends. Default 15 s.
    pub keep_alive: Option<Duration>,
    /// Ends a connection without any traffic. Default none.
    pub idle_timeout: Option<Duration>,
    /// Ends a connection whose peer takes less than [`least_write_rate`](Self::least_write_rate) for so long although more waits, or sends less than that of
    /// a packet of 64 KiB or more that it has begun. Default 30 s.
    pub write_timeout: Duration,
    /// Bytes per second that a peer takes, or sends of a packet that it has begun, at least, on average over the write timeout, or it is given up. Default
    /// 128; 0 asks for a single byte.
    pub least_write_rate: u32,
    /// Time for the answer to a close. Default 5 s.
    pub close_timeout: Duration,
    /// Time that a close, patch or migration waits for the answers to earlier submits. Default 250 ms.
    pub drain_timeout: Duration,
    /// Largest body received or sent, bytes. Default 16 MiB.
    pub max_body_bytes: u32,
    /// Largest metadata received, bytes. Default 4 KiB; the longest of the protocol has 80.
    pub max_metadata_bytes: u32,
    /// Bytes queued and unsent before commands answer `WouldBlock`. Default 4 MiB.
    pub send_queue_bytes: usize,
    /// Packets queued and unsent before commands answer `WouldBlock`. Default 65536.
    pub send_queue_packets: usize,
    /// Sessions open at once. Default 64.
    pub max_sessions: usize,
    /// Server: objects cached for one connection; 0 = no cache. Client: objects it wants to have cached. Default 1024.
    pub max_cached_objects: usize,
    /// Bytes of those objects, and of the largest of them. Default 16 MiB.
    pub max_cached_bytes: usize,
    /// Client: comes back by itself when the transport is lost, and carries the sessions on, which all ask to be resumable then. For servers that have
    /// answered the hello. Default none.
    pub reconnect: Option<ReconnectPolicy>,
    /// Client: what goes with the hello: a wish for a transport, tolerance of loss, payload kinds. Default nothing.
    pub hello_extensions: HelloExtensions,
    /// Client: schemas that the hello offers, of which the first 64 count; [`Event::Greeted`](crate::Event::Greeted) has the answers. Default none.
    pub schemas: Vec<SchemaDescriptor>,
    /// Certificates, names and ALPN tokens of TLS and QUIC, and the web pages that may open a WebSocket. Default: the system's roots, if this build
    /// reads them, no certificate of its own, and pages of the same host.
    pub security: Security,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            exchange: Exchange::default(),
            keep_alive: Some(Duration::from_secs(15)),
            idle_timeout: None,
            write_timeout: Duration::from_secs(30),
            least_write_rate: 128,
            close_timeout: Duration::from_secs(5),
            drain_timeout: Duration::from_millis(250),
            max_body_bytes: 16 << 20,
            max_metadata_bytes: 4 << 10,
            send_queue_bytes: 4 << 20,
            send_queue_packets: 65_536,
            max_sessions: 64,
            max_cached_objects: 1024,
            max_cached_bytes: 16 << 20,
            reconnect: None,
            hello_extensions: HelloExtensions::default(),
            schemas: Vec::new(),
            security: Security::default(),
        }
    }
}

impl ConnectionOptions {
    pub(crate) fn limits(&self, operations_in_flight: u16) -> Limits {
        Limits {
            metadata_bytes: self.max_metadata_bytes,
            body_bytes: self.max_body_bytes,
            sessions: self.max_sessions,
            operations_in_flight,
            outgoing_packets: self.send_queue_packets,
            outgoing_bytes: self.send_queue_bytes,
            cached_objects: self.max_cached_objects,
            cached_bytes: self.max_cached_bytes,
            ..Limits::default()
        }
    }

    pub(crate) fn client_config(&self) -> ClientConfig {
        let timeouts = ClientTimeouts {
            open: self.connect_timeout,
            request: self.close_timeout,
            // The task of the connection watches for idleness, which is about any traffic.
            idle: None,
            keep_alive: self.keep_alive,
            ..ClientTimeouts::default()
        };
        // Each session has its own limit.
        ClientConfig {
            limits: self.limits(u16::MAX),
            timeouts,
            hello: None,
            hello_extensions: self.hello_extensions,
        }
    }

    /// The hello of a client: what this implementation can carry.
    pub(crate) fn hello(&self) -> ClientHello {
        let count = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
        let caches = self.max_cached_objects > 0 && self.max_cached_bytes > 0;
        ClientHello {
            min_version_major: VERSION_MAJOR,
            max_version_major: VERSION_MAJOR,
            supported_wire_format_bitmap: 1,
            supported_profile_bitmap: SUPPORTED_PROFILES,
            supported_payload_kind_bitmap: PayloadKinds::ALL.bits(),
            cache_object_bitmap: if caches { CacheObjectKind::ALL_BITS } else { 0 },
            cache_namespace_count: u16::MAX,
            max_cache_entries: count(self.max_cached_objects),
            max_cache_bytes: count(self.max_cached_bytes),
            max_lane_count: 1,
            ..ClientHello::default()
        }
    }
}

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

/// What a client asks of a session.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// Wanted id; `None` takes a random one, `Some(0)` lets the server choose. Default `None`.
    pub requested_session_id: Option<u32>,
    /// Profile. Default token (2).
    pub profile_id: u16,
    /// Default schema. Default 0x1001.
    pub schema_id: u32,
    /// Its version. Default 3.
    pub schema_version: u32,
    /// Operations at once, 1–65535. Default 4.
    pub max_in_flight: u16,
    /// Priority. Default balanced.
    pub priority_class: SessionPriorityClass,
    /// Time for the answer to each operation, after which a server of ours drops it; 0 = no deadline. Default 0.
    pub default_deadline_ms: u32,
    /// Lease lifetime hint. Default 30000 ms.
    pub lease_ttl_hint_ms: u32,
    /// Whether the session shall outlive its connection, so that it can be resumed over another one. Default false: both ends keep what is unanswered
    /// for it.
    pub allow_resume: bool,
    /// Whether objects that the session puts into the server's cache may be pinned, and go with it when it is resumed. Default false: the server may
    /// evict them at any time.
    pub allow_cache_leases: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            requested_session_id: None,
            profile_id: 2,
            schema_id: 0x1001,
            schema_version: 3,
            max_in_flight: 4,
            priority_class: SessionPriorityClass::Balanced,
            default_deadline_ms: 0,
            lease_ttl_hint_ms: 30_000,
            allow_resume: false,
            allow_cache_leases: false,
        }
    }
}
