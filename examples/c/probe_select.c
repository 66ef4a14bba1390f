/* Measures the way to a server, lets the library choose a transport by policy and by what was measured, and connects by it.
 *
 * usage: probe_select [URI]      default: a server of its own on nnrp+tcp://127.0.0.1:0
 * A way that was not measured is no candidate of a probed selection; the list says so for each.
 * exit: 0 if TCP was chosen and connected, 1 otherwise. C11 and C++17. */
#include <nnrp/nnrp.h>

#include <stdio.h>
#include <string.h>

enum { EVENTS = 16, ARENA = 64 * 1024, PATIENCE_MS = 30000, MOST_CANDIDATES = 16, MOST_SAMPLES = 100 };

typedef struct Choice {
    NnrpHandle queue;
    NnrpHandle providers;
    NnrpHandle connection;
    char uri[300];
    size_t uri_size;
    uint64_t probe;
    int connected;
} Choice;

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

/* Starts to measure the server named, or one that this process is itself. */
static int start(Choice *choice, const char *uri) {
    static const char own[] = "nnrp+tcp://127.0.0.1:0";
    NnrpHandle listener = 0;
    NnrpError error;
    NnrpStatus status = nnrp_queue_create(64, &choice->queue, &error);
    if (status == NNRP_STATUS_OK && uri == NULL) {
        status = nnrp_server_listen(choice->queue, own, sizeof own - 1, 0, &listener, &error);
        if (status == NNRP_STATUS_OK) {
            status = nnrp_listener_uri(listener, choice->uri, sizeof choice->uri, &choice->uri_size, &error);
        }
    } else if (uri != NULL && strlen(uri) < sizeof choice->uri) {
        choice->uri_size = strlen(uri);
        memcpy(choice->uri, uri, choice->uri_size);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_providers_create(1, &choice->providers, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_probe_start(choice->queue, choice->uri, choice->uri_size, 0, &choice->probe, &error);
    }
    return status == NNRP_STATUS_OK ? 0 : fail("start", status, &error);
}

/* Gives the samples to the providers of the transport that was measured. */
static int keep_samples(const Choice *choice, const NnrpEvent *event, const uint8_t *body) {
    NnrpProbeSample samples[MOST_SAMPLES];
    uint32_t count = (uint32_t)(event->payload_size / sizeof samples[0]);
    uint32_t providers = 0;
    uint32_t index;
    NnrpError error;
    NnrpStatus status = nnrp_providers_count(choice->providers, &providers, &error);
    memcpy(samples, body, count * sizeof samples[0]);
    for (index = 0; index < providers && status == NNRP_STATUS_OK; index++) {
        NnrpProvider provider;
        char texts[512];
        status = nnrp_providers_get(choice->providers, index, &provider, texts, sizeof texts, &error);
        if (status == NNRP_STATUS_OK && provider.transport_id == NNRP_TRANSPORT_TCP) {
            status = nnrp_providers_add_samples(choice->providers, index, samples, count, &error);
        }
    }
    return status == NNRP_STATUS_OK ? 0 : fail("samples", status, &error);
}

static int show(const Choice *choice, const NnrpCandidate *candidate) {
    NnrpProvider provider;
    char texts[512];
    NnrpError error;
    NnrpStatus status = nnrp_providers_get(choice->providers, candidate->provider, &provider, texts, sizeof texts, &error);
    if (status != NNRP_STATUS_OK) {
        return fail("provider", status, &error);
    }
    printf("%.*s: %s, %u samples\n", (int)provider.name_size, texts + provider.name_offset,
           candidate->rejected == NNRP_REJECTED_NOT ? "may be used" : "rejected", candidate->sample_count);
    return 0;
}

static int choose(Choice *choice) {
    NnrpCandidate candidates[MOST_CANDIDATES];
    NnrpError error;
    uint32_t count = 0;
    uint32_t i;
    NnrpStatus status = nnrp_providers_select_probed(choice->providers, NNRP_POLICY_AUTO, NNRP_TRANSPORT_QUIC | NNRP_TRANSPORT_TCP,
                                                     candidates, MOST_CANDIDATES, &count);
    for (i = 0; i < count; i++) {
        if (show(choice, &candidates[i]) != 0) {
            return 1;
        }
    }
    if (status != NNRP_STATUS_OK || candidates[0].transport_id != NNRP_TRANSPORT_TCP) {
        return fail("selection", status, NULL);
    }
    status = nnrp_connect(choice->queue, choice->uri, choice->uri_size, 0, &choice->connection, &error);
    return status == NNRP_STATUS_OK ? 0 : fail("connect", status, &error);
}

static int handle(Choice *choice, const NnrpEvent *event, const uint8_t *arena) {
    if (event->kind == NNRP_EVENT_PROBED && event->operation_id == choice->probe) {
        return keep_samples(choice, event, arena + event->payload_offset) != 0 || choose(choice) != 0;
    }
    if (event->connection != choice->connection || choice->connection == 0) {
        return 0; /* of the server's side */
    }
    if (event->kind == NNRP_EVENT_CONNECTED) {
        choice->connected = 1;
        printf("connected\n");
    } else if (event->kind == NNRP_EVENT_CONNECTION_CLOSED) {
        return fail("the connection", event->status, NULL);
    }
    return 0;
}

static int run(Choice *choice) {
    NnrpEvent events[EVENTS];
    static uint8_t arena[ARENA];
    NnrpError error;
    while (!choice->connected) {
        uint32_t count = 0;
        uint32_t i;
        NnrpStatus status = nnrp_queue_wait(choice->queue, PATIENCE_MS, &error);
        if (status == NNRP_STATUS_OK) {
            status = nnrp_queue_drain(choice->queue, events, EVENTS, arena, sizeof arena, &count);
        }
        if (status != NNRP_STATUS_OK) {
            return fail("events", status, NULL);
        }
        for (i = 0; i < count; i++) {
            if (handle(choice, &events[i], arena) != 0) {
                return 1;
            }
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    Choice choice;
    int code;
    memset(&choice, 0, sizeof choice);
    code = start(&choice, argc > 1 ? argv[1] : NULL);
    code = code != 0 ? code : run(&choice);
    nnrp_queue_close(choice.queue, NULL);
    nnrp_release(choice.providers, NULL);
    return code;
}
