/* nnrp_recovery.h: the checks of resume requests, their answers and migrations, over metadata that came another way.
 *
 * The library makes these checks itself on every connection it drives. They are here for whoever has the metadata of
 * such messages (not their headers) from elsewhere: a proxy, a recorder, a host with a transport of its own.
 *
 * All functions are pure: none blocks, none keeps a pointer, each may be called from any thread. Metadata that cannot be
 * decoded or breaks a rule is NNRP_STATUS_PROTOCOL_ERROR: `detail` = the rule, or 65536 + the kind of the codec error.
 */
#ifndef NNRP_RECOVERY_H
#define NNRP_RECOVERY_H

#include "nnrp_ffi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the answer to a session open says about recovery. */
#define NNRP_RECOVERY_FRESH UINT32_C(0)    /* nothing was recovered and nothing can be */
#define NNRP_RECOVERY_ENABLED UINT32_C(1)  /* a new session that can be resumed within the window */
#define NNRP_RECOVERY_RESUMED UINT32_C(2)  /* the earlier session continues */
#define NNRP_RECOVERY_REJECTED UINT32_C(3) /* the server has nothing to resume */

/* The outcome of a checked answer. 8 bytes on every target; never grows. */
typedef struct NnrpRecoveryOutcome {
    uint32_t outcome;          /* NNRP_RECOVERY_* */
    uint32_t resume_window_ms; /* ENABLED, RESUMED: how long after a loss the session can be resumed; else 0 */
} NnrpRecoveryOutcome;

/* Checks the metadata of a SESSION_OPEN as a server does before it resumes: whoever names a resume token must allow
 * resume and name the session. A request without token is NNRP_STATUS_OK. */
NNRP_API NnrpStatus NNRP_CALL nnrp_recovery_check_request(const uint8_t *open, size_t open_size, NnrpError *error);

/* Checks the metadata of a SESSION_OPEN_ACK against the SESSION_OPEN it answers, as a client does. A refusal is a
 * successful check: NNRP_STATUS_OK with NNRP_RECOVERY_REJECTED. */
NNRP_API NnrpStatus NNRP_CALL nnrp_recovery_check_answer(const uint8_t *open, size_t open_size, const uint8_t *answer,
                                                         size_t answer_size, NnrpRecoveryOutcome *out_outcome,
                                                         NnrpError *error);

/* Checks the metadata of a SESSION_MIGRATE and of its SESSION_MIGRATE_ACK, as both sides do: two different transports,
 * and a cursor that does not go back. */
NNRP_API NnrpStatus NNRP_CALL nnrp_recovery_check_migration(const uint8_t *migrate, size_t migrate_size,
                                                            const uint8_t *answer, size_t answer_size,
                                                            NnrpError *error);

/* Whether a frame has to be sent again after a migration: `out_replay` receives 1 for the cursor of the
 * SESSION_MIGRATE_ACK and every frame behind it, 0 for the ones before. */
NNRP_API NnrpStatus NNRP_CALL nnrp_recovery_must_replay(const uint8_t *answer, size_t answer_size, uint64_t frame_id,
                                                        uint32_t *out_replay, NnrpError *error);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_RECOVERY_H */
