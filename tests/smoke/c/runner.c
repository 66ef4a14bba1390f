/* What the steps share; see runner.h. */
#include "runner.h"

#include "platform.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int runner_start(Runner *runner) {
    NnrpError error;
    NnrpStatus status = nnrp_queue_create(json_u32(runner->scenario, "queue_capacity", 64), &runner->queue, &error);
    if (status != NNRP_STATUS_OK) {
        return failed_call(runner, "nnrp_queue_create", status, &error);
    }
    runner->arena_size = json_u32(runner->scenario, "arena_bytes", 262144);
    runner->arena = (uint8_t *)malloc(runner->arena_size);
    return runner->arena != NULL ? 1 : failed(runner, "out of memory");
}

void runner_stop(Runner *runner) {
    nnrp_queue_close(runner->queue, NULL);
    free(runner->arena);
}

int failed(Runner *runner, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(runner->reason, sizeof runner->reason, format, arguments);
    va_end(arguments);
    return 0;
}

int failed_call(Runner *runner, const char *call, NnrpStatus status, const NnrpError *error) {
    char text[256];
    size_t size = 0;
    if (error == NULL || nnrp_error_message(error, text, sizeof text, &size) != NNRP_STATUS_OK) {
        size = 0;
    }
    return failed(runner, "%s gives %s %.*s", call, nnrp_status_name(status), (int)size, text);
}

/* Waits and drains; 0 with the reason when the time is over. */
static int fetch_events(Runner *runner, uint32_t timeout_ms, const char *awaited) {
    NnrpError error;
    NnrpStatus status = nnrp_queue_wait(runner->queue, timeout_ms, &error);
    if (status == NNRP_STATUS_TIMEOUT) {
        return failed(runner, "no %s in the time of the step", awaited);
    }
    if (status != NNRP_STATUS_OK) {
        return failed_call(runner, "nnrp_queue_wait", status, &error);
    }
    runner->event_at = runner->event_count = 0;
    status = nnrp_queue_drain(runner->queue, runner->events, RUNNER_EVENTS, runner->arena, runner->arena_size,
                              &runner->event_count);
    return status == NNRP_STATUS_OK ? 1 : failed_call(runner, "nnrp_queue_drain", status, NULL);
}

const NnrpEvent *next_event(Runner *runner, const char *awaited) {
    uint64_t now = monotonic_ms();
    if (now >= runner->deadline) {
        failed(runner, "no %s in the time of the step", awaited);
        return NULL;
    }
    while (runner->event_at == runner->event_count) {
        now = monotonic_ms();
        if (!fetch_events(runner, now >= runner->deadline ? 0 : (uint32_t)(runner->deadline - now), awaited)) {
            return NULL;
        }
    }
    return &runner->events[runner->event_at++];
}

static uint8_t pattern(uint32_t frame_id, uint64_t index) {
    return (uint8_t)(frame_id * 31 + index * 7 + (index >> 8));
}

void fill_pattern(uint8_t *body, uint32_t size, uint32_t frame_id) {
    uint32_t i;
    for (i = 0; i < size; i++) {
        body[i] = pattern(frame_id, i);
    }
}

static int is_pattern(const uint8_t *body, size_t size, uint32_t frame_id, uint64_t offset) {
    size_t i;
    for (i = 0; i < size; i++) {
        if (body[i] != pattern(frame_id, offset + i)) {
            return 0;
        }
    }
    return 1;
}

/* Compares a lent buffer. */
static int borrow_has_pattern(const NnrpEvent *event) {
    const uint8_t *body = NULL;
    size_t size = 0;
    return nnrp_buffer_borrow(event->buffer, &body, &size, NULL) == NNRP_STATUS_OK && size == event->payload_size &&
           is_pattern(body, size, event->frame_id, 0);
}

/* Compares a buffer piece by piece. */
static int read_has_pattern(const NnrpEvent *event) {
    uint8_t piece[4096];
    uint64_t offset = 0;
    while (offset < event->payload_size) {
        size_t size = 0;
        if (nnrp_buffer_read(event->buffer, offset, piece, sizeof piece, &size, NULL) != NNRP_STATUS_OK || size == 0 ||
            !is_pattern(piece, size, event->frame_id, offset)) {
            return 0;
        }
        offset += size;
    }
    return 1;
}

