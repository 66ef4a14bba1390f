//! `CACHE_PUT`, `CACHE_ACK` and `CACHE_INVALIDATE` (spec 04 §4.1–§4.3).

use crate::cache::ObjectIdentity;
use crate::code::{CacheAckStatus, CacheInvalidateScope, CacheObjectKind, ErrorCode};
use crate::flags::CachePutFlags;
use crate::wire::fixed_structure;

fixed_structure! {
    /// Metadata of `CACHE_PUT`; the body is the object.
    CachePut "cache_put" 32 {
        /// Namespace of the key.
        cache_namespace: u32 as u32 @ 0,
        /// Key, high word.
        cache_key_hi: u32 as u32 @ 4,
        /// Key, low word.
        cache_key_lo: u32 as u32 @ 8,
        /// What the object is.
        object_kind: CacheObjectKind as u32 @ 12,
        /// Lifetime wanted, milliseconds.
        ttl_ms: u32 as u32 @ 16,
        /// Bytes of the object.
        object_bytes: u32 as u32 @ 20,
        /// Codecs.
        codec_bitmap: u32 as u32 @ 24,
        /// How the object is kept.
        flags: CachePutFlags as u32 @ 28,
    }
}

impl CachePut {
    /// The object that is put.
    #[must_use]
    pub fn identity(&self) -> ObjectIdentity {
        ObjectIdentity {
            cache_namespace: self.cache_namespace,
            cache_key_hi: self.cache_key_hi,
            cache_key_lo: self.cache_key_lo,
            object_kind: self.object_kind,
        }
    }
}

fixed_structure! {
    /// Metadata of `CACHE_ACK`.
    CacheAck "cache_ack" 28 {
        /// Echoed.
        cache_namespace: u32 as u32 @ 0,
        /// Echoed.
        cache_key_hi: u32 as u32 @ 4,
        /// Echoed.
        cache_key_lo: u32 as u32 @ 8,
        /// The answer.
        status: CacheAckStatus as u32 @ 12,
        /// Lifetime granted, milliseconds.
        accepted_ttl_ms: u32 as u32 @ 16,
        /// Largest object taken, bytes.
        max_object_bytes: u32 as u32 @ 20,
        /// Why the object was refused; any number is carried.
        detail_code: ErrorCode as u32 @ 24,
    }
}

impl CacheAck {
    /// An ack of `put` with this status; lifetime, size and detail are the caller's to fill.
    #[must_use]
    pub fn of(put: &CachePut, status: CacheAckStatus) -> Self {
        Self {
            cache_namespace: put.cache_namespace,
            cache_key_hi: put.cache_key_hi,
            cache_key_lo: put.cache_key_lo,
            status,
            ..Self::default()
        }
    }

    /// Whether the ack is about the object of `put`; the kind is not echoed.
    #[must_use]
    pub fn answers(&self, put: &CachePut) -> bool {
        self.cache_namespace == put.cache_namespace
            && self.cache_key_hi == put.cache_key_hi
            && self.cache_key_lo == put.cache_key_lo
    }
}

fixed_structure! {
    /// Metadata of `CACHE_INVALIDATE`. Fields that the scope does not use are carried.
    CacheInvalidate "cache_invalidate" 20 {
        /// How far it reaches.
        invalidate_scope: CacheInvalidateScope as u32 @ 0,
        /// Namespace.
        cache_namespace: u32 as u32 @ 4,
        /// High word of the key; the number of the kind for scope `object_kind`.
        cache_key_hi: u32 as u32 @ 8,
        /// Low word of the key.
        cache_key_lo: u32 as u32 @ 12,
        /// Why; no registry.
        reason_code: u32 as u32 @ 16,
    }
}

impl CacheInvalidate {
    /// Whether the message reaches this object.
    #[must_use]
    pub fn hits(&self, object: &ObjectIdentity) -> bool {
        let same_namespace = object.cache_namespace == self.cache_namespace;
        match self.invalidate_scope {
            CacheInvalidateScope::WholeSession => true,
            CacheInvalidateScope::Namespace => same_namespace,
            CacheInvalidateScope::ObjectKind => {
                same_namespace && u32::from(object.object_kind.to_wire()) == self.cache_key_hi
            }
            CacheInvalidateScope::ObjectKey => {
                same_namespace
                    && object.cache_key_hi == self.cache_key_hi
                    && object.cache_key_lo == self.cache_key_lo
            }
        }
    }
}
