/* nnrp_error.h: status codes, error families and the diagnosis struct. */
#ifndef NNRP_ERROR_H
#define NNRP_ERROR_H

#include "nnrp_version.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Outcome of a call. Numbers are never reused. */
typedef uint32_t NnrpStatus;

/* Done. */
#define NNRP_STATUS_OK UINT32_C(0)

/* Not a failure: try again later. */

/* A bounded queue is full; an NNRP_EVENT_WRITABLE follows when there is room. Remedy: drain events, and repeat the
 * call after that event. */
#define NNRP_STATUS_WOULD_BLOCK UINT32_C(1)
/* The time given to the call passed without an event. Remedy: wait again, or give up. */
#define NNRP_STATUS_TIMEOUT UINT32_C(2)

/* The caller's mistake: correct the call. */

/* A value is outside its range; `detail` = 1-based parameter number. Remedy: give that parameter a value of the
 * range that the header states. */
#define NNRP_STATUS_INVALID_ARGUMENT UINT32_C(16)
/* A required pointer is NULL; `detail` = 1-based parameter number. Remedy: pass memory for that parameter. */
#define NNRP_STATUS_NULL_POINTER UINT32_C(17)
/* Stale, foreign, random or closed handle. Remedy: use a handle of the right kind, until its *_CLOSED event is
 * drained. */
#define NNRP_STATUS_INVALID_HANDLE UINT32_C(18)
/* The endpoint is not scheme://host:port; `detail` = byte offset. Remedy: correct the text from that byte on; the
 * port is required. */
#define NNRP_STATUS_INVALID_URI UINT32_C(19)
/* Unknown option key or value out of range; `detail` = key. Remedy: see the key's range in nnrp_options.h. */
#define NNRP_STATUS_INVALID_OPTION UINT32_C(20)
/* The output does not fit; `detail` = bytes needed (2^32-1 if more). Remedy: repeat the call with that much memory. */
#define NNRP_STATUS_BUFFER_TOO_SMALL UINT32_C(21)
/* Not in this build or not for this kind of handle; `detail` = 1: a server cannot listen at nnrps. Remedy:
 * nnrp_build_info names the features of this library; take another build or handle; a server listens at nnrp+quic and,
 * beside it (NNRP_OPTION_BESIDE_LISTENER), at nnrp+tls with the same port. */
#define NNRP_STATUS_UNSUPPORTED UINT32_C(22)
/* Closing, not open yet, or of the other side; `detail` = 1: see its *_CLOSED. Remedy: wait for the event that opens
 * it, or stop using it. */
#define NNRP_STATUS_WRONG_STATE UINT32_C(23)
/* A configured limit (size, count) is exceeded; `detail` = the limit. Remedy: send less, or raise the limit by its
 * option. */
#define NNRP_STATUS_LIMIT_EXCEEDED UINT32_C(24)
/* A child of fork of a process that uses the library. Remedy: exec, or use the library in one of both processes
 * only. */
#define NNRP_STATUS_FORKED UINT32_C(25)

/* The network. */

/* No connection; `detail` = operating system error number, 0 if none. Remedy: see that the server runs, is
 * reachable, and shows a certificate that is trusted. */
#define NNRP_STATUS_CONNECT_FAILED UINT32_C(32)
/* The address cannot be bound; `detail` = operating system error number. Remedy: choose a free port or another
 * address. */
#define NNRP_STATUS_LISTEN_FAILED UINT32_C(33)
/* The peer or the network ended the connection without closing it. Remedy: connect again, or let
 * NNRP_OPTION_RECONNECT_ATTEMPTS do so. */
#define NNRP_STATUS_TRANSPORT_LOST UINT32_C(34)
/* The peer did not answer within the configured time. Remedy: connect again; raise the timeout by its option if the
 * peer is slow. */
#define NNRP_STATUS_PEER_TIMEOUT UINT32_C(35)
/* No transport provider can be selected; the candidates say why. Remedy: relax the policy, probe more ways, or add a
 * provider. */
#define NNRP_STATUS_NO_TRANSPORT UINT32_C(36)

/* The protocol. */

/* The peer or the bytes given broke it; `detail` = rule, or 65536 + kind. Remedy: correct the bytes, or report it to
 * whoever makes the peer. */
#define NNRP_STATUS_PROTOCOL_ERROR UINT32_C(48)
/* The server refused the session; `protocol_code` says why. Remedy: ask for what the server accepts: profile,
 * schema, number of sessions. */
#define NNRP_STATUS_SESSION_REJECTED UINT32_C(49)
/* Ended in order; `detail` 2: the session goes on over another connection. Remedy: nothing; open anew to go on. */
#define NNRP_STATUS_CLOSED UINT32_C(50)
/* Not installed, in conflict or unfit; `protocol_code` says which. Remedy: install the schema in the version that is
 * used. */
#define NNRP_STATUS_SCHEMA_REJECTED UINT32_C(51)

/* This library. */

/* A defect of this library (a caught panic). Remedy: please report it, with nnrp_build_info. */
#define NNRP_STATUS_INTERNAL UINT32_C(64)
/* No thread, memory or handle slot could be had. Remedy: release handles, end connections, or raise the limits of
 * the process. */
#define NNRP_STATUS_OUT_OF_RESOURCES UINT32_C(65)

/* Who has to act on an error. */
#define NNRP_FAMILY_NONE UINT32_C(0)     /* No error, or NNRP_STATUS_WOULD_BLOCK and NNRP_STATUS_TIMEOUT. */
#define NNRP_FAMILY_USAGE UINT32_C(1)    /* The caller. */
#define NNRP_FAMILY_NETWORK UINT32_C(2)  /* The network or the peer's presence. */
#define NNRP_FAMILY_PROTOCOL UINT32_C(3) /* The peer's behaviour or decision. */
#define NNRP_FAMILY_INTERNAL UINT32_C(4) /* This library. */

/* Session error codes of the wire that appear in `protocol_code` (any other 32-bit value may appear too). */

/* The server does not serve the profile. Remedy: ask for one of its profiles (NNRP_OPTION_PROFILE_ID). */
#define NNRP_SESSION_ERROR_PROFILE_UNSUPPORTED UINT32_C(0x00010002)
/* The server does not know the schema in this version. Remedy: ask for another (NNRP_OPTION_SCHEMA_ID, _VERSION). */
#define NNRP_SESSION_ERROR_SCHEMA_UNSUPPORTED UINT32_C(0x00010003)
/* There is nothing to resume, or no right to it. Remedy: open a new session and submit again. */
#define NNRP_SESSION_ERROR_RESUME_REJECTED UINT32_C(0x00010006)
/* The server grants no such session: too many sessions, or operations at once, or its id is in use. Remedy: ask for
 * less (NNRP_OPTION_MAX_IN_FLIGHT) or for another id, end a session, or try again later. */
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
