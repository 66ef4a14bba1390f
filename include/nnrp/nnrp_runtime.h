/* nnrp_runtime.h: connections, listeners, sessions, submits and results, over real sockets or in process. */
#ifndef NNRP_RUNTIME_H
#define NNRP_RUNTIME_H

#include "nnrp_ffi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Endpoints are URIs: nnrp+tcp://host:port, nnrp+tls://host:port (TLS 1.3 over TCP) and nnrp+quic://host:port (IPv6 in
 * brackets, the port required; port 0 binds a free one), and nnrp+mem://name for a pair inside this process that needs
 * no socket. Where a build has no TLS and QUIC, their endpoints are NNRP_STATUS_UNSUPPORTED; options with which they
 * cannot be used (a client without roots, a server without certificate) are NNRP_STATUS_INVALID_OPTION at once. */

/* ---- Client ---------------------------------------------------------------------------------------------------- */

/* Starts to connect. The connection belongs to `queue`; NNRP_EVENT_CONNECTED or NNRP_EVENT_CONNECTION_CLOSED follows.
 * `options` may be 0. Never blocks (names are looked up in the background). Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connect(NnrpHandle queue, const char *uri, size_t uri_size,
                                                  NnrpHandle options, NnrpHandle *out_connection, NnrpError *error);

/* Asks for a session on a client connection. NNRP_EVENT_SESSION_OPENED or NNRP_EVENT_SESSION_CLOSED follows. Submits
 * may be queued at once. A connection carries one session towards peers that speak no hello. `options` may be 0.
 * Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_open_session(NnrpHandle connection, NnrpHandle options, NnrpHandle *out_session,
                                                NnrpError *error);

/* One submit. 48 bytes on every target. Its body is `body_size` bytes at `body_offset` of the arena passed along. */
typedef struct NnrpSubmit {
    uint32_t struct_size;         /* sizeof(NnrpSubmit) */
    uint32_t header_flags;        /* wire header flags, bits 0..5 */
    uint64_t trace_id;            /* wire header */
    uint64_t body_offset;         /* in the arena */
    uint64_t body_size;           /* bytes */
    uint32_t latency_budget_ms;   /* 0..65535 */
    uint32_t payload_kind_bitmap; /* bits 0..6 */
    uint32_t payload_frame_count; /* 0..65535 */
    uint32_t reserved0;           /* zero */
} NnrpSubmit;

/* What became of a batch. 16 bytes on every target. */
typedef struct NnrpBatch {
    uint32_t accepted;       /* entries taken, from the first on */
    uint32_t first_frame_id; /* submits: frame id of the first entry taken, the others follow by 1; results: 0 */
    uint32_t reserved0;      /* zero */
    uint32_t reserved1;      /* zero */
} NnrpBatch;

/* Queues up to `count` submits (1..65536) in order, with consecutive frame ids; bodies are copied from `arena` (NULL
 * if `arena_size` is 0). Stops at the first entry that cannot be taken: NNRP_STATUS_OK if any was, else that entry's
 * status, NNRP_STATUS_WOULD_BLOCK when the send queue, the in-flight limit or the credit is exhausted (an
 * NNRP_EVENT_WRITABLE follows). Each accepted frame ends in RESULT events, the last of them not partial, or in a
 * RESULT_DROP, or with its session. Its status says all there is to know, hence no NnrpError. Never blocks. Any
 * thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_submit(NnrpHandle session, const NnrpSubmit *submits, uint32_t count,
                                                  const uint8_t *arena, size_t arena_size, NnrpBatch *out_batch);

/* Asks the server to cancel a frame; whether a result or a drop follows is up to the server. Never blocks. Any
 * thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_cancel(NnrpHandle session, uint32_t frame_id, NnrpError *error);

/* Closes a session in order: waits for queued answers, then NNRP_EVENT_SESSION_CLOSED. On the server side the
 * transport of a peer without hello ends with it. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_shutdown(NnrpHandle session, NnrpError *error);

/* Ends a connection: sessions still open end with it; NNRP_EVENT_CONNECTION_CLOSED is its last event. Never blocks.
 * Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_shutdown(NnrpHandle connection, NnrpError *error);

/* ---- Server ---------------------------------------------------------------------------------------------------- */

