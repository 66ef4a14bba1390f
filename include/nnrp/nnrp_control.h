/* nnrp_control.h: what connections and sessions say besides submits and results: greeting, patch, hint, ping, probe,
 * error report, and the events of connections that are lost and come back. Needs the hello exchange. */
#ifndef NNRP_CONTROL_H
#define NNRP_CONTROL_H

#include "nnrp_runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Events ---------------------------------------------------------------------------------------------------- */

#define NNRP_EVENT_GREETED UINT32_C(13)         /* client: the server answered the hello; record NnrpGreeting */
#define NNRP_EVENT_CONNECTION_LOST UINT32_C(14) /* client: the transport is lost, another is tried; `status` says why */
#define NNRP_EVENT_RECONNECTING UINT32_C(15)    /* client: attempt number `detail` begins after `retry_after_ms` */
#define NNRP_EVENT_SESSION_RESUMED UINT32_C(16) /* client: the session goes on elsewhere; fields as SESSION_OPENED */
#define NNRP_EVENT_MIGRATED UINT32_C(17)        /* client: all sessions go on there; body = the endpoint, UTF-8 */
#define NNRP_EVENT_MIGRATION_FAILED UINT32_C(18) /* client: they go on where they were; `status`, `protocol_code` say why */
#define NNRP_EVENT_SESSION_MIGRATED UINT32_C(19) /* client: answer to nnrp_session_migrate; record NnrpMigrationAnswer */
#define NNRP_EVENT_FRAMES_LOST UINT32_C(20)      /* client: no answer will come; body = frame ids, array of uint32_t */
#define NNRP_EVENT_DEADLINE_PASSED UINT32_C(21)  /* server: the frame was dropped; it needs no answer any more */
#define NNRP_EVENT_SESSION_PATCHED UINT32_C(22)  /* client: answer to nnrp_session_patch; record NnrpPatchAnswer, body its block */
#define NNRP_EVENT_HINT UINT32_C(23)             /* client: advice about `frame_id`, 0 = the session; record NnrpHint */
#define NNRP_EVENT_PEER_ERROR UINT32_C(24)       /* the peer reports an error; record NnrpErrorReport, body its text, UTF-8 */
#define NNRP_EVENT_PONG UINT32_C(25)             /* client: answer to nnrp_connection_ping; record NnrpPong */
#define NNRP_EVENT_PROBE_ANSWERED UINT32_C(26)   /* client: answer to nnrp_connection_probe; record NnrpProbeAnswer */

/* Record of NNRP_EVENT_GREETED: what the server accepts of the hello. 112 bytes on every target. */
typedef struct NnrpGreeting {
    uint32_t version_major;           /* chosen */
    uint32_t wire_format;             /* chosen */
    uint32_t auth_status;             /* no values assigned */
    uint32_t server_flags;            /* what the server offers */
    uint32_t profile_bitmap;          /* accepted, as the following bitmaps */
    uint32_t payload_kind_bitmap;
    uint32_t codec_bitmap;
    uint32_t compression_bitmap;
    uint32_t dtype_bitmap;
    uint32_t layout_bitmap;
    uint32_t cache_digest_bitmap;
    uint32_t cache_object_bitmap;     /* 0 = no cache */
    uint32_t max_cache_entries;
    uint32_t max_cache_bytes;
    uint32_t max_lane_count;
    uint32_t max_concurrent_frames;   /* on all sessions together */
    uint32_t target_cadence_x100;
    uint32_t latency_budget_ms;
    uint32_t quality_tier;
    uint32_t degrade_policy;
    uint32_t max_body_bytes;          /* largest body the server takes */
    uint32_t token_ttl_ms;            /* 0 = none */
    uint32_t retry_after_ms;          /* suggested, 0 = none */
    uint32_t transport_policy;        /* accepted policy + 1, 0 = not answered */
    uint32_t active_transport;        /* its transport number, 0 = not answered */
    uint32_t loss_tolerance;          /* accepted tolerance + 1, 0 = not answered */
    uint32_t readable_payload_kinds;  /* payload kinds the server reads, 0 = not answered */
    uint32_t reserved0;               /* zero */
} NnrpGreeting;

