/* Loads the library, makes it start its threads, unloads it, and loads it again: the image must stay for its threads.
 *
 * usage: reload LIBRARY
 * exit:  0 if all of it works, 1 otherwise, 2 usage. */
#define _POSIX_C_SOURCE 200809L
#include <nnrp/nnrp.h>

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The functions used here, found by name. */
typedef struct Library {
    void *image;
    NnrpStatus (*queue_create)(uint32_t, NnrpHandle *, NnrpError *);
    NnrpStatus (*queue_close)(NnrpHandle, NnrpError *);
    NnrpStatus (*server_listen)(NnrpHandle, const char *, size_t, NnrpHandle, NnrpHandle *, NnrpError *);
} Library;

/* dlsym gives data pointers; copying the bytes is the conversion that POSIX blesses. */
static int find(void *image, const char *name, void *function, size_t size) {
    void *symbol = dlsym(image, name);
    memcpy(function, &symbol, size);
    return symbol != NULL;
}

static int load(Library *library, const char *path) {
    library->image = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library->image == NULL) {
        fprintf(stderr, "reload: %s\n", dlerror());
        return 0;
    }
    return find(library->image, "nnrp_queue_create", &library->queue_create, sizeof library->queue_create) &&
           find(library->image, "nnrp_queue_close", &library->queue_close, sizeof library->queue_close) &&
           find(library->image, "nnrp_server_listen", &library->server_listen, sizeof library->server_listen);
}

static int use(const Library *library) {
    static const char uri[] = "nnrp+tcp://127.0.0.1:0";
    NnrpHandle queue = 0;
    NnrpHandle listener = 0;
    return library->queue_create(16, &queue, NULL) == NNRP_STATUS_OK &&
           library->server_listen(queue, uri, sizeof uri - 1, 0, &listener, NULL) == NNRP_STATUS_OK &&
           library->queue_close(queue, NULL) == NNRP_STATUS_OK;
}

int main(int argc, char **argv) {
    Library library;
    int round;
    if (argc != 2) {
        fprintf(stderr, "usage: reload LIBRARY\n");
        return 2;
    }
    for (round = 0; round < 3; round++) {
        struct timespec pause = {0, 50 * 1000 * 1000};
        if (!load(&library, argv[1]) || !use(&library)) {
            fprintf(stderr, "reload: round %d fails\n", round);
            return 1;
        }
        dlclose(library.image);
        nanosleep(&pause, NULL); /* the library's threads run on */
    }
    printf("reloaded\n");
    return 0;
}
