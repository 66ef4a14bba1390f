// The part of the addon behind the functions: the end of an environment, and the registration.

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
