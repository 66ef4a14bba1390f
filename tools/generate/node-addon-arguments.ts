// The readers of arguments in the addon: one a type, each with an error that names the argument.

/** Needs `Call` and `Environment` of the frame. */
export const addonArguments = String.raw`/* ---- Arguments ------------------------------------------------------------------------------------------------------- */

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

`;