/* Record of NNRP_EVENT_SESSION_OPENED and NNRP_EVENT_SESSION_RESUMED: what was granted. 48 bytes on every target. */
typedef struct NnrpGrant {
    uint64_t server_session_tag;       /* correlation tag of the server's choice */
    uint32_t is_resumed;               /* 1: an earlier session goes on */
    uint32_t priority_class;           /* 0 interactive, 1 balanced, 2 background */
    uint32_t schema_id;
    uint32_t schema_version;
    uint32_t operation_credit;         /* initial */
    uint32_t lease_ttl_ms;
    uint32_t resume_window_ms;         /* after a loss of the transport; 0 = not resumable */
    uint32_t route_scope_id;
    uint32_t session_flags;            /* bit 0 resume enabled; others as on the wire */
    uint32_t reserved0;                /* zero */
} NnrpGrant;

/* Record of NNRP_EVENT_SESSION_MIGRATED. 24 bytes on every target. */
typedef struct NnrpMigrationAnswer {
    uint64_t resume_from_frame_id; /* first frame to replay */
    uint64_t server_time_us;
    uint32_t accept_code;          /* 0 = accepted */
    uint32_t grace_window_ms;      /* how long the old path stays usable */
} NnrpMigrationAnswer;

/* Record of NNRP_EVENT_SESSION_PATCHED. 48 bytes on every target. */
typedef struct NnrpPatchAnswer {
    uint64_t lane_mask;           /* in effect, as the following fields */
    uint32_t target_cadence_x100;
    uint32_t quality_tier;
    uint32_t degrade_policy;
    uint32_t codec_bitmap;
    uint32_t compression_bitmap;
    uint32_t profile_id;
    uint32_t ack_status;          /* 0 accepted, 1 partially accepted, 2 rejected */
    uint32_t reject_reason;       /* of the wire */
    uint32_t applied_mask;        /* fields applied, bits as NnrpPatch.mask */
    uint32_t rejected_mask;       /* fields refused */
} NnrpPatchAnswer;

/* Record of NNRP_EVENT_PONG. 8 bytes on every target. */
typedef struct NnrpPong {
    uint64_t round_trip_ns;
} NnrpPong;

/* Record of NNRP_EVENT_PROBE_ANSWERED. 16 bytes on every target. */
typedef struct NnrpProbeAnswer {
    uint64_t server_time_us; /* the server's clock when the probe arrived */
    uint32_t probe_id;
    uint32_t reserved0;      /* zero */
} NnrpProbeAnswer;

/* ---- Session settings ------------------------------------------------------------------------------------------ */

/* A change of session settings. 48 bytes on every target. */
typedef struct NnrpPatch {
    uint32_t struct_size;          /* sizeof(NnrpPatch) */
    uint32_t mask;                 /* bits 0 cadence, 1 tier, 2 policy, 3 lanes, 4 codecs, 5 compression, 6 profile block */
    uint64_t active_lane_mask;
    uint32_t profile_id;           /* 0..65535; 0 = the active one */
    uint32_t target_cadence_x100;
    uint32_t quality_tier;         /* 0..65535 */
    uint32_t degrade_policy;       /* 0..65535 */
    uint32_t preferred_codec_bitmap;
    uint32_t preferred_compression_bitmap;
    uint32_t reserved0;            /* zero */
    uint32_t reserved1;            /* zero */
} NnrpPatch;

