/* nnrp_payload.h: structured bodies, typed payload frames, and the schemas that interpret them.
 *
 * A structured body is a prelude of 32 bytes and six regions behind it (spec 03): inline objects, object references,
 * typed payload descriptors, typed payload frames, extension descriptors, extension payloads. A typed payload is one
 * 24-byte descriptor in region 3 and the bytes it describes in region 4. Whether a body is structured is the
 * application's knowledge: raw bodies are legal too.
 *
 * Nothing here touches the network. All functions are pure but for the schema registries, which are safe from any
 * number of threads; none blocks, and each may be called from any thread. What is invalid by the protocol is
 * NNRP_STATUS_PROTOCOL_ERROR, whose `detail` says which rule.
 */
#ifndef NNRP_PAYLOAD_H
#define NNRP_PAYLOAD_H

#include "nnrp_ffi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Profiles, payload kinds, flags ---------------------------------------------------------------------------- */

#define NNRP_PROFILE_UNSPECIFIED UINT32_C(0) /* no profile-specific interpretation; not a synonym for tensor */
#define NNRP_PROFILE_TENSOR UINT32_C(1)      /* numeric blocks */
#define NNRP_PROFILE_TOKEN UINT32_C(2)       /* token chunks */

/* Bits of `payload_kind_bitmap`. */
#define NNRP_PAYLOAD_TENSOR UINT32_C(0x01)           /* tensor sections */
#define NNRP_PAYLOAD_TOKEN_CHUNK UINT32_C(0x02)      /* tokens */
#define NNRP_PAYLOAD_AUDIO_CHUNK UINT32_C(0x04)      /* audio */
#define NNRP_PAYLOAD_VIDEO_CHUNK UINT32_C(0x08)      /* video */
#define NNRP_PAYLOAD_STRUCTURED_EVENT UINT32_C(0x10) /* structured events */
#define NNRP_PAYLOAD_TOOL_DELTA UINT32_C(0x20)       /* tool deltas */
#define NNRP_PAYLOAD_OPAQUE_BYTES UINT32_C(0x40)     /* bytes of no declared meaning */

/* Bits of `descriptor_flags` of a typed payload. */
#define NNRP_FRAME_TERMINAL UINT32_C(0x1)             /* the last fragment of the operation or stream */
#define NNRP_FRAME_PARTIAL UINT32_C(0x2)              /* a usable fragment that is not the last */
#define NNRP_FRAME_SCHEMA_OVERRIDE UINT32_C(0x4)      /* overrides the session's default schema */
#define NNRP_FRAME_PROFILE_HINT_PRESENT UINT32_C(0x8) /* schema or body has hints of the profile */

/* How a typed payload relates to the ones before it. */
#define NNRP_STREAM_DEFAULT UINT32_C(0)     /* as the schema says */
#define NNRP_STREAM_SNAPSHOT UINT32_C(1)    /* the whole state */
#define NNRP_STREAM_APPEND UINT32_C(2)      /* appended to what came before */
#define NNRP_STREAM_REPLACE UINT32_C(3)     /* in place of what came before */
#define NNRP_STREAM_EVENT UINT32_C(4)       /* an event */
#define NNRP_STREAM_TOOL_UPDATE UINT32_C(5) /* progress of a tool */

/* Bits of `schema_flags`. */
#define NNRP_SCHEMA_CACHEABLE UINT32_C(0x1)        /* may live in the cache under a lease */
#define NNRP_SCHEMA_CRITICAL UINT32_C(0x2)         /* must be refused, not skipped, when unknown or incompatible */
#define NNRP_SCHEMA_DEFAULT_BINDABLE UINT32_C(0x4) /* may serve as a session default */
#define NNRP_SCHEMA_HASH_STABLE UINT32_C(0x8)      /* id and version always imply the same hash */

