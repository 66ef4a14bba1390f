/* nnrp_error.h: status codes, error families and the diagnosis struct. */
#ifndef NNRP_ERROR_H
#define NNRP_ERROR_H

#include "nnrp_version.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Outcome of a call. Numbers are never reused. */
typedef uint32_t NnrpStatus;

#define NNRP_STATUS_OK UINT32_C(0) /* Done. */

/* Not a failure: try again later. */
#define NNRP_STATUS_WOULD_BLOCK UINT32_C(1) /* A bounded queue is full; an NNRP_EVENT_WRITABLE follows when there is room. */
#define NNRP_STATUS_TIMEOUT UINT32_C(2)     /* The time given to the call passed without an event. */

/* The caller's mistake: correct the call. */
#define NNRP_STATUS_INVALID_ARGUMENT UINT32_C(16) /* A value is outside its range; `detail` = 1-based parameter number. */
#define NNRP_STATUS_NULL_POINTER UINT32_C(17)     /* A required pointer is NULL; `detail` = 1-based parameter number. */
#define NNRP_STATUS_INVALID_HANDLE UINT32_C(18)   /* Stale, foreign, random or closed handle. */
#define NNRP_STATUS_INVALID_URI UINT32_C(19)      /* The endpoint is not scheme://host:port; `detail` = byte offset. */
#define NNRP_STATUS_INVALID_OPTION UINT32_C(20)   /* Unknown option key or value out of range; `detail` = key. */
#define NNRP_STATUS_BUFFER_TOO_SMALL UINT32_C(21) /* `detail` = bytes needed (2^32-1 if more). */
#define NNRP_STATUS_UNSUPPORTED UINT32_C(22)      /* Not in this build or not for this kind of handle. */
#define NNRP_STATUS_WRONG_STATE UINT32_C(23)      /* Closing, not open yet, or of the other side; `detail` = 1: see its *_CLOSED. */
#define NNRP_STATUS_LIMIT_EXCEEDED UINT32_C(24)   /* A configured limit (size, count) is exceeded; `detail` = the limit. */
#define NNRP_STATUS_FORKED UINT32_C(25)           /* A child of fork of a process that uses the library; exec, or use it in one. */

/* The network. */
#define NNRP_STATUS_CONNECT_FAILED UINT32_C(32) /* No connection; `detail` = operating system error number, 0 if none. */
#define NNRP_STATUS_LISTEN_FAILED UINT32_C(33)  /* The address cannot be bound; `detail` = operating system error number. */
#define NNRP_STATUS_TRANSPORT_LOST UINT32_C(34) /* The peer or the network ended the connection without closing it. */
#define NNRP_STATUS_PEER_TIMEOUT UINT32_C(35)   /* The peer did not answer within the configured time. */
#define NNRP_STATUS_NO_TRANSPORT UINT32_C(36)   /* No transport provider can be selected; the candidates say why. */

/* The protocol. */
#define NNRP_STATUS_PROTOCOL_ERROR UINT32_C(48)   /* The peer or the bytes given broke it; `detail` = rule, or 65536 + kind. */
#define NNRP_STATUS_SESSION_REJECTED UINT32_C(49) /* The server refused the session; `protocol_code` says why. */
#define NNRP_STATUS_CLOSED UINT32_C(50)           /* Ended in order; `detail` 2: the session goes on over another connection. */
#define NNRP_STATUS_SCHEMA_REJECTED UINT32_C(51)  /* Not installed, in conflict or unfit; `protocol_code` says which. */

/* This library. */
#define NNRP_STATUS_INTERNAL UINT32_C(64)    /* A defect of this library (a caught panic); please report it. */
#define NNRP_STATUS_OUT_OF_RESOURCES UINT32_C(65) /* No thread, memory or handle slot could be had. */

/* Who has to act on an error. */
#define NNRP_FAMILY_NONE UINT32_C(0)     /* No error, or NNRP_STATUS_WOULD_BLOCK and NNRP_STATUS_TIMEOUT. */
#define NNRP_FAMILY_USAGE UINT32_C(1)    /* The caller. */
#define NNRP_FAMILY_NETWORK UINT32_C(2)  /* The network or the peer's presence. */
#define NNRP_FAMILY_PROTOCOL UINT32_C(3) /* The peer's behaviour or decision. */
#define NNRP_FAMILY_INTERNAL UINT32_C(4) /* This library. */

/* Session error codes of the wire that appear in `protocol_code` (any other 32-bit value may appear too). */
#define NNRP_SESSION_ERROR_PROFILE_UNSUPPORTED UINT32_C(0x00010002)
#define NNRP_SESSION_ERROR_SCHEMA_UNSUPPORTED UINT32_C(0x00010003)
#define NNRP_SESSION_ERROR_RESUME_REJECTED UINT32_C(0x00010006)
#define NNRP_SESSION_ERROR_LIMIT_REACHED UINT32_C(0x00010007)

/* The whole diagnosis of a failed call. 64 bytes on every target. Written only when the call fails. */
typedef struct NnrpError {
    uint32_t status;        /* NNRP_STATUS_* */
    uint32_t family;        /* NNRP_FAMILY_* */
    uint32_t protocol_code; /* error code of the wire, 0 = none */
    uint32_t detail;        /* meaning depends on status, see there */
    uint64_t connection;    /* handle, 0 = none */
    uint64_t session;       /* handle, 0 = none */
    uint64_t operation_id;  /* 0 = none */
    uint32_t session_id;    /* id on the wire, 0 = none */
    uint32_t frame_id;      /* 0 = none */
    uint64_t reserved0;     /* zero */
    uint64_t reserved1;     /* zero */
} NnrpError;

/* Name of a status, e.g. "NNRP_STATUS_CLOSED"; "NNRP_STATUS_UNKNOWN" for other numbers. Static storage,
 * zero-terminated. */
NNRP_API const char *NNRP_CALL nnrp_status_name(uint32_t status);

/* Writes what is wrong, where, and what to do as UTF-8 (no terminating zero) for an error this library filled.
 * `out_size` receives the size of the whole text, also on NNRP_STATUS_BUFFER_TOO_SMALL, the one output written on
 * failure. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_error_message(const NnrpError *failure, char *text, size_t capacity,
                                                 size_t *out_size);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_ERROR_H */
