//! Cached objects between a client and a server: over TCP and in process, put, named, replaced, invalidated, depended on.

use crate::cache_calls::{
    CONTENT, depend, invalidate, key_of, pairs, put, put_and_see, put_of, submit_naming,
};
use crate::schemas::diagnosed;
use nnrp::*;
use std::ptr;

#[test]
fn an_object_is_put_once_and_named_by_many_submits() {
    for mut pair in pairs(&[], &[(NNRP_OPTION_MAX_IN_FLIGHT, 16)]) {
        let first = put_and_see(&mut pair, 1, CONTENT, NNRP_CACHE_ACCEPTED);
        for _ in 0..3 {
            assert_eq!(submit_naming(&mut pair, &[1]), 0);
        }
        // The same content renews its lease, other content is another version.
        assert_eq!(
            put_and_see(&mut pair, 1, CONTENT, NNRP_CACHE_ACCEPTED),
            first
        );
        assert!(put_and_see(&mut pair, 1, b"changed", NNRP_CACHE_REPLACED) > first);
        assert_eq!(submit_naming(&mut pair, &[1]), 0);
    }
}

#[test]
fn whoever_names_an_object_that_is_not_there_is_told_and_the_server_never_sees_it() {
    for mut pair in pairs(&[], &[(NNRP_OPTION_MAX_IN_FLIGHT, 16)]) {
        assert_eq!(submit_naming(&mut pair, &[404]), NNRP_CACHE_ERROR_MISS);
        // Used up by the first frame, unless it is reusable.
        let once = NnrpCachePut {
            flags: 0,
            ..put_of(2)
        };
        assert_eq!(put(pair.session, &once, CONTENT).0, NNRP_STATUS_OK);
        pair.server.expect(NNRP_EVENT_OBJECT_STORED);
        pair.client.expect(NNRP_EVENT_CACHE_ANSWERED);
        assert_eq!(submit_naming(&mut pair, &[2]), 0);
        assert_eq!(submit_naming(&mut pair, &[2]), NNRP_CACHE_ERROR_MISS);
    }
}

#[test]
fn both_sides_remove_objects_and_the_other_one_is_told() {
    for mut pair in pairs(&[], &[(NNRP_OPTION_MAX_IN_FLIGHT, 16)]) {
        for key in [1, 2] {
            put_and_see(&mut pair, key, CONTENT, NNRP_CACHE_ACCEPTED);
        }
        assert_eq!(
            invalidate(pair.session, NNRP_INVALIDATE_KEY, 1, 1),
            NNRP_STATUS_OK
        );
        let told = pair.server.expect(NNRP_EVENT_OBJECTS_INVALIDATED);
        assert_eq!(told.session, pair.served);
        let record: NnrpInvalidation = pair.server.record();
        assert_eq!(
            (record.scope, record.cache_key_lo),
            (NNRP_INVALIDATE_KEY, 1)
        );
        assert_eq!((record.cache_namespace, record.reason_code), (7, 99));
        assert_eq!(submit_naming(&mut pair, &[1]), NNRP_CACHE_ERROR_MISS);
        assert_eq!(submit_naming(&mut pair, &[2]), 0);
        assert_eq!(
            invalidate(pair.served, NNRP_INVALIDATE_ALL, 0, 0),
            NNRP_STATUS_OK
        );
        let told = pair.client.expect(NNRP_EVENT_OBJECTS_INVALIDATED);
        assert_eq!(told.session, pair.session);
        assert_eq!(submit_naming(&mut pair, &[2]), NNRP_CACHE_ERROR_MISS);
    }
}