/* `protocol_code` of NNRP_STATUS_SCHEMA_REJECTED and `refusal` of NnrpSchemaAnswer. */
#define NNRP_SCHEMA_ERROR_UNKNOWN UINT32_C(0x00040001)            /* the schema id is not installed; install it */
#define NNRP_SCHEMA_ERROR_VERSION_UNKNOWN UINT32_C(0x00040002)    /* installed in another version only; install this one */
#define NNRP_SCHEMA_ERROR_HASH_CONFLICT UINT32_C(0x00040003)      /* installed with another content; raise the version */
#define NNRP_SCHEMA_ERROR_INCOMPATIBLE UINT32_C(0x00040004)       /* of another profile than the payload; name one of its own */
#define NNRP_SCHEMA_ERROR_DEPENDENCY_MISSING UINT32_C(0x00040005) /* another schema is missing; install that one first */
#define NNRP_SCHEMA_ERROR_UPDATE_REJECTED UINT32_C(0x00040006)    /* profile not assigned, or registry full; change or remove one */

/* Sizes of the byte forms. */
#define NNRP_SCHEMA_BYTES UINT32_C(32)        /* a schema descriptor */
#define NNRP_PAYLOAD_FRAME_BYTES UINT32_C(24) /* a typed payload descriptor */
#define NNRP_BODY_PRELUDE_BYTES UINT32_C(32)  /* the prelude of a structured body */

/* ---- Schema descriptors ---------------------------------------------------------------------------------------- */

/* A schema descriptor (spec 04, 32 bytes on the wire). 48 bytes on every target; mirrors a fixed wire structure and
 * never grows. Functions that write one set struct_size, so that it can be passed on as it is. */
typedef struct NnrpSchema {
    uint32_t struct_size;              /* sizeof(NnrpSchema) */
    uint32_t schema_id;                /* the schema */
    uint32_t schema_version;           /* its version */
    uint32_t profile_id;               /* 0..65535, the profile that owns it: NNRP_PROFILE_* */
    uint32_t schema_flags;             /* NNRP_SCHEMA_* bits 0..3 */
    uint32_t min_version_major;        /* 0..255, lowest protocol major it applies to */
    uint32_t max_version_major;        /* 0..255, highest */
    uint32_t body_bytes;               /* bytes of the schema body, which travels apart */
    uint32_t dependency_count;         /* 0..65535, schemas it depends on */
    uint32_t default_stream_semantics; /* 0..65535, NNRP_STREAM_* */
    uint64_t schema_hash;              /* digest of the body */
} NnrpSchema;

/* Reads the byte form of a schema descriptor; bytes behind its 32 are ignored. Fewer, a non-zero reserved field or an
 * unknown flag: NNRP_STATUS_PROTOCOL_ERROR. */
NNRP_API NnrpStatus NNRP_CALL nnrp_schema_read(const uint8_t *data, size_t size, NnrpSchema *out_schema,
                                               NnrpError *error);

/* Writes the byte form to the first 32 bytes of `destination` and nothing behind them. NNRP_STATUS_BUFFER_TOO_SMALL if
 * `capacity` is less; NNRP_STATUS_INVALID_ARGUMENT if a field is outside its range. */
NNRP_API NnrpStatus NNRP_CALL nnrp_schema_write(const NnrpSchema *schema, uint8_t *destination, size_t capacity,
                                                NnrpError *error);

/* The token-delta schema (0x1001 version 3), which every peer has installed. */
NNRP_API NnrpStatus NNRP_CALL nnrp_schema_token_delta(NnrpSchema *out_schema, NnrpError *error);

/* What a server says to a schema that NNRP_BYTES_OPTION_SCHEMA_DESCRIPTORS offered: the body of NNRP_EVENT_GREETED is an
 * array of them, in the order of the offer. 24 bytes on every target. */
typedef struct NnrpSchemaAnswer {
    uint32_t schema_id;      /* the schema */
    uint32_t schema_version; /* its version */
    uint32_t profile_id;     /* NNRP_PROFILE_* */
    uint32_t refusal;        /* 0 = sessions may use it, else NNRP_SCHEMA_ERROR_* */
    uint64_t schema_hash;    /* as offered */
} NnrpSchemaAnswer;

/* ---- Schema registries ----------------------------------------------------------------------------------------- */

