/* nnrp_options.h: keys of option sets, with unit, range and default. A call ignores the keys that it does not use. */
#ifndef NNRP_OPTIONS_H
#define NNRP_OPTIONS_H

#include "nnrp_version.h"

/* ---- Numbers, for nnrp_options_set_u64 ------------------------------------------------------------------------- */

/* Connections of both sides: nnrp_connect, nnrp_server_listen. */
#define NNRP_OPTION_CONNECT_TIMEOUT_MS UINT32_C(1) /* ms, 1..3600000, default 10000: connect and session open, each */
#define NNRP_OPTION_IDLE_TIMEOUT_MS UINT32_C(2)    /* ms, 0 = none, default 0: end a connection without any traffic */
#define NNRP_OPTION_WRITE_TIMEOUT_MS UINT32_C(3)   /* ms, 1..3600000, default 30000: a peer that does not read, or stops within a packet */
#define NNRP_OPTION_MAX_BODY_BYTES UINT32_C(4)     /* bytes, 0..1073741824, default 16777216: largest body received */
#define NNRP_OPTION_SEND_QUEUE_BYTES UINT32_C(5)   /* bytes, 4096..1073741824, default 4194304: unsent, with about 160 a packet */
#define NNRP_OPTION_KEEP_ALIVE_MS UINT32_C(9)      /* ms, 0 = never, default 15000: silence before a ping; needs the hello */
#define NNRP_OPTION_LEAST_WRITE_RATE UINT32_C(10)  /* bytes a second, 0..2^32-1, default 128: what a peer has to read, or to send of a packet that it has begun */
#define NNRP_OPTION_DRAIN_TIMEOUT_MS UINT32_C(11)  /* ms, 0..3600000, default 250: answers before a close, patch or migration */
#define NNRP_OPTION_MAX_METADATA_BYTES UINT32_C(12)   /* bytes, 80..1048576, default 4096: largest metadata received */
#define NNRP_OPTION_SEND_QUEUE_PACKETS UINT32_C(13)   /* 16..16777216, default 65536: unsent */
#define NNRP_OPTION_MAX_SESSIONS UINT32_C(14)         /* 1..65536, default 64: sessions of a connection at once */
#define NNRP_OPTION_CLOSE_TIMEOUT_MS UINT32_C(23)     /* ms, 1..3600000, default 5000: wait for the close answer */
#define NNRP_OPTION_ALPN UINT32_C(42)                 /* 0 (default) the token of TLS or QUIC, 1 none; see ALPN_TOKEN */

#define NNRP_OPTION_MAX_CACHED_OBJECTS UINT32_C(100)  /* 0..65536, default 1024: kept for a connection, 0 = no cache; both sides must want it */
#define NNRP_OPTION_MAX_CACHED_BYTES UINT32_C(101)    /* bytes, 0..1073741824, default 16777216: of those objects, and of the largest */

/* Clients: nnrp_connect. */
#define NNRP_OPTION_EXCHANGE UINT32_C(8)                    /* 0 (default) hello, or open where that is not known; 1 hello; 2 open */
#define NNRP_OPTION_RECONNECT_ATTEMPTS UINT32_C(38)         /* 0..1000000, default 0 = never connect again after a loss */
#define NNRP_OPTION_RECONNECT_FIRST_DELAY_MS UINT32_C(39)   /* ms, 1..3600000, default 100: longest first pause, doubled each time */
#define NNRP_OPTION_RECONNECT_LONGEST_DELAY_MS UINT32_C(40) /* ms, 1..3600000, default 5000: longest pause */
#define NNRP_OPTION_RECONNECT_TOTAL_MS UINT32_C(41)         /* ms, 1..86400000, default 120000: all attempts, from the loss on */
#define NNRP_OPTION_TRUST UINT32_C(43)                      /* 0 (default) given roots, else the system's; 1 the system's; 2 anyone */
#define NNRP_OPTION_HELLO_TRANSPORT_POLICY UINT32_C(105)    /* NNRP_POLICY_*, told in the hello; default: not told */
#define NNRP_OPTION_HELLO_PREFERRED_TRANSPORT UINT32_C(106) /* NNRP_TRANSPORT_*, told with the policy; default 0 = none */
#define NNRP_OPTION_HELLO_LOSS_TOLERANCE UINT32_C(107)      /* 0 strict, 1 best effort, 2 low latency, 3 any; default: not told */
#define NNRP_OPTION_HELLO_PAYLOAD_KINDS UINT32_C(108)       /* NNRP_PAYLOAD_* bits that it reads, told in the hello; default: not told */