#[test]
fn an_object_of_the_connection_serves_its_sessions() {
    for mut pair in pairs(&[], &[(NNRP_OPTION_MAX_IN_FLIGHT, 16)]) {
        assert_eq!(put(pair.connection, &put_of(5), CONTENT).0, NNRP_STATUS_OK);
        let (stored, body) = pair.server.expect_body(NNRP_EVENT_OBJECT_STORED);
        assert_eq!((stored.session, stored.connection), (0, pair.accepted));
        assert_eq!(body, CONTENT);
        let answered = pair.client.expect(NNRP_EVENT_CACHE_ANSWERED);
        assert_eq!(
            (answered.session, answered.connection),
            (0, pair.connection)
        );
        assert_eq!(submit_naming(&mut pair, &[5]), 0);
        assert_eq!(
            invalidate(pair.accepted, NNRP_INVALIDATE_NAMESPACE, 0, 0),
            NNRP_STATUS_OK
        );
        let told = pair.client.expect(NNRP_EVENT_OBJECTS_INVALIDATED);
        assert_eq!((told.session, told.connection), (0, pair.connection));
    }
}

#[test]
fn an_object_is_usable_only_while_what_it_depends_on_has_its_version() {
    for mut pair in pairs(&[], &[(NNRP_OPTION_MAX_IN_FLIGHT, 16)]) {
        let base = put_and_see(&mut pair, 1, CONTENT, NNRP_CACHE_ACCEPTED);
        put_and_see(&mut pair, 2, b"on top", NNRP_CACHE_ACCEPTED);
        assert_eq!(depend(pair.served, 2, &[(1, base)]), (NNRP_STATUS_OK, 0));
        assert_eq!(submit_naming(&mut pair, &[2]), 0);
        put_and_see(&mut pair, 1, b"changed", NNRP_CACHE_REPLACED);
        assert_eq!(
            submit_naming(&mut pair, &[2]),
            NNRP_CACHE_ERROR_DEPENDENCY_INVALID
        );
        assert_eq!(depend(pair.served, 2, &[]), (NNRP_STATUS_OK, 0));
        assert_eq!(submit_naming(&mut pair, &[2]), 0);
        assert_eq!(
            depend(pair.served, 3, &[(1, base)]).0,
            NNRP_STATUS_WRONG_STATE
        );
        let many = vec![(1, base); 65];
        assert_eq!(
            depend(pair.served, 2, &many),
            (NNRP_STATUS_INVALID_ARGUMENT, 4)
        );
        assert_eq!(depend(pair.session, 2, &[]).0, NNRP_STATUS_WRONG_STATE);
    }
}

#[test]
fn without_a_cache_on_either_side_nothing_can_be_put() {
    let none = [(NNRP_OPTION_MAX_CACHED_OBJECTS, 0)];
    for (listener, client) in [(&none[..], &[][..]), (&[], &none)] {
        for pair in pairs(listener, client) {
            let (status, error) = put(pair.session, &put_of(1), CONTENT);
            assert_eq!(
                (status, error.session),
                (NNRP_STATUS_WRONG_STATE, pair.session)
            );
            let status = invalidate(pair.served, NNRP_INVALIDATE_ALL, 0, 0);
            assert_eq!(status, NNRP_STATUS_WRONG_STATE);
        }
    }
}

#[test]
fn limits_are_told_and_a_full_cache_lets_go_of_the_oldest() {
    let limits = [
        (NNRP_OPTION_MAX_CACHED_OBJECTS, 2),
        (NNRP_OPTION_MAX_CACHED_BYTES, 1000),
    ];
    for mut pair in pairs(&limits, &[(NNRP_OPTION_MAX_IN_FLIGHT, 16)]) {
        let (status, error) = put(pair.session, &put_of(1), &[0; 1001]);
        assert_eq!((status, error.detail), (NNRP_STATUS_LIMIT_EXCEEDED, 1000));
        for key in [1, 2, 3] {
            put_and_see(&mut pair, key, CONTENT, NNRP_CACHE_ACCEPTED);
        }
        assert_eq!(submit_naming(&mut pair, &[1]), NNRP_CACHE_ERROR_MISS);
        assert_eq!(submit_naming(&mut pair, &[2, 3]), 0);
    }
}

#[test]
fn an_object_larger_than_the_arena_arrives_with_its_record() {
    for mut pair in pairs(&[], &[]) {
        let large = vec![0x5a; 200_000];
        assert_eq!(put(pair.session, &put_of(1), &large).0, NNRP_STATUS_OK);
        let (stored, body) = pair.server.expect_body(NNRP_EVENT_OBJECT_STORED);
        assert_ne!(stored.buffer, 0);
        assert!(body == large);
        assert_eq!(pair.server.record::<NnrpStoredObject>().cache_key_lo, 1);
    }
}

