/* Measures the C ABI: a round trip, what a call costs an event, how threads scale, and how soon a wake is served.
 *
 * usage: abi-bench round-trip URI [COUNT]      p50 of one message of 64 bytes and back
 *        abi-bench events [COUNT]              time of the caller in submit and drain for an event, batches of 64, in memory
 *        abi-bench threads [THREADS] [MS]      exchanges a second of so many threads on as many connections, in memory
 *        abi-bench wake [COUNT]                p50 from the wake callback to the end of the drain
 * Prints one line of JSON. POSIX threads and clocks. */
#define _POSIX_C_SOURCE 200809L
#include <nnrp/nnrp.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 64, IN_FLIGHT = 256, BODY = 64, EVENTS = 256, ARENA = 64 * 1024, MOST_THREADS = 64, PATIENCE_MS = 60000 };

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Of this thread alone: what else the machine does in the middle of a call is not the call's cost. */
static uint64_t own_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

enum { CLOCK_SAMPLES = 10000 };

/* What reading that clock twice adds to what it measures: it is a system call, and half of each lies between the two readings. */
static double clock_cost_ns(void) {
    uint64_t sum = 0;
    int i;
    for (i = 0; i < CLOCK_SAMPLES; i++) {
        const uint64_t start = own_ns();
        sum += own_ns() - start;
    }
    return (double)sum / CLOCK_SAMPLES;
}

static void must(NnrpStatus status, const char *what) {
    if (status != NNRP_STATUS_OK) {
        fprintf(stderr, "abi-bench: %s: %s\n", what, nnrp_status_name(status));
        exit(1);
    }
}

/* ---- An echo server on a queue and a thread of its own --------------------------------------------------------- */

typedef struct Server {
    NnrpHandle queue;
    pthread_t thread;
} Server;

static void answer(const NnrpEvent *events, uint32_t count, const uint8_t *arena) {
    NnrpResult results[EVENTS];
    NnrpBatch batch;
    uint32_t i;
    uint32_t sent = 0;
    memset(results, 0, count * sizeof results[0]);
    for (i = 0; i < count; i++) {
        results[i].struct_size = (uint32_t)sizeof results[i];
        results[i].frame_id = events[i].frame_id;
        results[i].body_offset = events[i].payload_offset;
        results[i].body_size = events[i].payload_size;
        results[i].status_code = 200;
    }
    /* What is in flight fits the send queue many times over. */
    while (sent < count && nnrp_session_send_results(events[0].session, results + sent, count - sent, arena, ARENA, &batch) == NNRP_STATUS_OK) {
        sent += batch.accepted;
    }
}

static void *serve(void *argument) {
    const Server *server = (const Server *)argument;
    NnrpEvent events[EVENTS];
    uint8_t *arena = (uint8_t *)malloc(ARENA);
    while (arena != NULL && nnrp_queue_wait(server->queue, UINT32_MAX, NULL) == NNRP_STATUS_OK) {
        uint32_t count = 0;
        uint32_t first = 0;
        if (nnrp_queue_drain(server->queue, events, EVENTS, arena, ARENA, &count) != NNRP_STATUS_OK) {
            break;
        }
        while (first < count) {
            uint32_t next = first + 1;
            while (next < count && events[next].kind == events[first].kind && events[next].session == events[first].session) {
                next++;
            }
            if (events[first].kind == NNRP_EVENT_SUBMIT) {
                answer(events + first, next - first, arena);
            }
            first = next;
        }
    }
    free(arena);
    return NULL;
}

static void start_server(Server *server, const char *uri) {
    NnrpHandle listener;
    must(nnrp_queue_create(4096, &server->queue, NULL), "queue");
    must(nnrp_server_listen(server->queue, uri, strlen(uri), 0, &listener, NULL), "listen");
    if (pthread_create(&server->thread, NULL, serve, server) != 0) {
        must(NNRP_STATUS_OUT_OF_RESOURCES, "thread");
    }
}

static void stop_server(Server *server) {
    nnrp_queue_close(server->queue, NULL);
    pthread_join(server->thread, NULL);
}

/* ---- A client --------------------------------------------------------------------------------------------------- */

typedef struct Client {
    NnrpHandle queue;
    NnrpHandle session;
    uint8_t arena[ARENA];
    NnrpEvent events[EVENTS];
    uint64_t answered;
    uint64_t in_calls_ns;
    uint64_t calls;
    int is_timed;
} Client;

