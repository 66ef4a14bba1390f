/* nnrp_transport.h: which way to a server to take: providers, probes, scores, and the choice by policy (spec 14).
 *
 * A list of providers says what could be used; probes measure a way to a server; the selection ranks the providers by
 * policy, by what the server supports, and by what was measured. A connection is then made to the endpoint of the best
 * one with nnrp_connect. Lists are safe from any number of threads. No function here blocks; each may be called from any
 * thread.
 */
#ifndef NNRP_TRANSPORT_H
#define NNRP_TRANSPORT_H

#include "nnrp_ffi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Transports as policies choose them. QUIC and TCP are also the bits of `remote_transports`. */
#define NNRP_TRANSPORT_UNSPECIFIED UINT32_C(0) /* none that can be selected, e.g. inside the process */
#define NNRP_TRANSPORT_QUIC UINT32_C(1)        /* nnrp+quic:// */
#define NNRP_TRANSPORT_TCP UINT32_C(2)         /* nnrp+tcp://, nnrp+tls:// */

/* What the application wants. */
#define NNRP_POLICY_AUTO UINT32_C(0)        /* QUIC before TCP */
#define NNRP_POLICY_PREFER_QUIC UINT32_C(1) /* QUIC before TCP */
#define NNRP_POLICY_PREFER_TCP UINT32_C(2)  /* TCP before QUIC */
#define NNRP_POLICY_FORCE_QUIC UINT32_C(3)  /* QUIC or nothing */
#define NNRP_POLICY_FORCE_TCP UINT32_C(4)   /* TCP or nothing */

/* How a provider comes into the process. */
#define NNRP_PROVIDER_LINKED UINT32_C(0)  /* part of this library */
#define NNRP_PROVIDER_DYNAMIC UINT32_C(1) /* a dynamic library */
#define NNRP_PROVIDER_WASM UINT32_C(2)    /* WebAssembly */

/* Why a provider is no candidate; the first reason counts. */
#define NNRP_REJECTED_NOT UINT32_C(0)          /* it is a candidate */
#define NNRP_REJECTED_BY_POLICY UINT32_C(1)    /* the policy does not allow its transport */
#define NNRP_REJECTED_UNAVAILABLE UINT32_C(2)  /* it cannot be used in this process */
#define NNRP_REJECTED_BY_REMOTE UINT32_C(3)    /* the server does not support its transport */
#define NNRP_REJECTED_NOT_PROBED UINT32_C(4)   /* it has no sample */
#define NNRP_REJECTED_PROBE_FAILED UINT32_C(5) /* all its samples failed */

/* Bits of `flags` of NnrpProbeSample. */
#define NNRP_SAMPLE_FAILED UINT32_C(0x1)    /* nothing was measured */
#define NNRP_SAMPLE_TIMED_OUT UINT32_C(0x2) /* no answer in time */
#define NNRP_SAMPLE_HAS_RTT UINT32_C(0x4)   /* rtt_us counts */

/* Kind of NnrpEvent: a probe has ended. `operation_id` is its number, the body an array of NnrpProbeSample as
 * nnrp_providers_add_samples takes it, as many as were asked for. */
#define NNRP_EVENT_PROBED UINT32_C(43)

/* Which transports this build has, as bits: NNRP_TRANSPORT_TCP, and NNRP_TRANSPORT_QUIC if it was built with it. */
NNRP_API NnrpStatus NNRP_CALL nnrp_transports(uint32_t *out_transports, NnrpError *error);

/* ---- Lists of providers ---------------------------------------------------------------------------------------- */

/* A provider. Its texts, UTF-8 without terminating zero, lie in the text passed along. 48 bytes on every target. */
typedef struct NnrpProvider {
    uint32_t struct_size;       /* sizeof(NnrpProvider) */
    uint32_t transport_id;      /* NNRP_TRANSPORT_* */
    uint32_t kind;              /* NNRP_PROVIDER_* */
    uint32_t available;         /* 1 = it can be used in this process, 0 = it cannot */
    uint32_t name_offset;       /* several providers may share a name, and serve one transport */
    uint32_t name_size;         /* bytes, at least 1 */
    uint32_t version_offset;    /* version of the provider */
    uint32_t version_size;      /* bytes */
    uint32_t path_offset;       /* its file, for dynamic libraries */
    uint32_t path_size;         /* bytes, 0 = none */
    uint32_t diagnostic_offset; /* why it cannot be used */
    uint32_t diagnostic_size;   /* bytes, 0 = none */
} NnrpProvider;

/* Creates a list of providers; `compiled` 1 = with those of this build, 0 = empty. Release it with nnrp_release.
 * NNRP_STATUS_OUT_OF_RESOURCES beyond 65536 lists. */
NNRP_API NnrpStatus NNRP_CALL nnrp_providers_create(uint32_t compiled, NnrpHandle *out_providers, NnrpError *error);

/* Appends a provider; nothing is replaced. `out_index` receives its place in the list. NNRP_STATUS_INVALID_ARGUMENT for
 * a field outside its range or a text that is no UTF-8 or not wholly in `texts`; NNRP_STATUS_LIMIT_EXCEEDED beyond
 * 1024 providers or 65536 bytes of `texts`. */
NNRP_API NnrpStatus NNRP_CALL nnrp_providers_add(NnrpHandle providers, const NnrpProvider *provider,
                                                 const char *texts, size_t texts_size, uint32_t *out_index,
                                                 NnrpError *error);

/* How many providers the list has. */
NNRP_API NnrpStatus NNRP_CALL nnrp_providers_count(NnrpHandle providers, uint32_t *out_count, NnrpError *error);

