//! Tables of objects behind handles.
//!
//! A lookup clones an [`Arc`], so an object that is closed by one thread stays alive for the calls other threads are inside of.
//! A slot's generation grows with every removal, so a stale handle is told from a live one; a slot whose generation is
//! used up is never used again.

use crate::handle::{
    FIRST_GENERATION, GENERATION_BITS, Kind, LAST_GENERATION, NnrpHandle, SLOT_BITS, compose,
};
use crate::process_fork;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Every slot of a table is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// What became of a request to remove a handle.
#[derive(Debug)]
pub(crate) enum Removal<T> {
    /// The object was there; its handle is stale from here on.
    Removed(Arc<T>),
    /// The handle was issued once and its object is gone.
    AlreadyRemoved,
    /// The handle was never issued by this table.
    NeverIssued,
}

/// All live objects of one kind.
///
/// Each slot has a lock of its own, so that calls on different objects share nothing; only making and removing objects goes
/// over the common list of vacant slots.
#[derive(Debug)]
pub(crate) struct Table<T> {
    kind: Kind,
    /// Most objects alive at once.
    limit: u32,
    /// Slots in blocks that double in size and never move.
    blocks: [OnceLock<Block<T>>; BLOCKS],
    vacancies: Mutex<Vacancies>,
}

type Block<T> = Box<[Mutex<Slot<T>>]>;

/// Slots of the first block.
const FIRST_BLOCK: u32 = 64;
/// Blocks for all slot numbers: 64, 128, 256 and so on.
const BLOCKS: usize = (SLOT_BITS - FIRST_BLOCK.ilog2() + 1) as usize;

#[derive(Debug)]
struct Vacancies {
    /// Slots that were ever used.
    used: u32,
    vacant: Vec<u32>,
}

#[derive(Debug)]
struct Slot<T> {
    /// Generation of the present object, or of the next one if the slot is vacant.
    generation: u32,
    object: Option<Arc<T>>,
}

impl<T> Table<T> {
    /// An empty table for at most `limit` objects.
    pub(crate) const fn new(kind: Kind, limit: u32) -> Self {
        assert!(limit <= 1 << SLOT_BITS, "a slot number has 24 bits");
        Self {
            kind,
            limit,
            blocks: [const { OnceLock::new() }; BLOCKS],
            vacancies: Mutex::new(Vacancies {
                used: 0,
                vacant: Vec::new(),
            }),
        }
    }

    /// Adds the object that `make` builds for its own handle. `make` must not use this table.
    pub(crate) fn insert_with(
        &self,
        make: impl FnOnce(NnrpHandle) -> Arc<T>,
    ) -> Result<Arc<T>, Full> {
        process_fork::watch();
        let index = self.vacancies().take(self.limit).ok_or(Full)?;
        let (block, place) = place_of(index);
        let slots = self.blocks[block].get_or_init(|| empty_block(block));
        let mut slot = lock(&slots[place]);
        let object = make(compose(self.kind, slot.generation, index));
        slot.object = Some(Arc::clone(&object));
        Ok(object)
    }

    /// The object of a live handle.
    pub(crate) fn get(&self, handle: NnrpHandle) -> Option<Arc<T>> {
        let (generation, index) = self.decompose(handle)?;
        let slot = self.slot(index)?;
        if slot.generation == generation {
            slot.object.clone()
        } else {
            None
        }
    }

    /// Takes the object of a handle out of the table.
    pub(crate) fn remove(&self, handle: NnrpHandle) -> Removal<T> {
        let Some((generation, index)) = self.decompose(handle) else {
            return Removal::NeverIssued;
        };
        let Some(mut slot) = self.slot(index) else {
            return Removal::NeverIssued;
        };
        if generation < slot.generation {
            return Removal::AlreadyRemoved;
        }
        if generation > slot.generation {
            return Removal::NeverIssued;
        }
        let Some(object) = slot.object.take() else {
            return if generation == LAST_GENERATION {
                Removal::AlreadyRemoved
            } else {
                Removal::NeverIssued
            };
        };
        if generation < LAST_GENERATION {
            slot.generation += 1;
            drop(slot);
            self.vacancies().vacant.push(index);
        }
        Removal::Removed(object)
    }

    /// Every object whose handle is live.
    pub(crate) fn all(&self) -> Vec<Arc<T>> {
        self.slots()
            .filter_map(|slot| lock(slot).object.clone())
            .collect()
    }

    /// How many handles are live.
    pub(crate) fn count(&self) -> u64 {
        self.slots()
            .filter(|slot| lock(slot).object.is_some())
            .count() as u64
    }

    /// Whether a handle was issued by this table, live or not.
    pub(crate) fn was_issued(&self, handle: NnrpHandle) -> bool {
        let Some((generation, index)) = self.decompose(handle) else {
            return false;
        };
        self.slot(index).is_some_and(|slot| {
            generation < slot.generation
                || (generation == slot.generation
                    && (slot.object.is_some() || generation == LAST_GENERATION))
        })
    }

    /// Generation and slot of a handle of this kind.
    #[allow(clippy::cast_possible_truncation)] // Both have 24 bits.
    fn decompose(&self, handle: NnrpHandle) -> Option<(u32, u32)> {
        let low = |value: u64, bits: u32| (value & ((1 << bits) - 1)) as u32;
        let (generation, slot) = (
            low(handle >> SLOT_BITS, GENERATION_BITS),
            low(handle, SLOT_BITS),
        );
        (Kind::of(handle) == Some(self.kind) && generation >= FIRST_GENERATION)
            .then_some((generation, slot))
    }

    /// A slot, if its block was ever needed.
    fn slot(&self, index: u32) -> Option<MutexGuard<'_, Slot<T>>> {
        let (block, place) = place_of(index);
        Some(lock(&self.blocks[block].get()?[place]))
    }

    fn slots(&self) -> impl Iterator<Item = &Mutex<Slot<T>>> {
        self.blocks.iter().filter_map(OnceLock::get).flatten()
    }

    fn vacancies(&self) -> MutexGuard<'_, Vacancies> {
        lock(&self.vacancies)
    }
}

impl Vacancies {
    /// A slot without object, an old one if there is any.
    fn take(&mut self, limit: u32) -> Option<u32> {
        if let Some(index) = self.vacant.pop() {
            return Some(index);
        }
        let index = self.used;
        (index < limit).then(|| {
            self.used += 1;
            index
        })
    }
}

/// Block of a slot, and its place there.
fn place_of(index: u32) -> (usize, usize) {
    let block = (index / FIRST_BLOCK + 1).ilog2();
    let start = (FIRST_BLOCK << block) - FIRST_BLOCK;
    (block as usize, (index - start) as usize)
}

fn empty_block<T>(block: usize) -> Block<T> {
    let slot = |_| {
        Mutex::new(Slot {
            generation: FIRST_GENERATION,
            object: None,
        })
    };
    (0..FIRST_BLOCK << block).map(slot).collect()
}

// A panic cannot leave what these locks guard inconsistent: no foreign code runs between two related changes.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
