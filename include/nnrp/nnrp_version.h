/* nnrp_version.h: version numbers, and the identity calls by which a binding checks what it has loaded. */
#ifndef NNRP_VERSION_H
#define NNRP_VERSION_H

#include <stddef.h>
#include <stdint.h>

#if defined(NNRP_STATIC)
#define NNRP_API
#elif defined(_WIN32)
#define NNRP_API __declspec(dllimport)
#else
#define NNRP_API __attribute__((visibility("default")))
#endif

/* Calling convention: the platform's C convention (cdecl on 32-bit Windows). */
#if defined(_WIN32) && !defined(_WIN64)
#define NNRP_CALL __cdecl
#else
#define NNRP_CALL
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this package (semantic versioning). */
#define NNRP_VERSION_MAJOR 0
#define NNRP_VERSION_MINOR 1
#define NNRP_VERSION_PATCH 0
#define NNRP_VERSION_STRING "0.1.0"

/* Version of the C ABI. Equal major: compatible if the library's minor is at least the caller's. */
#define NNRP_ABI_VERSION_MAJOR 2
#define NNRP_ABI_VERSION_MINOR 1
#define NNRP_ABI_VERSION_PATCH 0
#define NNRP_ABI_VERSION \
    ((NNRP_ABI_VERSION_MAJOR << 16) | (NNRP_ABI_VERSION_MINOR << 8) | NNRP_ABI_VERSION_PATCH)

/* Name of the protocol stage; it never travels on the wire. */
#define NNRP_PROTOCOL_NAME "nnrp-1-preview3"

/* Version of the protocol and its wire format, as they stand in every packet. */
#define NNRP_PROTOCOL_MAJOR 1
#define NNRP_PROTOCOL_WIRE_FORMAT 0

/* ABI version of the loaded library, composed as NNRP_ABI_VERSION. Cannot fail. Any thread. */
NNRP_API uint32_t NNRP_CALL nnrp_abi_version(void);

/* SHA-256 of the header model the library was built from: 64 lower-case hex digits, zero-terminated, static storage.
 * Cannot fail. Any thread. */
NNRP_API const char *NNRP_CALL nnrp_abi_hash(void);

/* The hash of the model cut down to what existed at ABI minor `minor`, same form as nnrp_abi_hash; NULL if this
 * library's minor is lower. A binding compares it with the hash of its own minor. Any thread. */
NNRP_API const char *NNRP_CALL nnrp_abi_hash_at(uint32_t minor);

/* JSON object with version, abi, abi_hash, protocol, git_commit, rustc, target, features: zero-terminated, static
 * storage. Cannot fail. Any thread. */
NNRP_API const char *NNRP_CALL nnrp_build_info(void);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_VERSION_H */
