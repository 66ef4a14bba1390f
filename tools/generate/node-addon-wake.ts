// How the addon tells JavaScript that a queue has events: from a thread of the library to the listener.

/** Needs the readers of arguments. */
export const addonWake = String.raw`/* ---- Wake ------------------------------------------------------------------------------------------------------------ */

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

`;
