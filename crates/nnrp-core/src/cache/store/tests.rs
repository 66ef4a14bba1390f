//! What the object store promises.

use alloc::vec;
use proptest::prelude::*;

use super::*;
use crate::code::{CacheInvalidateScope, CacheObjectKind};

const TERMS: Terms = Terms {
    ttl_ms: 1000,
    pinned: false,
    reusable: true,
};
const PINNED: Terms = Terms {
    pinned: true,
    ..TERMS
};

fn store(objects: usize, bytes: usize) -> ObjectStore {
    ObjectStore::new(objects, bytes, Arc::default())
}

fn object(key: u32) -> ObjectIdentity {
    ObjectIdentity {
        cache_namespace: 1,
        cache_key_lo: key,
        object_kind: CacheObjectKind::PromptSegment,
        ..ObjectIdentity::default()
    }
}

fn body(bytes: &'static [u8]) -> Bytes {
    Bytes::from_static(bytes)
}

#[test]
fn an_object_is_found_until_its_lease_is_over_and_the_boundary_is_over() {
    let mut store = store(4, 100);
    assert_eq!(
        store.put(5, 7, object(1), &body(b"a"), TERMS),
        Ok(Stored::Added)
    );
    assert!(store.find(1004, 7, &object(1)).is_ok());
    assert_eq!(
        store.find(1005, 7, &object(1)),
        Err(CacheFailure::LeaseExpired)
    );
    assert_eq!(store.find(5, 7, &object(2)), Err(CacheFailure::Miss));
    assert_eq!(store.next_expiry_ms(), Some(1005));
}

#[test]
fn an_expired_object_gives_its_bytes_back_and_its_name_still_says_why() {
    let budget = Arc::new(CacheBudget::new(10, 100));
    let mut store = ObjectStore::new(4, 100, Arc::clone(&budget));
    store
        .put(0, 7, object(1), &body(b"abc"), TERMS)
        .expect("room");
    store.expire(1000);
    assert_eq!((store.bytes(), budget.bytes(), budget.objects()), (0, 0, 0));
    assert_eq!(
        store.find(1000, 7, &object(1)),
        Err(CacheFailure::LeaseExpired)
    );
    assert_eq!(
        store.put(1000, 7, object(1), &body(b"abc"), TERMS),
        Ok(Stored::Added)
    );
    assert!(store.find(1000, 7, &object(1)).is_ok());
}

#[test]
fn a_renewal_keeps_lease_and_version_and_other_content_makes_new_ones() {
    let mut store = store(4, 100);
    store
        .put(0, 7, object(1), &body(b"a"), TERMS)
        .expect("room");
    let first = *store.lease(7, &object(1)).expect("leased");
    assert_eq!(
        store.put(500, 7, object(1), &body(b"a"), TERMS),
        Ok(Stored::Renewed)
    );
    let renewed = *store.lease(7, &object(1)).expect("leased");
    assert_eq!(renewed, first.renewed(500, 1000));
    assert_eq!(
        store.put(600, 7, object(1), &body(b"b"), TERMS),
        Ok(Stored::Replaced)
    );
    let replaced = *store.lease(7, &object(1)).expect("leased");
    assert!(replaced.object_version > first.object_version);
    assert_ne!(replaced.lease_id, first.lease_id);
}

#[test]
fn the_least_recently_used_object_gives_way_and_a_pinned_one_never() {
    let mut store = store(3, 100);
    for (key, terms) in [(1, PINNED), (2, TERMS), (3, TERMS)] {
        store
            .put(0, 7, object(key), &body(b"a"), terms)
            .expect("room");
    }
    store.note_use(7, &object(2));
    store
        .put(0, 7, object(4), &body(b"a"), TERMS)
        .expect("room");
    assert_eq!(store.find(0, 7, &object(3)), Err(CacheFailure::Miss));
    assert!(store.find(0, 7, &object(1)).is_ok() && store.find(0, 7, &object(2)).is_ok());
}

#[test]
fn pinned_objects_leave_room_for_others_and_a_refusal_changes_nothing() {
    let mut store = store(2, 10);
    store
        .put(0, 7, object(1), &body(b"12345678"), PINNED)
        .expect("room");
    assert_eq!(store.put(0, 7, object(2), &body(b"a"), PINNED), Err(NoRoom));
    assert_eq!(
        store.put(0, 7, object(2), &body(b"abc"), TERMS),
        Err(NoRoom)
    );
    assert_eq!(
        store.put(0, 7, object(2), &body(b"ab"), TERMS),
        Ok(Stored::Added)
    );
    assert_eq!(
        store.put(0, 7, object(2), &body(b"abc"), TERMS),
        Err(NoRoom)
    );
    let kept = store.find(0, 7, &object(2)).expect("the earlier content");
    assert_eq!(kept.body[..], *b"ab");
}

