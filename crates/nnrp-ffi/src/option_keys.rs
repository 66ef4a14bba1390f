//! The keys of option sets: each a number or a byte string, with the range of its values.

use std::ops::RangeInclusive;

/// What a key takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Takes {
    /// A number in this range.
    Number(RangeInclusive<u64>),
    /// So many bytes of this form.
    Bytes(RangeInclusive<usize>, &'static str),
}

macro_rules! options {
    (
        numbers { $($(#[$doc:meta])* $name:ident = $key:literal, $low:literal..=$high:literal;)* }
        bytes {
            $(
                $(#[$bytes_doc:meta])*
                $bytes_name:ident = $bytes_key:literal, $least:literal..=$most:literal, $form:literal;
            )*
        }
    ) => {
        $($(#[$doc])* pub const $name: u32 = $key;)*
        $($(#[$bytes_doc])* pub const $bytes_name: u32 = $bytes_key;)*

        /// What a key takes; none for a key that does not exist.
        pub(crate) fn takes(key: u32) -> Option<Takes> {
            match key {
                $($name => Some(Takes::Number($low..=$high)),)*
                $($bytes_name => Some(Takes::Bytes($least..=$most, $form)),)*
                _ => None,
            }
        }
    };
}

options! {
    numbers {
    /// Milliseconds for connect and session open, each; default 10000.
    NNRP_OPTION_CONNECT_TIMEOUT_MS = 1, 1..=3_600_000;
    /// Milliseconds without any traffic after which a connection ends; 0 = none, the default.
    NNRP_OPTION_IDLE_TIMEOUT_MS = 2, 0..=0xffff_ffff;
    /// Milliseconds a peer may take to read what is written; default 30000.
    NNRP_OPTION_WRITE_TIMEOUT_MS = 3, 1..=3_600_000;
    /// Largest body received, in bytes; default 16777216.
    NNRP_OPTION_MAX_BODY_BYTES = 4, 0..=1_073_741_824;
    /// Bytes queued and not yet sent; default 4194304.
    NNRP_OPTION_SEND_QUEUE_BYTES = 5, 4_096..=1_073_741_824;
    /// Connections per listener; default 10000.
    NNRP_OPTION_MAX_CONNECTIONS = 6, 1..=1_000_000;
    /// Milliseconds between accept and the first session; default 10000.
    NNRP_OPTION_HANDSHAKE_TIMEOUT_MS = 7, 1..=3_600_000;
    /// What a client says first: 0 hello, or else an open (default), 1 hello, 2 session open.
    NNRP_OPTION_EXCHANGE = 8, 0..=2;
    /// Milliseconds of silence after which a ping leaves; 0 = never; default 15000.
    NNRP_OPTION_KEEP_ALIVE_MS = 9, 0..=0xffff_ffff;
    /// Bytes a second that a peer has to take; default 128.
    NNRP_OPTION_LEAST_WRITE_RATE = 10, 0..=0xffff_ffff;
    /// Milliseconds that a close, patch or migration waits for earlier answers; default 250.
    NNRP_OPTION_DRAIN_TIMEOUT_MS = 11, 0..=3_600_000;
    /// Largest metadata received, in bytes; default 4096.
    NNRP_OPTION_MAX_METADATA_BYTES = 12, 80..=1_048_576;
    /// Packets queued and not yet sent; default 65536.
    NNRP_OPTION_SEND_QUEUE_PACKETS = 13, 16..=16_777_216;
    /// Sessions of a connection at once; default 64.
    NNRP_OPTION_MAX_SESSIONS = 14, 1..=65_536;
    /// Default a random id; 0 = the server chooses.
    NNRP_OPTION_REQUESTED_SESSION_ID = 16, 0..=0xffff_ffff;
    /// Asked for by a client, or the one a server accepts; default 2 (token).
    NNRP_OPTION_PROFILE_ID = 17, 0..=65_535;
    /// Default 0x1001.
    NNRP_OPTION_SCHEMA_ID = 18, 0..=0xffff_ffff;
    /// Default 3.
    NNRP_OPTION_SCHEMA_VERSION = 19, 0..=0xffff_ffff;
    /// Operations at once; default 4 (client), 256 (server).
    NNRP_OPTION_MAX_IN_FLIGHT = 20, 1..=65_535;
    /// Client: 0 interactive, 1 balanced (default), 2 background.
    NNRP_OPTION_PRIORITY_CLASS = 21, 0..=2;
    /// Milliseconds for the answer to each operation; 0 = no deadline, the default.
    NNRP_OPTION_DEFAULT_DEADLINE_MS = 22, 0..=0xffff_ffff;
    /// Milliseconds to wait for the close answer; default 5000.
    NNRP_OPTION_CLOSE_TIMEOUT_MS = 23, 1..=3_600_000;
    /// Client: whether the session outlives its connection; default 0.
    NNRP_OPTION_ALLOW_RESUME = 24, 0..=1;
    /// Client: whether cached objects of the session may be pinned and go with it; default 0.
    NNRP_OPTION_ALLOW_CACHE_LEASES = 25, 0..=1;
    /// Milliseconds of a lease, wanted or granted; default 30000.
    NNRP_OPTION_LEASE_TTL_MS = 26, 0..=0xffff_ffff;
    /// Server: the most urgent class granted; default 0 interactive.
    NNRP_OPTION_HIGHEST_PRIORITY_CLASS = 27, 0..=2;
    /// Server: whether frames are dropped when their deadline passes; default 1.
    NNRP_OPTION_ENFORCE_DEADLINES = 28, 0..=1;
    /// Server: whether patch and migration requests are granted; default 1.
    NNRP_OPTION_ALLOW_CONTROL = 29, 0..=1;
    /// Server: connections at once without a session; default 1024.
    NNRP_OPTION_MAX_HANDSHAKES = 30, 1..=1_000_000;
    /// Server: submits without an answer, on all connections together; default 65536.
    NNRP_OPTION_MAX_OPERATIONS = 31, 1..=16_777_216;
    /// Server: bytes that wait, on all connections together; default 268435456.
    NNRP_OPTION_MAX_BUFFERED_BYTES = 32, 65_536..=0x100_0000_0000;
    /// Server: milliseconds for which a session waits to be resumed; default 120000.
    NNRP_OPTION_RESUME_WINDOW_MS = 33, 1..=86_400_000;
    /// Server: bytes kept for sessions that wait to be resumed; default 268435456.
    NNRP_OPTION_RETAINED_BYTES = 34, 0..=0x100_0000_0000;
    /// Server: sessions held at once, those that wait included; default 65536.
    NNRP_OPTION_MAX_HELD_SESSIONS = 35, 1..=16_777_216;
    /// Server: first session id to try when the client leaves the choice; default 1.
    NNRP_OPTION_FIRST_SESSION_ID = 36, 1..=0xffff_ffff;
    /// Server: whether knowing the id is enough to resume; default 0.
    NNRP_OPTION_RESUME_BY_ID = 37, 0..=1;
    /// Client: attempts in a row to connect again after a loss; 0 = none, the default.
    NNRP_OPTION_RECONNECT_ATTEMPTS = 38, 0..=1_000_000;
    /// Client: longest pause before the first of them in milliseconds; default 100.
    NNRP_OPTION_RECONNECT_FIRST_DELAY_MS = 39, 1..=3_600_000;
    /// Client: longest pause before any of them in milliseconds; default 5000.
    NNRP_OPTION_RECONNECT_LONGEST_DELAY_MS = 40, 1..=3_600_000;
    /// Client: milliseconds for all of them; default 120000.
    NNRP_OPTION_RECONNECT_TOTAL_MS = 41, 1..=86_400_000;
    /// 0 the binding's token (default), 1 none; a token of its own is `NNRP_BYTES_OPTION_ALPN_TOKEN`.
    NNRP_OPTION_ALPN = 42, 0..=1;
    /// Client: 0 the given root certificates, else the system's (default), 1 the system's, 2 anyone (for experiments).
    NNRP_OPTION_TRUST = 43, 0..=2;
    /// Server: handle of a listener whose sessions and limits the new one shares; 0 = none, the default.
    NNRP_OPTION_BESIDE_LISTENER = 44, 0..=0x1f_ffff_ffff_ffff;
    /// Server: objects cached for one connection, 0 = no cache. Client: objects it wants to have cached. Default 1024.
    NNRP_OPTION_MAX_CACHED_OBJECTS = 100, 0..=65_536;
    /// Bytes of those objects, and of the largest of them; default 16777216.
    NNRP_OPTION_MAX_CACHED_BYTES = 101, 0..=1_073_741_824;
    /// Server: objects cached for all connections together; default 65536.
    NNRP_OPTION_LISTENER_CACHED_OBJECTS = 102, 0..=16_777_216;
    /// Server: bytes of those objects; default 268435456.
    NNRP_OPTION_LISTENER_CACHED_BYTES = 103, 0..=0x100_0000_0000;
    /// Server: whether sessions may use schemas that their client offers and this server does not know; default 0.
    NNRP_OPTION_INSTALL_OFFERED_SCHEMAS = 104, 0..=1;
    /// Client: the transport policy told in the hello, 0 auto to 4; default: none is told.
    NNRP_OPTION_HELLO_TRANSPORT_POLICY = 105, 0..=4;
    /// Client: the transport it would like best, told with the policy; default 0, none.
    NNRP_OPTION_HELLO_PREFERRED_TRANSPORT = 106, 0..=2;
    /// Client: the loss its sessions bear, told in the hello; default: none is told.
    NNRP_OPTION_HELLO_LOSS_TOLERANCE = 107, 0..=255;
    /// Client: the payload kinds it reads, told in the hello; default: none are told.
    NNRP_OPTION_HELLO_PAYLOAD_KINDS = 108, 0..=0xffff_ffff;
    /// Probe: samples; default 3.
    NNRP_OPTION_PROBE_SAMPLES = 110, 1..=100;
    /// Probe: bytes of padding in each; default 32768.
    NNRP_OPTION_PROBE_PAYLOAD_BYTES = 111, 0..=1_048_576;
    /// Probe: milliseconds for connecting, and again for each answer; default 2000.
    NNRP_OPTION_PROBE_TIMEOUT_MS = 112, 1..=600_000;
    }
    bytes {
    /// Server: the certificate chain, PEM or one DER certificate.
    NNRP_BYTES_OPTION_CERTIFICATE_CHAIN = 60, 1..=1_048_576,
        "a certificate chain, as PEM or as one DER certificate; a server on TLS or QUIC needs one";
    /// Server: the key of its first certificate, PEM or DER.
    NNRP_BYTES_OPTION_PRIVATE_KEY = 61, 1..=1_048_576,
        "the private key of the certificate, as PEM or DER; a server on TLS or QUIC needs it";
    /// Client: the root certificates to trust, PEM or one DER certificate.
    NNRP_BYTES_OPTION_ROOT_CERTIFICATES = 62, 1..=16_777_216,
        "root certificates, as PEM or as one DER certificate; a client on TLS or QUIC needs them where this build does not read those of the system";
    /// Client: the name the server's certificate must have; default the host of the endpoint.
    NNRP_BYTES_OPTION_SERVER_NAME = 63, 1..=255,
        "a DNS name or an IP address";
    /// The ALPN token in place of the binding's.
    NNRP_BYTES_OPTION_ALPN_TOKEN = 64, 1..=255,
        "an ALPN token in UTF-8";
    /// Server: the profiles it accepts, an array of `uint32_t`.
    NNRP_BYTES_OPTION_PROFILES = 65, 4..=1024,
        "profile ids up to 65535 as 32-bit numbers";
    /// Server: the schemas it accepts, an array of pairs of `uint32_t`: id and version.
    NNRP_BYTES_OPTION_SCHEMAS = 66, 8..=8192,
        "pairs of 32-bit numbers, schema id and version";
    /// Client: the schemas it offers. Server: schemas it accepts, with their content. 32-byte forms.
    NNRP_BYTES_OPTION_SCHEMA_DESCRIPTORS = 120, 32..=2048,
        "schema descriptors of 32 bytes each, as nnrp_schema_write writes them";
    }
}

/// What a key takes in words, for messages.
pub(crate) fn describe(key: u32) -> String {
    match takes(key) {
        None => format!("option {key} does not exist"),
        Some(Takes::Number(range)) => {
            format!("option {key} takes {} to {}", range.start(), range.end())
        }
        Some(Takes::Bytes(range, form)) => format!(
            "option {key} takes {} to {} bytes: {form}",
            range.start(),
            range.end()
        ),
    }
}
