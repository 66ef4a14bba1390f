/* Steps that have to be refused: by the server, by the network, by the library. */
#include "steps.h"

#include <string.h>

/* Waits for the last event of a connection and gives its status. */
static int await_connection_closed(Runner *runner, NnrpHandle connection, uint32_t *status) {
    const NnrpEvent *event;
    while ((event = next_event(runner, "CONNECTION_CLOSED")) != NULL) {
        if (event->connection == connection && event->kind == NNRP_EVENT_CONNECTION_CLOSED) {
            *status = event->status;
            return 1;
        }
    }
    return 0;
}

static int expect_rejection(Runner *runner, const Json *step, NnrpHandle session) {
    const NnrpEvent *event;
    while ((event = next_event(runner, "SESSION_CLOSED")) != NULL) {
        if (event->session == session) {
            if (event->kind != NNRP_EVENT_SESSION_CLOSED || event->status != json_u32(step, "expect_status", 0) ||
                event->protocol_code != json_u32(step, "expect_protocol_code", 0)) {
                return failed(runner, "event %u with %s and protocol code %#x", event->kind, nnrp_status_name(event->status),
                              event->protocol_code);
            }
            return 1;
        }
    }
    return 0;
}

int step_refused_session(Runner *runner, const Json *step) {
    NnrpHandle connection = 0;
    NnrpHandle session = 0;
    uint32_t status;
    if (!start_connection(runner, step_endpoint(runner, step), &connection) ||
        !start_session(runner, connection, NNRP_OPTION_PROFILE_ID, json_u32(step, "profile_id", 0), &session) ||
        !expect_rejection(runner, step, session)) {
        return 0;
    }
    status = nnrp_connection_shutdown(connection, NULL);
    if (status != NNRP_STATUS_OK) {
        return failed_call(runner, "nnrp_connection_shutdown", status, NULL);
    }
    return await_connection_closed(runner, connection, &status);
}

int step_refused_connection(Runner *runner, const Json *step) {
    NnrpHandle connection = 0;
    uint32_t status;
    if (!start_connection(runner, step_endpoint(runner, step), &connection) ||
        !await_connection_closed(runner, connection, &status)) {
        return 0;
    }
    return status == json_u32(step, "expect_status", 0) ? 1 : failed(runner, "it ended with %s", nnrp_status_name(status));
}

int step_invalid_uri(Runner *runner, const Json *step) {
    const char *endpoint = step_endpoint(runner, step);
    NnrpHandle connection = 0;
    NnrpError error;
    char text[256];
    size_t size = 0;
    NnrpStatus status = nnrp_connect(runner->queue, endpoint, strlen(endpoint), 0, &connection, &error);
    if (status != json_u32(step, "expect_status", 0) || error.status != status) {
        return failed_call(runner, "nnrp_connect", status, &error);
    }
    status = nnrp_error_message(&error, text, sizeof text - 1, &size);
    if (status != NNRP_STATUS_OK) {
        return failed_call(runner, "nnrp_error_message", status, NULL);
    }
    text[size] = '\0';
    return strstr(text, "host:port") != NULL ? 1 : failed(runner, "the message does not say what an endpoint is: %s", text);
}
