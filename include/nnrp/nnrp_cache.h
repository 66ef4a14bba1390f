/* nnrp_cache.h: objects that a server keeps for its clients, so that submits name them instead of sending them again.
 *
 * A client puts an object under a key (nnrp_cache_put); submits that follow name it in region 2 of their structured body
 * (nnrp_object_reference_write, nnrp_payload.h) and need not wait for the answer. The server's NNRP_EVENT_SUBMIT brings
 * the named objects along. An object belongs to a session, or to its connection, whose sessions all find it. It lives
 * until its lease runs out, it is invalidated, its owner ends, or objects put later need its room; pinned ones stay.
 * A submit that names an object which cannot be used is not delivered: its client gets NNRP_EVENT_PEER_ERROR with
 * NNRP_CACHE_ERROR_* as `protocol_code`.
 *
 * Both sides must have said hello and have a cache: NNRP_OPTION_MAX_CACHED_OBJECTS is not 0 on either side.
 * No function here blocks; each may be called from any thread.
 */
#ifndef NNRP_CACHE_H
#define NNRP_CACHE_H

#include "nnrp_ffi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NNRP_OBJECT_REFERENCE_BYTES UINT32_C(16) /* a reference to a cached object in a body */

/* What a cached object is. The first three and PAYLOAD_LAYOUT_TEMPLATE fill a slot of `object_ref_mask`. */
#define NNRP_OBJECT_CAMERA_BLOCK UINT32_C(1)            /* camera parameters: slot bit 0 */
#define NNRP_OBJECT_TILE_INDEX_BLOCK UINT32_C(2)        /* tile ids: slot bit 1 */
#define NNRP_OBJECT_TENSOR_SECTION_TABLE UINT32_C(3)    /* tensor sections: slot bit 2 */
#define NNRP_OBJECT_CODEC_TABLE UINT32_C(4)             /* codecs */
#define NNRP_OBJECT_REUSABLE_RESULT UINT32_C(5)         /* a result that can be used again */
#define NNRP_OBJECT_PAYLOAD_LAYOUT_TEMPLATE UINT32_C(6) /* layout of a payload: slot bit 3 */
#define NNRP_OBJECT_PROMPT_SEGMENT UINT32_C(7)          /* part of a prompt */
#define NNRP_OBJECT_TOOL_SCHEMA UINT32_C(8)             /* schema of a tool */
#define NNRP_OBJECT_STRUCTURED_EVENT_SCHEMA UINT32_C(9) /* schema of structured events */

/* Bits of `flags` of NnrpCachePut. */
#define NNRP_CACHE_PINNED UINT32_C(0x1)   /* never evicted to make room; needs NNRP_OPTION_ALLOW_CACHE_LEASES */
#define NNRP_CACHE_REUSABLE UINT32_C(0x2) /* usable by many frames; else the first that names it uses it up */

/* `ack_status` of NnrpCacheAnswer. */
#define NNRP_CACHE_ACCEPTED UINT32_C(0) /* stored, or its lease renewed */
#define NNRP_CACHE_REJECTED UINT32_C(1) /* not stored; `detail_code` says why */
#define NNRP_CACHE_REPLACED UINT32_C(2) /* stored in place of older content */

/* How far an invalidation reaches. */
#define NNRP_INVALIDATE_ALL UINT32_C(0)       /* every object of the owner */
#define NNRP_INVALIDATE_NAMESPACE UINT32_C(1) /* one namespace */
#define NNRP_INVALIDATE_KIND UINT32_C(2)      /* one kind of a namespace; its number stands in cache_key_hi */
#define NNRP_INVALIDATE_KEY UINT32_C(3)       /* one key of a namespace, of whatever kind */

/* `detail_code` of NnrpCacheAnswer and `protocol_code` of NNRP_EVENT_PEER_ERROR. */
#define NNRP_CACHE_ERROR_NO_ROOM UINT32_C(0x00030000)            /* too large, all pinned, or not cached; put less or unpin */
#define NNRP_CACHE_ERROR_MISS UINT32_C(0x00030001)               /* not cached: put it again or send it inline */
#define NNRP_CACHE_ERROR_LEASE_EXPIRED UINT32_C(0x00030002)      /* its lease ran out: put it again */
#define NNRP_CACHE_ERROR_VERSION_MISMATCH UINT32_C(0x00030003)   /* it has another version; put it again */
#define NNRP_CACHE_ERROR_DEPENDENCY_INVALID UINT32_C(0x00030004) /* what it depends on is gone or changed; put both again */
#define NNRP_CACHE_ERROR_SCHEMA_MISMATCH UINT32_C(0x00030005)    /* it was made for another schema; put it again for this one */