static void open_client(Client *client, const char *uri) {
    NnrpHandle options;
    NnrpHandle connection;
    memset(client, 0, sizeof *client);
    must(nnrp_queue_create(4096, &client->queue, NULL), "queue");
    must(nnrp_options_create(&options, NULL), "options");
    must(nnrp_options_set_u64(options, NNRP_OPTION_MAX_IN_FLIGHT, IN_FLIGHT, NULL), "option");
    must(nnrp_connect(client->queue, uri, strlen(uri), options, &connection, NULL), "connect");
    must(nnrp_connection_open_session(connection, options, &client->session, NULL), "open");
    nnrp_release(options, NULL);
}

/* How many of the batch were taken. */
static uint32_t submit(Client *client, uint32_t count) {
    static const uint8_t body[BODY];
    NnrpSubmit submits[BATCH];
    NnrpBatch batch;
    NnrpStatus status;
    uint64_t start;
    uint32_t i;
    memset(submits, 0, count * sizeof submits[0]);
    for (i = 0; i < count; i++) {
        submits[i].struct_size = (uint32_t)sizeof submits[i];
        submits[i].body_size = BODY;
    }
    start = client->is_timed ? own_ns() : 0;
    status = nnrp_session_submit(client->session, submits, count, body, BODY, &batch);
    client->in_calls_ns += client->is_timed ? own_ns() - start : 0;
    client->calls++;
    if (status == NNRP_STATUS_WOULD_BLOCK) {
        return 0;
    }
    must(status, "submit");
    return batch.accepted;
}

/* Drains once and gives the number of results among the events. */
static uint32_t drain(Client *client) {
    uint32_t count = 0;
    uint32_t results = 0;
    uint32_t i;
    uint64_t start = client->is_timed ? own_ns() : 0;
    must(nnrp_queue_drain(client->queue, client->events, EVENTS, client->arena, ARENA, &count), "drain");
    client->in_calls_ns += client->is_timed ? own_ns() - start : 0;
    client->calls++;
    for (i = 0; i < count; i++) {
        results += client->events[i].kind == NNRP_EVENT_RESULT;
        if (client->events[i].kind == NNRP_EVENT_SESSION_CLOSED) {
            must(client->events[i].status, "the session");
        }
    }
    client->answered += results;
    return results;
}

static uint32_t wait_and_drain(Client *client) {
    must(nnrp_queue_wait(client->queue, PATIENCE_MS, NULL), "wait");
    return drain(client);
}

/* Keeps a full window in batches until `deadline` or `count`. */
static void exchange(Client *client, uint64_t count, uint64_t deadline) {
    uint64_t submitted = client->answered;
    const uint64_t last = submitted + count;
    while (client->answered < last && (deadline == 0 || now_ns() < deadline)) {
        while (submitted < last && submitted - client->answered + BATCH <= IN_FLIGHT) {
            uint32_t accepted = submit(client, last - submitted < BATCH ? (uint32_t)(last - submitted) : BATCH);
            if (accepted == 0) {
                break;
            }
            submitted += accepted;
        }
        wait_and_drain(client);
    }
}

/* ---- Measurements ----------------------------------------------------------------------------------------------- */

