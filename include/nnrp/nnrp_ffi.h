/* nnrp_ffi.h: handles, options, event queues, events and payload buffers. */
#ifndef NNRP_FFI_H
#define NNRP_FFI_H

#include "nnrp_error.h"
#include "nnrp_options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A handle: kind, generation and slot in one integer below 2^53. 0 is never valid. */
typedef uint64_t NnrpHandle;

#define NNRP_HANDLE_INVALID UINT64_C(0)

/* ---- Options --------------------------------------------------------------------------------------------------- */

/* Creates an empty set of options; release it with nnrp_release. A set may be used for many calls and is read during
 * the call only; its keys stand in nnrp_options.h. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_options_create(NnrpHandle *out_options, NnrpError *error);

/* Sets one number; the last value wins. NNRP_STATUS_INVALID_OPTION for an unknown key or a value out of its range.
 * Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_options_set_u64(NnrpHandle options, uint32_t key, uint64_t value,
                                                   NnrpError *error);

/* Sets one byte string, which is copied; the last value wins. NNRP_STATUS_INVALID_OPTION for an unknown key and for a
 * length out of its range; whether the content serves is told by the call that uses it. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_options_set_bytes(NnrpHandle options, uint32_t key, const uint8_t *data,
                                                     size_t size, NnrpError *error);

/* Releases what the caller owns: options, buffers, tickets, schema registries, lists of providers. Releasing one twice is
 * NNRP_STATUS_OK; a handle of another kind, which ends otherwise, is NNRP_STATUS_INVALID_HANDLE. Never blocks. Any
 * thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_release(NnrpHandle handle, NnrpError *error);

/* ---- Events ---------------------------------------------------------------------------------------------------- */

#define NNRP_EVENT_CONNECTED UINT32_C(1)         /* client: the transport is up; sessions may be opened before it too */
#define NNRP_EVENT_ACCEPTED UINT32_C(2)          /* server: a peer connected; `listener` names the listener */
#define NNRP_EVENT_CONNECTION_CLOSED UINT32_C(3) /* last event of a connection; `status` says why */
#define NNRP_EVENT_SESSION_OPENED UINT32_C(4)    /* client: the server accepted; server: a client opened one */
#define NNRP_EVENT_SESSION_CLOSED UINT32_C(5)    /* last event of a session; `status` says why */
#define NNRP_EVENT_SUBMIT UINT32_C(6)            /* server: FRAME_SUBMIT with its body; record NnrpSubmitDetails */
#define NNRP_EVENT_RESULT UINT32_C(7)            /* client: RESULT_PUSH with its body; record NnrpResultDetails */
#define NNRP_EVENT_RESULT_DROP UINT32_C(8)       /* client: RESULT_DROP, no result will come for the frame */
#define NNRP_EVENT_FLOW_UPDATE UINT32_C(9)       /* client: FLOW_UPDATE; the flow_* fields are set */
#define NNRP_EVENT_CANCEL UINT32_C(10)           /* server: FRAME_CANCEL of an unanswered frame */
#define NNRP_EVENT_WRITABLE UINT32_C(11)         /* room again, after NNRP_STATUS_WOULD_BLOCK or a batch that was cut short */
#define NNRP_EVENT_LISTENER_CLOSED UINT32_C(12)  /* last event of a listener */

/* One event. 176 bytes on every target. Fields that an event kind does not use are 0. What does not fit these fields
 * stands in a record, a struct of integers that the kind names: it lies behind the body, at `payload_offset` +
 * `payload_size` rounded up to a multiple of 8 (in `buffer`: at `payload_size` rounded up), and may be longer than the
 * struct of an older header. */
typedef struct NnrpEvent {
    uint32_t kind;                /* NNRP_EVENT_* */
    uint32_t status;              /* NNRP_STATUS_* of *_CLOSED, else 0 */
    uint64_t listener;            /* handle */
    uint64_t connection;          /* handle */
    uint64_t session;             /* handle */
    uint64_t operation_id;        /* equals frame_id for submits and results; target of an operation-scope flow update */
    uint64_t trace_id;            /* wire header */
    uint64_t payload_offset;      /* where the body starts in the arena */
    uint64_t payload_size;        /* bytes of the body, in the arena or in `buffer` */
    uint64_t buffer;              /* body and record when they did not fit the arena, else 0; release it with nnrp_release */
    uint32_t session_id;          /* id on the wire */
    uint32_t frame_id;            /* wire header */
    uint32_t header_flags;        /* wire header */
    uint16_t view_id;             /* wire header */
    uint16_t route_id;            /* wire header */
    uint32_t protocol_code;       /* error code of the wire */
    uint32_t detail;              /* see the status */
    uint32_t profile_id;          /* SESSION_OPENED: accepted profile; RESULT: active profile */
    uint32_t max_in_flight;       /* SESSION_OPENED: operations at once */
    uint32_t status_code;         /* RESULT */
    uint32_t result_class;        /* RESULT: 0 complete, 1 partial, 2 stale_reuse, 3 degraded */
    uint32_t result_flags;        /* RESULT */
    uint32_t payload_kind_bitmap; /* SUBMIT, RESULT */
    uint32_t payload_frame_count; /* SUBMIT, RESULT */
    uint32_t latency_budget_ms;   /* SUBMIT */
    uint32_t inference_ms;        /* RESULT */
    uint32_t queue_ms;            /* RESULT */
    uint32_t server_total_ms;     /* RESULT */
    uint32_t flow_scope;          /* FLOW_UPDATE: 0 connection, 1 session, 2 operation */
    uint32_t flow_reason;         /* FLOW_UPDATE: 0 grant, 1 reduce, 2 pause, 3 resume, 4 congestion */
    uint32_t flow_backpressure;   /* FLOW_UPDATE: 0 none, 1 soft, 2 hard */
    uint32_t flow_flags;          /* FLOW_UPDATE: bit 0 credit valid, 1 retry_after valid, 2 background only, 3 drain only */
    uint32_t flow_credit;         /* FLOW_UPDATE: the credit of its scope */
    uint32_t flow_epoch;          /* FLOW_UPDATE */
    uint32_t retry_after_ms;      /* FLOW_UPDATE */
    uint32_t close_reason;        /* SESSION_CLOSED: reason of the wire */
    uint32_t record_size;         /* bytes of the record behind the body, 0 = none */
} NnrpEvent;