/* Kinds of NnrpEvent. */
#define NNRP_EVENT_CACHE_ANSWERED UINT32_C(40)      /* client: the answer to a put; record NnrpCacheAnswer */
#define NNRP_EVENT_OBJECT_STORED UINT32_C(41)       /* server: an object was put, or its lease renewed; record NnrpStoredObject, its content as body */
#define NNRP_EVENT_OBJECTS_INVALIDATED UINT32_C(42) /* the peer removed objects; record NnrpInvalidation */

/* The name of an object. 24 bytes on every target. */
typedef struct NnrpObjectKey {
    uint32_t struct_size;     /* sizeof(NnrpObjectKey) */
    uint32_t cache_namespace; /* namespace of the key */
    uint32_t cache_key_hi;    /* key, high word */
    uint32_t cache_key_lo;    /* key, low word */
    uint32_t object_kind;     /* NNRP_OBJECT_* */
    uint32_t reserved0;       /* zero */
} NnrpObjectKey;

/* How an object is put. 32 bytes on every target. */
typedef struct NnrpCachePut {
    uint32_t struct_size;     /* sizeof(NnrpCachePut) */
    uint32_t cache_namespace; /* namespace of the key */
    uint32_t cache_key_hi;    /* key, high word */
    uint32_t cache_key_lo;    /* key, low word */
    uint32_t object_kind;     /* NNRP_OBJECT_* */
    uint32_t ttl_ms;          /* lifetime wanted; 0 = as long as the server grants */
    uint32_t codec_bitmap;    /* codecs of the content; no registry */
    uint32_t flags;           /* NNRP_CACHE_PINNED, NNRP_CACHE_REUSABLE */
} NnrpCachePut;

/* Which objects are removed. 24 bytes on every target. */
typedef struct NnrpCacheInvalidate {
    uint32_t struct_size;     /* sizeof(NnrpCacheInvalidate) */
    uint32_t scope;           /* NNRP_INVALIDATE_* */
    uint32_t cache_namespace; /* all scopes but ALL */
    uint32_t cache_key_hi;    /* KEY: high word; KIND: NNRP_OBJECT_* */
    uint32_t cache_key_lo;    /* KEY: low word */
    uint32_t reason_code;     /* no registry; the peer is told */
} NnrpCacheInvalidate;

/* An object that has to be cached in one version. 32 bytes on every target. */
typedef struct NnrpCacheDependency {
    uint32_t struct_size;      /* sizeof(NnrpCacheDependency) */
    uint32_t cache_namespace;  /* namespace of the key */
    uint32_t cache_key_hi;     /* key, high word */
    uint32_t cache_key_lo;     /* key, low word */
    uint32_t object_kind;      /* NNRP_OBJECT_* */
    uint32_t reserved0;        /* zero */
    uint64_t required_version; /* as NNRP_EVENT_OBJECT_STORED said */
} NnrpCacheDependency;

/* ---- Records of events ----------------------------------------------------------------------------------------- */

/* NNRP_EVENT_CACHE_ANSWERED. `session` of the event is the owner, 0 = the connection; its `protocol_code` equals
 * detail_code. 32 bytes on every target. */
typedef struct NnrpCacheAnswer {
    uint32_t cache_namespace;  /* as put */
    uint32_t cache_key_hi;     /* as put */
    uint32_t cache_key_lo;     /* as put */
    uint32_t object_kind;      /* as put */
    uint32_t ack_status;       /* NNRP_CACHE_ACCEPTED, _REJECTED, _REPLACED */
    uint32_t accepted_ttl_ms;  /* lifetime granted */
    uint32_t max_object_bytes; /* the largest object that can be put */
    uint32_t detail_code;      /* REJECTED: NNRP_CACHE_ERROR_* or any other code */
} NnrpCacheAnswer;

