/* nnrp_observe.h: what the library has done and holds, in numbers, and its log.
 *
 * No function here blocks; each may be called from any thread. Structs of numbers grow at their end: a caller says with
 * `*_size` how much of them it knows, and gets that much; zero a struct first if the library may be the older one.
 */
#ifndef NNRP_OBSERVE_H
#define NNRP_OBSERVE_H

#include "nnrp_ffi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Metrics --------------------------------------------------------------------------------------------------- */

/* What has happened on connections so far, and what is under way. 112 bytes in this version. */
typedef struct NnrpMetrics {
    uint64_t connections;       /* alive */
    uint64_t connections_total; /* accepted or made, ever */
    uint64_t refused;           /* listeners: peers turned away because a limit was reached */
    uint64_t sessions;          /* open */
    uint64_t sessions_total;    /* opened, ever, resumed ones included */
    uint64_t resumes;           /* sessions that were resumed */
    uint64_t operations;        /* server: submits without an answer */
    uint64_t bytes_in;          /* received from the transport */
    uint64_t bytes_out;         /* taken by the transport */
    uint64_t frames_in;         /* packets received */
    uint64_t frames_out;        /* packets queued for the transport */
    uint64_t drops;             /* RESULT_DROP sent or received */
    uint64_t queued_bytes;      /* wait for the transport */
    uint64_t queued_events;     /* wait for a place in the event queue */
} NnrpMetrics;

/* The numbers of one connection. `metrics_size` = sizeof(NnrpMetrics), at least 8 and a multiple of 8: as many bytes
 * are written, but no more than this library has numbers for. Works until the last event of the connection is
 * drained. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_metrics(NnrpHandle connection, NnrpMetrics *out_metrics,
                                                      size_t metrics_size, NnrpError *error);

/* The sum over the connections of a listener, those that have ended included. Its cost grows with the number of live
 * connections. `metrics_size` as above. */
NNRP_API NnrpStatus NNRP_CALL nnrp_listener_metrics(NnrpHandle listener, NnrpMetrics *out_metrics,
                                                    size_t metrics_size, NnrpError *error);

/* The sum over all connections of the process, made and accepted, those that have ended included. Its cost grows with
 * the number of live connections. `metrics_size` as above. */
NNRP_API NnrpStatus NNRP_CALL nnrp_process_metrics(NnrpMetrics *out_metrics, size_t metrics_size, NnrpError *error);

/* How many handles of each kind are alive: to find what was never released or never drained. 72 bytes in this
 * version. */
typedef struct NnrpHandleCounts {
    uint64_t options;     /* released by nnrp_release */
    uint64_t queues;      /* ended by nnrp_queue_close */
    uint64_t buffers;     /* released by nnrp_release */
    uint64_t connections; /* end when NNRP_EVENT_CONNECTION_CLOSED is drained */
    uint64_t sessions;    /* end when NNRP_EVENT_SESSION_CLOSED is drained */
    uint64_t listeners;   /* end when NNRP_EVENT_LISTENER_CLOSED is drained */
    uint64_t schemas;     /* registries, released by nnrp_release */
    uint64_t providers;   /* lists, released by nnrp_release */
    uint64_t probes;      /* under way, end by themselves */
} NnrpHandleCounts;

/* Counts the handles of the process. `counts_size` = sizeof(NnrpHandleCounts), at least 8 and a multiple of 8. */
NNRP_API NnrpStatus NNRP_CALL nnrp_handle_counts(NnrpHandleCounts *out_counts, size_t counts_size, NnrpError *error);

/* ---- Log ------------------------------------------------------------------------------------------------------- */

#define NNRP_LOG_OFF UINT32_C(0)   /* nothing, the default */
#define NNRP_LOG_ERROR UINT32_C(1) /* what this library could not do */
#define NNRP_LOG_WARN UINT32_C(2)  /* what ended otherwise than in order */
#define NNRP_LOG_INFO UINT32_C(3)  /* the end of every connection, with its numbers */
#define NNRP_LOG_DEBUG UINT32_C(4) /* what helps to find a defect */
#define NNRP_LOG_TRACE UINT32_C(5) /* everything */

/* Kind of NnrpEvent: a line of the log. Its body is UTF-8 text without line breaks, the message first, then name=value
 * pairs; its record is NnrpLogRecord. It takes a place in its queue, but never waits for one: what does not fit is
 * dropped and counted. */
#define NNRP_EVENT_LOG UINT32_C(44)

/* NNRP_EVENT_LOG. 24 bytes on every target. */
typedef struct NnrpLogRecord {
    uint64_t time_us;   /* microseconds since 1970-01-01 UTC */
    uint64_t dropped;   /* lines of this queue that were dropped since the one before */
    uint32_t level;     /* NNRP_LOG_* */
    uint32_t reserved0; /* zero */
} NnrpLogRecord;

/* Sends the log of the library, up to `level`, to a queue as events; NNRP_LOG_OFF ends that. A queue of its own keeps the
 * log from taking the places of other events. Nothing of the caller runs on the library's threads but the wake of the
 * queue, so a log can neither slow down nor block a connection. Up to 64 queues get the log at once:
 * NNRP_STATUS_LIMIT_EXCEEDED beyond. Ends with the queue. */
NNRP_API NnrpStatus NNRP_CALL nnrp_queue_set_log(NnrpHandle queue, uint32_t level, NnrpError *error);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_OBSERVE_H */
