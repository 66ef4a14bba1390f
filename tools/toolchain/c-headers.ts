// The headers of the few C functions that are the same everywhere, for C code that needs no C library but these.
import { join } from "node:path";
import { generatedFolder, type GeneratedFolder } from "./generated-folder.ts";
import type { HostFacts } from "./toolchain.ts";
import { zigLibrary } from "./zig.ts";

/**
 * Where no SDK is there, another system's headers would compile and then break at run time: its structs and macros
 * are not the target's. These functions take and give nothing but pointers and sizes.
 */
export function cHeaders(facts: HostFacts): GeneratedFolder {
  return generatedFolder("C headers without an SDK", facts.cache, "c-headers", {
    files: [
      { path: "string.h", content: stringHeader },
      { path: "stdlib.h", content: stdlibHeader },
      { path: "assert.h", content: assertHeader },
    ],
    commands: [],
    environment: {},
  });
}

/** Nothing is searched but the compiler's own headers and these. */
export function cHeaderArguments(headers: GeneratedFolder, facts: HostFacts): string[] {
  const folders = [join(zigLibrary(facts.zig), "include"), headers.directory];
  return ["-nostdinc", ...folders.flatMap((folder) => ["-isystem", folder])];
}

const stringHeader = `#pragma once
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
void *memcpy(void *, const void *, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);
void *memchr(const void *, int, size_t);
int memcmp(const void *, const void *, size_t);
size_t strlen(const char *);
int strcmp(const char *, const char *);
int strncmp(const char *, const char *, size_t);
char *strchr(const char *, int);
char *strrchr(const char *, int);
#ifdef __cplusplus
}
#endif
`;

/** The byte swaps are Microsoft's names of instructions, which clang knows without a library. */
const stdlibHeader = `#pragma once
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
void *malloc(size_t);
void *calloc(size_t, size_t);
void *realloc(void *, size_t);
void free(void *);
__attribute__((noreturn)) void abort(void);
#ifdef _MSC_VER
unsigned short _byteswap_ushort(unsigned short);
unsigned long _byteswap_ulong(unsigned long);
unsigned long long _byteswap_uint64(unsigned long long);
#endif
#ifdef __cplusplus
}
#endif
`;

/** Included any number of times, each time after NDEBUG as it is then: hence no guard. What fails ends the process. */
const assertHeader = `#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : __builtin_trap())
#endif
#if !defined(__cplusplus) && !defined(static_assert)
#define static_assert _Static_assert
#endif
`;
