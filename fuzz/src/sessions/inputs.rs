//! The messages that the steps send: a hello, objects, and a body that names one of them.

use bytes::Bytes;
use nnrp_core::body::object_reference::ObjectReference;
use nnrp_core::body::prelude::BodyRegions;
use nnrp_core::code::CacheObjectKind;
use nnrp_core::flags::CachePutFlags;
use nnrp_core::message::cache::CachePut;
use nnrp_core::message::hello::ClientHello;

pub(super) fn any_version_hello() -> ClientHello {
    ClientHello {
        min_version_major: 1,
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 0b10,
        supported_payload_kind_bitmap: 0x7f,
        cache_object_bitmap: CacheObjectKind::ALL_BITS,
        max_lane_count: 1,
        ..ClientHello::default()
    }
}

/// One of four objects, pinned or not, for one frame or for more.
pub(super) fn put(choice: u32) -> CachePut {
    let flags = [
        CachePutFlags::NONE,
        CachePutFlags::PINNED,
        CachePutFlags::REUSABLE,
    ];
    CachePut {
        cache_key_lo: choice & 3,
        object_kind: CacheObjectKind::PromptSegment,
        ttl_ms: 1000,
        flags: flags[(choice >> 2) as usize % flags.len()],
        ..CachePut::default()
    }
}

/// A body that names one of those objects.
pub(super) fn naming(choice: u32) -> Bytes {
    let mut block = [0; ObjectReference::SIZE];
    ObjectReference::from(put(choice).identity())
        .encode(&mut block)
        .expect("a valid reference");
    let regions = BodyRegions {
        object_references: Bytes::copy_from_slice(&block),
        ..BodyRegions::default()
    };
    regions.encode().expect("a short body")
}
