//! Objects on their way from one connection to another, with the session that they belong to.

use alloc::vec::Vec;

use super::ObjectStore;
use super::place::{Key, Live};
use crate::cache::ObjectIdentity;

/// An object on its way to another connection that continues its session.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moving {
    identity: ObjectIdentity,
    live: Live,
}

impl ObjectStore {
    /// Takes the live objects of an owner out, for the connection that continues its session.
    pub(crate) fn take_owner(&mut self, owner: u32) -> Vec<Moving> {
        let keys: Vec<Key> = self.keys_where(|(of, _)| *of == owner);
        let taken = keys.iter().filter_map(|key| {
            let live = self.remove(key)?.live?;
            Some(Moving {
                identity: key.1,
                live,
            })
        });
        taken.collect()
    }

    /// Takes objects of a continued session in, as far as there is room. Their leases run on.
    pub(crate) fn adopt(&mut self, now_ms: u64, owner: u32, objects: Vec<Moving>) {
        for Moving { identity, mut live } in objects {
            let key = (owner, identity);
            let fits = self.require_possible(&key, live.body.len(), live.pinned);
            if fits.is_err() || live.lease.is_expired_at(now_ms) {
                continue;
            }
            self.remove(&key);
            self.make_room(live.body.len());
            // Versions and leases are numbers of this store from here on.
            live.lease.object_version = self.next_number();
            live.lease.lease_id = live.lease.object_version;
            live.dependencies.clear();
            self.insert(key, live);
        }
    }
}