/* NNRP_EVENT_OBJECT_STORED. `session` of the event is the owner, 0 = the connection. 24 bytes on every target. */
typedef struct NnrpStoredObject {
    uint32_t cache_namespace; /* namespace of the key */
    uint32_t cache_key_hi;    /* key, high word */
    uint32_t cache_key_lo;    /* key, low word */
    uint32_t object_kind;     /* NNRP_OBJECT_* */
    uint64_t version;         /* grows with every change of content on its connection */
} NnrpStoredObject;

/* NNRP_EVENT_OBJECTS_INVALIDATED. `session` of the event is the owner, 0 = the connection. 24 bytes on every target. */
typedef struct NnrpInvalidation {
    uint32_t scope;           /* NNRP_INVALIDATE_* */
    uint32_t cache_namespace; /* as sent */
    uint32_t cache_key_hi;    /* as sent */
    uint32_t cache_key_lo;    /* as sent */
    uint32_t reason_code;     /* as sent */
    uint32_t reserved0;       /* zero */
} NnrpInvalidation;

/* An object that a submit names: `object_count` (NnrpSubmitDetails) of them lie at `objects_offset` behind
 * `payload_offset` of its event (in `buffer`: at `objects_offset`), in the order of the body, and their contents behind
 * them. 40 bytes on every target. */
typedef struct NnrpSubmitObject {
    uint32_t cache_namespace; /* namespace of the key */
    uint32_t cache_key_hi;    /* key, high word */
    uint32_t cache_key_lo;    /* key, low word */
    uint32_t object_kind;     /* NNRP_OBJECT_* */
    uint64_t version;         /* as NNRP_EVENT_OBJECT_STORED said */
    uint64_t content_offset;  /* from where objects_offset counts, a multiple of 8 */
    uint64_t content_size;    /* bytes */
} NnrpSubmitObject;

/* ---- Calls ----------------------------------------------------------------------------------------------------- */

/* Client: puts an object (copied) into the server's cache for `owner`, a session or a connection, or renews its lease
 * there; NNRP_EVENT_CACHE_ANSWERED follows, unless the owner ends before. Submits queued later may name it at once.
 * NNRP_STATUS_WOULD_BLOCK with 256 puts unanswered or a full send queue; NNRP_STATUS_WRONG_STATE if the server does not
 * cache, not this kind, or the owner is not open (yet); NNRP_STATUS_LIMIT_EXCEEDED if the object is too large. */
NNRP_API NnrpStatus NNRP_CALL nnrp_cache_put(NnrpHandle owner, const NnrpCachePut *put, const uint8_t *object,
                                             size_t object_size, NnrpError *error);

/* Removes objects of `owner`, a session or a connection, from the server's cache, on either side; the peer gets
 * NNRP_EVENT_OBJECTS_INVALIDATED. NNRP_STATUS_WRONG_STATE without a cache or if the owner is not open;
 * NNRP_STATUS_WOULD_BLOCK for a full send queue. */
NNRP_API NnrpStatus NNRP_CALL nnrp_cache_invalidate(NnrpHandle owner, const NnrpCacheInvalidate *invalidate,
                                                    NnrpError *error);

/* Server: makes an object of `owner`, a session or a connection, usable only while each of `count` (0..64)
 * dependencies is cached in the version it names; 0 frees it of all. Submits that name it otherwise are answered with
 * NNRP_CACHE_ERROR_DEPENDENCY_INVALID. `dependencies` may be NULL if `count` is 0. NNRP_STATUS_WRONG_STATE if the
 * object is not cached. */
NNRP_API NnrpStatus NNRP_CALL nnrp_cache_set_dependencies(NnrpHandle owner, const NnrpObjectKey *object,
                                                          const NnrpCacheDependency *dependencies, uint32_t count,
                                                          NnrpError *error);

/* Writes a reference to an object, as region 2 of a structured body has them one after another, to the first 16 bytes of
 * `destination`. References that fill a slot of `object_ref_mask` stand in the order of their bits.
 * NNRP_STATUS_BUFFER_TOO_SMALL if `capacity` is less than 16; NNRP_STATUS_INVALID_ARGUMENT for an unknown kind. */
NNRP_API NnrpStatus NNRP_CALL nnrp_object_reference_write(const NnrpObjectKey *object, uint8_t *destination,
                                                          size_t capacity, NnrpError *error);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_CACHE_H */
