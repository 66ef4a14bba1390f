// The part of the addon that is the same for every function: environment, wake, pinning, and the readers of arguments.

/** Text of addon.g.c between the includes and the generated functions. */
export const addonFrame = String.raw`
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

/* ---- Arguments ------------------------------------------------------------------------------------------------------- */

static bool begin(Call *call, napi_env env, napi_callback_info info, const char *function, size_t expected) {
    size_t count = MOST_ARGUMENTS;
    void *data = NULL;
    call->env = env;
    call->function = function;
    if (napi_get_cb_info(env, info, &count, call->arguments, NULL, &data) != napi_ok) {
        return false;
    }
    call->environment = data;
    if (count < expected) {
        char message[160];
        snprintf(message, sizeof message, "%s takes %u arguments, not %u", function, (unsigned)expected, (unsigned)count);
        napi_throw_type_error(env, "ERR_NNRP_ARGUMENT_COUNT", message);
        return false;
    }
    return true;
}

static bool wrong_type(const Call *call, const char *name, const char *expected) {
    char message[160];
    snprintf(message, sizeof message, "%s: %s must be %s", call->function, name, expected);
    napi_throw_type_error(call->env, "ERR_NNRP_ARGUMENT_TYPE", message);
    return false;
}

static bool out_of_range(const Call *call, const char *name, double value, double largest) {
    char message[200];
    snprintf(message, sizeof message, "%s: %s must be a whole number from 0 to %.0f, not %.17g", call->function, name, largest,
             value);
    napi_throw_range_error(call->env, "ERR_NNRP_ARGUMENT_RANGE", message);
    return false;
}

static bool outside(const Call *call, const char *name, double needed, double offset, double available) {
    char message[240];
    snprintf(message, sizeof message, "%s: %s needs %.0f bytes at offset %.0f, which do not fit in %.0f", call->function, name,
             needed, offset, available);
    napi_throw_range_error(call->env, "ERR_NNRP_ARGUMENT_BOUNDS", message);
    return false;
}

static bool is_null(const Call *call, size_t index) {
    napi_valuetype type = napi_undefined;
    napi_typeof(call->env, call->arguments[index], &type);
    return type == napi_null;
}

/* A whole number from 0 to largest, or a type error that names what is expected. */
static bool take_whole(const Call *call, size_t index, const char *name, double largest, uint64_t *out) {
    double value = 0;
    if (napi_get_value_double(call->env, call->arguments[index], &value) != napi_ok) {
        return wrong_type(call, name, "a number");
    }
    /* Also false for NaN. */
    if (!(value >= 0 && value <= largest) || (double)(uint64_t)value != value) {
        return out_of_range(call, name, value, largest);
    }
    *out = (uint64_t)value;
    return true;
}

static bool take_handle(const Call *call, size_t index, const char *name, uint64_t *out) {
    return take_whole(call, index, name, LARGEST_NUMBER, out);
}

static bool take_u32(const Call *call, size_t index, const char *name, uint32_t *out) {
    uint64_t value = 0;
    if (!take_whole(call, index, name, (double)UINT32_MAX, &value)) {
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

static bool take_size(const Call *call, size_t index, const char *name, size_t *out) {
    uint64_t value = 0;
    if (!take_whole(call, index, name, sizeof(size_t) < 8 ? (double)UINT32_MAX : LARGEST_NUMBER, &value)) {
        return false;
    }
    *out = (size_t)value;
    return true;
}

static bool take_u64(const Call *call, size_t index, const char *name, uint64_t *out) {
    bool lossless = false;
    if (napi_get_value_bigint_uint64(call->env, call->arguments[index], out, &lossless) == napi_ok) {
        return lossless || wrong_type(call, name, "a bigint from 0 to 2^64-1");
    }
    return take_whole(call, index, name, LARGEST_NUMBER, out);
}

static bool take_boolean(const Call *call, size_t index, const char *name, bool *out) {
    return napi_get_value_bool(call->env, call->arguments[index], out) == napi_ok || wrong_type(call, name, "a boolean");
}

/* count items at an 8-byte aligned offset of the pinned memory. null is passed on: the library answers for it. */
static bool take_items(const Call *call, size_t index, const char *name, size_t count, size_t item_size, void **out) {
    double offset = 0;
    if (napi_get_value_double(call->env, call->arguments[index], &offset) != napi_ok) {
        return is_null(call, index) || wrong_type(call, name, "an offset into the pinned memory, or null");
    }
    if (!(offset >= 0 && offset <= (double)MEMORY_SIZE) || (double)((size_t)offset & ~(size_t)7) != offset) {
        return out_of_range(call, name, offset, (double)MEMORY_SIZE);
    }
    if (count > (MEMORY_SIZE - (size_t)offset) / item_size) {
        return outside(call, name, (double)count * (double)item_size, offset, (double)MEMORY_SIZE);
    }
    *out = call->environment->memory + (size_t)offset;
    return true;
}

/* size bytes at an offset of the pinned memory, or at the start of a Uint8Array that is borrowed for this call. */
static bool take_bytes(const Call *call, size_t index, const char *name, size_t size, void **out) {
    double offset = 0;
    if (napi_get_value_double(call->env, call->arguments[index], &offset) == napi_ok) {
        if (!(offset >= 0 && offset <= (double)MEMORY_SIZE) || (double)(size_t)offset != offset) {
            return out_of_range(call, name, offset, (double)MEMORY_SIZE);
        }
        if (size > MEMORY_SIZE - (size_t)offset) {
            return outside(call, name, (double)size, offset, (double)MEMORY_SIZE);
        }
        *out = call->environment->memory + (size_t)offset;
        return true;
    }
    napi_typedarray_type type = napi_int8_array;
    size_t length = 0;
    if (napi_get_typedarray_info(call->env, call->arguments[index], &type, &length, out, NULL, NULL) != napi_ok ||
        type != napi_uint8_array) {
        *out = NULL;
        return is_null(call, index) || wrong_type(call, name, "an offset into the pinned memory, a Uint8Array, or null");
    }
    return size <= length || outside(call, name, (double)size, 0, (double)length);
}

/* ---- Wake ------------------------------------------------------------------------------------------------------------ */

/* Runs on a thread of the library: hands the queue over to the environment's thread and returns. The library calls it only when
 * an empty queue gets events, so what waits in the threadsafe function is bounded by the number of queues. */
static void NNRP_CALL on_wake(void *user_data) {
    WakeSource *source = user_data;
    napi_call_threadsafe_function(source->environment->wake, source, napi_tsfn_nonblocking);
}

/* Runs on the environment's thread: calls the listener with the queue that has events. */
static void call_listener(napi_env env, napi_value unused, void *context, void *data) {
    Environment *environment = context;
    WakeSource *source = data;
    napi_value listener = NULL;
    napi_value queue = NULL;
    napi_value receiver = NULL;
    (void)unused;
    if (env == NULL || source->queue == 0 || environment->listener == NULL) {
        return; /* The environment is ending, or the queue was closed meanwhile. */
    }
    if (napi_get_reference_value(env, environment->listener, &listener) != napi_ok || listener == NULL ||
        napi_create_double(env, (double)source->queue, &queue) != napi_ok || napi_get_undefined(env, &receiver) != napi_ok) {
        return;
    }
    if (napi_call_function(env, receiver, listener, 1, &queue, NULL) == napi_pending_exception) {
        napi_value exception = NULL;
        napi_get_and_clear_last_exception(env, &exception);
        napi_fatal_exception(env, exception); /* Becomes 'uncaughtException', as for any other listener. */
    }
}

static WakeSource *wake_source_of(Environment *environment, uint64_t queue) {
    WakeSource *source = environment->sources;
    while (source != NULL && (queue == 0 || source->queue != queue)) {
        source = source->next;
    }
    return source;
}

static WakeSource *free_wake_source(Environment *environment) {
    WakeSource *source = environment->sources;
    while (source != NULL && source->queue != 0) {
        source = source->next;
    }
    if (source == NULL && (source = calloc(1, sizeof *source)) != NULL) {
        source->environment = environment;
        source->next = environment->sources;
        environment->sources = source;
    }
    return source;
}

/* listen(function): who is told about queues with events. */
static napi_value set_listener(napi_env env, napi_callback_info info) {
    Call call;
    napi_valuetype type = napi_undefined;
    if (!begin(&call, env, info, "listen", 1)) {
        return NULL;
    }
    napi_typeof(env, call.arguments[0], &type);
    if (type != napi_function) {
        wrong_type(&call, "listener", "a function");
        return NULL;
    }
    if (call.environment->listener != NULL) {
        napi_delete_reference(env, call.environment->listener);
        call.environment->listener = NULL;
    }
    napi_create_reference(env, call.arguments[0], 1, &call.environment->listener);
    return NULL;
}

/* keepAlive(boolean): whether the wake keeps the event loop running. */
static napi_value keep_alive(napi_env env, napi_callback_info info) {
    Call call;
    bool wanted = false;
    if (!begin(&call, env, info, "keepAlive", 1) || !take_boolean(&call, 0, "wanted", &wanted)) {
        return NULL;
    }
    if (wanted) {
        napi_ref_threadsafe_function(env, call.environment->wake);
    } else {
        napi_unref_threadsafe_function(env, call.environment->wake);
    }
    return NULL;
}

/* ---- The image ------------------------------------------------------------------------------------------------------- */

/* The library's threads outlive the environment that loaded the addon, so its code must stay mapped until the process ends: a
 * worker that exits would otherwise unload it under them. */
#if defined(_WIN32)
static void pin_image(void) {
    HMODULE module = NULL;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(uintptr_t)&on_wake,
                       &module);
}

static napi_value image_path(napi_env env) {
    HMODULE module = NULL;
    WCHAR path[32768];
    napi_value result = NULL;
    DWORD length = 0;
    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (LPCWSTR)(uintptr_t)&on_wake, &module)) {
        length = GetModuleFileNameW(module, path, (DWORD)(sizeof path / sizeof path[0]));
    }
    napi_create_string_utf16(env, (const char16_t *)path, length, &result);
    return result;
}
#else
static bool own_image(Dl_info *image) { return dladdr((void *)(uintptr_t)&on_wake, image) != 0 && image->dli_fname != NULL; }

static void pin_image(void) {
    Dl_info image;
    if (own_image(&image)) {
        /* The handle is kept on purpose. */
        dlopen(image.dli_fname, RTLD_NOW | RTLD_NODELETE | RTLD_NOLOAD);
    }
}

static napi_value image_path(napi_env env) {
    Dl_info image;
    return text_or_null(env, own_image(&image) ? image.dli_fname : "");
}
#endif
`;

