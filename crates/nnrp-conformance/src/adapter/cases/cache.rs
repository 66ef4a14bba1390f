//! `l0.cache.*`, `l1.cache.*`: leases, versions, dependencies, owners and their codes (spec 04 §4.4, 12 §12.2).

use bytes::Bytes;
use nnrp_core::cache::{
    CacheDependency, CacheFailure, CacheLease, CacheObjectState, ObjectIdentity,
};
use nnrp_core::code::{CacheInvalidateScope, CacheLeaseOwnerScope, CacheObjectKind};
use nnrp_core::message::cache::CacheInvalidate;

use super::super::subject::Subject;
use super::super::verdict::{Verdict, holds, same, wrong};
use super::cached;

const CODES: [(CacheFailure, u32); 5] = [
    (CacheFailure::Miss, 0x0003_0001),
    (CacheFailure::LeaseExpired, 0x0003_0002),
    (CacheFailure::VersionMismatch, 0x0003_0003),
    (CacheFailure::DependencyInvalid, 0x0003_0004),
    (CacheFailure::SchemaMismatch, 0x0003_0005),
];

/// `l0.cache.error_code.family.golden`
pub(in super::super) fn error_codes(subject: &dyn Subject) -> Verdict {
    CODES
        .iter()
        .try_for_each(|(failure, _)| code(subject, *failure))
}

/// `l1.cache.error_code.cache_miss.validation`
pub(in super::super) fn cache_miss(subject: &dyn Subject) -> Verdict {
    let mut objects = subject.objects();
    let found = objects.find(0, 42, &object(1));
    same(
        "nothing was put",
        failure_of(found),
        Some(CacheFailure::Miss),
    )?;
    objects.put(0, 42, object(1), &Bytes::from_static(b"one"), 1000);
    holds(
        "what was put is found",
        objects.find(0, 42, &object(1)).is_ok(),
    )?;
    let near = ObjectIdentity {
        object_kind: CacheObjectKind::ToolSchema,
        ..object(1)
    };
    let found = objects.find(0, 42, &near);
    same("another kind", failure_of(found), Some(CacheFailure::Miss))?;
    code(subject, CacheFailure::Miss)?;
    cached::misses(subject)
}

/// `l1.cache.error_code.lease_expired.validation`
pub(in super::super) fn lease_expired(subject: &dyn Subject) -> Verdict {
    let expired = Err(CacheFailure::LeaseExpired);
    for (granted, ttl, now, wanted) in [
        (1000, 500, 1000, Ok(())),
        (1000, 500, 1499, Ok(())),
        (1000, 500, 1500, expired),
        (1000, 500, 1501, expired),
        (1000, 0, 1000, expired),
        (u64::MAX - 1, 500, u64::MAX - 1, Ok(())),
        (u64::MAX - 1, 500, u64::MAX, expired),
    ] {
        let what = format!("granted at {granted} for {ttl}, now {now}");
        same(
            &what,
            subject.check_lease(&lease(granted, ttl), now),
            wanted,
        )?;
    }
    let mut objects = subject.objects();
    objects.put(1000, 42, object(1), &Bytes::from_static(b"one"), 500);
    holds(
        "live before the boundary",
        objects.find(1499, 42, &object(1)).is_ok(),
    )?;
    let found = objects.find(1500, 42, &object(1));
    let what = "an object at its boundary";
    same(what, failure_of(found), Some(CacheFailure::LeaseExpired))?;
    code(subject, CacheFailure::LeaseExpired)?;
    cached::expires(subject)
}

/// `l1.cache.error_code.version_mismatch.validation`
pub(in super::super) fn version_mismatch(subject: &dyn Subject) -> Verdict {
    let lease = lease(1000, 500);
    same("its version", subject.check_version(&lease, 7), Ok(()))?;
    for other in [0, 6, 8, u64::MAX] {
        let found = subject.check_version(&lease, other);
        let wanted = Err(CacheFailure::VersionMismatch);
        same(&format!("version {other} of 7"), found, wanted)?;
    }
    code(subject, CacheFailure::VersionMismatch)
}

/// `l1.cache.error_code.dependency_invalid.validation`
pub(in super::super) fn dependency_invalid(subject: &dyn Subject) -> Verdict {
    let known = [state(1, 7, false), state(2, 9, false)];
    let invalid = Err(CacheFailure::DependencyInvalid);
    for (what, dependencies, wanted) in [
        ("none", vec![], Ok(())),
        ("one that holds", vec![needs(1, 7)], Ok(())),
        ("two that hold", vec![needs(1, 7), needs(2, 9)], Ok(())),
        ("a lower version", vec![needs(1, 6)], invalid),
        ("a higher version", vec![needs(1, 8)], invalid),
        ("one that is not known", vec![needs(3, 7)], invalid),
        (
            "the second does not hold",
            vec![needs(1, 7), needs(2, 7)],
            invalid,
        ),
    ] {
        let found = subject.check_dependencies(&dependencies, &known);
        same(what, found, wanted)?;
    }
    code(subject, CacheFailure::DependencyInvalid)
}

