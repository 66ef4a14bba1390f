//! Cached objects with their leases: what a server keeps for the sessions of one connection.

mod bookkeeping;
mod moving;
mod place;

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;

pub(crate) use self::moving::Moving;
use self::place::{Key, Live, Place, Rank};
use super::budget::CacheBudget;
use super::{
    CacheDependency, CacheFailure, CacheLease, CacheObjectState, ObjectIdentity,
    validate_dependencies,
};
use crate::code::CacheLeaseOwnerScope;
use crate::message::cache::CacheInvalidate;

/// An object as the submits that name it get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedObject {
    /// What it is.
    pub identity: ObjectIdentity,
    /// Its version; grows with every change of content on its connection.
    pub version: u64,
    /// Its content.
    pub body: Bytes,
}

/// How an object is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Lifetime of its lease, milliseconds.
    pub ttl_ms: u32,
    /// It is never evicted to make room.
    pub pinned: bool,
    /// More than one frame may use it.
    pub reusable: bool,
}

/// What an accepted [`ObjectStore::put`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The object was not there.
    Added,
    /// It was there with the same content; its lease was renewed.
    Renewed,
    /// It was there with other content.
    Replaced,
}

/// The store is full of pinned objects, the object exceeds it, or the shared budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// Objects of the sessions of a connection, least recently used ones giving way to new ones.
///
/// An object belongs to a session, or to the connection if it was put under session id 0; a
/// session finds its own objects first and those of the connection second. An object whose lease
/// is over loses its content at once and is remembered by name only, so that its users learn of
/// the lease rather than of a miss.
#[derive(Debug)]
pub struct ObjectStore {
    places: BTreeMap<Key, Place>,
    /// Places that may be taken for new objects, by their last use; remembered names before all.
    evictable: BTreeMap<(Rank, u64), Key>,
    /// Live objects by the end of their lease and its number.
    leases: BTreeMap<(u64, u64), Key>,
    bytes: usize,
    pinned: usize,
    pinned_bytes: usize,
    max_objects: usize,
    max_bytes: usize,
    budget: Arc<CacheBudget>,
    /// Numbers uses, leases and versions, each ascending.
    counter: u64,
}

impl ObjectStore {
    /// A store of `max_objects` objects that take `max_bytes` together, within `budget`.
    #[must_use]
    pub fn new(max_objects: usize, max_bytes: usize, budget: Arc<CacheBudget>) -> Self {
        Self {
            places: BTreeMap::new(),
            evictable: BTreeMap::new(),
            leases: BTreeMap::new(),
            bytes: 0,
            pinned: 0,
            pinned_bytes: 0,
            max_objects,
            max_bytes,
            budget,
            counter: 0,
        }
    }

    /// Keeps `body` under a lease that begins at `now_ms`. A refusal changes nothing.
    pub fn put(
        &mut self,
        now_ms: u64,
        owner: u32,
        identity: ObjectIdentity,
        body: &Bytes,
        terms: Terms,
    ) -> Result<Stored, NoRoom> {
        let key = (owner, identity);
        let present = self.places.get(&key).and_then(|place| place.live.as_ref());
        let stored = match present {
            Some(live) if live.body == *body => {
                let renewed = live.lease.renewed(now_ms, terms.ttl_ms);
                return self.renew(key, renewed, terms);
            }
            Some(_) => Stored::Replaced,
            None => Stored::Added,
        };
        self.require_possible(&key, body.len(), terms.pinned)?;
        // Reserved before anything gives way, so that a refusal changes nothing.
        let reservation = self.budget.reserve(body.len()).ok_or(NoRoom)?;
        self.remove(&key);
        self.make_room(body.len());
        let object_version = self.next_number();
        let lease = CacheLease {
            object: identity,
            object_version,
            lease_id: object_version,
            owner_scope: scope_of(owner),
            owner_id: owner.into(),
            granted_at_ms: now_ms,
            ttl_ms: terms.ttl_ms,
        };
        // A copy, because a slice would keep the whole receive buffer and make the count a lie.
        let live = Live {
            body: Bytes::copy_from_slice(body),
            lease,
            pinned: terms.pinned,
            reusable: terms.reusable,
            dependencies: Vec::new(),
            _room: Arc::new(reservation),
        };
        self.insert(key, live);
        Ok(stored)
    }

