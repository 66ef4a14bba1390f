//! Tests of the tables: what stale, foreign and invented handles find, and who frees an object when.

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
