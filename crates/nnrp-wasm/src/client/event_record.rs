//! The form in which an event reaches the host: a fixed head, then metadata in wire layout, body and JSON text.

use bytes::Bytes;
use nnrp_core::connection::FrameContext;
use nnrp_core::message::FixedFields;

/// What an event is about; the fields that it does not use are 0.
///
/// Little-endian: u32 kind, session, frame, number; u64 wide; u32 flags; u16 view, route; u32 resumable; u32
/// bytes of metadata, of body, of text. The three follow in this order.
#[derive(Default)]
pub(super) struct EventRecord {
    pub(super) kind: u32,
    pub(super) session_id: u32,
    /// A frame, or what else is named: ticket, probe.
    pub(super) frame_id: u32,
    pub(super) number: u32,
    /// A trace, a time.
    pub(super) wide: u64,
    /// Flags, view and route of the packet; its trace stands in `wide`.
    pub(super) context: FrameContext,
    pub(super) resumable: u32,
    pub(super) metadata: Vec<u8>,
    pub(super) body: Bytes,
    pub(super) text: String,
}

impl EventRecord {
    pub(super) fn append_to(&self, output: &mut Vec<u8>) {
        for field in [self.kind, self.session_id, self.frame_id, self.number] {
            output.extend_from_slice(&field.to_le_bytes());
        }
        output.extend_from_slice(&self.wide.to_le_bytes());
        output.extend_from_slice(&self.context.flags.bits().to_le_bytes());
        output.extend_from_slice(&self.context.view_id.to_le_bytes());
        output.extend_from_slice(&self.context.route_id.to_le_bytes());
        output.extend_from_slice(&self.resumable.to_le_bytes());
        for section in [&self.metadata[..], &self.body, self.text.as_bytes()] {
            // What came out of a packet has a length of 32 bits.
            let length = u32::try_from(section.len()).unwrap_or(u32::MAX);
            output.extend_from_slice(&length.to_le_bytes());
        }
        for section in [&self.metadata[..], &self.body, self.text.as_bytes()] {
            output.extend_from_slice(section);
        }
    }
}

/// A structure in its wire layout.
pub(super) fn wire<T: FixedFields>(structure: &T) -> Vec<u8> {
    let mut bytes = vec![0; T::SIZE];
    // What was decoded breaks no rule of its encoder.
    let encoded = structure.encode(&mut bytes);
    debug_assert!(encoded.is_ok(), "{encoded:?}");
    bytes
}
