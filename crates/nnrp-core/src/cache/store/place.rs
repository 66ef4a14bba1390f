//! A place of the object store: an object with its lease, or the name of one whose lease is over.

use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::cache::budget::Reservation;
use crate::cache::{CacheDependency, CacheLease, ObjectIdentity};

/// Owner (a session, or 0 for the connection) and object.
pub(super) type Key = (u32, ObjectIdentity);

/// Which places give way first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Expired,
    Live,
}

#[derive(Debug)]
pub(super) struct Place {
    /// `None`: the lease is over.
    pub(super) live: Option<Live>,
    pub(super) used: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Live {
    pub(super) body: Bytes,
    pub(super) lease: CacheLease,
    pub(super) pinned: bool,
    pub(super) reusable: bool,
    pub(super) dependencies: Vec<CacheDependency>,
    /// Its room in the budget; shared by the copies of an object that moves.
    pub(super) _room: Arc<Reservation>,
}

impl Place {
    pub(super) fn rank(&self) -> Rank {
        match self.live {
            Some(_) => Rank::Live,
            None => Rank::Expired,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.live.as_ref().map_or(0, |live| live.body.len())
    }
}
