//! The memory that host and module share: slots that the host fills, and the output that it reads.

use crate::failure::Failure;

/// Arguments of the function with the most of them.
const SLOTS: usize = 4;

/// The longest argument, in bytes: the largest packet of the default limits, and as much again.
const LONGEST_INPUT: usize = 32 << 20;

/// Memory that a slot keeps between calls; a longer argument gives its memory back.
const KEPT_INPUT: usize = 256 << 10;

/// One argument: memory that is used again, and how much of it the host has asked for.
#[derive(Default)]
struct Slot {
    memory: Vec<u8>,
    used: usize,
}

/// What a call gets and leaves.
#[derive(Default)]
pub(crate) struct HostMemory {
    slots: [Slot; SLOTS],
    /// What the latest call has left.
    pub(crate) output: Vec<u8>,
}

impl HostMemory {
    /// Room for `length` bytes of argument `slot`; nothing if there is no such slot, the argument is too long or
    /// there is no memory for it.
    pub(crate) fn reserve(&mut self, slot: u32, length: u32) -> Option<&mut [u8]> {
        let (slot, length) = (usize::try_from(slot).ok()?, usize::try_from(length).ok()?);
        let slot = self.slots.get_mut(slot)?;
        if length > LONGEST_INPUT {
            return None;
        }
        slot.used = 0;
        if slot.memory.len() < length {
            slot.memory
                .try_reserve_exact(length - slot.memory.len())
                .ok()?;
            slot.memory.resize(length, 0);
        }
        slot.used = length;
        Some(&mut slot.memory[..length])
    }

    /// The argument in `slot`.
    pub(crate) fn argument(&self, slot: usize) -> &[u8] {
        let slot = &self.slots[slot];
        &slot.memory[..slot.used]
    }

    /// The same as text.
    pub(crate) fn text(&self, slot: usize) -> Result<&str, Failure> {
        let text = std::str::from_utf8(self.argument(slot));
        text.map_err(|error| Failure::usage("NotText", format!("an argument is no text: {error}")))
    }

    /// Forgets the arguments: none of them is read by a later call.
    pub(crate) fn clear(&mut self) {
        for slot in &mut self.slots {
            slot.used = 0;
            if slot.memory.len() > KEPT_INPUT {
                slot.memory = Vec::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_gone_after_its_call() {
        let mut memory = HostMemory::default();
        memory.reserve(1, 3).expect("room").copy_from_slice(b"abc");
        assert_eq!(memory.argument(1), b"abc");
        memory.clear();
        assert_eq!(memory.argument(1), b"");
    }

    #[test]
    fn a_slot_that_does_not_exist_and_an_argument_beyond_the_limit_get_no_memory() {
        let mut memory = HostMemory::default();
        assert!(memory.reserve(4, 1).is_none() && memory.reserve(u32::MAX, 1).is_none());
        assert!(memory.reserve(0, u32::MAX).is_none());
        assert_eq!(memory.argument(0), b"");
    }

    #[test]
    fn a_long_argument_does_not_stay_in_memory() {
        let mut memory = HostMemory::default();
        memory.reserve(0, 1 << 20).expect("room");
        memory.clear();
        assert_eq!(memory.slots[0].memory.capacity(), 0);
    }
}