#[test]
fn what_no_cache_takes_is_refused_by_parameter() {
    let [pair, _] = pairs(&[], &[]);
    let refused = |parameter| (NNRP_STATUS_INVALID_ARGUMENT, parameter);
    let code = |(status, error): (NnrpStatus, NnrpError)| (status, error.detail);
    let kindless = NnrpCachePut {
        object_kind: 0,
        ..put_of(1)
    };
    assert_eq!(code(put(pair.session, &kindless, CONTENT)), refused(2));
    let unknown = NnrpCachePut {
        object_kind: 10,
        ..put_of(1)
    };
    assert_eq!(code(put(pair.session, &unknown, CONTENT)), refused(2));
    let flagged = NnrpCachePut {
        flags: 4,
        ..put_of(1)
    };
    assert_eq!(code(put(pair.session, &flagged, CONTENT)), refused(2));
    let short = NnrpCachePut {
        struct_size: 24,
        ..put_of(1)
    };
    assert_eq!(code(put(pair.session, &short, CONTENT)), refused(2));
    assert_eq!(
        invalidate(pair.session, 4, 0, 0),
        NNRP_STATUS_INVALID_ARGUMENT
    );
    assert_eq!(
        put(pair.served, &put_of(1), CONTENT).0,
        NNRP_STATUS_WRONG_STATE
    );
    for handle in [0, 77, pair.listener, pair.client.queue] {
        assert_eq!(
            put(handle, &put_of(1), CONTENT).0,
            NNRP_STATUS_INVALID_HANDLE
        );
        assert_eq!(invalidate(handle, 0, 0, 0), NNRP_STATUS_INVALID_HANDLE);
        assert_eq!(depend(handle, 1, &[]).0, NNRP_STATUS_INVALID_HANDLE);
    }
    let (put, key) = (put_of(1), key_of(1));
    let mut form = [0_u8; 16];
    // SAFETY: every pointer is NULL or to live memory of the stated size.
    unsafe {
        let null_of = |call: &mut dyn FnMut(*mut NnrpError) -> NnrpStatus| {
            let (status, error) = diagnosed(call);
            assert_eq!(status, NNRP_STATUS_NULL_POINTER);
            error.detail
        };
        let owner = pair.session;
        assert_eq!(
            null_of(&mut |e| nnrp_cache_put(owner, ptr::null(), ptr::null(), 0, e)),
            2
        );
        assert_eq!(
            null_of(&mut |e| nnrp_cache_put(owner, &raw const put, ptr::null(), 1, e)),
            3
        );
        assert_eq!(
            null_of(&mut |e| nnrp_cache_invalidate(owner, ptr::null(), e)),
            2
        );
        let depend =
            |object, count, e| nnrp_cache_set_dependencies(owner, object, ptr::null(), count, e);
        assert_eq!(null_of(&mut |e| depend(ptr::null(), 0, e)), 2);
        assert_eq!(null_of(&mut |e| depend(&raw const key, 1, e)), 3);
        let write = |key, to, size, e| nnrp_object_reference_write(key, to, size, e);
        assert_eq!(
            null_of(&mut |e| write(ptr::null(), form.as_mut_ptr(), 16, e)),
            1
        );
        assert_eq!(
            null_of(&mut |e| write(&raw const key, ptr::null_mut(), 16, e)),
            2
        );
        let none = ptr::null_mut();
        let status = write(&raw const key, form.as_mut_ptr(), 15, none);
        assert_eq!(status, NNRP_STATUS_BUFFER_TOO_SMALL);
        let reserved = NnrpObjectKey {
            reserved0: 1,
            ..key
        };
        let status = write(&raw const reserved, form.as_mut_ptr(), 16, none);
        assert_eq!(status, NNRP_STATUS_INVALID_ARGUMENT);
        assert_eq!(
            write(&raw const key, form.as_mut_ptr(), 16, none),
            NNRP_STATUS_OK
        );
    }
    assert_eq!(form, [7, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
}