    /// The object as a frame of `session_id` may use it now, and whether it may be used again.
    pub fn find(
        &self,
        now_ms: u64,
        session_id: u32,
        identity: &ObjectIdentity,
    ) -> Result<CachedObject, CacheFailure> {
        let live = self.live(session_id, identity)?;
        live.lease.validate_live_at(now_ms)?;
        validate_dependencies(&live.dependencies, |object| {
            let live = self.live(session_id, object).ok()?;
            live.lease.validate_live_at(now_ms).ok()?;
            Some(CacheObjectState {
                object: *object,
                object_version: live.lease.object_version,
                invalidated: false,
            })
        })?;
        Ok(CachedObject {
            identity: *identity,
            version: live.lease.object_version,
            body: live.body.clone(),
        })
    }

    /// A frame has used the object: it gives way later, or at once if it was for one frame only.
    pub fn note_use(&mut self, session_id: u32, identity: &ObjectIdentity) {
        let Some(key) = self.key_of_live(session_id, identity) else {
            return;
        };
        let number = self.next_number();
        let Some(place) = self.places.get_mut(&key) else {
            return;
        };
        if place.live.as_ref().is_some_and(|live| !live.reusable) {
            self.remove(&key);
            return;
        }
        let before = core::mem::replace(&mut place.used, number);
        if self.evictable.remove(&(Rank::Live, before)).is_some() {
            self.evictable.insert((Rank::Live, number), key);
        }
    }

    /// Makes an object unusable unless all of these hold whenever it is used.
    pub fn set_dependencies(
        &mut self,
        session_id: u32,
        identity: &ObjectIdentity,
        dependencies: Vec<CacheDependency>,
    ) -> Result<(), CacheFailure> {
        let key = self.key_of_live(session_id, identity);
        let place = key.and_then(|key| self.places.get_mut(&key));
        let live = place.and_then(|place| place.live.as_mut());
        live.ok_or(CacheFailure::Miss)?.dependencies = dependencies;
        Ok(())
    }

    /// The lease of an object, if it is there.
    #[must_use]
    pub fn lease(&self, session_id: u32, identity: &ObjectIdentity) -> Option<&CacheLease> {
        let live = self.live(session_id, identity).ok()?;
        Some(&live.lease)
    }

    /// Removes the objects of this owner that the message reaches; gives their number.
    pub fn invalidate(&mut self, owner: u32, invalidate: &CacheInvalidate) -> usize {
        self.remove_where(|(of, identity)| *of == owner && invalidate.hits(identity))
    }

    /// Removes everything of an owner.
    pub fn remove_owner(&mut self, owner: u32) {
        self.remove_where(|(of, _)| *of == owner);
    }

    /// Drops the content of objects whose lease is over at `now_ms`.
    pub fn expire(&mut self, now_ms: u64) {
        while let Some((&(end, _), &key)) = self.leases.first_key_value()
            && end <= now_ms
        {
            let used = self.remove(&key).map_or(0, |place| place.used);
            self.evictable.insert((Rank::Expired, used), key);
            self.places.insert(key, Place { live: None, used });
        }
    }

    /// When the next lease is over, milliseconds.
    #[must_use]
    pub fn next_expiry_ms(&self) -> Option<u64> {
        self.leases.first_key_value().map(|((end, _), _)| *end)
    }

    /// Live objects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.leases.len()
    }

    /// Whether no object is live.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.leases.is_empty()
    }

    /// Bytes of the live objects.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The largest object that can be put.
    #[must_use]
    pub fn max_object_bytes(&self) -> usize {
        self.max_bytes
    }
}

fn scope_of(owner: u32) -> CacheLeaseOwnerScope {
    match owner {
        0 => CacheLeaseOwnerScope::Connection,
        _ => CacheLeaseOwnerScope::Session,
    }
}

#[cfg(test)]
mod tests;
