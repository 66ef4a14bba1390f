//! Any bytes through every decoder: an error or a value, never a panic, never a large allocation.

use bytes::{Bytes, BytesMut};
use nnrp_core::body::extension_frame::extension_frames;
use nnrp_core::body::inline_object::inline_objects;
use nnrp_core::body::object_reference::{ObjectReference, ObjectRegion};
use nnrp_core::body::prelude::{BodyPrelude, BodyRegions};
use nnrp_core::body::tensor::{TensorSectionParts, decode_tile_index};
use nnrp_core::body::token::token_chunks;
use nnrp_core::body::typed_payload::{TypedPayloadDescriptor, TypedRegion};
use nnrp_core::code::{SubmitMode, TileIndexMode};
use nnrp_core::extension::{HelloAckExtensions, HelloExtensions, entries};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::AnyMessage;
use nnrp_core::schema::{SchemaDescriptor, SchemaRegistry};
use nnrp_core::{FrameDecoder, Header, Limits, MessageType, Packet};

/// Bytes that a stream buffer may hold beyond what has arrived.
const SLACK: usize = 64 << 10;

/// Feeds `data` to each decoder.
pub fn run(data: &[u8]) {
    let _ = Packet::decode(&Bytes::copy_from_slice(data));
    stream(data);
    for message_type in MessageType::ALL {
        let _ = AnyMessage::decode(&Header::new(*message_type), data);
    }
    structures(data);
    regions(data);
}

/// The bytes as a stream, in pieces whose length the first byte chooses.
fn stream(data: &[u8]) {
    let piece = data.first().map_or(1, |byte| usize::from(*byte) + 1);
    let mut decoder = FrameDecoder::new();
    let mut buffer = BytesMut::new();
    for piece in data.chunks(piece) {
        buffer.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut buffer, &Limits::default()) {
                Ok(Some(packet)) => assert!(packet.len() <= data.len()),
                Ok(None) => break,
                Err(_) => return,
            }
        }
        assert!(decoder.reserve_hint(&buffer) <= SLACK.max(buffer.len()));
    }
    let _ = decoder.finish(&buffer);
}

fn structures(data: &[u8]) {
    if let Ok(prelude) = BodyPrelude::decode(data) {
        let _ = prelude.total();
    }
    let _ = ObjectReference::decode(data);
    let mut registry = SchemaRegistry::with_standard_profiles(2);
    if let Ok(descriptor) = TypedPayloadDescriptor::decode(data) {
        let _ = registry.check_binding(&descriptor);
    }
    if let Ok(descriptor) = SchemaDescriptor::decode(data) {
        let _ = registry.install(descriptor);
        assert!(registry.len() <= 2);
    }
}

fn regions(data: &[u8]) {
    if let (Ok(region), Some(mask)) = (ObjectRegion::decode(data), data.first()) {
        let _ = region.check_slots(SubmitMode::Mixed, u32::from(*mask));
    }
    assert!(entries(data).count() <= data.len());
    assert!(inline_objects(data).count() <= data.len());
    let _ = HelloExtensions::decode(data);
    let _ = HelloAckExtensions::decode(data);
    let _ = TensorSectionParts::decode(data);
    for mode in TileIndexMode::ALL {
        if let Ok(ids) = decode_tile_index(*mode, 7, 64, data) {
            assert_eq!(ids.len(), 64);
        }
    }
    let Ok(regions) = BodyRegions::decode(&Bytes::copy_from_slice(data)) else {
        return;
    };
    let descriptors = &regions.typed_payload_descriptors;
    let count = descriptors.len() / TypedPayloadDescriptor::SIZE;
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    let frames = &regions.typed_payload_frames;
    if let Ok(region) = TypedRegion::decode(PayloadKinds::TOKEN_CHUNK, count, descriptors, frames) {
        let covered: usize = region.frames().map(|(_, frame)| frame.len()).sum();
        assert_eq!(covered, frames.len(), "frames lie back to back");
        let _ = token_chunks(&region).count();
    }
    let payloads = &regions.extension_payloads;
    let _ = extension_frames(&regions.extension_descriptors, payloads).count();
}
