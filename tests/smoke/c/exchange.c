/* The echo exchange; see exchange.h. */
#include "exchange.h"

#include <stdlib.h>

/* One run of the exchange. */
typedef struct Exchange {
    Label *session;
    uint32_t count;
    uint32_t size;
    uint32_t in_flight;
    uint32_t first; /* frame id of the first submit */
    uint32_t submitted;
    uint32_t answered;
    uint8_t *seen; /* one byte a frame: answered */
} Exchange;

int check_result(Runner *runner, const NnrpEvent *event, uint32_t size, uint32_t result_class, uint32_t result_flags) {
    if (event->kind != NNRP_EVENT_RESULT) {
        return failed(runner, "event %u (%s) where a RESULT was due", event->kind, nnrp_status_name(event->status));
    }
    if (event->status_code != 200 || event->result_class != result_class || event->result_flags != result_flags) {
        return failed(runner, "frame %u: status code %u, class %u, flags %u", event->frame_id, event->status_code,
                      event->result_class, event->result_flags);
    }
    if (event->payload_kind_bitmap != 2 || event->payload_frame_count != 1 || event->operation_id != event->frame_id) {
        return failed(runner, "frame %u: kinds %u, frame count %u, operation %llu", event->frame_id, event->payload_kind_bitmap,
                      event->payload_frame_count, (unsigned long long)event->operation_id);
    }
    return has_pattern(runner, event, size);
}

static int submit_what_fits(Runner *runner, Exchange *run) {
    int taken = 1;
    while (taken && run->submitted < run->count && run->submitted - run->answered < run->in_flight) {
        if (!submit_pattern(runner, run->session, run->size, 0, &taken)) {
            return 0;
        }
        run->submitted += (uint32_t)taken;
    }
    return 1;
}

static int take_result(Runner *runner, Exchange *run, const NnrpEvent *event) {
    uint32_t index = event->frame_id - run->first;
    if (!check_result(runner, event, run->size, 0, 0)) {
        return 0;
    }
    if (index >= run->submitted || run->seen[index]) {
        return failed(runner, "a result for frame %u, which is not unanswered", event->frame_id);
    }
    run->seen[index] = 1;
    run->answered++;
    return 1;
}

static int run_to_end(Runner *runner, Exchange *run, Bystander bystander, void *context) {
    while (run->answered < run->count) {
        const NnrpEvent *event;
        if (!submit_what_fits(runner, run) || (event = next_event(runner, "RESULT")) == NULL) {
            return 0;
        }
        if (event->session == run->session->handle && event->kind != NNRP_EVENT_WRITABLE) {
            if (!take_result(runner, run, event)) {
                return 0;
            }
        } else if (bystander != NULL && !bystander(runner, event, context)) {
            return 0;
        }
    }
    return 1;
}

int exchange(Runner *runner, Label *session, const Json *step, Bystander bystander, void *context) {
    Exchange run;
    int passed;
    run.session = session;
    run.count = json_u32(step, "count", 0);
    run.size = json_u32(step, "size", 0);
    run.in_flight = json_u32(step, "in_flight", 1);
    run.first = session->submitted + 1;
    run.submitted = 0;
    run.answered = 0;
    run.seen = (uint8_t *)calloc((size_t)run.count + 1, 1);
    if (run.seen == NULL) {
        return failed(runner, "out of memory");
    }
    passed = run_to_end(runner, &run, bystander, context);
    free(run.seen);
    return passed;
}