/* Results of nnrp_schemas_install. */
#define NNRP_INSTALLED_NEW UINT32_C(0)     /* stored; no lower version was there */
#define NNRP_INSTALLED_ALREADY UINT32_C(1) /* the same schema was there already */
#define NNRP_INSTALLED_UPDATE UINT32_C(2)  /* stored beside a lower version, which stays */

/* Creates a registry of at most `capacity` (1..65536) schemas that holds the token-delta schema; release it with
 * nnrp_release. NNRP_STATUS_OUT_OF_RESOURCES beyond 65536 registries. */
NNRP_API NnrpStatus NNRP_CALL nnrp_schemas_create(uint32_t capacity, NnrpHandle *out_schemas, NnrpError *error);

/* Installs a schema; other versions of it stay. `out_installed` receives NNRP_INSTALLED_*.
 * NNRP_STATUS_SCHEMA_REJECTED, with `protocol_code` NNRP_SCHEMA_ERROR_HASH_CONFLICT if id and version are there with
 * another hash or profile, NNRP_SCHEMA_ERROR_UPDATE_REJECTED for an unassigned profile or a full registry. */
NNRP_API NnrpStatus NNRP_CALL nnrp_schemas_install(NnrpHandle schemas, const NnrpSchema *schema,
                                                   uint32_t *out_installed, NnrpError *error);

/* Removes one version of a schema. NNRP_STATUS_SCHEMA_REJECTED with NNRP_SCHEMA_ERROR_VERSION_UNKNOWN if it is not
 * there. */
NNRP_API NnrpStatus NNRP_CALL nnrp_schemas_remove(NnrpHandle schemas, uint32_t schema_id, uint32_t schema_version,
                                                  NnrpError *error);

/* Finds one version of a schema. NNRP_STATUS_SCHEMA_REJECTED with NNRP_SCHEMA_ERROR_VERSION_UNKNOWN if it is not
 * there. */
NNRP_API NnrpStatus NNRP_CALL nnrp_schemas_find(NnrpHandle schemas, uint32_t schema_id, uint32_t schema_version,
                                                NnrpSchema *out_schema, NnrpError *error);

/* ---- Typed payload descriptors --------------------------------------------------------------------------------- */

/* A typed payload descriptor (spec 03, 24 bytes on the wire). 32 bytes on every target; mirrors a fixed wire structure
 * and never grows. Functions that write one set struct_size. */
typedef struct NnrpPayloadFrame {
    uint32_t struct_size;      /* sizeof(NnrpPayloadFrame) */
    uint32_t profile_id;       /* 0..65535, NNRP_PROFILE_* */
    uint32_t descriptor_flags; /* NNRP_FRAME_* bits 0..3 */
    uint32_t schema_id;        /* the schema that interprets the frame */
    uint32_t schema_version;   /* its version */
    uint32_t stream_semantics; /* 0..65535, NNRP_STREAM_* */
    uint32_t offset;           /* in the frame region, never in the body */
    uint32_t length;           /* bytes of the frame */
} NnrpPayloadFrame;

/* Reads the byte form of a typed payload descriptor; bytes behind its 24 are ignored. Fewer, a non-zero reserved field
 * or an unknown flag: NNRP_STATUS_PROTOCOL_ERROR. */
NNRP_API NnrpStatus NNRP_CALL nnrp_payload_frame_read(const uint8_t *data, size_t size, NnrpPayloadFrame *out_frame,
                                                      NnrpError *error);

/* Writes the byte form to the first 24 bytes of `destination` and nothing behind them. NNRP_STATUS_BUFFER_TOO_SMALL if
 * `capacity` is less; NNRP_STATUS_INVALID_ARGUMENT if a field is outside its range. */
NNRP_API NnrpStatus NNRP_CALL nnrp_payload_frame_write(const NnrpPayloadFrame *frame, uint8_t *destination,
                                                       size_t capacity, NnrpError *error);

/* The descriptor of a chunk of tokens under the token-delta schema; `is_terminal` 1 = the last one, 0 = more follow.
 * `offset` and `length` are 0: set them to where the chunk lies in the frame region. */
