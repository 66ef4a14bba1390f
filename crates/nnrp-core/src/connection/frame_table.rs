//! Frames of one session by id: those that wait for their answer, and the ids of those that had it.
//!
//! Ids nearly always count up and are answered nearly in order, so both tables are queues in which
//! the position of an id follows from the first one; other orders cost a binary search.

use alloc::collections::VecDeque;

/// Empty places that are tolerated beside as many used ones.
const SPARE_PLACES: usize = 32;

/// A value for each frame that waits for its answer.
#[derive(Debug)]
pub(super) struct FrameTable<T> {
    /// Ascending by id. Invariant: the first place is not empty.
    places: VecDeque<Place<T>>,
    used: usize,
}

#[derive(Debug)]
struct Place<T> {
    id: u32,
    /// `None`: the frame was taken out, and its place with it as soon as that costs nothing.
    value: Option<T>,
}

impl<T> FrameTable<T> {
    pub(super) fn new() -> Self {
        Self {
            places: VecDeque::new(),
            used: 0,
        }
    }

    /// Adds a frame, or replaces its value.
    pub(super) fn insert(&mut self, id: u32, value: T) {
        let place = Place {
            id,
            value: Some(value),
        };
        if self.places.back().is_none_or(|last| last.id < id) {
            self.places.push_back(place);
            self.used += 1;
            return;
        }
        match self.find(id) {
            Ok(position) => {
                let before = core::mem::replace(&mut self.places[position], place);
                self.used += usize::from(before.value.is_none());
            }
            Err(position) => {
                self.places.insert(position, place);
                self.used += 1;
            }
        }
    }

    pub(super) fn get(&self, id: u32) -> Option<&T> {
        let position = self.find(id).ok()?;
        self.places[position].value.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        let position = self.find(id).ok()?;
        self.places[position].value.as_mut()
    }

    pub(super) fn contains(&self, id: u32) -> bool {
        self.get(id).is_some()
    }

    pub(super) fn remove(&mut self, id: u32) -> Option<T> {
        let position = self.find(id).ok()?;
        let value = self.places[position].value.take()?;
        self.used -= 1;
        while self
            .places
            .front()
            .is_some_and(|place| place.value.is_none())
        {
            self.places.pop_front();
        }
        if self.places.len() > 2 * self.used + SPARE_PLACES {
            self.places.retain(|place| place.value.is_some());
        }
        Some(value)
    }

    pub(super) fn len(&self) -> usize {
        self.used
    }

    /// The position of the place of `id`, or where it would have to be.
    fn find(&self, id: u32) -> Result<usize, usize> {
        let Some(first) = self.places.front() else {
            return Err(0);
        };
        let guess = id.wrapping_sub(first.id) as usize;
        if self.places.get(guess).is_some_and(|place| place.id == id) {
            return Ok(guess);
        }
        self.places.binary_search_by_key(&id, |place| place.id)
    }
}

/// The ids of the frames that were answered last, as ranges in the order of the answers.
#[derive(Debug)]
pub(super) struct FinishedFrames {
    /// First and last id of each range.
    ranges: VecDeque<(u32, u32)>,
    count: usize,
    remembered: usize,
    highest: u32,
}

impl FinishedFrames {
    /// Remembers the last `remembered` frames.
    pub(super) fn new(remembered: usize) -> Self {
        Self {
            ranges: VecDeque::new(),
            count: 0,
            remembered,
            highest: 0,
        }
    }

    pub(super) fn insert(&mut self, id: u32) {
        self.highest = self.highest.max(id);
        match self.ranges.back_mut() {
            Some((_, last)) if last.checked_add(1) == Some(id) => *last = id,
            _ => self.ranges.push_back((id, id)),
        }
        self.count += 1;
        if self.count > self.remembered {
            self.forget_oldest();
        }
    }

    pub(super) fn contains(&self, id: u32) -> bool {
        let holds = |(first, last): &(u32, u32)| (*first..=*last).contains(&id);
        id <= self.highest && self.ranges.iter().any(holds)
    }

    fn forget_oldest(&mut self) {
        self.count -= 1;
        match self.ranges.front_mut() {
            Some((first, last)) if *first < *last => *first += 1,
            _ => drop(self.ranges.pop_front()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use proptest::prelude::*;

    #[test]
    fn one_frame_that_waits_for_ever_does_not_keep_the_places_of_a_million_others() {
        let mut table = FrameTable::new();
        table.insert(1, ());
        // An interpreter takes a minute for what the processor does in a blink.
        let frames = if cfg!(miri) { 2_000 } else { 1_000_000 };
        for id in 2..frames {
            table.insert(id, ());
            table.remove(id);
        }
        assert_eq!(table.len(), 1);
        assert!(table.places.len() <= 2 + SPARE_PLACES);
    }

    #[test]
    fn frames_answered_in_order_are_one_range() {
        let mut finished = FinishedFrames::new(100);
        (1..=1000).for_each(|id| finished.insert(id));
        assert_eq!(finished.ranges, [(901, 1000)]);
        assert!(!finished.contains(900) && finished.contains(901) && !finished.contains(1001));
    }

    proptest! {
        #[test]
        fn a_frame_table_holds_what_a_map_holds(
            steps in prop::collection::vec((0u32..60, any::<bool>()), 0..if cfg!(miri) { 20 } else { 400 }),
        ) {
            let (mut table, mut map) = (FrameTable::new(), BTreeMap::new());
            for (step, (id, adds)) in steps.into_iter().enumerate() {
                if adds {
                    table.insert(id, step);
                    map.insert(id, step);
                } else {
                    prop_assert_eq!(table.remove(id), map.remove(&id));
                }
                prop_assert_eq!(table.len(), map.len());
                for probe in 0..60 {
                    prop_assert_eq!(table.get(probe), map.get(&probe));
                }
            }
        }

        #[test]
        fn the_last_finished_ids_are_remembered_in_any_order(
            ids in prop::collection::vec(0u32..60, 0..if cfg!(miri) { 20 } else { 100 }),
            remembered in 1usize..20,
        ) {
            let mut finished = FinishedFrames::new(remembered);
            for (index, id) in ids.iter().enumerate() {
                finished.insert(*id);
                let first = (index + 1).saturating_sub(remembered);
                for probe in 0..60 {
                    prop_assert_eq!(finished.contains(probe), ids[first..=index].contains(&probe));
                }
            }
        }
    }
}