/* Listeners: nnrp_server_listen. */
#define NNRP_OPTION_MAX_CONNECTIONS UINT32_C(6)         /* 1..1000000, default 10000 */
#define NNRP_OPTION_HANDSHAKE_TIMEOUT_MS UINT32_C(7)    /* ms, 1..3600000, default 10000: accepted, but no session yet */
#define NNRP_OPTION_HIGHEST_PRIORITY_CLASS UINT32_C(27) /* 0 (default) interactive, 1 balanced, 2 background: most urgent granted */
#define NNRP_OPTION_ENFORCE_DEADLINES UINT32_C(28)      /* 0, 1 (default): drop frames whose deadline passes; needs the hello */
#define NNRP_OPTION_ALLOW_CONTROL UINT32_C(29)          /* 0, 1 (default): grant patch and migration requests */
#define NNRP_OPTION_MAX_HANDSHAKES UINT32_C(30)         /* 1..1000000, default 1024: connections without a session yet */
#define NNRP_OPTION_MAX_OPERATIONS UINT32_C(31)         /* 1..16777216, default 65536: unanswered, all connections together */
#define NNRP_OPTION_MAX_BUFFERED_BYTES UINT32_C(32)     /* bytes, 65536..2^40, default 268435456: waiting or of packets that have begun, all connections together */
#define NNRP_OPTION_RESUME_WINDOW_MS UINT32_C(33)       /* ms, 1..86400000, default 120000: how long a session waits for its client */
#define NNRP_OPTION_RETAINED_BYTES UINT32_C(34)         /* bytes, 0..2^40, default 268435456: kept for sessions that wait */
#define NNRP_OPTION_MAX_HELD_SESSIONS UINT32_C(35)      /* 1..16777216, default 65536: sessions, those that wait included */
#define NNRP_OPTION_FIRST_SESSION_ID UINT32_C(36)       /* 1..2^32-1, default 1: tried first when the client leaves the choice */
#define NNRP_OPTION_RESUME_BY_ID UINT32_C(37)           /* 0 (default), 1: the id is enough to resume, as at published servers */
#define NNRP_OPTION_BESIDE_LISTENER UINT32_C(44)        /* handle, 0 = none: listener whose sessions, held ones too, and sums it shares */
#define NNRP_OPTION_LISTENER_CACHED_OBJECTS UINT32_C(102) /* 0..16777216, default 65536: cached, all connections together */
#define NNRP_OPTION_LISTENER_CACHED_BYTES UINT32_C(103)   /* bytes, 0..2^40, default 268435456: of those objects */
#define NNRP_OPTION_INSTALL_OFFERED_SCHEMAS UINT32_C(104) /* 0 (default), 1: accept schemas that clients offer and nobody knows here */

/* Sessions: nnrp_connection_open_session; PROFILE_ID, SCHEMA_*, MAX_IN_FLIGHT and LEASE_TTL_MS also nnrp_server_listen,
 * where they say what is accepted and granted. */
#define NNRP_OPTION_REQUESTED_SESSION_ID UINT32_C(16) /* 0..2^32-1, default a random id; 0 = the server chooses */
#define NNRP_OPTION_PROFILE_ID UINT32_C(17)           /* 0..65535, default 2 (token): asked for, or the one accepted */
#define NNRP_OPTION_SCHEMA_ID UINT32_C(18)            /* 0..2^32-1, default 0x1001 */
#define NNRP_OPTION_SCHEMA_VERSION UINT32_C(19)       /* 0..2^32-1, default 3 */
#define NNRP_OPTION_MAX_IN_FLIGHT UINT32_C(20)        /* 1..65535, default 4 (client), 256 (server): operations at once */
#define NNRP_OPTION_PRIORITY_CLASS UINT32_C(21)       /* 0 interactive, 1 balanced (default), 2 background */
#define NNRP_OPTION_DEFAULT_DEADLINE_MS UINT32_C(22)  /* ms, 0..2^32-1, default 0 = none: for the answer to each operation */
#define NNRP_OPTION_ALLOW_RESUME UINT32_C(24)         /* 0 (default), 1: outlive the connection, to be resumed; needs the hello */
#define NNRP_OPTION_ALLOW_CACHE_LEASES UINT32_C(25)   /* 0 (default), 1: pin cached objects, and keep them through a resume */
#define NNRP_OPTION_LEASE_TTL_MS UINT32_C(26)         /* ms, 0..2^32-1, default 30000: lease asked for or granted */

/* Probes: nnrp_probe_start. */
#define NNRP_OPTION_PROBE_SAMPLES UINT32_C(110)       /* 1..100, default 3: measurements */
#define NNRP_OPTION_PROBE_PAYLOAD_BYTES UINT32_C(111) /* bytes, 0..1048576, default 32768: padding of each, near the size of real bodies */
#define NNRP_OPTION_PROBE_TIMEOUT_MS UINT32_C(112)    /* ms, 1..600000, default 2000: for connecting, and again for each answer */

/* ---- Byte strings, for nnrp_options_set_bytes ------------------------------------------------------------------ */

/* Servers on TLS and QUIC need the first two; client certificates are not part of the protocol's bindings. */
#define NNRP_BYTES_OPTION_CERTIFICATE_CHAIN UINT32_C(60) /* 1..1048576 bytes: PEM, the server's own first, or one DER certificate */
#define NNRP_BYTES_OPTION_PRIVATE_KEY UINT32_C(61)       /* 1..1048576 bytes: key of the first certificate, PEM or DER */

/* Clients on TLS and QUIC. */
#define NNRP_BYTES_OPTION_ROOT_CERTIFICATES UINT32_C(62) /* 1..16777216 bytes: whom to trust, PEM or one DER certificate */
#define NNRP_BYTES_OPTION_SERVER_NAME UINT32_C(63)       /* 1..255 bytes of UTF-8, default the host: name in the certificate */

/* Both sides. */
#define NNRP_BYTES_OPTION_ALPN_TOKEN UINT32_C(64) /* 1..255 bytes of UTF-8, default nnrp/1-tcp (TLS), nnrp/1 (QUIC) */

/* Listeners: in place of PROFILE_ID, SCHEMA_ID and SCHEMA_VERSION. */
#define NNRP_BYTES_OPTION_PROFILES UINT32_C(65) /* 4..1024 bytes: array of uint32_t, the profiles accepted */
#define NNRP_BYTES_OPTION_SCHEMAS UINT32_C(66)  /* 8..8192 bytes: array of uint32_t pairs, schema id and version accepted */

/* Clients: the schemas they offer, answered by NNRP_EVENT_GREETED. Listeners: schemas accepted besides the above, whose
 * content is known: a client that offers another content under the same id and version is told. */
#define NNRP_BYTES_OPTION_SCHEMA_DESCRIPTORS UINT32_C(120) /* 32..2048 bytes: forms of nnrp_schema_write, one after another */

#endif /* NNRP_OPTIONS_H */
