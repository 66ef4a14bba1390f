//! What a hello exchange agreed on, as both ends enforce it afterwards.

use crate::code::CacheObjectKind;
use crate::flags::{PayloadKinds, ServerFlags};
use crate::message::hello::ServerHelloAck;

/// The values of a `SERVER_HELLO_ACK` that limit what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Negotiated {
    profiles: u32,
    payload_kinds: u32,
    pub(super) max_body_bytes: u32,
    pub(super) max_concurrent_frames: u16,
    cache_kinds: u32,
    pub(super) max_cache_entries: u32,
    pub(super) max_cache_bytes: u32,
}

impl Negotiated {
    pub(super) fn of(ack: &ServerHelloAck) -> Self {
        Self {
            profiles: ack.accepted_profile_bitmap,
            payload_kinds: ack.accepted_payload_kind_bitmap,
            max_body_bytes: ack.max_body_bytes,
            max_concurrent_frames: ack.max_concurrent_frames,
            cache_kinds: if ack.server_flags.contains(ServerFlags::CACHE_ENABLED) {
                ack.cache_object_bitmap
            } else {
                0
            },
            max_cache_entries: ack.max_cache_entries,
            max_cache_bytes: ack.max_cache_bytes,
        }
    }

    /// Profile 0 asks for no interpretation and has no bit.
    pub(super) fn allows_profile(&self, profile_id: u16) -> bool {
        match profile_id.checked_sub(1) {
            None => true,
            Some(bit) => self.profiles & 1u32.checked_shl(bit.into()).unwrap_or(0) != 0,
        }
    }

    /// Whether the server resolves references to cached objects.
    pub(super) fn caches_objects(&self) -> bool {
        self.cache_kinds != 0
    }

    pub(super) fn caches(&self, kind: CacheObjectKind) -> bool {
        self.cache_kinds & kind.bit() != 0
    }

    pub(super) fn allows_payload_kinds(&self, kinds: PayloadKinds) -> bool {
        kinds.bits() & !self.payload_kinds == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_needs_its_bit_and_profile_zero_needs_none() {
        let agreed = Negotiated::of(&ServerHelloAck {
            accepted_profile_bitmap: 0b10,
            ..ServerHelloAck::default()
        });
        assert!(agreed.allows_profile(0) && agreed.allows_profile(2));
        assert!(!agreed.allows_profile(1) && !agreed.allows_profile(40));
    }

    #[test]
    fn one_payload_kind_too_many_is_one_too_many() {
        let agreed = Negotiated::of(&ServerHelloAck {
            accepted_payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK.bits(),
            ..ServerHelloAck::default()
        });
        assert!(agreed.allows_payload_kinds(PayloadKinds::TOKEN_CHUNK));
        let both = PayloadKinds::TOKEN_CHUNK | PayloadKinds::TENSOR;
        assert!(!agreed.allows_payload_kinds(both));
    }
}
