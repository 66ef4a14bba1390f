//! Timeouts and limits of a connection, with the defaults of the C header.

use std::time::Duration;

use nnrp_core::code::CacheObjectKind;
use nnrp_core::connection::client::{ClientConfig, ClientTimeouts};
use nnrp_core::extension::HelloExtensions;
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::schema::SchemaDescriptor;
use nnrp_core::{Limits, VERSION_MAJOR};
use nnrp_transport_provider::Security;

use crate::{Exchange, ReconnectPolicy};

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