/* Reads the provider at a place of the list; its texts go to `texts`. NNRP_STATUS_BUFFER_TOO_SMALL, with the bytes
 * needed as `detail`, if they do not fit; NNRP_STATUS_INVALID_ARGUMENT for a place behind the last. */
NNRP_API NnrpStatus NNRP_CALL nnrp_providers_get(NnrpHandle providers, uint32_t index, NnrpProvider *out_provider,
                                                 char *texts, size_t capacity, NnrpError *error);

/* ---- Probes and scores ----------------------------------------------------------------------------------------- */

/* One measurement of one way. 40 bytes on every target. */
typedef struct NnrpProbeSample {
    uint32_t struct_size;    /* sizeof(NnrpProbeSample) */
    uint32_t flags;          /* NNRP_SAMPLE_* */
    uint64_t elapsed_us;     /* how long the whole of it took */
    uint64_t rtt_us;         /* round trip time, if NNRP_SAMPLE_HAS_RTT is set */
    uint64_t bytes_sent;     /* bytes */
    uint64_t bytes_received; /* bytes */
} NnrpProbeSample;

/* What the samples of a provider come to (spec 14.5). 32 bytes on every target; never grows. */
typedef struct NnrpProbeScore {
    uint32_t sample_count;             /* samples */
    uint32_t failure_count;            /* those that failed, timed out or have no round trip time */
    uint64_t median_rtt_us;            /* upper median; 10000000 if none was measured */
    uint64_t throughput_bytes_per_sec; /* bytes of both directions over time */
    int64_t score_ns;                  /* what is compared, in thousandths of the specification's unit: lower is better */
} NnrpProbeScore;

/* Starts to measure a way to the server at `uri`, one connection that sends transport probes (or is made several times,
 * if the server answers none). NNRP_EVENT_PROBED of `queue` follows, with the number that `out_probe` receives, after
 * at most (samples + 2) * NNRP_OPTION_PROBE_TIMEOUT_MS. Of `options` (0 = defaults) the probe and the security settings
 * count. NNRP_STATUS_UNSUPPORTED for a transport that this build has not; NNRP_STATUS_LIMIT_EXCEEDED with 64 probes
 * under way in this process. Closing the queue discards what is measured. */
NNRP_API NnrpStatus NNRP_CALL nnrp_probe_start(NnrpHandle queue, const char *uri, size_t uri_size,
                                               NnrpHandle options, uint64_t *out_probe, NnrpError *error);

/* Adds `count` (1..65536) samples to those of the provider at a place of the list. NNRP_STATUS_LIMIT_EXCEEDED beyond
 * 65536 samples in the list. */
NNRP_API NnrpStatus NNRP_CALL nnrp_providers_add_samples(NnrpHandle providers, uint32_t index,
                                                         const NnrpProbeSample *samples, uint32_t count,
                                                         NnrpError *error);

/* Forgets all samples of the list. */
NNRP_API NnrpStatus NNRP_CALL nnrp_providers_clear_samples(NnrpHandle providers, NnrpError *error);

/* The score of the provider at a place of the list under a policy, whether or not that allows it. NNRP_STATUS_WRONG_STATE
 * if it has no sample. Providers of one name and transport share their samples. */
NNRP_API NnrpStatus NNRP_CALL nnrp_providers_score(NnrpHandle providers, uint32_t index, uint32_t policy,
                                                   NnrpProbeScore *out_score, NnrpError *error);

/* ---- Selection ------------------------------------------------------------------------------------------------- */

/* A provider and what was made of it. 48 bytes on every target; never grows. */
typedef struct NnrpCandidate {
    uint32_t provider;                 /* its place in the list */
    uint32_t rejected;                 /* NNRP_REJECTED_*; NOT = it may be used */
    uint32_t transport_id;             /* NNRP_TRANSPORT_* */
    uint32_t rank;                     /* of its transport under the policy: 0 is best, 255 not allowed */
    uint32_t sample_count;             /* probed selection: as in NnrpProbeScore, else 0 */
    uint32_t failure_count;            /* likewise */
    uint64_t median_rtt_us;            /* likewise */
    uint64_t throughput_bytes_per_sec; /* likewise */
    int64_t score_ns;                  /* likewise */
} NnrpCandidate;

/* Ranks the providers of a list by policy (NNRP_POLICY_*) and what the server supports (bits NNRP_TRANSPORT_QUIC,
 * NNRP_TRANSPORT_TCP): those that may be used first, best first, then the others with the reason; the ones of no
 * selectable transport are left out. The first is the choice, unless it was rejected, too: then the status is
 * NNRP_STATUS_NO_TRANSPORT, and the list says why. `out_count` receives the number of all, also on NNRP_STATUS_NO_TRANSPORT
 * and NNRP_STATUS_BUFFER_TOO_SMALL; `candidates` is written on NNRP_STATUS_NO_TRANSPORT as well. Its status says all
 * there is to know, hence no NnrpError. */
NNRP_API NnrpStatus NNRP_CALL nnrp_providers_select(NnrpHandle providers, uint32_t policy, uint32_t remote_transports,
                                                    NnrpCandidate *candidates, uint32_t capacity,
                                                    uint32_t *out_count);

/* As nnrp_providers_select, but by the scores of the samples: a provider without samples, or with failed ones only, is
 * rejected. A forced transport stays forced, whatever was measured. */
NNRP_API NnrpStatus NNRP_CALL nnrp_providers_select_probed(NnrpHandle providers, uint32_t policy,
                                                           uint32_t remote_transports, NnrpCandidate *candidates,
                                                           uint32_t capacity, uint32_t *out_count);

#ifdef __cplusplus
}
#endif

#endif /* NNRP_TRANSPORT_H */
