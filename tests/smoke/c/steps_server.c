/* The step with a server of one's own: both sides of a connection on one queue. */
#include "exchange.h"
#include "steps.h"

#include <stdlib.h>
#include <string.h>

/* What the server's side has seen. */
typedef struct Server {
    NnrpHandle listener;
    NnrpHandle connection;
    NnrpHandle session;
    int session_closed;
    int connection_closed;
    int listener_closed;
} Server;

/* What the client's side has seen end. */
typedef struct Client {
    NnrpHandle connection;
    Label session;
    int session_closed;
    int connection_closed;
} Client;

/* Answers a submit with its own body. */
static int answer(Runner *runner, const NnrpEvent *event) {
    const uint8_t *body = runner->arena + event->payload_offset;
    size_t size = (size_t)event->payload_size;
    NnrpResult result;
    NnrpBatch batch;
    NnrpStatus status;
    if (event->buffer != 0 && nnrp_buffer_borrow(event->buffer, &body, &size, NULL) != NNRP_STATUS_OK) {
        return failed(runner, "the body of submit %u cannot be borrowed", event->frame_id);
    }
    memset(&result, 0, sizeof result);
    result.struct_size = (uint32_t)sizeof result;
    result.frame_id = event->frame_id;
    result.body_size = size;
    result.status_code = 200;
    result.payload_kind_bitmap = event->payload_kind_bitmap;
    result.payload_frame_count = event->payload_frame_count;
    status = nnrp_session_send_results(event->session, &result, 1, body, size, &batch);
    if (event->buffer != 0) {
        nnrp_release(event->buffer, NULL);
    }
    return status == NNRP_STATUS_OK ? 1 : failed_call(runner, "nnrp_session_send_results", status, NULL);
}

static int is_closed(Runner *runner, const NnrpEvent *event, int *closed) {
    *closed = 1;
    return event->status == NNRP_STATUS_CLOSED ? 1 : failed(runner, "event %u with %s", event->kind, nnrp_status_name(event->status));
}

/* Events of the server's side; those of others, left over from earlier steps, are ignored. */
static int serve(Runner *runner, const NnrpEvent *event, void *context) {
    Server *server = (Server *)context;
    if (event->listener != server->listener) {
        return 1;
    }
    switch (event->kind) {
        case NNRP_EVENT_ACCEPTED:
            server->connection = event->connection;
            return 1;
        case NNRP_EVENT_SESSION_OPENED:
            server->session = event->session;
            return 1;
        case NNRP_EVENT_SUBMIT:
            return event->session == server->session ? answer(runner, event) : failed(runner, "a submit of a foreign session");
        case NNRP_EVENT_SESSION_CLOSED:
            return is_closed(runner, event, &server->session_closed);
        case NNRP_EVENT_CONNECTION_CLOSED:
            return is_closed(runner, event, &server->connection_closed);
        case NNRP_EVENT_LISTENER_CLOSED:
            return is_closed(runner, event, &server->listener_closed);
        case NNRP_EVENT_WRITABLE:
            return 1;
        default:
            return failed(runner, "event %u on the server's side", event->kind);
    }
}

static int listen_on(Runner *runner, const Json *step, Server *server, char *uri, size_t capacity) {
    const char *endpoint = step_endpoint(runner, step);
    size_t size = 0;
    NnrpError error;
    NnrpStatus status = nnrp_server_listen(runner->queue, endpoint, strlen(endpoint), 0, &server->listener, &error);
    if (status != NNRP_STATUS_OK) {
        return failed_call(runner, "nnrp_server_listen", status, &error);
    }
    status = nnrp_listener_uri(server->listener, uri, capacity - 1, &size, &error);
    if (status != NNRP_STATUS_OK) {
        return failed_call(runner, "nnrp_listener_uri", status, &error);
    }
    uri[size] = '\0';
    return 1;
}

static int await_open(Runner *runner, Server *server, const Client *client) {
    const NnrpEvent *event;
    while ((event = next_event(runner, "SESSION_OPENED")) != NULL) {
        if (event->session == client->session.handle) {
            return event->kind == NNRP_EVENT_SESSION_OPENED ? 1 : failed(runner, "event %u instead of SESSION_OPENED", event->kind);
        }
        if (!serve(runner, event, server)) {
            return 0;
        }
    }
    return 0;
}

/* Events until everything that was opened has ended. */
static int await_end(Runner *runner, Server *server, Client *client) {
    int passed = 1;
    while (passed && !(server->session_closed && server->connection_closed && server->listener_closed &&
                       client->session_closed && client->connection_closed)) {
        const NnrpEvent *event = next_event(runner, "closing event of every object");
        if (event == NULL) {
            return 0;
        }
        if (event->listener == 0 && event->connection == client->connection && event->kind == NNRP_EVENT_SESSION_CLOSED) {
            passed = is_closed(runner, event, &client->session_closed) && nnrp_connection_shutdown(client->connection, NULL) == NNRP_STATUS_OK;
        } else if (event->listener == 0 && event->connection == client->connection && event->kind == NNRP_EVENT_CONNECTION_CLOSED) {
            passed = is_closed(runner, event, &client->connection_closed);
        } else {
            passed = serve(runner, event, server);
        }
    }
    return passed;
}

int step_own_server(Runner *runner, const Json *step) {
    char uri[600];
    Server server;
    Client client;
    memset(&server, 0, sizeof server);
    memset(&client, 0, sizeof client);
    if (!listen_on(runner, step, &server, uri, sizeof uri) || !start_connection(runner, uri, &client.connection) ||
        !start_session(runner, client.connection, NNRP_OPTION_MAX_IN_FLIGHT, json_u32(step, "in_flight", 4), &client.session.handle) ||
        !await_open(runner, &server, &client) || !exchange(runner, &client.session, step, serve, &server)) {
        return 0;
    }
    if (server.connection == 0 || server.session == 0) {
        return failed(runner, "the server's side saw no ACCEPTED or no SESSION_OPENED");
    }
    if (nnrp_session_shutdown(client.session.handle, NULL) != NNRP_STATUS_OK || nnrp_listener_close(server.listener, NULL) != NNRP_STATUS_OK) {
        return failed(runner, "session or listener cannot be closed");
    }
    return await_end(runner, &server, &client);
}
