/* Replays the smoke scenario against one library and prints one JSON line a step; ../README.md is the contract.
 *
 * usage: smoke --scenario FILE --endpoint URI
 * exit:  0 every step passed, 1 one failed, 2 usage or a scenario that cannot be read.
 * Portable C11 without threads: Linux, Android, Apple systems, Windows. */
#include "platform.h"
#include "steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SCENARIO = 1 << 20, FORMAT = 1 };

typedef struct Vocabulary {
    const char *name;
    Step run;
} Vocabulary;

static const Vocabulary vocabulary[] = {
    {"identity", step_identity},
    {"connect", step_connect},
    {"open_session", step_open_session},
    {"echo", step_echo},
    {"verb_drop", step_verb_drop},
    {"verb_hold", step_verb_hold},
    {"verb_partial", step_verb_partial},
    {"verb_flow", step_verb_flow},
    {"close_session", step_close_session},
    {"stale_handle", step_stale_handle},
    {"close_connection", step_close_connection},
    {"refused_session", step_refused_session},
    {"refused_connection", step_refused_connection},
    {"invalid_uri", step_invalid_uri},
    {"own_server", step_own_server},
};

static Step find_step(const Json *step) {
    const char *wanted = json_text(step, "do", "");
    size_t i;
    for (i = 0; i < sizeof vocabulary / sizeof vocabulary[0]; i++) {
        if (strcmp(vocabulary[i].name, wanted) == 0) {
            return vocabulary[i].run;
        }
    }
    return NULL;
}

static Json *read_scenario(const char *path) {
    FILE *file = fopen(path, "rb");
    char *text = file == NULL ? NULL : (char *)malloc(MAX_SCENARIO);
    size_t size = text == NULL ? 0 : fread(text, 1, MAX_SCENARIO, file);
    size_t error_offset = 0;
    Json *scenario = size == 0 || size == MAX_SCENARIO ? NULL : json_parse(text, size, &error_offset);
    if (scenario == NULL) {
        fprintf(stderr, "smoke: %s cannot be read as JSON (byte %lu of %lu)\n", path, (unsigned long)error_offset,
                (unsigned long)size);
    }
    free(text);
    if (file != NULL) {
        fclose(file);
    }
    return scenario;
}

/* A runner that skips a step proves less than it says, so it starts only if it knows them all. */
static int is_understood(const Json *scenario) {
    const Json *steps = json_member(scenario, "steps");
    const Json *step;
    if (json_u32(scenario, "format", 0) != FORMAT || steps == NULL || steps->kind != JSON_ARRAY || steps->first == NULL) {
        fprintf(stderr, "smoke: the scenario is not of format %d\n", FORMAT);
        return 0;
    }
    for (step = steps->first; step != NULL; step = step->next) {
        if (find_step(step) == NULL) {
            fprintf(stderr, "smoke: step `%s` does `%s`, which is unknown here\n", json_text(step, "name", ""),
                    json_text(step, "do", ""));
            return 0;
        }
    }
    return 1;
}

static void print_string(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            printf("\\%c", byte);
        } else if (byte < 0x20) {
            printf("\\u%04x", byte);
        } else {
            putchar(byte);
        }
    }
    putchar('"');
}

static int run_step(Runner *runner, const Json *step) {
    uint64_t began = monotonic_ms();
    int passed;
    runner->deadline = began + json_u32(step, "timeout_ms", 10000);
    failed(runner, "it gave no reason");
    passed = find_step(step)(runner, step);
    printf("{\"step\":");
    print_string(json_text(step, "name", ""));
    printf(",\"ok\":%s,\"ms\":%lu", passed ? "true" : "false", (unsigned long)(monotonic_ms() - began));
    if (!passed) {
        printf(",\"reason\":");
        print_string(runner->reason);
    }
    printf("}\n");
    fflush(stdout);
    return passed;
}

static void print_library(void) {
#if defined(NNRP_STATIC)
    print_string("static");
#else
    char path[4096];
    print_string(image_path(nnrp_abi_hash(), path, sizeof path) ? path : "unknown");
#endif
}

static int replay(Runner *runner) {
    const Json *step = json_member(runner->scenario, "steps")->first;
    unsigned passed = 0;
    unsigned failures = 0;
    for (; step != NULL; step = step->next) {
        if (run_step(runner, step)) {
            passed++;
        } else {
            failures++;
        }
    }
    printf("{\"summary\":{\"passed\":%u,\"failed\":%u,\"abi_version\":%u,\"abi_hash\":", passed, failures,
           (unsigned)nnrp_abi_version());
    print_string(nnrp_abi_hash());
    printf(",\"library\":");
    print_library();
    printf("}}\n");
    return failures == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
    Runner runner;
    const char *path = NULL;
    Json *scenario;
    int code = 2;
    int i;
    memset(&runner, 0, sizeof runner);
    for (i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--scenario") == 0) {
            path = argv[i + 1];
        } else if (strcmp(argv[i], "--endpoint") == 0) {
            runner.endpoint = argv[i + 1];
        } else {
            break;
        }
    }
    if (i != argc || path == NULL || runner.endpoint == NULL) {
        fprintf(stderr, "usage: smoke --scenario FILE --endpoint URI\n");
        return 2;
    }
    scenario = read_scenario(path);
    if (scenario != NULL && is_understood(scenario)) {
        runner.scenario = scenario;
        if (runner_start(&runner)) {
            code = replay(&runner);
        } else {
            fprintf(stderr, "smoke: %s\n", runner.reason);
            code = 1;
        }
        runner_stop(&runner);
    }
    json_free(scenario);
    return code;
}
