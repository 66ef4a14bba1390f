/* Connects, opens sessions and exchanges messages in number, and watches that memory and descriptors stay what they were.
 *
 * usage: churn URI CONNECTIONS SESSIONS OPERATIONS     of each connection, of each session
 * A tenth of the connections come first; what the process then holds is the measure for the rest. Prints what was
 * counted. exit: 0 if everything was answered and nothing has grown, 1 otherwise, 2 usage. POSIX threads, /proc. */
#define _POSIX_C_SOURCE 200809L
#include <nnrp/nnrp.h>

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 32, EVENTS = 256, ARENA = 64 * 1024, LARGEST_BODY = 256, MOST_OPERATIONS = 64, PATIENCE_MS = 60000 };

/* What the process may hold more at the end than after the first tenth: the allocator's own play. */
static const long long slack_bytes = 8 * 1024 * 1024;

typedef struct Totals {
    unsigned long long connections;
    unsigned long long sessions;
    unsigned long long operations;
} Totals;

/* One client connection of many. */
typedef struct Slot {
    NnrpHandle connection; /* 0 = none */
    NnrpHandle session;
    uint32_t sessions;     /* still to open */
    uint32_t unanswered;
} Slot;

typedef struct Client {
    NnrpHandle queue;
    NnrpHandle options;
    char uri[300];
    size_t uri_size;
    uint32_t sessions;
    uint32_t operations;
    unsigned long long to_connect;
    uint32_t alive;
    Slot slots[AT_ONCE];
    Totals done;
} Client;

static int fail(const char *what, NnrpStatus status) {
    fprintf(stderr, "churn: %s: %s\n", what, nnrp_status_name(status));
    return 1;
}

/* ---- Server ---------------------------------------------------------------------------------------------------- */

/* Answers a run of submits of one session with their own bodies. */
static NnrpStatus answer(const NnrpEvent *events, uint32_t count, const uint8_t *arena) {
    NnrpResult results[EVENTS];
    NnrpBatch batch;
    uint32_t i;
    uint32_t sent = 0;
    memset(results, 0, sizeof results);
    for (i = 0; i < count; i++) {
        results[i].struct_size = (uint32_t)sizeof results[i];
        results[i].frame_id = events[i].frame_id;
        results[i].body_offset = events[i].payload_offset;
        results[i].body_size = events[i].payload_size;
        results[i].status_code = 200;
    }
    while (sent < count) {
        /* What is unanswered is far less than the send queue holds, so there is always room. */
        NnrpStatus status = nnrp_session_send_results(events[0].session, results + sent, count - sent, arena, ARENA, &batch);
        if (status != NNRP_STATUS_OK) {
            return status;
        }
        sent += batch.accepted;
    }
    return NNRP_STATUS_OK;
}

static void *serve(void *argument) {
    const NnrpHandle queue = *(const NnrpHandle *)argument;
    NnrpEvent events[EVENTS];
    uint8_t *arena = (uint8_t *)calloc(1, ARENA);
    while (arena != NULL && nnrp_queue_wait(queue, UINT32_MAX, NULL) == NNRP_STATUS_OK) {
        uint32_t count = 0;
        uint32_t first = 0;
        if (nnrp_queue_drain(queue, events, EVENTS, arena, ARENA, &count) != NNRP_STATUS_OK) {
            break; /* closed */
        }
        while (first < count) {
            uint32_t next = first + 1;
            if (events[first].kind == NNRP_EVENT_SUBMIT) {
                while (next < count && events[next].kind == NNRP_EVENT_SUBMIT && events[next].session == events[first].session) {
                    next++;
                }
                (void)answer(events + first, next - first, arena); /* the client misses what is not answered */
            }
            first = next;
        }
    }
    free(arena);
    return NULL;
}

/* ---- Client ---------------------------------------------------------------------------------------------------- */

