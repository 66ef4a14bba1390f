//! What tests of cached objects call: pairs with a cache, puts, invalidations, dependencies, submits that name objects.

use crate::events::Events;
use crate::pair::{Pair, listen_at, memory_uri, options_of};
use crate::schemas::diagnosed;
use nnrp::*;
use std::ptr;

pub(crate) const CONTENT: &[u8] = b"you are a helpful engineer";

/// A pair over TCP and one inside the process.
pub(crate) fn pairs(listener_options: &[(u32, u64)], client_options: &[(u32, u64)]) -> [Pair; 2] {
    ["nnrp+tcp://127.0.0.1:0", &memory_uri()].map(|uri| {
        let server = Events::new(1024, 1 << 16);
        let (listener, uri) = listen_at(server.queue, uri, options_of(listener_options));
        Pair::open_at(server, listener, &uri, options_of(client_options))
    })
}

pub(crate) fn put_of(key: u32) -> NnrpCachePut {
    NnrpCachePut {
        struct_size: 32,
        cache_namespace: 7,
        cache_key_hi: 1,
        cache_key_lo: key,
        object_kind: NNRP_OBJECT_PROMPT_SEGMENT,
        flags: NNRP_CACHE_REUSABLE,
        ..NnrpCachePut::default()
    }
}

pub(crate) fn key_of(key: u32) -> NnrpObjectKey {
    NnrpObjectKey {
        struct_size: 24,
        cache_namespace: 7,
        cache_key_hi: 1,
        cache_key_lo: key,
        object_kind: NNRP_OBJECT_PROMPT_SEGMENT,
        reserved0: 0,
    }
}

pub(crate) fn put(
    owner: NnrpHandle,
    put: &NnrpCachePut,
    content: &[u8],
) -> (NnrpStatus, NnrpError) {
    // SAFETY: all pointers are to live memory of the stated size.
    diagnosed(|error| unsafe { nnrp_cache_put(owner, put, content.as_ptr(), content.len(), error) })
}

pub(crate) fn invalidate(owner: NnrpHandle, scope: u32, hi: u32, lo: u32) -> NnrpStatus {
    let invalidate = NnrpCacheInvalidate {
        struct_size: 24,
        scope,
        cache_namespace: 7,
        cache_key_hi: hi,
        cache_key_lo: lo,
        reason_code: 99,
    };
    // SAFETY: `invalidate` is a live local; the diagnosis may be NULL.
    unsafe { nnrp_cache_invalidate(owner, &raw const invalidate, ptr::null_mut()) }
}

pub(crate) fn depend(owner: NnrpHandle, key: u32, on: &[(u32, u64)]) -> (NnrpStatus, u32) {
    let object = key_of(key);
    let dependencies: Vec<_> = on
        .iter()
        .map(|&(key, required_version)| NnrpCacheDependency {
            struct_size: 32,
            cache_namespace: 7,
            cache_key_hi: 1,
            cache_key_lo: key,
            object_kind: NNRP_OBJECT_PROMPT_SEGMENT,
            reserved0: 0,
            required_version,
        })
        .collect();
    let count = u32::try_from(on.len()).expect("small");
    // SAFETY: all pointers are to live memory of the stated size.
    let (status, error) = diagnosed(|error| unsafe {
        let object = &raw const object;
        nnrp_cache_set_dependencies(owner, object, dependencies.as_ptr(), count, error)
    });
    (status, error.detail)
}

/// A structured body that names these objects.
pub(crate) fn naming(keys: &[u32]) -> Vec<u8> {
    let references = keys.len() * 16;
    let regions = NnrpBodyRegions {
        struct_size: 56,
        object_reference_bytes: u32::try_from(references).expect("small"),
        ..NnrpBodyRegions::default()
    };
    let mut body = vec![0; 32 + references];
    // SAFETY: all pointers are to live memory of the stated size.
    unsafe {
        let none = ptr::null_mut();
        let status = nnrp_body_write_prelude(&raw const regions, body.as_mut_ptr(), 32, none);
        assert_eq!(status, NNRP_STATUS_OK);
        for (place, key) in body[32..].chunks_exact_mut(16).zip(keys) {
            let key = key_of(*key);
            let status = nnrp_object_reference_write(&raw const key, place.as_mut_ptr(), 16, none);
            assert_eq!(status, NNRP_STATUS_OK);
        }
    }
    body
}

/// Puts an object and sees it arrive and be answered; gives its version.
pub(crate) fn put_and_see(pair: &mut Pair, key: u32, content: &[u8], ack_status: u32) -> u64 {
    let (status, error) = put(pair.session, &put_of(key), content);
    assert_eq!(status, NNRP_STATUS_OK, "{error:?}");
    let (stored, body) = pair.server.expect_body(NNRP_EVENT_OBJECT_STORED);
    assert_eq!((stored.session, body.as_slice()), (pair.served, content));
    let record: NnrpStoredObject = pair.server.record();
    assert_eq!(
        (
            record.cache_namespace,
            record.cache_key_hi,
            record.cache_key_lo
        ),
        (7, 1, key)
    );
    assert_eq!(record.object_kind, NNRP_OBJECT_PROMPT_SEGMENT);
    let answered = pair.client.expect(NNRP_EVENT_CACHE_ANSWERED);
    assert_eq!(
        (answered.session, answered.protocol_code),
        (pair.session, 0)
    );
    let answer: NnrpCacheAnswer = pair.client.record();
    assert_eq!(
        (answer.cache_key_lo, answer.object_kind),
        (key, NNRP_OBJECT_PROMPT_SEGMENT)
    );
    assert_eq!((answer.ack_status, answer.detail_code), (ack_status, 0));
    assert_eq!(answer.accepted_ttl_ms, 30_000);
    assert!(answer.max_object_bytes > 0);
    record.version
}

/// Submits a body that names these objects, and gives the code the client is told, 0 if the server got it.
pub(crate) fn submit_naming(pair: &mut Pair, keys: &[u32]) -> u32 {
    let body = naming(keys);
    let (status, batch) = pair.submit(&[&body]);
    assert_eq!((status, batch.accepted), (NNRP_STATUS_OK, 1));
    // What arrives behind it arrives after the verdict.
    let (status, _) = pair.submit(&[b"plain"]);
    assert_eq!(status, NNRP_STATUS_OK);
    let (first, arrived) = pair.server.expect_body(NNRP_EVENT_SUBMIT);
    if arrived == body {
        let (_, plain) = pair.server.expect_body(NNRP_EVENT_SUBMIT);
        assert_eq!(plain, b"plain");
        pair.answer(&[first.frame_id, first.frame_id + 1]);
        pair.client.expect(NNRP_EVENT_RESULT);
        pair.client.expect(NNRP_EVENT_RESULT);
        return 0;
    }
    assert_eq!(arrived, b"plain");
    pair.answer(&[first.frame_id]);
    let told = pair.client.expect(NNRP_EVENT_PEER_ERROR);
    assert_eq!(told.frame_id, first.frame_id - 1);
    pair.client.find(NNRP_EVENT_RESULT);
    told.protocol_code
}