/* Binds an endpoint and starts to accept. Connections belong to `queue`: NNRP_EVENT_ACCEPTED, then
 * NNRP_EVENT_SESSION_OPENED for each session that `options` (0 = defaults) admit; others are refused on the wire.
 * Blocks while the host name is looked up. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_server_listen(NnrpHandle queue, const char *uri, size_t uri_size,
                                                 NnrpHandle options, NnrpHandle *out_listener, NnrpError *error);

/* Writes the bound endpoint, with its real port, as UTF-8 without terminating zero. `out_size` receives the size of
 * the whole text, also on NNRP_STATUS_BUFFER_TOO_SMALL, the one output written on failure. Never blocks.
 * Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_listener_uri(NnrpHandle listener, char *text, size_t capacity, size_t *out_size,
                                                NnrpError *error);

/* Stops accepting; connections go on. NNRP_EVENT_LISTENER_CLOSED follows. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_listener_close(NnrpHandle listener, NnrpError *error);

/* One result. 64 bytes on every target. Its body is `body_size` bytes at `body_offset` of the arena passed along. */
typedef struct NnrpResult {
    uint32_t struct_size;         /* sizeof(NnrpResult) */
    uint32_t frame_id;            /* the submit answered */
    uint64_t body_offset;         /* in the arena */
    uint64_t body_size;           /* bytes */
    uint32_t status_code;         /* 0..65535, no registry; 200 is the usual success */
    uint32_t result_class;        /* 0 complete, 1 partial, 2 stale_reuse, 3 degraded */
    uint32_t result_flags;        /* bits 0..2 */
    uint32_t payload_kind_bitmap; /* bits 0..6 */
    uint32_t payload_frame_count; /* 0..65535 */
    uint32_t inference_ms;        /* 0..65535 */
    uint32_t queue_ms;            /* 0..65535 */
    uint32_t server_total_ms;     /* 0..65535 */
    uint32_t profile_id;          /* 0..65535; 0 = the profile of the session */
    uint32_t reserved0;           /* zero */
} NnrpResult;

/* Queues up to `count` results (1..65536) in order; bodies are copied from `arena` (NULL if `arena_size` is 0). Stops
 * like nnrp_session_submit; an entry whose frame was never submitted or is already finished is
 * NNRP_STATUS_WRONG_STATE. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_send_results(NnrpHandle session, const NnrpResult *results, uint32_t count,
                                                        const uint8_t *arena, size_t arena_size,
                                                        NnrpBatch *out_batch);

/* Tells the client that no result will come for a frame. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_send_drop(NnrpHandle session, uint32_t frame_id, NnrpError *error);

/* A change of credit. 40 bytes on every target. */
typedef struct NnrpFlowUpdate {
    uint32_t struct_size;    /* sizeof(NnrpFlowUpdate) */
    uint32_t scope;          /* 0 connection, 1 session, 2 operation */
    uint64_t operation_id;   /* operation scope: its frame id, else 0 */
    uint32_t reason;         /* 0 grant, 1 reduce, 2 pause, 3 resume, 4 congestion */
    uint32_t backpressure;   /* 0 none, 1 soft, 2 hard */
    uint32_t credit;         /* 0..65535, the window of the scope */
    uint32_t retry_after_ms; /* counts if flags bit 1 is set, else 0 */
    uint32_t epoch;          /* grows per scope */
    uint32_t flags;          /* bit 0 credit valid, 1 retry_after valid, 2 background only, 3 drain in flight only */
} NnrpFlowUpdate;

/* Sends a FLOW_UPDATE. Do not send it to a client application that is not known to expect one. Never blocks. Any
 * thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_send_flow_update(NnrpHandle session, const NnrpFlowUpdate *update,
                                                            NnrpError *error);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_RUNTIME_H */
