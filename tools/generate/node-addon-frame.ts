// The part of the addon that is the same for every function: environment and results, and the pieces around them in order.
import { addonArguments } from "./node-addon-arguments.ts";
import { addonImage } from "./node-addon-image.ts";
import { addonWake } from "./node-addon-wake.ts";

const environment = String.raw`
/* Bytes that JavaScript and this addon share; pinned for the life of the environment. */
#define MEMORY_SIZE ((size_t)524288)
#define LARGEST_NUMBER 9007199254740991.0
#define MOST_ARGUMENTS 8

typedef struct Environment Environment;

/* What a wake callback gets back. Never freed before the environment, because a wake may still be under way; used again. */
typedef struct WakeSource {
    Environment *environment;
    uint64_t queue; /* 0 = free */
    struct WakeSource *next;
} WakeSource;

/* Everything that belongs to one JavaScript environment (the main thread or one worker). */
struct Environment {
    napi_env env;
    uint8_t *memory;
    napi_ref memory_reference;
    napi_ref listener;
    napi_threadsafe_function wake;
    WakeSource *sources;
};

/* One call from JavaScript. */
typedef struct Call {
    napi_env env;
    Environment *environment;
    const char *function;
    napi_value arguments[MOST_ARGUMENTS];
} Call;

/* ---- Results --------------------------------------------------------------------------------------------------------- */

static napi_value fail(napi_env env, const char *code, const char *message) {
    bool pending = false;
    napi_is_exception_pending(env, &pending);
    if (!pending) {
        napi_throw_error(env, code, message);
    }
    return NULL;
}

static napi_value from_u32(napi_env env, uint32_t number) {
    napi_value result = NULL;
    napi_create_uint32(env, number, &result);
    return result;
}

static napi_value text_or_null(napi_env env, const char *text) {
    napi_value result = NULL;
    if (text == NULL) {
        napi_get_null(env, &result);
    } else {
        napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result);
    }
    return result;
}

static void *error_slot(Environment *environment) { return environment->memory; }

`;

/** Text of addon.g.c between the includes and the generated functions. */
export const addonFrame = environment + addonArguments + addonWake + addonImage;