/* Client: asks for other session settings; `block` (copied, NULL if `block_size` is 0) is the profile patch block, for
 * mask bit 6. NNRP_EVENT_SESSION_PATCHED follows. NNRP_STATUS_WRONG_STATE while another request of the session waits
 * for its answer, before it is open, and without the hello exchange. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_patch(NnrpHandle session, const NnrpPatch *patch, const uint8_t *block,
                                                 size_t block_size, NnrpError *error);

/* ---- Advice ---------------------------------------------------------------------------------------------------- */

/* Advice about a session, or about one of its frames; also the record of NNRP_EVENT_HINT. 24 bytes on every target. */
typedef struct NnrpHint {
    uint32_t struct_size;    /* sizeof(NnrpHint) */
    uint32_t frame_id;       /* 0 = the session */
    uint32_t budget_policy;  /* of the wire, spec 03 3.5 */
    uint32_t congestion;     /* of the wire, spec 03 3.5 */
    uint32_t reason;         /* of the wire, spec 03 3.5 */
    uint32_t retry_after_ms; /* 0 = none */
} NnrpHint;

/* Server: gives advice. NNRP_STATUS_WRONG_STATE without the hello exchange, and while the client waits for the answer to a
 * close, a patch or a migration: repeat the call a moment later. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_send_hint(NnrpHandle session, const NnrpHint *hint, NnrpError *error);

/* ---- Connections ----------------------------------------------------------------------------------------------- */

/* Client: sends a ping; NNRP_EVENT_PONG follows. At most 16 may be unanswered (NNRP_STATUS_WOULD_BLOCK,
 * until the next NNRP_EVENT_PONG). NNRP_STATUS_WRONG_STATE without the hello exchange. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_ping(NnrpHandle connection, NnrpError *error);

/* Client: sends a transport probe with this padding (copied, NULL if `size` is 0); NNRP_EVENT_PROBE_ANSWERED follows.
 * NNRP_STATUS_WRONG_STATE without the hello exchange. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_probe(NnrpHandle connection, uint32_t probe_id, const uint8_t *padding,
                                                    size_t size, NnrpError *error);

/* An error as one side reports it to the other; also the record of NNRP_EVENT_PEER_ERROR. 32 bytes on every target. */
typedef struct NnrpErrorReport {
    uint32_t struct_size;      /* sizeof(NnrpErrorReport) */
    uint32_t error_code;       /* of the wire, spec 05; any number travels */
    uint32_t scope;            /* 0 connection, 1 session, 2 frame */
    uint32_t is_fatal;         /* 1: the scope is over */
    uint32_t retry_after_ms;   /* 0 = none */
    uint32_t session_id;       /* of the wire, 0 = none; set by the library in reports of a session */
    uint32_t frame_id;         /* 0 = none */
    uint32_t view_id;          /* 0 = none */
} NnrpErrorReport;

/* Tells the peer of an error, about `session` or with 0 about the connection; `text` is for people (copied, NULL if
 * `text_size` is 0). A fatal report ends its scope. NNRP_STATUS_WRONG_STATE without the hello exchange. Never blocks.
 * Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_report_error(NnrpHandle connection, NnrpHandle session,
                                                           const NnrpErrorReport *report, const char *text,
                                                           size_t text_size, NnrpError *error);

/* Writes the peer's address as UTF-8 without terminating zero: of a server's connection the client's address, of a
 * client's that of the server it is connected to. NNRP_STATUS_WRONG_STATE before the transport is up. `out_size`
 * receives the size of the whole text, also on NNRP_STATUS_BUFFER_TOO_SMALL, the one output written on failure. Never
 * blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_peer(NnrpHandle connection, char *text, size_t capacity,
                                                   size_t *out_size, NnrpError *error);

/* Writes the endpoint as UTF-8 without terminating zero: where a client connects to, after a migration where it is;
 * of a server's connection the endpoint of its listener. Sizes as nnrp_connection_peer. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_uri(NnrpHandle connection, char *text, size_t capacity, size_t *out_size,
                                                  NnrpError *error);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_CONTROL_H */
