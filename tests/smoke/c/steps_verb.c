/* Steps that make the echo server behave otherwise, by verbs in latency_budget_ms. */
#include "exchange.h"
#include "steps.h"

/* The session of a verb step and the value of its verb; 0 with the reason if one is missing. */
static int prepare(Runner *runner, const Json *step, Label **session, uint32_t *verb) {
    const char *name = json_text(step, "verb", "");
    *session = find_label(runner, runner->sessions, step, "session");
    *verb = json_u32(json_member(runner->scenario, "verbs"), name, 0);
    if (*session == NULL) {
        return 0;
    }
    return *verb != 0 ? 1 : failed(runner, "the scenario has no verb `%s`", name);
}

/* Submits one body, waiting for room if there is none. */
static int submit_one(Runner *runner, Label *session, uint32_t size, uint32_t verb, uint32_t *frame_id) {
    int taken = 0;
    while (!taken) {
        if (!submit_pattern(runner, session, size, verb, &taken) || (!taken && next_event(runner, "room to submit") == NULL)) {
            return 0;
        }
    }
    *frame_id = session->submitted;
    return 1;
}

/* The next event of the session but WRITABLE, and flow updates of its connection if they are asked for. */
static const NnrpEvent *next_of(Runner *runner, const Label *session, int with_flow, const char *awaited) {
    const NnrpEvent *event;
    while ((event = next_event(runner, awaited)) != NULL) {
        int own = event->session == session->handle || (with_flow && event->kind == NNRP_EVENT_FLOW_UPDATE);
        if (own && event->kind != NNRP_EVENT_WRITABLE) {
            return event;
        }
    }
    return NULL;
}

static int expect_drop(Runner *runner, const Label *session, uint32_t frame_id) {
    const NnrpEvent *event = next_of(runner, session, 0, "RESULT_DROP");
    if (event == NULL) {
        return 0;
    }
    return event->kind == NNRP_EVENT_RESULT_DROP && event->frame_id == frame_id
               ? 1
               : failed(runner, "event %u of frame %u instead of RESULT_DROP of %u", event->kind, event->frame_id, frame_id);
}

static int expect_result(Runner *runner, const Label *session, uint32_t frame_id, uint32_t size, uint32_t result_class,
                         uint32_t result_flags) {
    const NnrpEvent *event = next_of(runner, session, 0, "RESULT");
    if (event == NULL) {
        return 0;
    }
    if (event->frame_id != frame_id) {
        return failed(runner, "event %u of frame %u instead of %u", event->kind, event->frame_id, frame_id);
    }
    return check_result(runner, event, size, result_class, result_flags);
}

int step_verb_drop(Runner *runner, const Json *step) {
    Label *session;
    uint32_t verb;
    uint32_t frame_id;
    return prepare(runner, step, &session, &verb) && submit_one(runner, session, 0, verb, &frame_id) &&
           expect_drop(runner, session, frame_id);
}

int step_verb_hold(Runner *runner, const Json *step) {
    Label *session;
    uint32_t verb;
    uint32_t held;
    uint32_t plain;
    NnrpError error;
    NnrpStatus status;
    if (!prepare(runner, step, &session, &verb) || !submit_one(runner, session, 0, verb, &held) ||
        !submit_one(runner, session, 16, 0, &plain) || !expect_result(runner, session, plain, 16, 0, 0)) {
        return 0;
    }
    status = nnrp_session_cancel(session->handle, held, &error);
    if (status != NNRP_STATUS_OK) {
        return failed_call(runner, "nnrp_session_cancel", status, &error);
    }
    return expect_drop(runner, session, held);
}

int step_verb_partial(Runner *runner, const Json *step) {
    Label *session;
    uint32_t verb;
    uint32_t frame_id;
    uint32_t size = json_u32(step, "size", 0);
    return prepare(runner, step, &session, &verb) && submit_one(runner, session, size, verb, &frame_id) &&
           expect_result(runner, session, frame_id, size, 1, json_u32(step, "partial_flags", 0)) &&
           expect_result(runner, session, frame_id, size, 0, 0);
}

static int expect_flow(Runner *runner, const Label *session, const Json *update, uint32_t frame_id) {
    const NnrpEvent *event = next_of(runner, session, 1, "FLOW_UPDATE");
    uint32_t scope = json_u32(update, "scope", 0);
    uint64_t operation = scope == 2 ? frame_id : 0;
    if (event == NULL) {
        return 0;
    }
    if (event->kind != NNRP_EVENT_FLOW_UPDATE || event->flow_scope != scope ||
        event->flow_credit != json_u32(update, "credit", 0) || event->operation_id != operation) {
        return failed(runner, "event %u: scope %u, credit %u, operation %llu", event->kind, event->flow_scope, event->flow_credit,
                      (unsigned long long)event->operation_id);
    }
    return event->flow_reason == 0 && event->flow_backpressure == 0 && event->flow_epoch == 1 && event->flow_flags == 1
               ? 1
               : failed(runner, "reason %u, backpressure %u, epoch %u, flags %u", event->flow_reason, event->flow_backpressure,
                        event->flow_epoch, event->flow_flags);
}

int step_verb_flow(Runner *runner, const Json *step) {
    Label *session;
    uint32_t verb;
    uint32_t frame_id;
    uint32_t size = json_u32(step, "size", 0);
    const Json *updates = json_member(step, "updates");
    const Json *update;
    if (!prepare(runner, step, &session, &verb) || !submit_one(runner, session, size, verb, &frame_id)) {
        return 0;
    }
    for (update = updates == NULL ? NULL : updates->first; update != NULL; update = update->next) {
        if (!expect_flow(runner, session, update, frame_id)) {
            return 0;
        }
    }
    return expect_result(runner, session, frame_id, size, 0, 0);
}
