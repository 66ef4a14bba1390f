//! Handles: kind, generation and slot in one integer below 2^53.

/// A handle as it crosses the ABI. 0 is never valid.
pub type NnrpHandle = u64;

/// The handle that is never valid.
pub const NNRP_HANDLE_INVALID: NnrpHandle = 0;

/// Bits of a handle, from the lowest: slot, generation, kind. 53 in all, the integers a JavaScript number holds exactly.
pub(crate) const SLOT_BITS: u32 = 24;
pub(crate) const GENERATION_BITS: u32 = 24;
const KIND_BITS: u32 = 5;
/// Not 0, so that a kind and a slot alone are no handle.
pub(crate) const FIRST_GENERATION: u32 = 1;
pub(crate) const LAST_GENERATION: u32 = (1 << GENERATION_BITS) - 1;

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

/// A handle of its parts.
pub(crate) const fn compose(kind: Kind, generation: u32, slot: u32) -> NnrpHandle {
    const { assert!(SLOT_BITS + GENERATION_BITS + KIND_BITS == 53) };
    ((kind as u64) << (SLOT_BITS + GENERATION_BITS))
        | ((generation as u64) << SLOT_BITS)
        | slot as u64
}
