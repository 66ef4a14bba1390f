//! Handles: kind, generation and slot in one integer below 2^53, and the tables that turn them back into objects.
//!
//! A lookup clones an [`Arc`], so an object that is closed by one thread stays alive for the calls other threads are inside of.
//! A slot's generation grows with every removal, so a stale handle is told from a live one; a slot whose generation is
//! used up is never used again.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

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
#[derive(Debug)]
pub(crate) struct Table<T> {
    kind: Kind,
    /// Most objects alive at once.
    limit: u32,
    slots: RwLock<Slots<T>>,
}

#[derive(Debug)]
struct Slots<T> {
    all: Vec<Slot<T>>,
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
            slots: RwLock::new(Slots {
                all: Vec::new(),
                vacant: Vec::new(),
            }),
        }
    }

    /// Adds the object that `make` builds for its own handle. `make` must not use this table.
    pub(crate) fn insert_with(
        &self,
        make: impl FnOnce(NnrpHandle) -> Arc<T>,
    ) -> Result<Arc<T>, Full> {
        let mut slots = self.write();
        let index = slots.take_vacant(self.limit).ok_or(Full)?;
        let slot = &mut slots.all[index as usize];
        let object = make(compose(self.kind, slot.generation, index));
        slot.object = Some(Arc::clone(&object));
        Ok(object)
    }

    /// The object of a live handle.
    pub(crate) fn get(&self, handle: NnrpHandle) -> Option<Arc<T>> {
        let (generation, index) = self.decompose(handle)?;
        let slots = self.read();
        let slot = slots
            .all
            .get(index as usize)
            .filter(|slot| slot.generation == generation)?;
        slot.object.clone()
    }

    /// Every object whose handle is live.
    pub(crate) fn all(&self) -> Vec<Arc<T>> {
        let slots = self.read();
        let objects = slots.all.iter().filter_map(|slot| slot.object.clone());
        objects.collect()
    }

    /// How many handles are live.
    pub(crate) fn count(&self) -> u64 {
        let slots = self.read();
        slots
            .all
            .iter()
            .filter(|slot| slot.object.is_some())
            .count() as u64
    }

    /// Takes the object of a handle out of the table.
    pub(crate) fn remove(&self, handle: NnrpHandle) -> Removal<T> {
        let Some((generation, index)) = self.decompose(handle) else {
            return Removal::NeverIssued;
        };
        let mut slots = self.write();
        match slots.all.get_mut(index as usize) {
            Some(slot) if slot.generation == generation => match slot.object.take() {
                Some(object) => {
                    if generation < LAST_GENERATION {
                        slot.generation += 1;
                        slots.vacant.push(index);
                    }
                    Removal::Removed(object)
                }
                None if generation == LAST_GENERATION => Removal::AlreadyRemoved,
                None => Removal::NeverIssued,
            },
            Some(slot) if generation < slot.generation => Removal::AlreadyRemoved,
            _ => Removal::NeverIssued,
        }
    }

    /// Whether a handle was issued by this table, live or not.
    pub(crate) fn was_issued(&self, handle: NnrpHandle) -> bool {
        let Some((generation, index)) = self.decompose(handle) else {
            return false;
        };
        self.read().all.get(index as usize).is_some_and(|slot| {
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

    // A panic cannot leave the slots inconsistent: no foreign code runs between two related changes.
    fn read(&self) -> RwLockReadGuard<'_, Slots<T>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Slots<T>> {
        self.slots.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Slots<T> {
    /// A slot without object, an old one if there is any.
    fn take_vacant(&mut self, limit: u32) -> Option<u32> {
        if let Some(index) = self.vacant.pop() {
            return Some(index);
        }
        let index = u32::try_from(self.all.len())
            .ok()
            .filter(|&index| index < limit)?;
        self.all.push(Slot {
            generation: FIRST_GENERATION,
            object: None,
        });
        Some(index)
    }
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
        table.write().all[0].generation = LAST_GENERATION;
        let last = compose(Kind::Buffer, LAST_GENERATION, 0);
        assert!(matches!(table.remove(last), Removal::Removed(_)));
        assert_eq!(table.get(last), None);
        assert!(matches!(table.remove(last), Removal::AlreadyRemoved));
        assert!(table.was_issued(last));
        assert_eq!(table.insert_with(|_| Arc::new(0)).err(), Some(Full));
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
