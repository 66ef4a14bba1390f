//! What decodes encodes to the same bytes, and decodes to the same value again.

use bytes::{Bytes, BytesMut};
use nnrp_core::body::object_reference::ObjectReference;
use nnrp_core::body::prelude::BodyRegions;
use nnrp_core::body::tensor::{decode_tile_index, encode_tile_index};
use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::code::TileIndexMode;
use nnrp_core::extension::entries;
use nnrp_core::message::{AnyMessage, FixedFields};
use nnrp_core::schema::SchemaDescriptor;
use nnrp_core::{Header, MessageType, Packet};

/// Decodes, encodes and decodes `data` as a packet, as each structure and as each region.
pub fn run(data: &[u8]) {
    packet(data);
    for message_type in MessageType::ALL {
        message(&Header::new(*message_type), data);
    }
    fixed::<ObjectReference>(data);
    fixed::<TypedPayloadDescriptor>(data);
    fixed::<SchemaDescriptor>(data);
    extension_block(data);
    if let Ok(regions) = BodyRegions::decode(&Bytes::copy_from_slice(data)) {
        assert_eq!(regions.encode().as_deref(), Ok(data));
    }
    tile_index(data);
}

fn packet(data: &[u8]) {
    let Ok(packet) = Packet::decode(&Bytes::copy_from_slice(data)) else {
        return;
    };
    let mut encoded = BytesMut::new();
    packet.encode_into(&mut encoded);
    assert_eq!(encoded, data);
    message(packet.header(), packet.metadata());
}

fn message(header: &Header, metadata: &[u8]) {
    let Ok(message) = AnyMessage::decode(header, metadata) else {
        return;
    };
    let mut encoded = vec![0xff; message.size()];
    message
        .encode(&mut encoded)
        .expect("decoded values break no rule");
    assert_eq!(encoded, metadata[..message.size()]);
    assert_eq!(AnyMessage::decode(header, &encoded), Ok(message));
}

fn fixed<S: FixedFields>(data: &[u8]) {
    let Ok(structure) = S::decode(data) else {
        return;
    };
    let mut encoded = vec![0xff; S::SIZE];
    structure
        .encode(&mut encoded)
        .expect("decoded values break no rule");
    assert_eq!(encoded, data[..S::SIZE]);
}

fn extension_block(data: &[u8]) {
    let mut encoded = BytesMut::new();
    for entry in entries(data) {
        let Ok((offset, extension)) = entry else {
            return;
        };
        assert_eq!(offset, encoded.len());
        extension.append_to(&mut encoded);
    }
    assert_eq!(encoded, data, "entries cover the block");
}

fn tile_index(data: &[u8]) {
    let tiles = u16::try_from(data.len() / 2).unwrap_or(u16::MAX);
    for mode in [TileIndexMode::RawU16, TileIndexMode::DeltaU16] {
        let Ok(ids) = decode_tile_index(mode, 0, tiles, data) else {
            continue;
        };
        if let Ok(encoded) = encode_tile_index(mode, &ids) {
            assert_eq!(encoded, data);
        }
    }
}