/// `l1.cache.dependency_invalidation.validation`
pub(in super::super) fn dependency_invalidation(subject: &dyn Subject) -> Verdict {
    let known = [state(1, 7, true)];
    let found = subject.check_dependencies(&[needs(1, 7)], &known);
    let invalid = CacheFailure::DependencyInvalid;
    same("a dependency that was invalidated", found, Err(invalid))?;
    // The same over a store: what depends on an object goes with it.
    let mut objects = subject.objects();
    objects.put(0, 42, object(1), &Bytes::from_static(b"base"), 1000);
    objects.put(0, 42, object(2), &Bytes::from_static(b"derived"), 1000);
    let Some(base) = objects.lease(42, &object(1)) else {
        return wrong("an object that was put has no lease");
    };
    let on = vec![needs(1, base.object_version)];
    same("dependencies", objects.depend(42, &object(2), on), Ok(()))?;
    holds(
        "usable while its base is",
        objects.find(1, 42, &object(2)).is_ok(),
    )?;
    let invalidate = CacheInvalidate {
        invalidate_scope: CacheInvalidateScope::ObjectKey,
        cache_namespace: 1,
        cache_key_lo: 1,
        ..CacheInvalidate::default()
    };
    same("objects hit", objects.invalidate(42, &invalidate), 1)?;
    let found = failure_of(objects.find(1, 42, &object(2)));
    same("its base was invalidated", found, Some(invalid))
}

/// `l1.cache.error_code.schema_mismatch.validation`
pub(in super::super) fn schema_mismatch(subject: &dyn Subject) -> Verdict {
    code(subject, CacheFailure::SchemaMismatch)
}

/// `l1.cache.lease_owner_scope.validation`
pub(in super::super) fn owner_scope(subject: &dyn Subject) -> Verdict {
    let mut objects = subject.objects();
    objects.put(0, 0, object(1), &Bytes::from_static(b"connection"), 1000);
    objects.put(0, 42, object(1), &Bytes::from_static(b"session"), 1000);
    objects.put(0, 42, object(2), &Bytes::from_static(b"own"), 1000);
    for (what, session_id, key, wanted) in [
        ("a session finds its own first", 42, 1, Some("session")),
        (
            "and another one the connection's",
            43,
            1,
            Some("connection"),
        ),
        ("its own", 42, 2, Some("own")),
        ("nobody else's", 43, 2, None),
    ] {
        let found = objects.find(1, session_id, &object(key)).ok();
        let found = found.map(|object| String::from_utf8_lossy(&object.body).into_owned());
        same(what, found.as_deref(), wanted)?;
    }
    for (owner, scope) in [
        (0, CacheLeaseOwnerScope::Connection),
        (42, CacheLeaseOwnerScope::Session),
    ] {
        let lease = objects.lease(owner, &object(1));
        let found = lease.map(|lease| (lease.owner_scope, lease.owner_id));
        same("the owner of a lease", found, Some((scope, owner.into())))?;
    }
    let numbers = CacheLeaseOwnerScope::ALL
        .iter()
        .map(|scope| scope.to_wire());
    same("owner scopes", numbers.collect::<Vec<_>>(), vec![0, 1, 2])
}

/// `l1.cache.object_version.monotonicity.validation`
pub(in super::super) fn monotonicity(subject: &dyn Subject) -> Verdict {
    let mut objects = subject.objects();
    let mut before: Option<CacheLease> = None;
    for (now, body) in [(0, "one"), (1, "two"), (2, "three"), (3, "one")] {
        objects.put(
            now,
            42,
            object(1),
            &Bytes::from_static(body.as_bytes()),
            1000,
        );
        let Some(lease) = objects.lease(42, &object(1)) else {
            return wrong("an object that was put has no lease");
        };
        if let Some(before) = before {
            let grows = lease.object_version > before.object_version;
            holds("the version grows with each change of content", grows)?;
            holds(
                "a new grant is a new lease",
                lease.lease_id != before.lease_id,
            )?;
        }
        before = Some(lease);
        objects.put(
            now + 10,
            42,
            object(1),
            &Bytes::from_static(body.as_bytes()),
            1000,
        );
        let renewed = objects.lease(42, &object(1));
        let wanted = lease.renewed(now + 10, 1000);
        same("a renewal keeps version and lease", renewed, Some(wanted))?;
    }
    Ok(())
}

fn code(subject: &dyn Subject, failure: CacheFailure) -> Verdict {
    let wanted = CODES.iter().find(|(of, _)| *of == failure);
    let found = subject.cache_code(failure);
    same(
        &format!("the code of {failure:?}"),
        Some(found),
        wanted.map(|(_, code)| *code),
    )
}

fn failure_of<T>(found: Result<T, CacheFailure>) -> Option<CacheFailure> {
    found.err()
}

fn object(key: u32) -> ObjectIdentity {
    ObjectIdentity {
        cache_namespace: 1,
        cache_key_lo: key,
        ..ObjectIdentity::default()
    }
}

fn lease(granted_at_ms: u64, ttl_ms: u32) -> CacheLease {
    CacheLease {
        object: object(1),
        object_version: 7,
        lease_id: 3,
        owner_scope: CacheLeaseOwnerScope::Session,
        owner_id: 42,
        granted_at_ms,
        ttl_ms,
    }
}

fn state(key: u32, object_version: u64, invalidated: bool) -> CacheObjectState {
    CacheObjectState {
        object: object(key),
        object_version,
        invalidated,
    }
}

fn needs(key: u32, required_version: u64) -> CacheDependency {
    CacheDependency {
        object: object(key),
        required_version,
    }
}