static int connect_next(Client *client, Slot *slot) {
    NnrpStatus status;
    memset(slot, 0, sizeof *slot);
    if (client->to_connect == 0) {
        return 0;
    }
    client->to_connect--;
    slot->sessions = client->sessions;
    status = nnrp_connect(client->queue, client->uri, client->uri_size, client->options, &slot->connection, NULL);
    if (status != NNRP_STATUS_OK) {
        return fail("connect", status);
    }
    client->alive++;
    slot->sessions--;
    status = nnrp_connection_open_session(slot->connection, client->options, &slot->session, NULL);
    return status == NNRP_STATUS_OK ? 0 : fail("open", status);
}

static int submit_all(const Client *client, Slot *slot) {
    static uint8_t arena[LARGEST_BODY];
    NnrpSubmit submits[MOST_OPERATIONS];
    NnrpBatch batch;
    NnrpStatus status;
    uint32_t i;
    memset(submits, 0, sizeof submits);
    for (i = 0; i < client->operations; i++) {
        submits[i].struct_size = (uint32_t)sizeof submits[i];
        submits[i].body_size = (i * 37 + slot->sessions) % LARGEST_BODY;
    }
    status = nnrp_session_submit(slot->session, submits, client->operations, arena, sizeof arena, &batch);
    if (status != NNRP_STATUS_OK || batch.accepted != client->operations) {
        return fail("submit", status);
    }
    slot->unanswered = client->operations;
    return 0;
}

static int end_session(Client *client, Slot *slot) {
    NnrpStatus status = nnrp_session_shutdown(slot->session, NULL);
    client->done.operations += client->operations;
    return status == NNRP_STATUS_OK ? 0 : fail("end a session", status);
}

static int after_session(Client *client, Slot *slot, const NnrpEvent *event) {
    NnrpStatus status;
    if (event->status != NNRP_STATUS_CLOSED || slot->unanswered != 0) {
        return fail("a session ended early", event->status);
    }
    client->done.sessions++;
    if (slot->sessions == 0) {
        status = nnrp_connection_shutdown(slot->connection, NULL);
        return status == NNRP_STATUS_OK ? 0 : fail("end a connection", status);
    }
    slot->sessions--;
    status = nnrp_connection_open_session(slot->connection, client->options, &slot->session, NULL);
    return status == NNRP_STATUS_OK ? 0 : fail("open", status);
}

static int after_connection(Client *client, Slot *slot, const NnrpEvent *event) {
    if (event->status != NNRP_STATUS_CLOSED || slot->sessions != 0) {
        return fail("a connection ended early", event->status);
    }
    client->done.connections++;
    client->alive--;
    return connect_next(client, slot);
}

static int handle(Client *client, const NnrpEvent *event) {
    Slot *slot = client->slots;
    while (slot->connection != event->connection) {
        slot++; /* every event of this queue names a connection of the client */
    }
    switch (event->kind) {
        case NNRP_EVENT_SESSION_OPENED:
            return submit_all(client, slot);
        case NNRP_EVENT_RESULT:
            slot->unanswered--;
            return slot->unanswered == 0 ? end_session(client, slot) : 0;
        case NNRP_EVENT_SESSION_CLOSED:
            return after_session(client, slot, event);
        case NNRP_EVENT_CONNECTION_CLOSED:
            return after_connection(client, slot, event);
        default:
            return 0;
    }
}

static int pump(Client *client) {
    NnrpEvent events[EVENTS];
    static uint8_t arena[ARENA];
    uint32_t count = 0;
    uint32_t i;
    NnrpStatus status = nnrp_queue_wait(client->queue, PATIENCE_MS, NULL);
    if (status == NNRP_STATUS_OK) {
        status = nnrp_queue_drain(client->queue, events, EVENTS, arena, sizeof arena, &count);
    }
    if (status != NNRP_STATUS_OK) {
        return fail("events", status);
    }
    for (i = 0; i < count; i++) {
        if (handle(client, &events[i]) != 0) {
            return 1;
        }
    }
    return 0;
}

/* ---- One run of both ------------------------------------------------------------------------------------------- */

static int run_client(Client *client) {
    uint32_t i;
    for (i = 0; i < AT_ONCE; i++) {
        if (connect_next(client, &client->slots[i]) != 0) {
            return 1;
        }
    }
    while (client->alive > 0) {
        if (pump(client) != 0) {
            return 1;
        }
    }
    return 0;
}

