//! Handles: kind, generation and slot in one integer below 2^53, and the tables that turn them back into objects.
//!
//! A lookup clones an [`Arc`], so an object that is closed by one thread stays alive for the calls other threads are inside of.
//! A slot's generation grows with every removal, so a stale handle is told from a live one; a slot whose generation is
//! used up is never used again.

use crate::process_fork;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A handle as it crosses the ABI. 0 is never valid.
pub type NnrpHandle = u64;

/// The handle that is never valid.
pub const NNRP_HANDLE_INVALID: NnrpHandle = 0;

/// Bits of a handle, from the lowest: slot, generation, kind. 53 in all, the integers a JavaScript number holds exactly.
const SLOT_BITS: u32 = 24;
const GENERATION_BITS: u32 = 24;
const KIND_BITS: u32 = 5;
/// Not 0, so that a kind and a slot alone are no handle.
const FIRST_GENERATION: u32 = 1;
const LAST_GENERATION: u32 = (1 << GENERATION_BITS) - 1;

/// What a handle names. Numbers start at 1 so that no handle is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Options = 1,
    Queue = 2,
    Buffer = 3,
    Connection = 4,
    Session = 5,
    Listener = 6,
    Schemas = 7,
    Providers = 8,
    Ticket = 11,
}

impl Kind {
    /// The kind a handle claims to be of, whether or not it was ever issued.
    pub(crate) fn of(handle: NnrpHandle) -> Option<Self> {
        match handle >> (SLOT_BITS + GENERATION_BITS) {
            1 => Some(Self::Options),
            2 => Some(Self::Queue),
            3 => Some(Self::Buffer),
            4 => Some(Self::Connection),
            5 => Some(Self::Session),
            6 => Some(Self::Listener),
            7 => Some(Self::Schemas),
            8 => Some(Self::Providers),
            11 => Some(Self::Ticket),
            _ => None,
        }
    }
}

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

const fn compose(kind: Kind, generation: u32, slot: u32) -> NnrpHandle {
    const { assert!(SLOT_BITS + GENERATION_BITS + KIND_BITS == 53) };
    ((kind as u64) << (SLOT_BITS + GENERATION_BITS))
        | ((generation as u64) << SLOT_BITS)
        | slot as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn insert<T>(table: &Table<T>, value: T) -> NnrpHandle {
        let mut issued = 0;
        table
            .insert_with(|handle| {
                issued = handle;
                Arc::new(value)
            })
            .expect("the table has room");
        issued
    }

    #[test]
    fn a_handle_is_below_two_to_the_53_and_finds_its_object() {
        let table = Table::new(Kind::Listener, 8);
        let handle = insert(&table, 7);
        assert!(handle != 0 && handle < 1 << 53);
        assert_eq!(table.get(handle).as_deref(), Some(&7));
    }

    #[test]
    fn a_removed_handle_is_stale_even_when_its_slot_is_used_again() {
        let table = Table::new(Kind::Session, 8);
        let first = insert(&table, 1);
        assert!(matches!(table.remove(first), Removal::Removed(object) if *object == 1));
        let second = insert(&table, 2);
        assert_ne!(first, second);
        assert_eq!(table.get(first), None);
        assert!(matches!(table.remove(first), Removal::AlreadyRemoved));
        assert_eq!(table.get(second).as_deref(), Some(&2));
    }

    #[test]
    fn handles_of_another_kind_and_random_numbers_find_nothing() {
        let table = Table::new(Kind::Session, 8);
        let handle = insert(&table, ());
        let foreign = compose(Kind::Queue, FIRST_GENERATION, 0);
        let future = compose(Kind::Session, FIRST_GENERATION + 1, 0);
        let past = compose(Kind::Session, FIRST_GENERATION - 1, 0);
        for other in [
            0,
            1,
            foreign,
            future,
            past,
            handle | 1 << 53,
            handle | 1 << 63,
            u64::MAX,
        ] {
            assert_eq!(table.get(other), None, "{other:#x}");
            assert!(
                matches!(table.remove(other), Removal::NeverIssued),
                "{other:#x}"
            );
            assert!(!table.was_issued(other), "{other:#x}");
        }
        assert!(table.was_issued(handle));
    }

    #[test]
    fn a_full_table_refuses_until_a_handle_is_removed() {
        let table = Table::new(Kind::Options, 2);
        let first = insert(&table, 0);
        insert(&table, 0);
        assert_eq!(table.insert_with(|_| Arc::new(0)).err(), Some(Full));
        table.remove(first);
        assert!(table.insert_with(|_| Arc::new(0)).is_ok());
    }

    #[test]
    fn a_slot_with_used_up_generations_is_retired() {
        let table = Table::new(Kind::Buffer, 1);
        insert(&table, 0);
        table.slot(0).expect("it was used").generation = LAST_GENERATION;
        let last = compose(Kind::Buffer, LAST_GENERATION, 0);
        assert!(matches!(table.remove(last), Removal::Removed(_)));
        assert_eq!(table.get(last), None);
        assert!(matches!(table.remove(last), Removal::AlreadyRemoved));
        assert!(table.was_issued(last));
        assert_eq!(table.insert_with(|_| Arc::new(0)).err(), Some(Full));
    }

    #[test]
    fn every_slot_number_has_a_place_of_its_own() {
        assert_eq!(place_of(0), (0, 0));
        assert_eq!(place_of(63), (0, 63));
        assert_eq!(place_of(64), (1, 0));
        assert_eq!(place_of(191), (1, 127));
        assert_eq!(place_of(192), (2, 0));
        assert!(place_of((1 << SLOT_BITS) - 1).0 < BLOCKS);
        let table = Table::new(Kind::Session, 1000);
        let handles: Vec<_> = (0..1000).map(|number| insert(&table, number)).collect();
        for (number, handle) in handles.iter().enumerate() {
            assert_eq!(table.get(*handle).as_deref(), Some(&number));
        }
        assert_eq!((table.count(), table.all().len()), (1000, 1000));
    }

    #[test]
    fn an_object_outlives_its_handle_while_a_call_uses_it_and_is_freed_once() {
        static FREED: AtomicUsize = AtomicUsize::new(0);
        struct Counted;
        impl Drop for Counted {
            fn drop(&mut self) {
                FREED.fetch_add(1, Ordering::Relaxed);
            }
        }
        let table = Arc::new(Table::new(Kind::Connection, 64));
        let rounds = if cfg!(miri) { 20 } else { 2000 };
        for _ in 0..rounds {
            let handle = insert(&table, Counted);
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let table = Arc::clone(&table);
                    std::thread::spawn(move || {
                        let held = table.get(handle);
                        drop(table.remove(handle));
                        held.is_some()
                    })
                })
                .collect();
            for thread in threads {
                thread.join().expect("no thread panics");
            }
            assert!(table.get(handle).is_none());
        }
        assert_eq!(FREED.load(Ordering::Relaxed), rounds);
    }
}
