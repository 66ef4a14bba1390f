/* Survives the loss of its connection: connects again by itself, resumes the session, and gets every result exactly once.
 *
 * usage: reconnect_resume URI [COUNT]      an echo server that speaks the hello, e.g. nnrp-echo serve
 * Prints a line at each loss and at each resume. exit: 0 if each of COUNT (default 500) submits was answered once and in
 * order, 1 otherwise. C11 and C++17. */
#include <nnrp/nnrp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 32, ARENA = 64 * 1024, PATIENCE_MS = 30000, WINDOW = 16, BODY = 256 };

typedef struct Client {
    NnrpHandle queue;
    NnrpHandle connection;
    NnrpHandle session;
    uint32_t count;
    uint32_t submitted;
    uint32_t answered;
    uint32_t losses;
    int may_submit; /* not while the session is between two connections, nor with a full queue */
    int over;
} Client;

static int fail(const char *what, NnrpStatus status, const NnrpError *error) {
    char text[512];
    size_t size = 0;
    if (error != NULL && nnrp_error_message(error, text, sizeof text, &size) == NNRP_STATUS_OK) {
        fprintf(stderr, "%s: %.*s\n", what, (int)size, text);
    } else {
        fprintf(stderr, "%s: %s\n", what, nnrp_status_name(status));
    }
    return 1;
}

/* Hello, a session that outlives its connection, and many quick attempts to connect again. */
static NnrpStatus set_options(NnrpHandle options, NnrpError *error) {
    static const struct {
        uint32_t key;
        uint32_t value;
    } values[] = {
        {NNRP_OPTION_EXCHANGE, 1},
        {NNRP_OPTION_ALLOW_RESUME, 1},
        {NNRP_OPTION_MAX_IN_FLIGHT, WINDOW},
        {NNRP_OPTION_RECONNECT_ATTEMPTS, 100},
        {NNRP_OPTION_RECONNECT_FIRST_DELAY_MS, 10},
        {NNRP_OPTION_RECONNECT_LONGEST_DELAY_MS, 500},
    };
    NnrpStatus status = NNRP_STATUS_OK;
    size_t i;
    for (i = 0; i < sizeof values / sizeof values[0] && status == NNRP_STATUS_OK; i++) {
        status = nnrp_options_set_u64(options, values[i].key, values[i].value, error);
    }
    return status;
}

static int start(Client *client, const char *uri) {
    NnrpHandle options = 0;
    NnrpError error;
    NnrpStatus status = nnrp_queue_create(256, &client->queue, &error);
    if (status == NNRP_STATUS_OK) {
        status = nnrp_options_create(&options, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = set_options(options, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_connect(client->queue, uri, strlen(uri), options, &client->connection, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_connection_open_session(client->connection, options, &client->session, &error);
    }
    nnrp_release(options, NULL);
    return status == NNRP_STATUS_OK ? 0 : fail("start", status, &error);
}

/* The body of a frame; frame ids are 1, 2, 3 ..., over all connections of the session. */
static void fill(uint8_t *body, uint32_t frame_id) {
    uint32_t i;
    for (i = 0; i < BODY; i++) {
        body[i] = (uint8_t)(frame_id * 31 + i);
    }
}

static int submit(Client *client) {
    uint8_t body[BODY];
    while (client->may_submit && client->submitted < client->count && client->submitted - client->answered < WINDOW) {
        NnrpSubmit submit;
        NnrpBatch batch;
        NnrpStatus status;
        memset(&submit, 0, sizeof submit);
        submit.struct_size = (uint32_t)sizeof submit;
        submit.body_size = BODY;
        fill(body, client->submitted + 1);
        status = nnrp_session_submit(client->session, &submit, 1, body, BODY, &batch);
        if (status == NNRP_STATUS_OK) {
            client->submitted++;
        } else if (status == NNRP_STATUS_WOULD_BLOCK || status == NNRP_STATUS_WRONG_STATE) {
            client->may_submit = 0; /* an event says when to go on */
        } else {
            return fail("submit", status, NULL);
        }
    }
    return 0;
}

static int take(Client *client, const NnrpEvent *event, const uint8_t *body) {
    uint8_t expected[BODY];
    if (event->frame_id != client->answered + 1) {
        fprintf(stderr, "frame %u answered, expected %u\n", event->frame_id, client->answered + 1);
        return 1;
    }
    fill(expected, event->frame_id);
    if (event->payload_size != BODY || memcmp(body, expected, BODY) != 0) {
        fprintf(stderr, "frame %u is no echo\n", event->frame_id);
        return 1;
    }
    client->answered++;
    client->may_submit = 1;
    if (client->answered == client->count) {
        NnrpError error;
        NnrpStatus status = nnrp_connection_shutdown(client->connection, &error);
        return status == NNRP_STATUS_OK ? 0 : fail("shutdown", status, &error);
    }
    return 0;
}

static int handle(Client *client, const NnrpEvent *event, const uint8_t *arena) {
    switch (event->kind) {
        case NNRP_EVENT_CONNECTION_LOST:
            client->losses++;
            client->may_submit = 0;
            printf("lost: %s\n", nnrp_status_name(event->status));
            return 0;
        case NNRP_EVENT_SESSION_RESUMED:
            client->may_submit = 1;
            printf("resumed after %u results\n", client->answered);
            return 0;
        case NNRP_EVENT_WRITABLE:
            client->may_submit = 1;
            return 0;
        case NNRP_EVENT_RESULT:
            return take(client, event, arena + event->payload_offset);
        case NNRP_EVENT_SESSION_CLOSED:
            return client->answered == client->count ? 0 : fail("the session ended early", event->status, NULL);
        case NNRP_EVENT_CONNECTION_CLOSED:
            client->over = 1;
            return 0;
        default: /* kinds that do not matter here, and those of later versions */
            return 0;
    }
}

static int run(Client *client) {
    NnrpEvent events[EVENTS];
    static uint8_t arena[ARENA];
    NnrpError error;
    while (!client->over) {
        uint32_t count = 0;
        uint32_t i;
        NnrpStatus status;
        if (submit(client) != 0) {
            return 1;
        }
        status = nnrp_queue_wait(client->queue, PATIENCE_MS, &error);
        if (status == NNRP_STATUS_OK) {
            status = nnrp_queue_drain(client->queue, events, EVENTS, arena, sizeof arena, &count);
        }
        if (status != NNRP_STATUS_OK) {
            return fail("events", status, NULL);
        }
        for (i = 0; i < count; i++) {
            if (handle(client, &events[i], arena) != 0) {
                return 1;
            }
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    Client client;
    int code;
    memset(&client, 0, sizeof client);
    client.may_submit = 1;
    client.count = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 500;
    if (argc < 2 || client.count == 0) {
        fprintf(stderr, "usage: reconnect_resume URI [COUNT]\n");
        return 2;
    }
    code = start(&client, argv[1]);
    code = code != 0 ? code : run(&client);
    nnrp_queue_close(client.queue, NULL);
    if (code == 0) {
        printf("%u results, each once, over %u losses\n", client.answered, client.losses);
    }
    return code;
}