int has_pattern(Runner *runner, const NnrpEvent *event, uint32_t size) {
    int same;
    if (event->buffer == 0) {
        same = is_pattern(runner->arena + event->payload_offset, (size_t)event->payload_size, event->frame_id, 0);
    } else {
        same = event->frame_id % 2 == 0 ? read_has_pattern(event) : borrow_has_pattern(event);
        if (nnrp_release(event->buffer, NULL) != NNRP_STATUS_OK) {
            same = 0;
        }
    }
    return same && event->payload_size == size ? 1 : failed(runner, "the body of frame %u is not what was sent", event->frame_id);
}

const char *step_endpoint(const Runner *runner, const Json *step) {
    const char *endpoint = json_text(step, "endpoint", "");
    return strcmp(endpoint, "$ENDPOINT") == 0 ? runner->endpoint : endpoint;
}

static Label *label_of(Label *labels, const char *name) {
    int i;
    for (i = 0; i < RUNNER_LABELS; i++) {
        if (labels[i].name != NULL && strcmp(labels[i].name, name) == 0) {
            return &labels[i];
        }
    }
    return NULL;
}

Label *find_label(Runner *runner, Label *labels, const Json *step, const char *member) {
    const char *name = json_text(step, member, "");
    Label *label = label_of(labels, name);
    if (label == NULL) {
        failed(runner, "no earlier step made the %s `%s`", member, name);
    }
    return label;
}

Label *make_label(Runner *runner, Label *labels, const Json *step, const char *member, NnrpHandle handle) {
    const char *name = json_text(step, member, "");
    Label *label = label_of(labels, name);
    int i;
    for (i = 0; label == NULL && i < RUNNER_LABELS; i++) {
        if (labels[i].name == NULL) {
            label = &labels[i];
        }
    }
    if (label == NULL) {
        failed(runner, "more than %d labels", RUNNER_LABELS);
        return NULL;
    }
    label->name = name;
    label->handle = handle;
    label->submitted = 0;
    return label;
}

int start_connection(Runner *runner, const char *endpoint, NnrpHandle *connection) {
    NnrpError error;
    NnrpStatus status = nnrp_connect(runner->queue, endpoint, strlen(endpoint), 0, connection, &error);
    return status == NNRP_STATUS_OK ? 1 : failed_call(runner, "nnrp_connect", status, &error);
}

int start_session(Runner *runner, NnrpHandle connection, uint32_t key, uint32_t value, NnrpHandle *session) {
    NnrpError error;
    NnrpHandle options = 0;
    NnrpStatus status = nnrp_options_create(&options, &error);
    if (status == NNRP_STATUS_OK) {
        status = nnrp_options_set_u64(options, key, value, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_connection_open_session(connection, options, session, &error);
    }
    nnrp_release(options, NULL);
    return status == NNRP_STATUS_OK ? 1 : failed_call(runner, "nnrp_connection_open_session", status, &error);
}

int submit_pattern(Runner *runner, Label *session, uint32_t size, uint32_t latency_budget_ms, int *taken) {
    NnrpSubmit submit;
    NnrpBatch batch;
    NnrpStatus status;
    uint32_t frame_id = session->submitted + 1;
    uint8_t *body = (uint8_t *)malloc((size_t)size + 1);
    if (body == NULL) {
        return failed(runner, "out of memory");
    }
    fill_pattern(body, size, frame_id);
    memset(&submit, 0, sizeof submit);
    submit.struct_size = (uint32_t)sizeof submit;
    submit.body_size = size;
    submit.latency_budget_ms = latency_budget_ms;
    submit.payload_kind_bitmap = 2;
    submit.payload_frame_count = 1;
    status = nnrp_session_submit(session->handle, &submit, 1, body, size, &batch);
    free(body);
    *taken = status == NNRP_STATUS_OK;
    if (status == NNRP_STATUS_WOULD_BLOCK) {
        return 1;
    }
    if (status != NNRP_STATUS_OK) {
        return failed_call(runner, "nnrp_session_submit", status, NULL);
    }
    if (batch.accepted != 1 || batch.first_frame_id != frame_id) {
        return failed(runner, "frame id %u, expected %u", batch.first_frame_id, frame_id);
    }
    session->submitted = frame_id;
    return 1;
}
