/* direct.c: the floor of the call benchmark, Node-API calls as one would write them by hand, without any check. */
#define NAPI_VERSION 8
#include <node_api.h>

#include <nnrp/nnrp.h>

static NnrpError error;
static NnrpEvent events[64];
static uint8_t arena[4096];
static NnrpSubmit submit = {.struct_size = sizeof submit};

static napi_value number(napi_env env, uint32_t value) {
    napi_value result = NULL;
    napi_create_uint32(env, value, &result);
    return result;
}

static void arguments(napi_env env, napi_callback_info info, napi_value *values, size_t count) {
    napi_get_cb_info(env, info, &count, values, NULL, NULL);
}

static uint64_t handle(napi_env env, napi_value value) {
    int64_t result = 0;
    napi_get_value_int64(env, value, &result);
    return (uint64_t)result;
}

static uint32_t u32(napi_env env, napi_value value) {
    uint32_t result = 0;
    napi_get_value_uint32(env, value, &result);
    return result;
}

static napi_value abi_version(napi_env env, napi_callback_info info) {
    (void)info;
    return number(env, nnrp_abi_version());
}

static napi_value options_set_u64(napi_env env, napi_callback_info info) {
    napi_value values[3];
    arguments(env, info, values, 3);
    return number(env, nnrp_options_set_u64(handle(env, values[0]), u32(env, values[1]), handle(env, values[2]), &error));
}

static napi_value queue_drain(napi_env env, napi_callback_info info) {
    napi_value values[2];
    uint32_t count = 0;
    arguments(env, info, values, 2);
    return number(env, nnrp_queue_drain(handle(env, values[0]), events, u32(env, values[1]), arena, sizeof arena, &count));
}

static napi_value session_submit(napi_env env, napi_callback_info info) {
    napi_value values[2];
    NnrpBatch batch;
    arguments(env, info, values, 2);
    return number(env, nnrp_session_submit(handle(env, values[0]), &submit, u32(env, values[1]), arena, sizeof arena, &batch));
}

NAPI_MODULE_INIT() {
    const napi_property_descriptor properties[] = {
        {"abiVersion", NULL, abi_version, NULL, NULL, NULL, napi_enumerable, NULL},
        {"optionsSetU64", NULL, options_set_u64, NULL, NULL, NULL, napi_enumerable, NULL},
        {"queueDrain", NULL, queue_drain, NULL, NULL, NULL, napi_enumerable, NULL},
        {"sessionSubmit", NULL, session_submit, NULL, NULL, NULL, napi_enumerable, NULL},
    };
    napi_define_properties(env, exports, sizeof properties / sizeof properties[0], properties);
    return exports;
}
