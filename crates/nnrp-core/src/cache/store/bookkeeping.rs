//! How the places of the object store are taken, found and given up, and what is counted of them.

use alloc::vec::Vec;

use super::place::{Key, Live, Place, Rank};
use super::{NoRoom, ObjectStore, Stored, Terms};
use crate::cache::{CacheFailure, CacheLease, ObjectIdentity};

impl ObjectStore {
    pub(super) fn renew(
        &mut self,
        key: Key,
        lease: CacheLease,
        terms: Terms,
    ) -> Result<Stored, NoRoom> {
        let bytes = self.places.get(&key).map_or(0, Place::bytes);
        self.require_possible(&key, bytes, terms.pinned)?;
        if let Some(Place {
            live: Some(live), ..
        }) = self.remove(&key)
        {
            let live = Live {
                lease,
                pinned: terms.pinned,
                reusable: terms.reusable,
                ..live
            };
            self.insert(key, live);
        }
        Ok(Stored::Renewed)
    }

    /// Whether an object of these bytes fits once everything that may give way has done so.
    pub(super) fn require_possible(
        &self,
        key: &Key,
        bytes: usize,
        pinned: bool,
    ) -> Result<(), NoRoom> {
        let replaced = self.places.get(key).and_then(|place| place.live.as_ref());
        let replaced = replaced.filter(|live| live.pinned);
        let others = self.pinned - usize::from(replaced.is_some());
        let other_bytes = self.pinned_bytes - replaced.map_or(0, |live| live.body.len());
        // One place stays for objects that are not pinned, so that they are never shut out.
        let places = self.max_objects - usize::from(pinned && self.max_objects > 1);
        if others < places && bytes <= self.max_bytes - other_bytes {
            Ok(())
        } else {
            Err(NoRoom)
        }
    }

    pub(super) fn make_room(&mut self, bytes: usize) {
        while self.places.len() >= self.max_objects || self.bytes + bytes > self.max_bytes {
            let Some((_, &key)) = self.evictable.first_key_value() else {
                return;
            };
            self.remove(&key);
        }
    }

    pub(super) fn insert(&mut self, key: Key, live: Live) {
        let used = self.next_number();
        self.bytes += live.body.len();
        let end = (live.lease.expires_at_ms(), live.lease.lease_id);
        self.leases.insert(end, key);
        if live.pinned {
            self.pinned += 1;
            self.pinned_bytes += live.body.len();
        } else {
            self.evictable.insert((Rank::Live, used), key);
        }
        let live = Some(live);
        self.places.insert(key, Place { live, used });
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Place> {
        let place = self.places.remove(key)?;
        self.evictable.remove(&(place.rank(), place.used));
        if let Some(live) = &place.live {
            self.bytes -= live.body.len();
            let end = (live.lease.expires_at_ms(), live.lease.lease_id);
            self.leases.remove(&end);
            if live.pinned {
                self.pinned -= 1;
                self.pinned_bytes -= live.body.len();
            }
        }
        Some(place)
    }

    pub(super) fn remove_where(&mut self, mut condition: impl FnMut(&Key) -> bool) -> usize {
        let keys = self.keys_where(&mut condition);
        keys.iter().filter_map(|key| self.remove(key)?.live).count()
    }

    pub(super) fn keys_where(&self, mut condition: impl FnMut(&Key) -> bool) -> Vec<Key> {
        let keys = self.places.keys();
        keys.filter(|key| condition(key)).copied().collect()
    }

    /// The object of the session, or else of the connection.
    pub(super) fn live(
        &self,
        session_id: u32,
        identity: &ObjectIdentity,
    ) -> Result<&Live, CacheFailure> {
        let mut failure = CacheFailure::Miss;
        for owner in [session_id, 0] {
            match self.places.get(&(owner, *identity)) {
                Some(Place {
                    live: Some(live), ..
                }) => return Ok(live),
                Some(_) => failure = CacheFailure::LeaseExpired,
                None => {}
            }
        }
        Err(failure)
    }

    pub(super) fn key_of_live(&self, session_id: u32, identity: &ObjectIdentity) -> Option<Key> {
        let mut keys = [session_id, 0].map(|owner| (owner, *identity)).into_iter();
        keys.find(|key| {
            self.places
                .get(key)
                .is_some_and(|place| place.live.is_some())
        })
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }
}
