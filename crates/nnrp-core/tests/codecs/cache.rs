//! Invalidation, leases, versions and dependencies (spec 04 §4.3, §4.4).

use nnrp_core::cache::{
    CacheDependency, CacheFailure, CacheLease, CacheObjectState, ObjectIdentity,
    validate_dependencies,
};
use nnrp_core::code::{CacheAckStatus, CacheInvalidateScope, CacheLeaseOwnerScope};
use nnrp_core::code::{CacheObjectKind, ErrorCode};
use nnrp_core::message::cache::{CacheAck, CacheInvalidate, CachePut};

fn object(cache_key_lo: u32) -> ObjectIdentity {
    ObjectIdentity {
        cache_namespace: 5,
        cache_key_hi: 7,
        cache_key_lo,
        object_kind: CacheObjectKind::PromptSegment,
    }
}

fn lease(granted_at_ms: u64, ttl_ms: u32) -> CacheLease {
    CacheLease {
        object: object(1),
        object_version: 3,
        lease_id: 9,
        owner_scope: CacheLeaseOwnerScope::Session,
        owner_id: 42,
        granted_at_ms,
        ttl_ms,
    }
}

#[test]
fn an_invalidation_hits_what_its_scope_says() {
    use CacheInvalidateScope::{Namespace, ObjectKey, ObjectKind, WholeSession};
    let kind = u32::from(CacheObjectKind::PromptSegment.to_wire());
    let message = |invalidate_scope, cache_namespace, cache_key_hi, cache_key_lo| CacheInvalidate {
        invalidate_scope,
        cache_namespace,
        cache_key_hi,
        cache_key_lo,
        reason_code: 0,
    };
    let cases = [
        (message(WholeSession, 9, 9, 9), true),
        (message(Namespace, 5, 9, 9), true),
        (message(Namespace, 6, 7, 1), false),
        (message(ObjectKind, 5, kind, 9), true),
        (message(ObjectKind, 5, kind + 1, 9), false),
        (message(ObjectKind, 6, kind, 9), false),
        (message(ObjectKey, 5, 7, 1), true),
        (message(ObjectKey, 5, 7, 2), false),
        (message(ObjectKey, 5, 8, 1), false),
        (message(ObjectKey, 6, 7, 1), false),
    ];
    for (message, hit) in cases {
        assert_eq!(message.hits(&object(1)), hit, "{message:?}");
    }
}

#[test]
fn an_ack_echoes_the_key_of_its_put() {
    let put = CachePut {
        cache_namespace: 5,
        cache_key_hi: 7,
        cache_key_lo: 1,
        object_kind: CacheObjectKind::PromptSegment,
        ..CachePut::default()
    };
    assert_eq!(put.identity(), object(1));
    let ack = CacheAck::of(&put, CacheAckStatus::Replaced);
    assert_eq!(ack.status, CacheAckStatus::Replaced);
    assert!(ack.answers(&put));
    for other in [
        CachePut {
            cache_namespace: 6,
            ..put
        },
        CachePut {
            cache_key_hi: 8,
            ..put
        },
        CachePut {
            cache_key_lo: 2,
            ..put
        },
    ] {
        assert!(!ack.answers(&other));
    }
}

#[test]
fn a_lease_is_over_at_its_boundary_and_time_does_not_wrap() {
    let lease_500 = lease(1000, 500);
    assert_eq!(lease_500.validate_live_at(1499), Ok(()));
    assert_eq!(
        lease_500.validate_live_at(1500),
        Err(CacheFailure::LeaseExpired)
    );
    assert!(lease(1000, 0).is_expired_at(1000));
    assert_eq!(lease(u64::MAX - 1, 500).expires_at_ms(), u64::MAX);

    let renewed = lease_500.renewed(1400, 200);
    assert_eq!(renewed.expires_at_ms(), 1600);
    assert_eq!(renewed.lease_id, lease_500.lease_id);
    assert_eq!(renewed.validate_version(3), Ok(()));
    assert_eq!(
        renewed.validate_version(4),
        Err(CacheFailure::VersionMismatch)
    );
}

#[test]
fn a_dependency_holds_only_in_its_exact_valid_version() {
    let states = [
        CacheObjectState {
            object: object(1),
            object_version: 3,
            invalidated: false,
        },
        CacheObjectState {
            object: object(2),
            object_version: 3,
            invalidated: true,
        },
    ];
    let state_of =
        |wanted: &ObjectIdentity| states.iter().find(|state| state.object == *wanted).copied();
    let check = |dependencies: &[(u32, u64)]| {
        let dependencies: Vec<CacheDependency> = dependencies
            .iter()
            .map(|(key, required_version)| CacheDependency {
                object: object(*key),
                required_version: *required_version,
            })
            .collect();
        validate_dependencies(&dependencies, state_of)
    };
    assert_eq!(check(&[]), Ok(()));
    assert_eq!(check(&[(1, 3)]), Ok(()));
    for broken in [(1, 2), (2, 3), (3, 3)] {
        let refused = Err(CacheFailure::DependencyInvalid);
        assert_eq!(check(&[(1, 3), broken]), refused, "{broken:?}");
    }
    let foreign = validate_dependencies(
        &[CacheDependency {
            object: object(9),
            required_version: 3,
        }],
        |_| Some(states[0]),
    );
    assert_eq!(foreign, Err(CacheFailure::DependencyInvalid));
}

#[test]
fn every_failure_has_its_code_and_says_what_to_do() {
    let failures = [
        (CacheFailure::Miss, ErrorCode::CACHE_MISS),
        (CacheFailure::LeaseExpired, ErrorCode::LEASE_EXPIRED),
        (CacheFailure::VersionMismatch, ErrorCode::VERSION_MISMATCH),
        (
            CacheFailure::DependencyInvalid,
            ErrorCode::DEPENDENCY_INVALID,
        ),
        (CacheFailure::SchemaMismatch, ErrorCode::SCHEMA_MISMATCH),
    ];
    for (failure, code) in failures {
        assert_eq!(failure.code(), code);
        assert!(failure.to_string().len() > 20, "{failure}");
    }
}