static int churn(Client *client, const char *uri, unsigned long long connections) {
    NnrpHandle queue = 0;
    NnrpHandle listener = 0;
    pthread_t server;
    int code;
    if (nnrp_queue_create(4096, &queue, NULL) != NNRP_STATUS_OK || nnrp_queue_create(4096, &client->queue, NULL) != NNRP_STATUS_OK ||
        nnrp_options_create(&client->options, NULL) != NNRP_STATUS_OK ||
        nnrp_options_set_u64(client->options, NNRP_OPTION_MAX_IN_FLIGHT, MOST_OPERATIONS, NULL) != NNRP_STATUS_OK ||
        nnrp_options_set_u64(client->options, NNRP_OPTION_EXCHANGE, 1, NULL) != NNRP_STATUS_OK ||
        nnrp_server_listen(queue, uri, strlen(uri), 0, &listener, NULL) != NNRP_STATUS_OK ||
        nnrp_listener_uri(listener, client->uri, sizeof client->uri, &client->uri_size, NULL) != NNRP_STATUS_OK ||
        pthread_create(&server, NULL, serve, &queue) != 0) {
        fprintf(stderr, "churn: cannot start at %s\n", uri);
        return 1;
    }
    client->to_connect = connections;
    code = run_client(client);
    nnrp_queue_close(client->queue, NULL);
    nnrp_queue_close(queue, NULL);
    nnrp_release(client->options, NULL);
    pthread_join(server, NULL);
    return code;
}

/* ---- What the process holds ------------------------------------------------------------------------------------ */

static long long resident_bytes(void) {
    long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*s %lld", &pages) != 1) {
        pages = -1;
    }
    if (file != NULL) {
        fclose(file);
    }
    return pages * sysconf(_SC_PAGESIZE);
}

static int descriptors(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return count;
}

static void nap(void) {
    struct timespec pause = {0, 20 * 1000 * 1000};
    nanosleep(&pause, NULL);
}

/* The last connections are closed in the background: waits until the number has not changed for half a second. */
static int settled_descriptors(void) {
    int count = descriptors();
    int unchanged = 0;
    while (unchanged < 25) {
        int now;
        nap();
        now = descriptors();
        unchanged = now == count ? unchanged + 1 : 0;
        count = now;
    }
    return count;
}

/* As many as before, or what is left after a minute. */
static int descriptors_after(int before) {
    int rounds;
    for (rounds = 0; rounds < 3000 && descriptors() > before; rounds++) {
        nap();
    }
    return descriptors();
}

int main(int argc, char **argv) {
    Client client;
    unsigned long long connections;
    long long before;
    long long after;
    int open_before;
    int open_after;
    memset(&client, 0, sizeof client);
    if (argc == 5) {
        client.sessions = (uint32_t)strtoul(argv[3], NULL, 10);
        client.operations = (uint32_t)strtoul(argv[4], NULL, 10);
    }
    connections = argc == 5 ? strtoull(argv[2], NULL, 10) : 0;
    if (connections < 10 || client.sessions == 0 || client.operations == 0 || client.operations > MOST_OPERATIONS) {
        fprintf(stderr, "usage: churn URI CONNECTIONS SESSIONS OPERATIONS (at least 10, 1, 1..%d)\n", MOST_OPERATIONS);
        return 2;
    }
    if (churn(&client, argv[1], connections / 10) != 0) {
        return 1;
    }
    open_before = settled_descriptors(); /* what the library's threads keep */
    before = resident_bytes();
    if (churn(&client, argv[1], connections - connections / 10) != 0) {
        return 1;
    }
    open_after = descriptors_after(open_before);
    after = resident_bytes();
    printf("counted: %llu connections, %llu sessions, %llu operations over %s, %lld KiB resident after a tenth, %lld KiB at the end\n",
           client.done.connections, client.done.sessions, client.done.operations, argv[1], before / 1024, after / 1024);
    if (open_after > open_before || after > before + slack_bytes) {
        fprintf(stderr, "churn: %d descriptors, %d before; %lld bytes, %lld before\n", open_after, open_before, after, before);
        return 1;
    }
    return 0;
}