static int by_size(const void *left, const void *right) {
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static double median_us(uint64_t *samples, size_t count) {
    qsort(samples, count, sizeof samples[0], by_size);
    return (double)samples[count / 2] / 1000.0;
}

static void round_trip(const char *uri, size_t count) {
    static Client client;
    uint64_t *samples = (uint64_t *)malloc(count * sizeof samples[0]);
    size_t i;
    open_client(&client, uri);
    exchange(&client, 1000, 0);
    for (i = 0; samples != NULL && i < count; i++) {
        const uint64_t start = now_ns();
        while (submit(&client, 1) == 0) {
            wait_and_drain(&client);
        }
        while (wait_and_drain(&client) == 0) {
        }
        samples[i] = now_ns() - start;
    }
    printf("{\"p50_us\":%.3f}\n", samples == NULL ? 0.0 : median_us(samples, count));
    nnrp_queue_close(client.queue, NULL);
    free(samples);
}

static void events(uint64_t count) {
    static Client client;
    static const char uri[] = "nnrp+mem://events";
    Server server;
    double in_calls_ns;
    uint64_t start;
    start_server(&server, uri);
    open_client(&client, uri);
    exchange(&client, 10000, 0);
    client.is_timed = 1;
    client.calls = 0;
    start = now_ns();
    exchange(&client, count, 0);
    start = now_ns() - start;
    in_calls_ns = (double)client.in_calls_ns - (double)client.calls * clock_cost_ns();
    printf("{\"call_ns\":%.2f,\"per_second\":%.0f}\n", in_calls_ns / (double)count, (double)count * 1e9 / (double)start);
    nnrp_queue_close(client.queue, NULL);
    stop_server(&server);
}

/* One of many threads: its own connection, its own server. */
typedef struct Worker {
    pthread_t thread;
    uint32_t number;
    uint64_t duration_ns;
    uint64_t answered;
} Worker;

static void *work(void *argument) {
    Worker *worker = (Worker *)argument;
    Client *client = (Client *)malloc(sizeof *client);
    Server server;
    char uri[64];
    snprintf(uri, sizeof uri, "nnrp+mem://worker-%u", worker->number);
    start_server(&server, uri);
    if (client != NULL) {
        open_client(client, uri);
        exchange(client, 1000, 0);
        exchange(client, UINT64_MAX / 2, now_ns() + worker->duration_ns);
        worker->answered = client->answered;
        nnrp_queue_close(client->queue, NULL);
    }
    stop_server(&server);
    free(client);
    return NULL;
}

static void threads(uint32_t count, uint64_t duration_ns) {
    static Worker workers[MOST_THREADS];
    uint64_t answered = 0;
    uint32_t i;
    for (i = 0; i < count; i++) {
        workers[i].number = i;
        workers[i].duration_ns = duration_ns;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            must(NNRP_STATUS_OUT_OF_RESOURCES, "thread");
        }
    }
    for (i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        answered += workers[i].answered;
    }
    printf("{\"per_second\":%.0f}\n", (double)answered * 1e9 / (double)duration_ns);
}

static _Atomic uint64_t woken_ns;
static sem_t woken;

/* What a callback should do: note it, and signal the thread that drains. */
static void note_wake(void *unused) {
    (void)unused;
    atomic_store(&woken_ns, now_ns());
    sem_post(&woken);
}

static uint32_t await_wake_and_drain(Client *client) {
    while (sem_wait(&woken) != 0) {
    }
    return drain(client);
}

static void wake(size_t count) {
    static Client client;
    static const char uri[] = "nnrp+mem://wake";
    Server server;
    uint64_t *samples = (uint64_t *)malloc(count * sizeof samples[0]);
    size_t i;
    start_server(&server, uri);
    open_client(&client, uri);
    exchange(&client, 1000, 0);
    sem_init(&woken, 0, 0);
    must(nnrp_queue_set_wake(client.queue, note_wake, NULL, NULL), "wake");
    for (i = 0; samples != NULL && i < count; i++) {
        while (submit(&client, 1) == 0) {
            await_wake_and_drain(&client);
        }
        while (await_wake_and_drain(&client) == 0) {
        }
        samples[i] = now_ns() - atomic_load(&woken_ns);
    }
    printf("{\"p50_us\":%.3f}\n", samples == NULL ? 0.0 : median_us(samples, count));
    nnrp_queue_close(client.queue, NULL);
    stop_server(&server);
    free(samples);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "round-trip") == 0 && argc > 2) {
        round_trip(argv[2], argc > 3 ? strtoul(argv[3], NULL, 10) : 20000);
    } else if (strcmp(what, "events") == 0) {
        events(argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000);
    } else if (strcmp(what, "threads") == 0) {
        const uint32_t count = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 8;
        threads(count < MOST_THREADS ? count : MOST_THREADS, (argc > 3 ? strtoull(argv[3], NULL, 10) : 2000) * 1000000u);
    } else if (strcmp(what, "wake") == 0) {
        wake(argc > 2 ? strtoul(argv[2], NULL, 10) : 20000);
    } else {
        fprintf(stderr, "usage: abi-bench round-trip URI [COUNT] | events [COUNT] | threads [THREADS] [MS] | wake [COUNT]\n");
        return 2;
    }
    return 0;
}
