//! Cached objects, leases, versions and dependencies (spec 04 §4.4, 12 §12.2).
//!
//! The records and their rules are here, the objects in an [`ObjectStore`]. Nothing reads a clock:
//! all times are milliseconds of one clock of the caller's choice.

mod budget;
mod store;

use core::fmt;

pub use self::budget::CacheBudget;
pub(crate) use self::store::Moving;
pub use self::store::{CachedObject, NoRoom, ObjectStore, Stored, Terms};

use crate::code::{CacheLeaseOwnerScope, CacheObjectKind, ErrorCode};

/// What identifies a cached object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectIdentity {
    /// Namespace of the key.
    pub cache_namespace: u32,
    /// Key, high word.
    pub cache_key_hi: u32,
    /// Key, low word.
    pub cache_key_lo: u32,
    /// What the object is.
    pub object_kind: CacheObjectKind,
}

/// Why a cached object cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheFailure {
    /// The object is not known.
    Miss,
    /// Its lease ran out.
    LeaseExpired,
    /// It has another version than the one asked for.
    VersionMismatch,
    /// Something it depends on is unknown, invalidated or of another version.
    DependencyInvalid,
    /// It was made for another schema.
    SchemaMismatch,
}

impl CacheFailure {
    /// The code of `ERROR` and of `CACHE_ACK`'s detail (spec 05 §5.3).
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Miss => ErrorCode::CACHE_MISS,
            Self::LeaseExpired => ErrorCode::LEASE_EXPIRED,
            Self::VersionMismatch => ErrorCode::VERSION_MISMATCH,
            Self::DependencyInvalid => ErrorCode::DEPENDENCY_INVALID,
            Self::SchemaMismatch => ErrorCode::SCHEMA_MISMATCH,
        }
    }
}

impl fmt::Display for CacheFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Miss => "the object is not cached; put it again or send it inline",
            Self::LeaseExpired => "the lease of the object ran out; renew it or put it again",
            Self::VersionMismatch => "the object has another version; ask for the current one",
            Self::DependencyInvalid => "an object it depends on is not valid; put that one first",
            Self::SchemaMismatch => "the object was made for another schema",
        })
    }
}

impl core::error::Error for CacheFailure {}

/// The right to use one version of an object for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLease {
    /// What is leased.
    pub object: ObjectIdentity,
    /// Content revision; grows with every change of meaning.
    pub object_version: u64,
    /// Number of the lease; a renewal keeps it, a new grant makes a new one.
    pub lease_id: u64,
    /// What kind of owner holds it.
    pub owner_scope: CacheLeaseOwnerScope,
    /// The owner's id in that scope.
    pub owner_id: u64,
    /// When it was granted or last renewed.
    pub granted_at_ms: u64,
    /// Its lifetime; 0 expires at once.
    pub ttl_ms: u32,
}

impl CacheLease {
    /// The first millisecond at which the lease is over.
    #[must_use]
    pub fn expires_at_ms(&self) -> u64 {
        self.granted_at_ms.saturating_add(self.ttl_ms.into())
    }

    /// Whether the lease is over; it is at its boundary.
    #[must_use]
    pub fn is_expired_at(&self, now_ms: u64) -> bool {
        now_ms >= self.expires_at_ms()
    }

    /// Fails with [`CacheFailure::LeaseExpired`] when the lease is over.
    pub fn validate_live_at(&self, now_ms: u64) -> Result<(), CacheFailure> {
        if self.is_expired_at(now_ms) {
            Err(CacheFailure::LeaseExpired)
        } else {
            Ok(())
        }
    }

    /// Fails with [`CacheFailure::VersionMismatch`] unless `version` is the leased one.
    pub fn validate_version(&self, version: u64) -> Result<(), CacheFailure> {
        if self.object_version == version {
            Ok(())
        } else {
            Err(CacheFailure::VersionMismatch)
        }
    }

    /// The same lease from `now_ms` on, for `ttl_ms`.
    #[must_use]
    pub fn renewed(self, now_ms: u64, ttl_ms: u32) -> Self {
        Self {
            granted_at_ms: now_ms,
            ttl_ms,
            ..self
        }
    }
}

/// What is known about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheObjectState {
    /// The object.
    pub object: ObjectIdentity,
    /// Its present version.
    pub object_version: u64,
    /// Whether it was invalidated.
    pub invalidated: bool,
}

/// An object that must be valid in one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheDependency {
    /// The object.
    pub object: ObjectIdentity,
    /// The version it must have.
    pub required_version: u64,
}

impl CacheDependency {
    fn holds(&self, state: Option<CacheObjectState>) -> bool {
        state.is_some_and(|state| {
            state.object == self.object
                && !state.invalidated
                && state.object_version == self.required_version
        })
    }
}

/// Examines dependencies in order; the first that does not hold decides.
///
/// `state_of` finds what is known about an object; an empty list succeeds.
pub fn validate_dependencies(
    dependencies: &[CacheDependency],
    mut state_of: impl FnMut(&ObjectIdentity) -> Option<CacheObjectState>,
) -> Result<(), CacheFailure> {
    let all_hold = dependencies
        .iter()
        .all(|dependency| dependency.holds(state_of(&dependency.object)));
    if all_hold {
        Ok(())
    } else {
        Err(CacheFailure::DependencyInvalid)
    }
}
