/* Steps on the way of an ordinary client: identity, connect, open, echo, close. */
#include "exchange.h"
#include "steps.h"

#include <stdio.h>
#include <string.h>

static int is_hash(const char *text) {
    return text != NULL && strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

int step_identity(Runner *runner, const Json *step) {
    uint32_t version = nnrp_abi_version();
    uint32_t minor = (version >> 8) & 0xff;
    const Json *keys = json_member(step, "build_info_keys");
    const Json *key;
    if (version >> 16 != json_u32(step, "abi_major", 0) || minor < json_u32(step, "abi_minor_at_least", 0)) {
        return failed(runner, "ABI version %u.%u", version >> 16, minor);
    }
    if (!is_hash(nnrp_abi_hash()) || !is_hash(nnrp_abi_hash_at(0)) || nnrp_abi_hash_at(minor + 1) != NULL) {
        return failed(runner, "the ABI hash is not 64 lower-case hex digits for exactly the minors up to %u", minor);
    }
    if (strstr(nnrp_build_info(), nnrp_abi_hash()) == NULL) {
        return failed(runner, "the build info lacks the ABI hash");
    }
    for (key = keys == NULL ? NULL : keys->first; key != NULL; key = key->next) {
        char quoted[64];
        snprintf(quoted, sizeof quoted, "\"%s\":", key->kind == JSON_STRING ? key->text : "");
        if (strstr(nnrp_build_info(), quoted) == NULL) {
            return failed(runner, "the build info lacks %s", quoted);
        }
    }
    return 1;
}

int step_connect(Runner *runner, const Json *step) {
    NnrpHandle connection = 0;
    const NnrpEvent *event;
    if (!start_connection(runner, step_endpoint(runner, step), &connection)) {
        return 0;
    }
    while ((event = next_event(runner, "CONNECTED")) != NULL) {
        if (event->connection == connection) {
            if (event->kind != NNRP_EVENT_CONNECTED) {
                return failed(runner, "event %u (%s, detail %u) instead of CONNECTED", event->kind,
                              nnrp_status_name(event->status), event->detail);
            }
            return make_label(runner, runner->connections, step, "connection", connection) != NULL;
        }
    }
    return 0;
}

int step_open_session(Runner *runner, const Json *step) {
    Label *connection = find_label(runner, runner->connections, step, "connection");
    NnrpHandle session = 0;
    const NnrpEvent *event;
    if (connection == NULL || !start_session(runner, connection->handle, NNRP_OPTION_MAX_IN_FLIGHT,
                                             json_u32(step, "max_in_flight", 4), &session)) {
        return 0;
    }
    while ((event = next_event(runner, "SESSION_OPENED")) != NULL) {
        if (event->session == session) {
            if (event->kind != NNRP_EVENT_SESSION_OPENED || event->session_id == 0 || event->profile_id != 2 ||
                event->max_in_flight == 0) {
                return failed(runner, "event %u (%s, code %#x): id %u, profile %u, in flight %u", event->kind,
                              nnrp_status_name(event->status), event->protocol_code, event->session_id, event->profile_id,
                              event->max_in_flight);
            }
            return make_label(runner, runner->sessions, step, "session", session) != NULL;
        }
    }
    return 0;
}

int step_echo(Runner *runner, const Json *step) {
    Label *session = find_label(runner, runner->sessions, step, "session");
    return session != NULL && exchange(runner, session, step, NULL, NULL);
}

int step_close_session(Runner *runner, const Json *step) {
    Label *session = find_label(runner, runner->sessions, step, "session");
    NnrpError error;
    NnrpStatus status;
    const NnrpEvent *event;
    if (session == NULL) {
        return 0;
    }
    status = nnrp_session_shutdown(session->handle, &error);
    if (status != NNRP_STATUS_OK) {
        return failed_call(runner, "nnrp_session_shutdown", status, &error);
    }
    while ((event = next_event(runner, "SESSION_CLOSED")) != NULL) {
        if (event->session == session->handle && event->kind != NNRP_EVENT_WRITABLE) {
            return event->kind == NNRP_EVENT_SESSION_CLOSED && event->status == json_u32(step, "expect_status", 0)
                       ? 1
                       : failed(runner, "event %u with %s", event->kind, nnrp_status_name(event->status));
        }
    }
    return 0;
}

int step_stale_handle(Runner *runner, const Json *step) {
    Label *session = find_label(runner, runner->sessions, step, "session");
    uint32_t expected = json_u32(step, "expect_status", 0);
    NnrpSubmit submit;
    NnrpBatch batch;
    NnrpStatus status;
    if (session == NULL) {
        return 0;
    }
    memset(&submit, 0, sizeof submit);
    submit.struct_size = (uint32_t)sizeof submit;
    status = nnrp_session_submit(session->handle, &submit, 1, NULL, 0, &batch);
    if (status != expected) {
        return failed_call(runner, "nnrp_session_submit", status, NULL);
    }
    status = nnrp_session_cancel(session->handle, 1, NULL);
    if (status != expected) {
        return failed_call(runner, "nnrp_session_cancel", status, NULL);
    }
    status = nnrp_session_shutdown(session->handle, NULL);
    return status == NNRP_STATUS_OK ? 1 : failed_call(runner, "a second nnrp_session_shutdown", status, NULL);
}

int step_close_connection(Runner *runner, const Json *step) {
    Label *connection = find_label(runner, runner->connections, step, "connection");
    NnrpError error;
    NnrpStatus status;
    const NnrpEvent *event;
    if (connection == NULL) {
        return 0;
    }
    status = nnrp_connection_shutdown(connection->handle, &error);
    if (status != NNRP_STATUS_OK) {
        return failed_call(runner, "nnrp_connection_shutdown", status, &error);
    }
    while ((event = next_event(runner, "CONNECTION_CLOSED")) != NULL) {
        if (event->connection == connection->handle && event->kind == NNRP_EVENT_CONNECTION_CLOSED) {
            if (event->status != NNRP_STATUS_CLOSED) {
                return failed(runner, "the connection ended with %s, detail %u", nnrp_status_name(event->status), event->detail);
            }
            status = nnrp_connection_shutdown(connection->handle, &error);
            return status == NNRP_STATUS_OK ? 1 : failed_call(runner, "a second nnrp_connection_shutdown", status, &error);
        }
    }
    return 0;
}
