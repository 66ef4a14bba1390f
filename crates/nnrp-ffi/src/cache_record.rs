//! The structs and numbers of cached objects, and their way into nnrp-core's types. Declared in `nnrp_cache.h`.

use crate::failure::Failure;
use crate::layout::Record;
use nnrp_core::body::object_reference::ObjectReference;
use nnrp_core::cache::{CacheDependency, ObjectIdentity};
use nnrp_core::code::{CacheInvalidateScope, CacheObjectKind};
use nnrp_core::flags::CachePutFlags;
use nnrp_core::message::cache::{CacheInvalidate, CachePut};

/// Camera parameters: slot bit 0.
pub const NNRP_OBJECT_CAMERA_BLOCK: u32 = 1;
/// Tile ids: slot bit 1.
pub const NNRP_OBJECT_TILE_INDEX_BLOCK: u32 = 2;
/// Tensor sections: slot bit 2.
pub const NNRP_OBJECT_TENSOR_SECTION_TABLE: u32 = 3;
/// Codecs.
pub const NNRP_OBJECT_CODEC_TABLE: u32 = 4;
/// A result that can be used again.
pub const NNRP_OBJECT_REUSABLE_RESULT: u32 = 5;
/// Layout of a payload: slot bit 3.
pub const NNRP_OBJECT_PAYLOAD_LAYOUT_TEMPLATE: u32 = 6;
/// Part of a prompt.
pub const NNRP_OBJECT_PROMPT_SEGMENT: u32 = 7;
/// Schema of a tool.
pub const NNRP_OBJECT_TOOL_SCHEMA: u32 = 8;
/// Schema of structured events.
pub const NNRP_OBJECT_STRUCTURED_EVENT_SCHEMA: u32 = 9;

/// Never evicted to make room.
pub const NNRP_CACHE_PINNED: u32 = 0x1;
/// Usable by many frames.
pub const NNRP_CACHE_REUSABLE: u32 = 0x2;

/// Stored, or its lease renewed.
pub const NNRP_CACHE_ACCEPTED: u32 = 0;
/// Not stored.
pub const NNRP_CACHE_REJECTED: u32 = 1;
/// Stored in place of older content.
pub const NNRP_CACHE_REPLACED: u32 = 2;

/// Every object of the owner.
pub const NNRP_INVALIDATE_ALL: u32 = 0;
/// One namespace.
pub const NNRP_INVALIDATE_NAMESPACE: u32 = 1;
/// One kind of a namespace.
pub const NNRP_INVALIDATE_KIND: u32 = 2;
/// One key of a namespace.
pub const NNRP_INVALIDATE_KEY: u32 = 3;

/// Too large, all pinned, or the kind is not cached.
pub const NNRP_CACHE_ERROR_NO_ROOM: u32 = 0x0003_0000;
/// Not cached.
pub const NNRP_CACHE_ERROR_MISS: u32 = 0x0003_0001;
/// Its lease ran out.
pub const NNRP_CACHE_ERROR_LEASE_EXPIRED: u32 = 0x0003_0002;
/// It has another version.
pub const NNRP_CACHE_ERROR_VERSION_MISMATCH: u32 = 0x0003_0003;
/// What it depends on is missing or has changed.
pub const NNRP_CACHE_ERROR_DEPENDENCY_INVALID: u32 = 0x0003_0004;
/// It was made for another schema.
pub const NNRP_CACHE_ERROR_SCHEMA_MISMATCH: u32 = 0x0003_0005;

/// Bytes of a reference to a cached object.
pub const NNRP_OBJECT_REFERENCE_BYTES: u32 = 16;
const _: () = assert!(ObjectReference::SIZE == NNRP_OBJECT_REFERENCE_BYTES as usize);

/// The name of an object. 24 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpObjectKey {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// Namespace of the key.
    pub cache_namespace: u32,
    /// Key, high word.
    pub cache_key_hi: u32,
    /// Key, low word.
    pub cache_key_lo: u32,
    /// `NNRP_OBJECT_*`.
    pub object_kind: u32,
    /// Zero.
    pub reserved0: u32,
}

/// How an object is put. 32 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpCachePut {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// Namespace of the key.
    pub cache_namespace: u32,
    /// Key, high word.
    pub cache_key_hi: u32,
    /// Key, low word.
    pub cache_key_lo: u32,
    /// `NNRP_OBJECT_*`.
    pub object_kind: u32,
    /// Lifetime wanted; 0 = as long as the server grants.
    pub ttl_ms: u32,
    /// Codecs of the content.
    pub codec_bitmap: u32,
    /// Pinned, reusable.
    pub flags: u32,
}

