/* nnrp_runtime.h: connections, listeners, sessions, submits and results, over real sockets or in process. */
#ifndef NNRP_RUNTIME_H
#define NNRP_RUNTIME_H

#include "nnrp_ffi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Endpoints are URIs: nnrp+tcp://host:port, nnrp+tls://host:port (TLS 1.3 over TCP), nnrp+quic://host:port and, for
 * clients, nnrps://host:port (QUIC, or TLS where that does not get through); IPv6 in brackets, the port required, port 0
 * binds a free one; and nnrp+mem://name for a pair inside this process that needs no socket. What a build does not have
 * is NNRP_STATUS_UNSUPPORTED, and so is listening at nnrps (`detail` = 1: listen at nnrp+quic and, beside it, at
 * nnrp+tls with the same port instead); options with which a secure endpoint cannot be used (a client without roots,
 * a server without certificate) are NNRP_STATUS_INVALID_OPTION. */

/* ---- Client ---------------------------------------------------------------------------------------------------- */

/* Starts to connect. The connection belongs to `queue`; NNRP_EVENT_CONNECTED or NNRP_EVENT_CONNECTION_CLOSED follows.
 * `options` may be 0. That nobody answers is told by the event, never by this call, whose failures are
 * NNRP_STATUS_INVALID_URI, _UNSUPPORTED, _INVALID_OPTION and _OUT_OF_RESOURCES. Never blocks (names are looked up in the
 * background). Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connect(NnrpHandle queue, const char *uri, size_t uri_size,
                                                  NnrpHandle options, NnrpHandle *out_connection, NnrpError *error);

/* Asks for a session on a client connection. NNRP_EVENT_SESSION_OPENED or NNRP_EVENT_SESSION_CLOSED follows. Submits
 * may be queued at once. A connection carries one session towards peers that speak no hello. `options` may be 0.
 * NNRP_STATUS_LIMIT_EXCEEDED beyond NNRP_OPTION_MAX_SESSIONS; NNRP_STATUS_WRONG_STATE on a server's connection, and on one
 * that has ended. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_open_session(NnrpHandle connection, NnrpHandle options, NnrpHandle *out_session,
                                                NnrpError *error);

/* One submit. 56 bytes on every target. Its body is `body_size` bytes at `body_offset` of the arena passed along, its
 * NnrpSubmitDetails, if it has any, `details_size` bytes at `details_offset` of it. */
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
    uint32_t details_offset;      /* in the arena */
    uint32_t details_size;        /* sizeof(NnrpSubmitDetails), or 0 = none */
} NnrpSubmit;

/* What a submit may say beyond NnrpSubmit: in the arena of a batch, and as the record of NNRP_EVENT_SUBMIT, which is there
 * if any of it is not zero. Fields of tensors need bit 0 of payload_kind_bitmap. 88 bytes in this version. */
typedef struct NnrpSubmitDetails {
    uint32_t view_id;             /* wire header, 0..65535 */
    uint32_t route_id;            /* wire header, 0..65535 */
    uint32_t submit_mode;         /* 0 inline, 1 standard objects by reference, 2 some of them */
    uint32_t object_ref_mask;     /* standard objects by reference: bits 0 camera, 1 tile index, 2 sections, 3 layout */
    uint32_t budget_policy;       /* the server may: bit 0 answer in parts, 1 reuse, 2 degrade, 3 drop */
    uint32_t loss_tolerance;      /* 0 strict, 1 best effort, 2 low latency, 3 fire and forget, 255 as the session */
    uint32_t frame_class;         /* 0 key, 1 delta, 2 retransmitted, 3 discardable */
    uint32_t input_profile;       /* tensor: what the input is */
    uint32_t tile_index_mode;     /* tensor: 0 dense range, 1 raw, 2 delta, 3 bitset */
    uint32_t target_fps_x100;     /* 0..65535 */
    uint32_t retry_of_frame;      /* earlier frame retried, 0 = none */
    uint32_t dependency_frame_id; /* frame this one depends on, 0 = none */
    uint32_t src_width;           /* tensor, 0..65535 */
    uint32_t src_height;          /* tensor, 0..65535 */
    uint32_t tile_width;          /* tensor, 0..65535 */
    uint32_t tile_height;         /* tensor, 0..65535 */
    uint32_t tile_count;          /* tensor, 0..65535 */
    uint32_t section_count;       /* tensor, 0..65535 */
    uint32_t tile_base_id;        /* tensor: first tile id of a dense range */
    uint32_t camera_bytes;        /* tensor: bytes of the camera block */
    uint32_t object_count;        /* event: cached objects that it names, see NnrpSubmitObject; zero in a batch */
    uint32_t objects_offset;      /* event: where their list begins, from payload_offset; zero in a batch */
} NnrpSubmitDetails;

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
 * NNRP_EVENT_WRITABLE follows, also when a batch was cut short for it), NNRP_STATUS_LIMIT_EXCEEDED for a body larger than
 * either side takes, NNRP_STATUS_INVALID_ARGUMENT for a field outside its range, NNRP_STATUS_WRONG_STATE on a server's
 * session and on one that closes. Each accepted frame ends in RESULT events, the last of them not partial, or in a
 * RESULT_DROP, or with its session. Its status says all there is to know, hence no NnrpError. Never blocks. Any
 * thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_submit(NnrpHandle session, const NnrpSubmit *submits, uint32_t count,
                                                  const uint8_t *arena, size_t arena_size, NnrpBatch *out_batch);

