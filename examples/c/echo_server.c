/* Echo server: listens, answers every submit with its own body and status 200, until stdin ends.
 *
 * usage: echo_server URI
 * Prints `listening <uri>` with the real port. Answers that do not fit the send queue wait for room, in order.
 * Compiles as C11 and as C++17; POSIX (it polls stdin). */
#define _POSIX_C_SOURCE 200809L
#include <nnrp/nnrp.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS = 64, ARENA = 256 * 1024, WAIT_MS = 50 };

/* An answer that waits for room. */
typedef struct Pending {
    struct Pending *next;
    NnrpHandle session;
    NnrpResult result;
    uint8_t *body;
} Pending;

typedef struct Server {
    NnrpHandle queue;
    NnrpHandle listener;
    uint8_t *arena;
    Pending *first;
    Pending **last;
} Server;

static int fail(const char *what, NnrpStatus status, const NnrpError *error) {
    char text[512];
    size_t size = 0;
    fprintf(stderr, "server: %s: %s\n", what, nnrp_status_name(status));
    if (error != NULL && nnrp_error_message(error, text, sizeof text, &size) == NNRP_STATUS_OK) {
        fprintf(stderr, "server: %.*s\n", (int)size, text);
    }
    return 1;
}

static int start(Server *server, const char *uri) {
    char bound[600];
    size_t size = 0;
    NnrpError error;
    NnrpStatus status = nnrp_queue_create(1024, &server->queue, &error);
    if (status == NNRP_STATUS_OK) {
        status = nnrp_server_listen(server->queue, uri, strlen(uri), 0, &server->listener, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_listener_uri(server->listener, bound, sizeof bound, &size, &error);
    }
    if (status != NNRP_STATUS_OK) {
        return fail(uri, status, &error);
    }
    printf("listening %.*s\n", (int)size, bound);
    fflush(stdout);
    return 0;
}

static NnrpStatus send_result(NnrpHandle session, const NnrpResult *result, const uint8_t *body) {
    NnrpBatch batch;
    return nnrp_session_send_results(session, result, 1, body, (size_t)result->body_size, &batch);
}

static int keep(Server *server, NnrpHandle session, const NnrpResult *result, const uint8_t *body) {
    Pending *pending = (Pending *)malloc(sizeof *pending);
    if (pending == NULL || (pending->body = (uint8_t *)malloc((size_t)result->body_size + 1)) == NULL) {
        free(pending);
        fprintf(stderr, "server: out of memory\n");
        return 1;
    }
    pending->next = NULL;
    pending->session = session;
    pending->result = *result;
    if (result->body_size != 0) {
        memcpy(pending->body, body, (size_t)result->body_size);
    }
    *server->last = pending;
    server->last = &pending->next;
    return 0;
}

static int has_pending(const Server *server, NnrpHandle session) {
    const Pending *pending;
    for (pending = server->first; pending != NULL; pending = pending->next) {
        if (pending->session == session) {
            return 1;
        }
    }
    return 0;
}

/* Sends what waits for a session, in order, or discards it. */
static int flush_pending(Server *server, NnrpHandle session, int discard) {
    Pending **link = &server->first;
    NnrpStatus status = NNRP_STATUS_OK;
    while (*link != NULL) {
        Pending *pending = *link;
        if (pending->session == session && status == NNRP_STATUS_OK) {
            status = discard ? NNRP_STATUS_OK : send_result(session, &pending->result, pending->body);
            if (status == NNRP_STATUS_OK || status == NNRP_STATUS_WRONG_STATE || status == NNRP_STATUS_INVALID_HANDLE) {
                status = NNRP_STATUS_OK; /* sent, or the session is over */
                *link = pending->next;
                free(pending->body);
                free(pending);
                continue;
            }
        }
        link = &pending->next;
    }
    server->last = link;
    return status == NNRP_STATUS_OK || status == NNRP_STATUS_WOULD_BLOCK ? 0 : fail("send", status, NULL);
}

static int answer(Server *server, const NnrpEvent *event) {
    NnrpResult result;
    NnrpStatus status;
    NnrpError error;
    size_t size = 0;
    int code = 0;
    const uint8_t *body = server->arena + event->payload_offset;
    if (event->buffer != 0 && (status = nnrp_buffer_borrow(event->buffer, &body, &size, &error)) != NNRP_STATUS_OK) {
        return fail("borrow", status, &error);
    }
    memset(&result, 0, sizeof result);
    result.struct_size = (uint32_t)sizeof result;
    result.frame_id = event->frame_id;
    result.body_size = event->payload_size;
    result.status_code = 200;
    result.payload_kind_bitmap = event->payload_kind_bitmap;
    result.payload_frame_count = event->payload_frame_count;
    status = has_pending(server, event->session) ? NNRP_STATUS_WOULD_BLOCK : send_result(event->session, &result, body);
    if (status == NNRP_STATUS_WOULD_BLOCK) {
        code = keep(server, event->session, &result, body);
    } else if (status != NNRP_STATUS_OK && status != NNRP_STATUS_WRONG_STATE && status != NNRP_STATUS_INVALID_HANDLE) {
        code = fail("send", status, NULL); /* else the session has ended meanwhile; its end may be among the same events */
    }
    return code;
}

static int handle(Server *server, const NnrpEvent *event) {
    switch (event->kind) {
        case NNRP_EVENT_SUBMIT:
            return answer(server, event);
        case NNRP_EVENT_WRITABLE:
            return flush_pending(server, event->session, 0);
        case NNRP_EVENT_SESSION_CLOSED:
            return flush_pending(server, event->session, 1);
        default:
            return 0;
    }
}

static int stdin_has_ended(void) {
    struct pollfd input;
    char bytes[64];
    input.fd = 0;
    input.events = POLLIN;
    input.revents = 0;
    return poll(&input, 1, 0) > 0 && read(0, bytes, sizeof bytes) <= 0;
}

static int serve(Server *server) {
    NnrpEvent events[EVENTS];
    NnrpError error;
    while (!stdin_has_ended()) {
        uint32_t count = 0;
        uint32_t i;
        NnrpStatus status = nnrp_queue_wait(server->queue, WAIT_MS, &error);
        if (status == NNRP_STATUS_TIMEOUT) {
            continue;
        }
        if (status != NNRP_STATUS_OK) {
            return fail("wait", status, &error);
        }
        status = nnrp_queue_drain(server->queue, events, EVENTS, server->arena, ARENA, &count);
        if (status != NNRP_STATUS_OK) {
            return fail("drain", status, NULL);
        }
        for (i = 0; i < count; i++) {
            int code = handle(server, &events[i]);
            if (events[i].buffer != 0) {
                nnrp_release(events[i].buffer, NULL); /* also of a kind that is of no interest here */
            }
            if (code != 0) {
                return code;
            }
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    Server server;
    int code;
    if (argc != 2) {
        fprintf(stderr, "usage: echo_server URI\n");
        return 2;
    }
    memset(&server, 0, sizeof server);
    server.last = &server.first;
    server.arena = (uint8_t *)malloc(ARENA);
    if (server.arena == NULL) {
        fprintf(stderr, "server: out of memory\n");
        return 1;
    }
    code = start(&server, argv[1]) != 0 || serve(&server) != 0;
    nnrp_queue_close(server.queue, NULL);
    while (server.first != NULL) {
        Pending *pending = server.first;
        server.first = pending->next;
        free(pending->body);
        free(pending);
    }
    free(server.arena);
    return code;
}
