/* The Node-API addon of the tally fixture: one function, which fails for nothing but memory. */
#include <node_api.h>
#include <tally/tally.h>

static napi_value add(napi_env env, napi_callback_info info) {
    size_t count = 2;
    napi_value values[2], result;
    uint32_t left = 0, right = 0;
    napi_get_cb_info(env, info, &count, values, NULL, NULL);
    napi_get_value_uint32(env, values[0], &left);
    napi_get_value_uint32(env, values[1], &right);
    napi_create_uint32(env, tally_add(left, right), &result);
    return result;
}

NAPI_MODULE_INIT() {
    napi_value function;
    napi_create_function(env, "add", NAPI_AUTO_LENGTH, add, NULL, &function);
    napi_set_named_property(env, exports, "add", function);
    return exports;
}
