/* The smoke client of the tally fixture: obeys the word in its scenario, and reports as every smoke client does. */
#define _GNU_SOURCE
#ifdef _WIN32
#include <windows.h>
#define sleep(seconds) Sleep((seconds) * 1000)
#else
#include <dlfcn.h>
#include <unistd.h>
#endif
#include <stdio.h>
#include <string.h>
#include <tally/tally.h>

static const char *library(void) {
#ifdef TALLY_STATIC
    return "static";
#elif defined(_WIN32)
    static char path[1024];
    char *at;
    if (GetModuleFileNameA(GetModuleHandleA("tally.dll"), path, sizeof path - 1) == 0) return "";
    for (at = path; *at != 0; at++) *at = *at == '\\' ? '/' : *at; /* backslashes would end the JSON text */
    return path;
#else
    Dl_info info;
    uint32_t (*add)(uint32_t, uint32_t) = tally_add;
    void *address;
    memcpy(&address, &add, sizeof address);
    return dladdr(address, &info) != 0 ? info.dli_fname : "";
#endif
}

int main(int count, char **arguments) {
    char word[64] = "";
    FILE *scenario = count == 5 ? fopen(arguments[2], "r") : NULL;
    if (scenario == NULL || fscanf(scenario, "{ \"behaviour\": \"%63[a-z ]", word) != 1) return 2;
    fclose(scenario);
    if (strcmp(word, "hang") == 0) sleep(600);
    if (strcmp(word, "crash") == 0) return 3;
    const int ok = strcmp(word, "fail") != 0 && tally_add(40, 2) == 42 && strncmp(arguments[4], "tally://127.0.0.1:", 18) == 0;
    printf("{\"step\":\"add\",\"ok\":%s,\"ms\":0}\n", ok ? "true" : "false");
    printf("{\"summary\":{\"passed\":%d,\"failed\":%d,\"library\":\"%s\"}}\n", ok, !ok, strcmp(word, "elsewhere") == 0 ? arguments[0] : library());
    return ok ? 0 : 1;
}
