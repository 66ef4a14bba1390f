//! Handles that are stale, of another kind or invented, in every function of caches, schemas, providers, numbers and log.

use crate::pair::{Pair, options_of};
use nnrp::*;
use std::ptr;

/// Calls every function that takes a handle with this one, and gives the statuses by name.
#[allow(clippy::too_many_lines)] // One call per function of the headers.
fn call_all(handle: NnrpHandle) -> Vec<(&'static str, NnrpStatus)> {
    let none: *mut NnrpError = ptr::null_mut();
    let (mut schema, mut metrics) = (NnrpSchema::default(), NnrpMetrics::default());
    let (mut provider, mut score) = (NnrpProvider::default(), NnrpProbeScore::default());
    let (mut candidate, mut number, mut count) = (NnrpCandidate::default(), 0_u64, 0_u32);
    let frame = NnrpPayloadFrame {
        struct_size: 32,
        ..NnrpPayloadFrame::default()
    };
    let named = NnrpProvider {
        struct_size: 48,
        name_size: 1,
        ..NnrpProvider::default()
    };
    let sample = NnrpProbeSample {
        struct_size: 40,
        ..NnrpProbeSample::default()
    };
    let put = NnrpCachePut {
        struct_size: 32,
        object_kind: 1,
        ..NnrpCachePut::default()
    };
    let invalidate = NnrpCacheInvalidate {
        struct_size: 24,
        ..NnrpCacheInvalidate::default()
    };
    let key = NnrpObjectKey {
        struct_size: 24,
        object_kind: 1,
        ..NnrpObjectKey::default()
    };
    let (nowhere, uri) = (ptr::null_mut::<u8>(), c"nnrp+mem://x".as_ptr());
    // SAFETY: every pointer is NULL where the header allows it, or to a live local of the stated size.
    unsafe {
        nnrp_schema_token_delta(&raw mut schema, none);
        let installed = schema;
        vec![
            (
                "schemas_install",
                nnrp_schemas_install(handle, &raw const installed, &raw mut count, none),
            ),
            ("schemas_remove", nnrp_schemas_remove(handle, 1, 1, none)),
            (
                "schemas_find",
                nnrp_schemas_find(handle, 1, 1, &raw mut schema, none),
            ),
            (
                "schemas_check_binding",
                nnrp_schemas_check_binding(handle, &raw const frame, none),
            ),
            (
                "providers_add",
                nnrp_providers_add(handle, &raw const named, uri, 1, &raw mut count, none),
            ),
            (
                "providers_count",
                nnrp_providers_count(handle, &raw mut count, none),
            ),
            (
                "providers_get",
                nnrp_providers_get(handle, 0, &raw mut provider, nowhere.cast(), 0, none),
            ),
            (
                "providers_add_samples",
                nnrp_providers_add_samples(handle, 0, &raw const sample, 1, none),
            ),
            (
                "providers_clear_samples",
                nnrp_providers_clear_samples(handle, none),
            ),
            (
                "providers_score",
                nnrp_providers_score(handle, 0, 0, &raw mut score, none),
            ),
            (
                "providers_select",
                nnrp_providers_select(handle, 0, 3, &raw mut candidate, 1, &raw mut count),
            ),
            (
                "providers_select_probed",
                nnrp_providers_select_probed(handle, 0, 3, &raw mut candidate, 1, &raw mut count),
            ),
            (
                "probe_start",
                nnrp_probe_start(handle, uri, 12, 0, &raw mut number, none),
            ),
            (
                "cache_put",
                nnrp_cache_put(handle, &raw const put, nowhere, 0, none),
            ),
            (
                "cache_invalidate",
                nnrp_cache_invalidate(handle, &raw const invalidate, none),
            ),
            (
                "cache_set_dependencies",
                nnrp_cache_set_dependencies(handle, &raw const key, ptr::null(), 0, none),
            ),
            (
                "connection_metrics",
                nnrp_connection_metrics(handle, &raw mut metrics, 112, none),
            ),
            (
                "listener_metrics",
                nnrp_listener_metrics(handle, &raw mut metrics, 112, none),
            ),
            (
                "queue_set_log",
                nnrp_queue_set_log(handle, NNRP_LOG_OFF, none),
            ),
        ]
    }
}

#[test]
fn invented_and_foreign_handles_are_refused_by_every_function() {
    let _some_of_each_kind = Pair::open();
    let options = options_of(&[]);
    for handle in [0, 1, 0xffff_ffff, 1 << 53, u64::MAX, options] {
        for (name, status) in call_all(handle) {
            assert_eq!(
                status, NNRP_STATUS_INVALID_HANDLE,
                "nnrp_{name}({handle:#x})"
            );
        }
    }
}

#[test]
fn each_function_takes_the_handles_of_its_kind_and_no_others() {
    let pair = Pair::open();
    let (mut schemas, mut providers) = (0, 0);
    // SAFETY: both are live locals.
    unsafe {
        let none = ptr::null_mut();
        assert_eq!(
            nnrp_schemas_create(4, &raw mut schemas, none),
            NNRP_STATUS_OK
        );
        assert_eq!(
            nnrp_providers_create(1, &raw mut providers, none),
            NNRP_STATUS_OK
        );
    }
    let kinds = [
        (schemas, &["schemas_"][..]),
        (providers, &["providers_"]),
        (pair.session, &["cache_"]),
        (pair.connection, &["cache_", "connection_metrics"]),
        (pair.listener, &["listener_metrics"]),
        (pair.server.queue, &["probe_start", "queue_set_log"]),
    ];
    for (handle, own) in kinds {
        for (name, status) in call_all(handle) {
            let is_own = own.iter().any(|prefix| name.starts_with(prefix));
            assert_eq!(
                status != NNRP_STATUS_INVALID_HANDLE,
                is_own,
                "nnrp_{name}({handle:#x})"
            );
        }
    }
    let stale = [schemas, providers];
    for handle in stale {
        // SAFETY: the diagnosis may be NULL.
        unsafe { assert_eq!(nnrp_release(handle, ptr::null_mut()), NNRP_STATUS_OK) };
        for (name, status) in call_all(handle) {
            assert_eq!(
                status, NNRP_STATUS_INVALID_HANDLE,
                "nnrp_{name}({handle:#x})"
            );
        }
    }
}