/** Text after the generated functions: the end of an environment, and the registration. `CLOSE` and `FUNCTIONS` are filled in. */
export const addonRegistration = String.raw`
/* ---- Registration ---------------------------------------------------------------------------------------------------- */

/* Runs before the threadsafe function ends (hooks run last in, first out): afterwards no thread of the library knows of it. */
static void end_environment(void *data) {
    Environment *environment = data;
    for (WakeSource *source = environment->sources; source != NULL; source = source->next) {
        if (source->queue != 0) {
            CLOSE(source->queue, NULL);
            source->queue = 0;
        }
    }
}

static void free_environment(napi_env env, void *data, void *hint) {
    Environment *environment = data;
    (void)env;
    (void)hint;
    for (WakeSource *source = environment->sources; source != NULL;) {
        WakeSource *next = source->next;
        free(source);
        source = next;
    }
    free(environment);
}

static const struct {
    const char *name;
    napi_callback call;
} functions[] = {
FUNCTIONS
};

#define FUNCTION_COUNT (sizeof functions / sizeof functions[0])

static bool define_functions(napi_env env, napi_value exports, Environment *environment) {
    napi_property_descriptor properties[FUNCTION_COUNT];
    memset(properties, 0, sizeof properties);
    for (size_t index = 0; index < FUNCTION_COUNT; index += 1) {
        properties[index].utf8name = functions[index].name;
        properties[index].method = functions[index].call;
        properties[index].attributes = napi_enumerable;
        properties[index].data = environment;
    }
    return napi_define_properties(env, exports, FUNCTION_COUNT, properties) == napi_ok;
}

static bool define_facts(napi_env env, napi_value exports, napi_value memory) {
    napi_value version = NULL;
    return napi_set_named_property(env, exports, "memory", memory) == napi_ok &&
           napi_create_uint32(env, model_version, &version) == napi_ok &&
           napi_set_named_property(env, exports, "modelVersion", version) == napi_ok &&
           napi_set_named_property(env, exports, "modelHash", text_or_null(env, model_hash)) == napi_ok &&
           napi_set_named_property(env, exports, "image", image_path(env)) == napi_ok;
}

/* The wake comes first and the hook after it, see end_environment. */
static bool start_environment(napi_env env, Environment *environment, napi_value *memory) {
    napi_value name = NULL;
    void *bytes = NULL;
    if (napi_create_arraybuffer(env, MEMORY_SIZE, &bytes, memory) != napi_ok || ((uintptr_t)bytes & 7) != 0 ||
        napi_create_reference(env, *memory, 1, &environment->memory_reference) != napi_ok) {
        return false;
    }
    environment->memory = bytes;
    return napi_create_string_utf8(env, "nnrp.wake", NAPI_AUTO_LENGTH, &name) == napi_ok &&
           napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, NULL, NULL, environment, call_listener,
                                           &environment->wake) == napi_ok &&
           napi_unref_threadsafe_function(env, environment->wake) == napi_ok &&
           napi_add_env_cleanup_hook(env, end_environment, environment) == napi_ok;
}

NAPI_MODULE_INIT() {
    Environment *environment = calloc(1, sizeof *environment);
    napi_value memory = NULL;
    if (environment == NULL) {
        return fail(env, "ERR_NNRP_MEMORY", "no memory for the environment");
    }
    environment->env = env;
    pin_image();
    /* From here on the environment owns the state, whatever fails. */
    if (napi_set_instance_data(env, environment, free_environment, NULL) != napi_ok) {
        free(environment);
        return fail(env, "ERR_NNRP_ENVIRONMENT", "the environment cannot hold the addon's state");
    }
    if (!start_environment(env, environment, &memory) || !define_functions(env, exports, environment) ||
        !define_facts(env, exports, memory)) {
        return fail(env, "ERR_NNRP_ENVIRONMENT", "the environment cannot be set up");
    }
    return exports;
}
`;