NNRP_API NnrpStatus NNRP_CALL nnrp_payload_frame_token(uint32_t is_terminal, NnrpPayloadFrame *out_frame,
                                                       NnrpError *error);

/* Whether the payload that `frame` describes can be interpreted with `count` schemas (`schemas` may be NULL if it is
 * 0), installed in their order into an empty registry. Flag bits, offset and length play no part.
 * NNRP_STATUS_SCHEMA_REJECTED, with `protocol_code` NNRP_SCHEMA_ERROR_*, if not. At most 65536 schemas. */
NNRP_API NnrpStatus NNRP_CALL nnrp_payload_check_binding(const NnrpPayloadFrame *frame, const NnrpSchema *schemas,
                                                         uint32_t count, NnrpError *error);

/* As nnrp_payload_check_binding, with what a registry holds: nothing is installed anew for each payload. */
NNRP_API NnrpStatus NNRP_CALL nnrp_schemas_check_binding(NnrpHandle schemas, const NnrpPayloadFrame *frame,
                                                         NnrpError *error);

/* Whether `count` (0..65535) frames cover a frame region of `region_size` bytes without gap or overlap, in their order,
 * and their profiles fit the payload kinds of the message. NNRP_STATUS_PROTOCOL_ERROR, with the rule as `detail`, if
 * not. `frames` may be NULL if `count` is 0. */
NNRP_API NnrpStatus NNRP_CALL nnrp_payload_check_partition(uint32_t payload_kind_bitmap,
                                                           const NnrpPayloadFrame *frames, uint32_t count,
                                                           uint64_t region_size, NnrpError *error);

/* ---- Structured bodies ----------------------------------------------------------------------------------------- */

/* Where the regions of a structured body lie. 56 bytes on every target; mirrors a fixed wire structure and never grows.
 * Functions that write one set struct_size. The regions follow one another in this order, directly behind the
 * prelude. */
typedef struct NnrpBodyRegions {
    uint32_t struct_size;                    /* sizeof(NnrpBodyRegions) */
    uint32_t inline_object_bytes;            /* region 1 */
    uint32_t object_reference_bytes;         /* region 2, a multiple of 16 */
    uint32_t payload_frame_descriptor_bytes; /* region 3, 24 for each frame */
    uint32_t payload_frame_bytes;            /* region 4 */
    uint32_t extension_descriptor_bytes;     /* region 5 */
    uint32_t extension_payload_bytes;        /* region 6 */
    uint32_t inline_object_offset;           /* region 1, in the body; set when read, ignored when written */
    uint32_t object_reference_offset;        /* region 2 */
    uint32_t payload_frame_descriptor_offset; /* region 3 */
    uint32_t payload_frame_offset;           /* region 4 */
    uint32_t extension_descriptor_offset;    /* region 5 */
    uint32_t extension_payload_offset;       /* region 6 */
    uint32_t reserved0;                      /* zero */
} NnrpBodyRegions;

/* Finds the regions of a structured body. NNRP_STATUS_PROTOCOL_ERROR if the prelude is invalid or the regions do not
 * fill the body exactly. */
NNRP_API NnrpStatus NNRP_CALL nnrp_body_read_prelude(const uint8_t *body, size_t body_size,
                                                     NnrpBodyRegions *out_regions, NnrpError *error);

/* Writes the prelude to the first 32 bytes of `destination`; the caller puts the regions, of the sizes stated, behind
 * it. NNRP_STATUS_BUFFER_TOO_SMALL if `capacity` is less than 32; NNRP_STATUS_PROTOCOL_ERROR if region 2 is no multiple
 * of 16 or all together exceed 32 bits; NNRP_STATUS_INVALID_ARGUMENT if reserved0 is not zero. */
NNRP_API NnrpStatus NNRP_CALL nnrp_body_write_prelude(const NnrpBodyRegions *regions, uint8_t *destination,
                                                      size_t capacity, NnrpError *error);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_PAYLOAD_H */
