/* Streams a result in parts: the server sends each word as soon as it has it, the client shows it as it comes.
 *
 * usage: streaming_results [URI]      default nnrp+mem://streaming-results; nnrp+tcp://127.0.0.1:0 goes over a socket
 * Both sides run in this process and share one queue and one thread: nothing of the library blocks either of them.
 * exit:  0 if every word arrived in order and the last one ended the operation, 1 otherwise. C11 and C++17. */
#include <nnrp/nnrp.h>

#include <stdio.h>
#include <string.h>

enum { EVENTS = 16, ARENA = 4096, PATIENCE_MS = 20000, TICK_MS = 5, PARTIAL = 1, COMPLETE = 0 };

static const char *const words[] = {"Parts", "of", "a", "result", "travel", "as", "they", "arise."};
static const uint32_t word_count = sizeof words / sizeof words[0];

typedef struct Stream {
    NnrpHandle queue;
    NnrpHandle connection;
    NnrpHandle session;  /* the client's */
    NnrpHandle serving;  /* the server's session that has a submit to answer, 0 = none */
    uint32_t frame_id;   /* of that submit */
    uint32_t sent;       /* words the server has sent */
    uint32_t received;   /* words the client has got */
    int answered;        /* the last part was complete */
    int over;            /* the client's connection has ended */
} Stream;

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

/* Listens, and connects to where the listener was bound. */
static int start(Stream *stream, const char *uri) {
    char bound[300];
    size_t bound_size = 0;
    NnrpHandle listener = 0;
    NnrpError error;
    NnrpStatus status = nnrp_queue_create(256, &stream->queue, &error);
    if (status == NNRP_STATUS_OK) {
        status = nnrp_server_listen(stream->queue, uri, strlen(uri), 0, &listener, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_listener_uri(listener, bound, sizeof bound, &bound_size, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_connect(stream->queue, bound, bound_size, 0, &stream->connection, &error);
    }
    if (status == NNRP_STATUS_OK) {
        status = nnrp_connection_open_session(stream->connection, 0, &stream->session, &error);
    }
    return status == NNRP_STATUS_OK ? 0 : fail("start", status, &error);
}

/* The client's question. It may be queued before the session is open. */
static int ask(const Stream *stream) {
    static const char prompt[] = "How do results travel?";
    NnrpSubmit submit;
    NnrpBatch batch;
    NnrpStatus status;
    memset(&submit, 0, sizeof submit);
    submit.struct_size = (uint32_t)sizeof submit;
    submit.body_size = sizeof prompt - 1;
    status = nnrp_session_submit(stream->session, &submit, 1, (const uint8_t *)prompt, sizeof prompt - 1, &batch);
    return status == NNRP_STATUS_OK ? 0 : fail("submit", status, NULL);
}

/* The server's next word: partial while more are to come. */
static int send_word(Stream *stream) {
    const char *word = words[stream->sent];
    NnrpResult result;
    NnrpBatch batch;
    NnrpStatus status;
    memset(&result, 0, sizeof result);
    result.struct_size = (uint32_t)sizeof result;
    result.frame_id = stream->frame_id;
    result.body_size = strlen(word);
    result.status_code = 200;
    result.result_class = stream->sent + 1 < word_count ? PARTIAL : COMPLETE;
    status = nnrp_session_send_results(stream->serving, &result, 1, (const uint8_t *)word, strlen(word), &batch);
    if (status == NNRP_STATUS_WOULD_BLOCK) {
        return 0; /* the next tick tries again */
    }
    if (status != NNRP_STATUS_OK) {
        return fail("send results", status, NULL);
    }
    stream->sent++;
    return 0;
}

static int show(Stream *stream, const NnrpEvent *event, const uint8_t *body) {
    const char *expected = stream->received < word_count ? words[stream->received] : "";
    if (event->payload_size != strlen(expected) || memcmp(body, expected, strlen(expected)) != 0) {
        fprintf(stderr, "part %u is not \"%s\"\n", stream->received, expected);
        return 1;
    }
    printf("%s%s", stream->received == 0 ? "" : " ", expected);
    fflush(stdout);
    stream->received++;
    if (event->result_class == COMPLETE) {
        NnrpError error;
        NnrpStatus status = nnrp_connection_shutdown(stream->connection, &error);
        stream->answered = 1;
        printf("\n");
        return status == NNRP_STATUS_OK ? 0 : fail("close", status, &error);
    }
    return 0;
}

static int handle(Stream *stream, const NnrpEvent *event, const uint8_t *arena) {
    switch (event->kind) {
        case NNRP_EVENT_SUBMIT:
            stream->serving = event->session;
            stream->frame_id = event->frame_id;
            return 0;
        case NNRP_EVENT_RESULT:
            return show(stream, event, arena + event->payload_offset);
        case NNRP_EVENT_SESSION_CLOSED:
            if (event->session == stream->session && !stream->answered) {
                return fail("the session ended early", event->status, NULL);
            }
            return 0;
        case NNRP_EVENT_CONNECTION_CLOSED:
            stream->over = stream->over || event->connection == stream->connection;
            return 0;
        default: /* kinds that do not matter here, and those of later versions */
            return 0;
    }
}

static int is_sending(const Stream *stream) {
    return stream->serving != 0 && stream->sent < word_count;
}

static int run(Stream *stream) {
    NnrpEvent events[EVENTS];
    uint8_t arena[ARENA];
    NnrpError error;
    while (!stream->over) {
        uint32_t count = 0;
        uint32_t i;
        NnrpStatus status;
        if (is_sending(stream) && send_word(stream) != 0) {
            return 1;
        }
        status = nnrp_queue_wait(stream->queue, is_sending(stream) ? TICK_MS : PATIENCE_MS, &error);
        if (status == NNRP_STATUS_TIMEOUT && is_sending(stream)) {
            continue;
        }
        if (status == NNRP_STATUS_OK) {
            status = nnrp_queue_drain(stream->queue, events, EVENTS, arena, sizeof arena, &count);
        }
        if (status != NNRP_STATUS_OK) {
            return fail("events", status, NULL);
        }
        for (i = 0; i < count; i++) {
            if (handle(stream, &events[i], arena) != 0) {
                return 1;
            }
        }
    }
    return stream->answered && stream->received == word_count ? 0 : 1;
}

int main(int argc, char **argv) {
    Stream stream;
    int code;
    memset(&stream, 0, sizeof stream);
    code = start(&stream, argc > 1 ? argv[1] : "nnrp+mem://streaming-results");
    code = code != 0 ? code : ask(&stream);
    code = code != 0 ? code : run(&stream);
    nnrp_queue_close(stream.queue, NULL);
    return code;
}
