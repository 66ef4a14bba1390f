/* A first client in C: connects, opens a session, submits one message and prints the echo. */
#include <nnrp/nnrp.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, const NnrpError *error)
{
    char text[512];
    size_t size = 0;
    nnrp_error_message(error, text, sizeof text, &size);
    fprintf(stderr, "%s: %.*s\n", what, (int)(size < sizeof text ? size : sizeof text), text);
    return 1;
}

int main(int argc, char **argv)
{
    const char *uri = argc > 1 ? argv[1] : "nnrp+tcp://127.0.0.1:4433";
    const char body[] = "hello";
    NnrpHandle queue, connection, session;
    NnrpError error;
    NnrpEvent events[8];
    uint8_t arena[4096];

    if (nnrp_queue_create(64, &queue, &error) != NNRP_STATUS_OK) return fail("queue", &error);
    if (nnrp_connect(queue, uri, strlen(uri), 0, &connection, &error) != NNRP_STATUS_OK) return fail("connect", &error);
    if (nnrp_connection_open_session(connection, 0, &session, &error) != NNRP_STATUS_OK) return fail("open", &error);

    NnrpSubmit submit = {0};
    NnrpBatch batch;
    submit.struct_size = sizeof submit;
    submit.body_size = sizeof body - 1;
    NnrpStatus status = nnrp_session_submit(session, &submit, 1, (const uint8_t *)body, sizeof body - 1, &batch);
    if (status != NNRP_STATUS_OK) {
        fprintf(stderr, "submit: %s\n", nnrp_status_name(status));
        return 1;
    }

    while (nnrp_queue_wait(queue, 5000, &error) == NNRP_STATUS_OK) {
        uint32_t count = 0;
        nnrp_queue_drain(queue, events, 8, arena, sizeof arena, &count);
        for (uint32_t i = 0; i < count; i++) {
            if (events[i].kind == NNRP_EVENT_RESULT) {
                printf("%.*s\n", (int)events[i].payload_size, (const char *)arena + events[i].payload_offset);
                nnrp_session_shutdown(session, NULL);
            } else if (events[i].kind == NNRP_EVENT_SESSION_CLOSED || events[i].kind == NNRP_EVENT_CONNECTION_CLOSED) {
                uint32_t ended = events[i].status;
                nnrp_queue_close(queue, NULL);
                if (ended == NNRP_STATUS_OK || ended == NNRP_STATUS_CLOSED) return 0;
                fprintf(stderr, "ended: %s\n", nnrp_status_name(ended));
                return 1;
            }
        }
    }
    return fail("wait", &error);
}
