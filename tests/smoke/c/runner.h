/* What the steps share: one queue, its events one by one, named connections and sessions, and the reason of a failure. */
#ifndef SMOKE_RUNNER_H
#define SMOKE_RUNNER_H

#include "json.h"

#include <nnrp/nnrp.h>

enum { RUNNER_EVENTS = 32, RUNNER_LABELS = 16, REASON_SIZE = 512 };

/* A connection or session that a later step names. */
typedef struct Label {
    const char *name;
    NnrpHandle handle;
    uint32_t submitted;
} Label;

typedef struct Runner {
    const Json *scenario;
    const char *endpoint;
    NnrpHandle queue;
    uint8_t *arena;
    size_t arena_size;
    NnrpEvent events[RUNNER_EVENTS];
    uint32_t event_count;
    uint32_t event_at;
    Label connections[RUNNER_LABELS];
    Label sessions[RUNNER_LABELS];
    uint64_t deadline;
    char reason[REASON_SIZE];
} Runner;

/* A step: 1 if it passed, else 0 with the reason. */
typedef int (*Step)(Runner *runner, const Json *step);

/* Makes the queue and the arena. */
int runner_start(Runner *runner);

/* Closes the queue, whatever is open. */
void runner_stop(Runner *runner);

/* Records why a step failed; returns 0. `format` as printf. */
int failed(Runner *runner, const char *format, ...);

/* Records a failed call with the library's own text; returns 0. */
int failed_call(Runner *runner, const char *call, NnrpStatus status, const NnrpError *error);

/* The next event, valid until the following call; NULL when the step's time is over, with `awaited` in the reason. */
const NnrpEvent *next_event(Runner *runner, const char *awaited);

/* Where a body is in the arena, or in its buffer, which is released; 1 if it is the pattern of its frame. */
int has_pattern(Runner *runner, const NnrpEvent *event, uint32_t size);

/* Writes the pattern of a frame. */
void fill_pattern(uint8_t *body, uint32_t size, uint32_t frame_id);

/* The endpoint of a step, with $ENDPOINT replaced. */
const char *step_endpoint(const Runner *runner, const Json *step);

/* The label a step names in `member`; NULL with the reason if no earlier step made it. */
Label *find_label(Runner *runner, Label *labels, const Json *step, const char *member);

/* Makes the label a step names in `member`. */
Label *make_label(Runner *runner, Label *labels, const Json *step, const char *member, NnrpHandle handle);

/* Connects; 0 with the reason if the call fails. */
int start_connection(Runner *runner, const char *endpoint, NnrpHandle *connection);

/* Opens a session with one option set. */
int start_session(Runner *runner, NnrpHandle connection, uint32_t key, uint32_t value, NnrpHandle *session);

/* Submits one body of the pattern; WOULD_BLOCK is `*taken` 0. */
int submit_pattern(Runner *runner, Label *session, uint32_t size, uint32_t latency_budget_ms, int *taken);

#endif
