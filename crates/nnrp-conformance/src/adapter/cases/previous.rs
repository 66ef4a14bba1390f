//! Cases of the preceding baseline, `nnrp-1-preview2`: the layout that this protocol has replaced (spec 03 §3.11, 06 §6.2).

use nnrp_core::code::PayloadFamily;

use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, good, same, wrong};

/// Bytes of a typed payload descriptor of that baseline.
const SIZE: usize = 16;
/// `current.typed_payload.descriptor`
const VECTOR: [u8; SIZE] = [0x10, 0, 0x03, 0, 0x04, 0, 0, 0, 0x07, 0, 0, 0, 0, 0, 0, 0];

/// A typed payload descriptor of that baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Descriptor {
    payload_kind: PayloadFamily,
    profile_id: u16,
    payload_offset: u32,
    payload_length: u32,
}

/// `l0.typed_payload.descriptor.golden` of that baseline
pub(in super::super) fn typed_payload_descriptor(subject: &dyn Subject) -> Verdict {
    let decoded = Descriptor::decode(&VECTOR)?;
    let wanted = Descriptor {
        payload_kind: PayloadFamily::StructuredEvent,
        profile_id: 3,
        payload_offset: 4,
        payload_length: 7,
    };
    same("the vector", decoded, wanted)?;
    same("encoded again", decoded.encode(), VECTOR)?;
    // It is no descriptor of this protocol, which is longer.
    let refused = subject.decode("typed_payload_descriptor", &VECTOR);
    match refused.map_err(Failure::Obstacle)? {
        Ok(_) => wrong("the older layout passes for the one of this protocol"),
        Err(_) => Ok(()),
    }
}

impl Descriptor {
    fn decode(bytes: &[u8; SIZE]) -> Result<Self, Failure> {
        let [
            kind,
            flags,
            p0,
            p1,
            o0,
            o1,
            o2,
            o3,
            l0,
            l1,
            l2,
            l3,
            reserved @ ..,
        ] = *bytes;
        same("descriptor_flags", flags, 0)?;
        same("reserved", reserved, [0; 4])?;
        let payload_kind = PayloadFamily::from_wire(kind.into());
        Ok(Self {
            payload_kind: good("payload_kind", payload_kind)?,
            profile_id: u16::from_le_bytes([p0, p1]),
            payload_offset: u32::from_le_bytes([o0, o1, o2, o3]),
            payload_length: u32::from_le_bytes([l0, l1, l2, l3]),
        })
    }

    fn encode(&self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        bytes[0] = self.payload_kind.to_wire();
        bytes[2..4].copy_from_slice(&self.profile_id.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.payload_offset.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.payload_length.to_le_bytes());
        bytes
    }
}
