/* Writes to a pipe that nobody reads, on a thread of the library, in a program that leaves SIGPIPE as it is: the write has
 * to fail and the program to go on, for that is what happens when a peer resets its connection.
 *
 * usage: broken_pipe
 * exit:  0 if the program lives and the signals of its own threads are as before, 1 otherwise. */
#define _POSIX_C_SOURCE 200809L
#include <nnrp/nnrp.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

typedef struct Attempt {
    pthread_t main_thread;
    int done[2]; /* the pipe over which the library's thread says so */
    int on_other_thread;
    int written;
    int error;
} Attempt;

/* Runs on a thread of the library. */
static void write_to_broken_pipe(void *user_data) {
    Attempt *attempt = (Attempt *)user_data;
    int ends[2];
    if (pipe(ends) == 0) {
        close(ends[0]);
        attempt->on_other_thread = !pthread_equal(pthread_self(), attempt->main_thread);
        attempt->written = (int)write(ends[1], "x", 1);
        attempt->error = errno;
        close(ends[1]);
    }
    if (write(attempt->done[1], "x", 1) != 1) {
        perror("broken_pipe");
    }
}

int main(void) {
    static const char uri[] = "nnrp+mem://nobody-listens";
    Attempt attempt = {pthread_self(), {-1, -1}, 0, 0, 0};
    char done = 0;
    NnrpHandle queue = 0;
    NnrpHandle connection = 0;
    sigset_t mask;
    signal(SIGPIPE, SIG_DFL);
    if (pipe(attempt.done) != 0 || nnrp_queue_create(16, &queue, NULL) != NNRP_STATUS_OK ||
        nnrp_queue_set_wake(queue, write_to_broken_pipe, &attempt, NULL) != NNRP_STATUS_OK ||
        nnrp_connect(queue, uri, sizeof uri - 1, 0, &connection, NULL) != NNRP_STATUS_OK ||
        read(attempt.done[0], &done, 1) != 1 ||
        nnrp_queue_close(queue, NULL) != NNRP_STATUS_OK) {
        fprintf(stderr, "broken_pipe: the connection was to end with an event\n");
        return 1;
    }
    if (!attempt.on_other_thread || attempt.written != -1 || attempt.error != EPIPE) {
        fprintf(stderr, "broken_pipe: on another thread %d, written %d, error %d\n", attempt.on_other_thread,
                attempt.written, attempt.error);
        return 1;
    }
    if (pthread_sigmask(SIG_BLOCK, NULL, &mask) != 0 || sigismember(&mask, SIGPIPE) != 0) {
        fprintf(stderr, "broken_pipe: the signal is blocked on the program's own thread\n");
        return 1;
    }
    puts("alive");
    return 0;
}
