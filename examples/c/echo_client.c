/* Echo client: keeps a window of submits in flight, verifies every echo, closes in order; or streams until the peer is gone.
 *
 * usage: echo_client URI [--count N] [--size BYTES] [--window N] [--timeout-ms N] [--expect-lost]
 * exit:  0 as asked, 1 otherwise, 2 usage. Compiles as C11 and as C++17. */
#include <nnrp/nnrp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 64, BATCH = 32 };

typedef struct Client {
    const char *uri;
    uint32_t count;
    uint32_t size;
    uint32_t window;
    uint32_t timeout_ms; /* without any event */
    int expect_lost;
    NnrpHandle queue;
    NnrpHandle connection;
    NnrpHandle session;
    uint8_t *received;
    size_t received_size;
    uint8_t *outgoing;
    uint32_t submitted;
    uint32_t answered;
    int session_closed;
    int connection_closed;
} Client;

static int fail(const char *what, NnrpStatus status, const NnrpError *error) {
    char text[512];
    size_t size = 0;
    fprintf(stderr, "client: %s: %s\n", what, nnrp_status_name(status));
    if (error != NULL && nnrp_error_message(error, text, sizeof text, &size) == NNRP_STATUS_OK) {
        fprintf(stderr, "client: %.*s\n", (int)size, text);
    }
    return 1;
}

static void fill(uint8_t *body, uint32_t size, uint32_t frame_id) {
    uint32_t i;
    for (i = 0; i < size; i++) {
        body[i] = (uint8_t)(frame_id * 31 + i * 7 + (i >> 8));
    }
}

static int is_echo(const Client *client, const NnrpEvent *event, const uint8_t *body) {
    uint32_t i;
    if (event->status_code != 200 || event->result_class != 0 || event->payload_size != client->size ||
        event->operation_id != event->frame_id || event->payload_kind_bitmap != 2 || event->payload_frame_count != 1) {
        return 0;
    }
    for (i = 0; i < client->size; i++) {
        if (body[i] != (uint8_t)(event->frame_id * 31 + i * 7 + (i >> 8))) {
            return 0;
        }
    }
    return 1;
}