/// Which objects are removed. 24 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpCacheInvalidate {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// `NNRP_INVALIDATE_*`.
    pub scope: u32,
    /// Namespace.
    pub cache_namespace: u32,
    /// High word of the key, or the kind.
    pub cache_key_hi: u32,
    /// Low word of the key.
    pub cache_key_lo: u32,
    /// The peer is told.
    pub reason_code: u32,
}

/// An object that has to be cached in one version. 32 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpCacheDependency {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// Namespace of the key.
    pub cache_namespace: u32,
    /// Key, high word.
    pub cache_key_hi: u32,
    /// Key, low word.
    pub cache_key_lo: u32,
    /// `NNRP_OBJECT_*`.
    pub object_kind: u32,
    /// Zero.
    pub reserved0: u32,
    /// The version it must have.
    pub required_version: u64,
}

const _: () = assert!(size_of::<NnrpObjectKey>() == 24);
const _: () = assert!(size_of::<NnrpCachePut>() == 32);
const _: () = assert!(size_of::<NnrpCacheInvalidate>() == 24);
const _: () = assert!(size_of::<NnrpCacheDependency>() == 32);

// SAFETY: `repr(C)`, integers at natural offsets without padding, `struct_size` first.
unsafe impl Record for NnrpObjectKey {
    const MINIMUM: usize = 24;
}

// SAFETY: as above.
unsafe impl Record for NnrpCachePut {
    const MINIMUM: usize = 32;
}

// SAFETY: as above.
unsafe impl Record for NnrpCacheInvalidate {
    const MINIMUM: usize = 24;
}

// SAFETY: as above.
unsafe impl Record for NnrpCacheDependency {
    const MINIMUM: usize = 32;
}

impl NnrpObjectKey {
    /// The object, if every field is in its range. `parameter` is the one that holds it.
    pub(crate) fn identity(&self, parameter: u32) -> Result<ObjectIdentity, Failure> {
        if self.reserved0 != 0 {
            return Err(Failure::argument(parameter));
        }
        Ok(ObjectIdentity {
            cache_namespace: self.cache_namespace,
            cache_key_hi: self.cache_key_hi,
            cache_key_lo: self.cache_key_lo,
            object_kind: kind(self.object_kind).ok_or_else(|| Failure::argument(parameter))?,
        })
    }
}

impl NnrpCacheDependency {
    /// The dependency, if every field is in its range. `parameter` is the one that holds it.
    pub(crate) fn parsed(&self, parameter: u32) -> Result<CacheDependency, Failure> {
        let key = NnrpObjectKey {
            struct_size: 0,
            cache_namespace: self.cache_namespace,
            cache_key_hi: self.cache_key_hi,
            cache_key_lo: self.cache_key_lo,
            object_kind: self.object_kind,
            reserved0: self.reserved0,
        };
        Ok(CacheDependency {
            object: key.identity(parameter)?,
            required_version: self.required_version,
        })
    }
}

impl NnrpCachePut {
    /// The put, if every field is in its range. The runtime counts the bytes of the object.
    pub(crate) fn parsed(&self, parameter: u32) -> Result<CachePut, Failure> {
        let flags = CachePutFlags::from_bits(self.flags);
        Ok(CachePut {
            cache_namespace: self.cache_namespace,
            cache_key_hi: self.cache_key_hi,
            cache_key_lo: self.cache_key_lo,
            object_kind: kind(self.object_kind).ok_or_else(|| Failure::argument(parameter))?,
            ttl_ms: self.ttl_ms,
            object_bytes: 0,
            codec_bitmap: self.codec_bitmap,
            flags: flags.map_err(|_| Failure::argument(parameter))?,
        })
    }
}

impl NnrpCacheInvalidate {
    /// The invalidation, if its scope is one.
    pub(crate) fn parsed(&self, parameter: u32) -> Result<CacheInvalidate, Failure> {
        let scope = CacheInvalidateScope::from_wire(self.scope.into());
        Ok(CacheInvalidate {
            invalidate_scope: scope.map_err(|_| Failure::argument(parameter))?,
            cache_namespace: self.cache_namespace,
            cache_key_hi: self.cache_key_hi,
            cache_key_lo: self.cache_key_lo,
            reason_code: self.reason_code,
        })
    }
}

fn kind(number: u32) -> Option<CacheObjectKind> {
    CacheObjectKind::from_wire(number.into()).ok()
}
