/* Sends an object once and names it many times: the server keeps it, and submits carry 16 bytes in its place.
 *
 * usage: cache_reuse [URI]      default nnrp+mem://cache-reuse; nnrp+tcp://127.0.0.1:0 goes over a socket
 * Both sides run in this process and share one queue and one thread.
 * exit: 0 if the object was stored once and every submit that names it was answered, 1 otherwise. C11 and C++17. */
#include <nnrp/nnrp.h>

#include <stdio.h>
#include <string.h>

enum { EVENTS = 16, ARENA = 64 * 1024, PATIENCE_MS = 30000, SUBMITS = 4 };
enum { BODY = NNRP_BODY_PRELUDE_BYTES + NNRP_OBJECT_REFERENCE_BYTES };

static const char prompt[] = "A long prompt that every question begins with.";

typedef struct Reuse {
    NnrpHandle queue;
    NnrpHandle connection;
    NnrpHandle session; /* the client's */
    uint32_t stored;    /* objects that the server has been sent */
    uint32_t used;      /* submits that the server got */
    uint32_t answered;
    int over;
} Reuse;

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

static int start(Reuse *reuse, const char *uri) {
    char bound[300];
    size_t bound_size = 0;
    NnrpHandle listener = 0;
    NnrpHandle options = 0;
    NnrpError error;
    NnrpStatus status = nnrp_queue_create(256, &reuse->queue, &error);
    if (status == NNRP_STATUS_OK) {
        status = nnrp_options_create(&options, &error);
    }
    if (status == NNRP_STATUS_OK) { /* both sides are one thread: neither hurries the other */
        status = nnrp_options_set_u64(options, NNRP_OPTION_HANDSHAKE_TIMEOUT_MS, 120000, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_options_set_u64(options, NNRP_OPTION_CONNECT_TIMEOUT_MS, 120000, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_server_listen(reuse->queue, uri, strlen(uri), options, &listener, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_listener_uri(listener, bound, sizeof bound, &bound_size, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_options_set_u64(options, NNRP_OPTION_EXCHANGE, 1, &error); /* caches are agreed on in the hello */
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_connect(reuse->queue, bound, bound_size, options, &reuse->connection, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_connection_open_session(reuse->connection, 0, &reuse->session, &error);
    }
    nnrp_release(options, NULL);
    return status == NNRP_STATUS_OK ? 0 : fail("start", status, &error);
}

static NnrpObjectKey key_of_prompt(void) {
    NnrpObjectKey key;
    memset(&key, 0, sizeof key);
    key.struct_size = (uint32_t)sizeof key;
    key.cache_namespace = 7;
    key.cache_key_lo = 1;
    key.object_kind = NNRP_OBJECT_PROMPT_SEGMENT;
    return key;
}

static NnrpStatus put_prompt(const Reuse *reuse, NnrpError *error) {
    const NnrpObjectKey key = key_of_prompt();
    NnrpCachePut put;
    memset(&put, 0, sizeof put);
    put.struct_size = (uint32_t)sizeof put;
    put.cache_namespace = key.cache_namespace;
    put.cache_key_lo = key.cache_key_lo;
    put.object_kind = key.object_kind;
    put.flags = NNRP_CACHE_REUSABLE;
    return nnrp_cache_put(reuse->session, &put, (const uint8_t *)prompt, sizeof prompt - 1, error);
}

/* A structured body with nothing but a reference to the prompt. */
static NnrpStatus write_body(uint8_t *body, NnrpError *error) {
    const NnrpObjectKey key = key_of_prompt();
    NnrpBodyRegions regions;
    NnrpStatus status;
    memset(&regions, 0, sizeof regions);
    regions.struct_size = (uint32_t)sizeof regions;
    regions.object_reference_bytes = NNRP_OBJECT_REFERENCE_BYTES;
    status = nnrp_body_write_prelude(&regions, body, BODY, error);
    return status != NNRP_STATUS_OK
               ? status
               : nnrp_object_reference_write(&key, body + NNRP_BODY_PRELUDE_BYTES, BODY - NNRP_BODY_PRELUDE_BYTES, error);
}

/* The object goes first; who names it need not wait for the answer. */
static int put_and_submit(const Reuse *reuse) {
    uint8_t body[BODY];
    NnrpSubmit submits[SUBMITS];
    NnrpBatch batch;
    NnrpError error;
    uint32_t i;
    NnrpStatus status = put_prompt(reuse, &error);
    if (status == NNRP_STATUS_OK) {
        status = write_body(body, &error);
    }
    if (status != NNRP_STATUS_OK) {
        return fail("put", status, &error);
    }
    memset(submits, 0, sizeof submits);
    for (i = 0; i < SUBMITS; i++) {
        submits[i].struct_size = (uint32_t)sizeof submits[i];
        submits[i].body_size = BODY;
    }
    status = nnrp_session_submit(reuse->session, submits, SUBMITS, body, BODY, &batch);
    return status == NNRP_STATUS_OK && batch.accepted == SUBMITS ? 0 : fail("submit", status, NULL);
}

static int answer(Reuse *reuse, const NnrpEvent *event) {
    NnrpResult result;
    NnrpBatch batch;
    NnrpStatus status;
    memset(&result, 0, sizeof result);
    result.struct_size = (uint32_t)sizeof result;
    result.frame_id = event->frame_id;
    result.status_code = 200;
    reuse->used++;
    status = nnrp_session_send_results(event->session, &result, 1, NULL, 0, &batch);
    return status == NNRP_STATUS_OK ? 0 : fail("answer", status, NULL);
}

static int check_stored(Reuse *reuse, const NnrpEvent *event, const uint8_t *content) {
    reuse->stored++;
    if (event->payload_size == sizeof prompt - 1 && memcmp(content, prompt, sizeof prompt - 1) == 0) {
        return 0;
    }
    fprintf(stderr, "another object was stored\n");
    return 1;
}

static int check_put(const NnrpEvent *event) {
    return event->protocol_code == 0 ? 0 : fail("the server keeps no object", event->protocol_code, NULL);
}

static int count_result(Reuse *reuse) {
    NnrpError error;
    NnrpStatus status = NNRP_STATUS_OK;
    reuse->answered++;
    if (reuse->answered == SUBMITS) {
        status = nnrp_connection_shutdown(reuse->connection, &error);
    }
    return status == NNRP_STATUS_OK ? 0 : fail("shutdown", status, &error);
}

static int handle(Reuse *reuse, const NnrpEvent *event, const uint8_t *arena) {
    switch (event->kind) {
        case NNRP_EVENT_SESSION_OPENED:
            return event->session == reuse->session ? put_and_submit(reuse) : 0;
        case NNRP_EVENT_OBJECT_STORED:
            return check_stored(reuse, event, arena + event->payload_offset);
        case NNRP_EVENT_CACHE_ANSWERED:
            return check_put(event);
        case NNRP_EVENT_SUBMIT:
            return answer(reuse, event);
        case NNRP_EVENT_RESULT:
            return count_result(reuse);
        case NNRP_EVENT_PEER_ERROR:
            fprintf(stderr, "the server reports error 0x%x\n", event->protocol_code);
            return 1;
        case NNRP_EVENT_CONNECTION_CLOSED:
            reuse->over = reuse->over || event->connection == reuse->connection;
            return 0;
        default: /* kinds that do not matter here, and those of later versions */
            return 0;
    }
}

static int run(Reuse *reuse) {
    NnrpEvent events[EVENTS];
    static uint8_t arena[ARENA];
    NnrpError error;
    while (!reuse->over) {
        uint32_t count = 0;
        uint32_t i;
        NnrpStatus status = nnrp_queue_wait(reuse->queue, PATIENCE_MS, &error);
        if (status == NNRP_STATUS_OK) {
            status = nnrp_queue_drain(reuse->queue, events, EVENTS, arena, sizeof arena, &count);
        }
        if (status != NNRP_STATUS_OK) {
            return fail("events", status, NULL);
        }
        for (i = 0; i < count; i++) {
            if (handle(reuse, &events[i], arena) != 0) {
                return 1;
            }
        }
    }
    printf("%u object stored, named by %u submits, %u results\n", reuse->stored, reuse->used, reuse->answered);
    return reuse->stored == 1 && reuse->used == SUBMITS && reuse->answered == SUBMITS ? 0 : 1;
}

int main(int argc, char **argv) {
    Reuse reuse;
    int code;
    memset(&reuse, 0, sizeof reuse);
    code = start(&reuse, argc > 1 ? argv[1] : "nnrp+mem://cache-reuse");
    code = code != 0 ? code : run(&reuse);
    nnrp_queue_close(reuse.queue, NULL);
    return code;
}