static int start(Client *client) {
    NnrpError error;
    NnrpHandle options = 0;
    NnrpStatus status = nnrp_queue_create(256, &client->queue, &error);
    if (status == NNRP_STATUS_OK) {
        status = nnrp_options_create(&options, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_options_set_u64(options, NNRP_OPTION_MAX_IN_FLIGHT, client->window, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_connect(client->queue, client->uri, strlen(client->uri), options, &client->connection, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_connection_open_session(client->connection, options, &client->session, &error);
    }
    nnrp_release(options, NULL);
    return status == NNRP_STATUS_OK ? 0 : fail("cannot start", status, &error);
}

/* Submits as many bodies as the window, the count and one batch allow. */
static int submit(Client *client) {
    NnrpSubmit submits[BATCH];
    NnrpBatch batch;
    NnrpStatus status;
    uint32_t in_flight = client->submitted - client->answered;
    uint32_t entries = client->window - in_flight;
    uint32_t i;
    if (!client->expect_lost && entries > client->count - client->submitted) {
        entries = client->count - client->submitted;
    }
    if (entries > BATCH) {
        entries = BATCH;
    }
    if (entries == 0) {
        return 0;
    }
    memset(submits, 0, sizeof submits);
    for (i = 0; i < entries; i++) {
        submits[i].struct_size = (uint32_t)sizeof submits[i];
        submits[i].body_offset = (uint64_t)i * client->size;
        submits[i].body_size = client->size;
        submits[i].payload_kind_bitmap = 2;
        submits[i].payload_frame_count = 1;
        fill(client->outgoing + (size_t)i * client->size, client->size, client->submitted + i + 1);
    }
    status = nnrp_session_submit(client->session, submits, entries, client->outgoing, (size_t)entries * client->size, &batch);
    if (status == NNRP_STATUS_WOULD_BLOCK) {
        return 0; /* the next event brings room */
    }
    if (status == NNRP_STATUS_WRONG_STATE && client->expect_lost) {
        return 0; /* the closing events are on their way */
    }
    if (status != NNRP_STATUS_OK) {
        return fail("submit", status, NULL);
    }
    if (batch.first_frame_id != client->submitted + 1) {
        fprintf(stderr, "client: frame id %u, expected %u\n", batch.first_frame_id, client->submitted + 1);
        return 1;
    }
    client->submitted += batch.accepted;
    return 0;
}

static int result(Client *client, const NnrpEvent *event) {
    const uint8_t *body = client->received + event->payload_offset;
    size_t size = 0;
    NnrpError error;
    if (event->buffer != 0) {
        NnrpStatus status = nnrp_buffer_borrow(event->buffer, &body, &size, &error);
        if (status != NNRP_STATUS_OK) {
            return fail("borrow", status, &error);
        }
    }
    if (!is_echo(client, event, body)) {
        fprintf(stderr, "client: frame %u is no echo\n", event->frame_id);
        return 1;
    }
    client->answered++;
    if (client->expect_lost && client->answered == 100) {
        printf("streaming\n");
        fflush(stdout);
    }
    return 0;
}

static int closed(Client *client, const NnrpEvent *event) {
    if (event->kind == NNRP_EVENT_SESSION_CLOSED) {
        client->session_closed = 1;
    } else {
        client->connection_closed = 1;
    }
    if (event->status == (client->expect_lost ? NNRP_STATUS_TRANSPORT_LOST : NNRP_STATUS_CLOSED) &&
        (client->expect_lost || client->answered == client->count)) {
        return 0;
    }
    fprintf(stderr, "client: %s ended with %s, protocol code %#x, detail %u, after %u of %u answers\n",
            event->kind == NNRP_EVENT_SESSION_CLOSED ? "the session" : "the connection", nnrp_status_name(event->status),
            event->protocol_code, event->detail, client->answered, client->submitted);
    return 1;
}

static int handle(Client *client, const NnrpEvent *event) {
    switch (event->kind) {
        case NNRP_EVENT_RESULT:
            return result(client, event);
        case NNRP_EVENT_SESSION_CLOSED:
        case NNRP_EVENT_CONNECTION_CLOSED:
            return closed(client, event);
        case NNRP_EVENT_RESULT_DROP:
            fprintf(stderr, "client: frame %u was dropped\n", event->frame_id);
            return 1;
        default: /* kinds that do not matter here, and those of later versions */
            return 0;
    }
}

/* Waits for events and handles what there is. */
static int pump(Client *client) {
    NnrpEvent events[EVENTS];
    NnrpError error;
    uint32_t count = 0;
    uint32_t i;
    NnrpStatus status = nnrp_queue_wait(client->queue, client->timeout_ms, &error);
    if (status != NNRP_STATUS_OK) {
        return fail("wait", status, &error);
    }
    status = nnrp_queue_drain(client->queue, events, EVENTS, client->received, client->received_size, &count);
    if (status != NNRP_STATUS_OK) {
        return fail("drain", status, NULL);
    }
    for (i = 0; i < count; i++) {
        int code = handle(client, &events[i]);
        if (events[i].buffer != 0) {
            nnrp_release(events[i].buffer, NULL); /* also of a kind that is of no interest here */
        }
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

static int stream(Client *client) {
    while (!client->connection_closed && (client->expect_lost || client->answered < client->count)) {
        if ((!client->session_closed && submit(client) != 0) || pump(client) != 0) {
            return 1;
        }
    }
    return 0;
}

static int close_in_order(Client *client) {
    NnrpError error;
    NnrpStatus status = nnrp_session_shutdown(client->session, &error);
    if (status != NNRP_STATUS_OK) {
        return fail("close session", status, &error);
    }
    while (!client->session_closed) {
        if (pump(client) != 0) {
            return 1;
        }
    }
    status = nnrp_connection_shutdown(client->connection, &error);
    if (status != NNRP_STATUS_OK) {
        return fail("close connection", status, &error);
    }
    while (!client->connection_closed) {
        if (pump(client) != 0) {
            return 1;
        }
    }
    return 0;
}

static int run(Client *client) {
    if (start(client) != 0 || stream(client) != 0 || (!client->expect_lost && close_in_order(client) != 0)) {
        return 1;
    }
    if (nnrp_session_cancel(client->session, 1, NULL) != NNRP_STATUS_INVALID_HANDLE) {
        fprintf(stderr, "client: the handle of the ended session is not stale\n");
        return 1;
    }
    printf("%s after %u echoes\n", client->expect_lost ? "lost" : "closed", client->answered);
    return 0;
}

static int parse(Client *client, int argc, char **argv) {
    int i;
    for (i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        uint32_t *number = NULL;
        if (strcmp(argv[i], "--expect-lost") == 0) {
            client->expect_lost = 1;
        } else if (strcmp(argv[i], "--count") == 0) {
            number = &client->count;
        } else if (strcmp(argv[i], "--size") == 0) {
            number = &client->size;
        } else if (strcmp(argv[i], "--window") == 0) {
            number = &client->window;
        } else if (strcmp(argv[i], "--timeout-ms") == 0) {
            number = &client->timeout_ms;
        } else if (client->uri == NULL && argv[i][0] != '-') {
            client->uri = argv[i];
        } else {
            return 2;
        }
        if (number != NULL) {
            if (value == NULL) {
                return 2;
            }
            *number = (uint32_t)strtoul(value, NULL, 10);
            i++;
        }
    }
    return client->uri == NULL || client->window == 0 ? 2 : 0;
}

int main(int argc, char **argv) {
    Client client;
    int code;
    memset(&client, 0, sizeof client);
    client.count = 1000;
    client.size = 64;
    client.window = 16;
    client.timeout_ms = 20000;
    if (parse(&client, argc, argv) != 0) {
        fprintf(stderr, "usage: echo_client URI [--count N] [--size BYTES] [--window N] [--timeout-ms N] [--expect-lost]\n");
        return 2;
    }
    client.received_size = 256 * 1024;
    client.received = (uint8_t *)malloc(client.received_size);
    client.outgoing = (uint8_t *)malloc((size_t)client.size * BATCH + 1);
    if (client.received == NULL || client.outgoing == NULL) {
        fprintf(stderr, "client: out of memory\n");
        return 1;
    }
    code = run(&client);
    nnrp_queue_close(client.queue, NULL);
    free(client.received);
    free(client.outgoing);
    return code;
}
