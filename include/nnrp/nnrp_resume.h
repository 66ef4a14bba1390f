/* nnrp_resume.h: sessions that outlive a connection: recovery tickets, migration to another transport, orderly ends of
 * listeners. Needs the hello exchange and sessions opened with NNRP_OPTION_ALLOW_RESUME. */
#ifndef NNRP_RESUME_H
#define NNRP_RESUME_H

#include "nnrp_runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Recovery tickets ------------------------------------------------------------------------------------------ */

/* A ticket is a handle of a session apart from its connection: its id, the secret that proves the right to it, its
 * unanswered submits, and how far its results have come. Used on another connection of the same server, no result is
 * lost and none comes twice. It is used once; release one that is not used with nnrp_release. */

/* Client: takes an open session off its connection. Its results that had arrived, then NNRP_EVENT_SESSION_CLOSED with
 * NNRP_STATUS_CLOSED and `detail` 2, are its last events there. The ticket belongs to the caller.
 * NNRP_STATUS_WRONG_STATE if the session is not open or not resumable. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_detach(NnrpHandle session, NnrpHandle *out_ticket, NnrpError *error);

/* Client: takes what a session that has ended without being closed needs to go on elsewhere, once. Call it after its
 * NNRP_EVENT_SESSION_CLOSED was drained, with the handle of that event: of sessions that can be resumed the library
 * keeps the last 1024, with 64 MiB of unanswered submits, for the time their servers keep them and until their queue is
 * closed. The ticket belongs to the caller. NNRP_STATUS_INVALID_HANDLE if there is nothing to go on with,
 * NNRP_STATUS_WRONG_STATE while the session is alive. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_take_ticket(NnrpHandle session, NnrpHandle *out_ticket, NnrpError *error);

/* Client: carries the session of a ticket on over this connection: as nnrp_connection_open_session, and what was
 * submitted before is answered here, with the same frame ids; NNRP_EVENT_SESSION_OPENED has `is_resumed` 1 in its
 * record. The ticket is used up unless the call fails. If the server has given the session up, it ends with
 * NNRP_STATUS_SESSION_REJECTED. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_resume_session(NnrpHandle connection, NnrpHandle ticket,
                                                             NnrpHandle *out_session, NnrpError *error);

/* What a ticket says of its session. 32 bytes on every target. */
typedef struct NnrpTicketInfo {
    uint32_t session_id;           /* id on the wire */
    uint32_t resume_window_ms;     /* how long after the loss of its transport the server keeps it */
    uint32_t next_frame_id;        /* the id that its next frame gets */
    uint32_t unanswered_frames;    /* frames without a final answer */
    uint32_t last_result_frame_id; /* the highest frame that is answered, 0 = none */
    uint32_t profile_id;
    uint64_t reserved0;            /* zero */
} NnrpTicketInfo;

/* Reads a ticket, which stays as it is. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_ticket_info(NnrpHandle ticket, NnrpTicketInfo *out_info, NnrpError *error);

/* Writes a ticket as bytes, for a process that comes after this one; the ticket stays as it is. They are this library's
 * own format and hold the session's secret: keep them as you keep a password. `out_size` receives the size of all of
 * them, also on NNRP_STATUS_BUFFER_TOO_SMALL, the one output written on failure. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_ticket_save(NnrpHandle ticket, uint8_t *data, size_t capacity, size_t *out_size,
                                               NnrpError *error);

/* Makes a ticket of saved bytes, which belongs to the caller. NNRP_STATUS_INVALID_ARGUMENT if they are none, cut or
 * altered beyond use. Its results after the save come again. A session that is restored twice belongs to whoever resumes it
 * last: the server takes it from the other connection, where its submits are not answered any more.
 * Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_ticket_restore(const uint8_t *data, size_t size, NnrpHandle *out_ticket,
                                                  NnrpError *error);

/* Client: `out_resumable` receives 1 if the session goes on elsewhere when its connection is lost, else 0. Never blocks.
 * Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_is_resumable(NnrpHandle session, uint32_t *out_resumable,
                                                        NnrpError *error);

/* ---- Migration ------------------------------------------------------------------------------------------------- */

/* Client: moves all sessions to another endpoint of the same server, of another kind of transport, without losing or
 * doubling a result; handles stay. NNRP_EVENT_MIGRATED or NNRP_EVENT_MIGRATION_FAILED follows. Certificates are those
 * of the options given to nnrp_connect. NNRP_STATUS_WRONG_STATE unless every session is open and resumable, while
 * another migration is under way, or to the kind of transport in use. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_connection_migrate(NnrpHandle connection, const char *uri, size_t uri_size,
                                                      NnrpError *error);

/* Client: announces the move of one session between transports (NNRP_TRANSPORT_*, nnrp_transport.h) and no more;
 * NNRP_EVENT_SESSION_MIGRATED follows. The session goes on here until nnrp_session_detach. Never blocks. Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_session_migrate(NnrpHandle session, uint32_t from_transport, uint32_t to_transport,
                                                   NnrpError *error);

/* ---- Servers --------------------------------------------------------------------------------------------------- */

/* Ends a listener in order: accepts nobody and opens no session any more; each connection ends when its submits are
 * answered and the answers delivered. For answers that are still missing after `time_ms` nobody waits.
 * NNRP_EVENT_LISTENER_CLOSED follows at once, NNRP_EVENT_CONNECTION_CLOSED of each connection as it ends. Never blocks.
 * Any thread. */
NNRP_API NnrpStatus NNRP_CALL nnrp_listener_drain(NnrpHandle listener, uint32_t time_ms, NnrpError *error);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_RESUME_H */