/* ---- Event queue ----------------------------------------------------------------------------------------------- */

/* Called when a queue that was empty has events: coalesced, edge-triggered, without data, on a thread of the library or
 * inside nnrp_queue_set_wake. It must return soon and should only signal the thread that drains, which then drains until
 * there are no events. Calls that may wait (nnrp_queue_close, nnrp_queue_set_wake, nnrp_queue_wait with a timeout,
 * nnrp_server_listen) are NNRP_STATUS_WRONG_STATE inside of it. */
typedef void(NNRP_CALL *NnrpWakeCallback)(void *user_data);

/* Creates a bounded queue of events. `capacity` (16..1048576) counts the events that peers cause (ACCEPTED,
 * SESSION_OPENED, SUBMIT, RESULT, RESULT_DROP, FLOW_UPDATE, CANCEL); 64 MiB of bodies fill it, too. A full queue
 * stops the library from reading more from the peers of that queue, it never drops and never grows. Never blocks.
 * Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_queue_create(uint32_t capacity, NnrpHandle *out_queue, NnrpError *error);

/* Sets (or with NULL removes) the wake callback. When the call returns, the previous callback is not running and will
 * not run. Must not be called from the callback. If events are already queued, the new callback is called once, before
 * this call returns. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_queue_set_wake(NnrpHandle queue, NnrpWakeCallback callback, void *user_data,
                                                  NnrpError *error);

/* Gives a descriptor that poll, epoll and kqueue report as readable while the queue has events; it is always the same
 * one. It belongs to the queue: do not read, write or close it, and stop to poll it before nnrp_queue_close, which closes
 * it. Drain until there are no events before polling again. NNRP_STATUS_UNSUPPORTED on Windows (use the wake callback),
 * NNRP_STATUS_OUT_OF_RESOURCES if the process has no descriptor left. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_queue_descriptor(NnrpHandle queue, uint32_t *out_descriptor, NnrpError *error);

/* Blocks until the queue has an event, at most `timeout_ms` (0 = look only, 2^32-1 = for ever): NNRP_STATUS_OK or
 * NNRP_STATUS_TIMEOUT. Any number of threads may wait, and all of them hear of an event, which one of them drains;
 * nnrp_queue_close ends every wait with NNRP_STATUS_CLOSED. */
NNRP_API NnrpStatus NNRP_CALL nnrp_queue_wait(NnrpHandle queue, uint32_t timeout_ms, NnrpError *error);

/* Moves up to `capacity` events into `events` and their bodies, 8-byte aligned, into `arena`. An event whose body is
 * larger than the whole arena arrives with a buffer handle; one that only does not fit any more stays for the next
 * call. `out_count` receives the number of events, 0 when there are none. `arena` may be NULL if `arena_size` is 0.
 * A handle whose *_CLOSED event is among the drained is stale when the call returns, for the events before it, too.
 * Never blocks, allocates nothing per event. Any thread; events of one connection keep their order. Its status says
 * all there is to know, hence no NnrpError. */
NNRP_API NnrpStatus NNRP_CALL nnrp_queue_drain(NnrpHandle queue, NnrpEvent *events, uint32_t capacity, uint8_t *arena,
                                               size_t arena_size, uint32_t *out_count);

/* Ends every listener, connection and session of the queue without waiting for their peers, then the queue. Undrained
 * events are discarded. When the call returns, the wake callback is not running and will not run, and the endpoints
 * of its listeners are free. Blocks for that long (milliseconds). Closing twice is NNRP_STATUS_OK. Must not be called
 * from the wake callback. */
NNRP_API NnrpStatus NNRP_CALL nnrp_queue_close(NnrpHandle queue, NnrpError *error);

/* ---- Payload buffers ------------------------------------------------------------------------------------------- */

/* Copies bytes of a buffer from `offset` on; `out_size` receives how many. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_buffer_read(NnrpHandle buffer, uint64_t offset, uint8_t *destination,
                                               size_t capacity, size_t *out_size, NnrpError *error);

/* Lends the bytes of a buffer, read-only, until nnrp_release of the buffer. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_buffer_borrow(NnrpHandle buffer, const uint8_t **out_data, size_t *out_size,
                                                 NnrpError *error);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_FFI_H */
