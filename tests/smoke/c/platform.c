/* The clock and the loader of Windows, Apple systems, glibc, musl and bionic; see platform.h. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#include "platform.h"

#include <string.h>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

uint64_t monotonic_ms(void) {
    return GetTickCount64();
}

int image_path(const void *address, char *path, size_t capacity) {
    HMODULE image = NULL;
    DWORD flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    DWORD length;
    if (!GetModuleHandleExA(flags, (LPCSTR)address, &image)) {
        return 0;
    }
    length = GetModuleFileNameA(image, path, (DWORD)capacity);
    return length != 0 && length < capacity;
}

#else
#include <dlfcn.h>
#include <time.h>

uint64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int image_path(const void *address, char *path, size_t capacity) {
    Dl_info info;
    if (dladdr(address, &info) == 0 || info.dli_fname == NULL || strlen(info.dli_fname) >= capacity) {
        return 0;
    }
    strcpy(path, info.dli_fname);
    return 1;
}
#endif