#[test]
fn stores_share_one_budget() {
    let budget = Arc::new(CacheBudget::new(10, 5));
    let mut first = ObjectStore::new(4, 100, Arc::clone(&budget));
    let mut second = ObjectStore::new(4, 100, Arc::clone(&budget));
    first
        .put(0, 1, object(1), &body(b"abcd"), TERMS)
        .expect("room");
    assert_eq!(
        second.put(0, 1, object(1), &body(b"ab"), TERMS),
        Err(NoRoom)
    );
    drop(first);
    assert!(second.put(0, 1, object(1), &body(b"ab"), TERMS).is_ok());
}

#[test]
fn an_object_that_is_not_reusable_serves_one_frame() {
    let mut store = store(4, 100);
    let once = Terms {
        reusable: false,
        ..TERMS
    };
    store.put(0, 7, object(1), &body(b"a"), once).expect("room");
    assert!(store.find(0, 7, &object(1)).is_ok());
    store.note_use(7, &object(1));
    assert_eq!(store.find(0, 7, &object(1)), Err(CacheFailure::Miss));
}

#[test]
fn a_session_sees_its_own_objects_and_those_of_the_connection() {
    let mut store = store(4, 100);
    store
        .put(0, 0, object(1), &body(b"c"), TERMS)
        .expect("room");
    store
        .put(0, 8, object(2), &body(b"8"), TERMS)
        .expect("room");
    assert!(store.find(0, 7, &object(1)).is_ok());
    assert_eq!(store.find(0, 7, &object(2)), Err(CacheFailure::Miss));
    store
        .put(0, 7, object(1), &body(b"7"), TERMS)
        .expect("room");
    assert_eq!(
        store.find(0, 7, &object(1)).expect("its own").body[..],
        *b"7"
    );
    store.remove_owner(7);
    assert_eq!(
        store.find(0, 7, &object(1)).expect("the connection's").body[..],
        *b"c"
    );
}

#[test]
fn an_invalidation_reaches_its_owner_and_breaks_what_depends_on_it() {
    let mut store = store(4, 100);
    for (owner, key) in [(7, 1), (7, 2), (8, 1)] {
        store
            .put(0, owner, object(key), &body(b"a"), TERMS)
            .expect("room");
    }
    let required_version = store.lease(7, &object(1)).expect("leased").object_version;
    let dependency = CacheDependency {
        object: object(1),
        required_version,
    };
    store
        .set_dependencies(7, &object(2), vec![dependency])
        .expect("it is there");
    assert!(store.find(0, 7, &object(2)).is_ok());
    let invalidate = CacheInvalidate {
        invalidate_scope: CacheInvalidateScope::ObjectKey,
        cache_namespace: 1,
        cache_key_lo: 1,
        ..CacheInvalidate::default()
    };
    assert_eq!(store.invalidate(7, &invalidate), 1);
    assert_eq!(
        store.find(0, 7, &object(2)),
        Err(CacheFailure::DependencyInvalid)
    );
    assert!(store.find(0, 8, &object(1)).is_ok());
}

proptest! {
    #[test]
    fn no_order_of_steps_exceeds_a_bound_or_loses_count(
        steps in prop::collection::vec((0u8..6, 0u32..3, 0u32..6, 0usize..8, any::<bool>()), 0..120),
    ) {
        let budget = Arc::new(CacheBudget::new(4, 20));
        let mut store = ObjectStore::new(3, 12, Arc::clone(&budget));
        let mut now_ms = 0;
        for (step, owner, key, bytes, flag) in steps {
            match step {
                0..=2 => {
                    let terms = Terms { ttl_ms: 50, pinned: flag, reusable: key != 0 };
                    let content = Bytes::from(vec![step; bytes]);
                    let _ = store.put(now_ms, owner, object(key), &content, terms);
                }
                3 => store.note_use(owner, &object(key)),
                4 => {
                    now_ms += bytes as u64 * 10;
                    store.expire(now_ms);
                }
                _ if flag => store.remove_owner(owner),
                _ => {
                    let objects = store.take_owner(owner);
                    store.adopt(now_ms, owner, objects);
                }
            }
            let live = store.places.values().filter_map(|place| place.live.as_ref());
            let counted: usize = live.map(|live| live.body.len()).sum();
            prop_assert_eq!(store.bytes(), counted);
            prop_assert!(store.bytes() <= 12 && store.places.len() <= 3);
            prop_assert_eq!((budget.objects(), budget.bytes()), (store.len(), counted));
        }
        drop(store);
        prop_assert_eq!((budget.objects(), budget.bytes()), (0, 0));
    }
}