/* Client: asks the server to cancel a frame; whether a result or a drop follows is up to the server.
 * NNRP_STATUS_WRONG_STATE for a frame that was never submitted or has its answer. Never blocks. Any thread. */
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
 * NNRP_STATUS_LISTEN_FAILED if the address cannot be had; otherwise as nnrp_connect. Blocks while the host name is looked
 * up. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_server_listen(NnrpHandle queue, const char *uri, size_t uri_size,
                                                 NnrpHandle options, NnrpHandle *out_listener, NnrpError *error);

/* Writes the bound endpoint, with its real port, as UTF-8 without terminating zero. `out_size` receives the size of
 * the whole text, also on NNRP_STATUS_BUFFER_TOO_SMALL, the one output written on failure. Never blocks.
 * Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_listener_uri(NnrpHandle listener, char *text, size_t capacity, size_t *out_size,
                                                NnrpError *error);

/* Stops accepting; connections go on. NNRP_EVENT_LISTENER_CLOSED follows. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_listener_close(NnrpHandle listener, NnrpError *error);

/* One result. 72 bytes on every target. Its body is `body_size` bytes at `body_offset` of the arena passed along, its
 * NnrpResultDetails, if it has any, `details_size` bytes at `details_offset` of it. */
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
    uint32_t details_offset;      /* in the arena */
    uint32_t details_size;        /* sizeof(NnrpResultDetails), or 0 = none */
} NnrpResult;

/* What a result may say beyond NnrpResult: in the arena of a batch, and as the record of NNRP_EVENT_RESULT, which is there
 * if any of it but the header is not zero. Fields of tensors need bit 0 of payload_kind_bitmap. 56 bytes in this
 * version. */
typedef struct NnrpResultDetails {
    uint64_t trace_id;           /* wire header */
    uint32_t header_flags;       /* wire header flags, bits 0..5 */
    uint32_t view_id;            /* wire header, 0..65535 */
    uint32_t route_id;           /* wire header, 0..65535 */
    uint32_t budget_policy;      /* the server did: bit 0 answer in parts, 1 reuse, 2 degrade, 3 drop */
    uint32_t reused_frame_id;    /* frame reused, 0 = none */
    uint32_t section_count;      /* tensor, 0..65535 */
    uint32_t tile_count;         /* tensor, 0..65535 */
    uint32_t tile_base_id;       /* tensor: first tile id */
    uint32_t tile_index_bytes;   /* tensor: bytes of the tile index */
    uint32_t covered_tile_count; /* tensor, 0..65535 */
    uint32_t dropped_tile_count; /* tensor, 0..65535 */
    uint32_t reserved0;          /* zero */
} NnrpResultDetails;

/* Queues up to `count` results (1..65536) in order; bodies are copied from `arena` (NULL if `arena_size` is 0). Stops
 * like nnrp_session_submit; an entry whose frame was never submitted or is already finished is
 * NNRP_STATUS_WRONG_STATE. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_send_results(NnrpHandle session, const NnrpResult *results, uint32_t count,
                                                        const uint8_t *arena, size_t arena_size,
                                                        NnrpBatch *out_batch);

/* Server: tells the client that no result will come for a frame. NNRP_STATUS_WRONG_STATE for one that was never submitted
 * or is already finished. Never blocks. Any thread. */
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

/* Server: sends a FLOW_UPDATE. Do not send it to a client application that is not known to expect one.
 * NNRP_STATUS_WRONG_STATE while the client waits for the answer to a close, a patch or a migration: repeat the call a moment
 * later. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_send_flow_update(NnrpHandle session, const NnrpFlowUpdate *update,
                                                            NnrpError *error);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_RUNTIME_H */
