//! Events of caches and schemas, flattened, and the lists that other events carry of them.

use crate::event_builder::{of_kind, with_record};
use crate::layout::{EventRecord, NnrpEvent};
use bytes::Bytes;
use nnrp_core::cache::CachedObject;
use nnrp_core::connection::SchemaAnswer;
use nnrp_core::message::cache::{CacheAck, CacheInvalidate, CachePut};
use nnrp_runtime::Event;

/// Client: the answer to a put.
pub const NNRP_EVENT_CACHE_ANSWERED: u32 = 40;
/// Server: an object was put, or its lease renewed.
pub const NNRP_EVENT_OBJECT_STORED: u32 = 41;
/// The peer removed objects.
pub const NNRP_EVENT_OBJECTS_INVALIDATED: u32 = 42;

/// Record of `NNRP_EVENT_CACHE_ANSWERED`. 32 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpCacheAnswer {
    /// As put.
    pub cache_namespace: u32,
    /// As put.
    pub cache_key_hi: u32,
    /// As put.
    pub cache_key_lo: u32,
    /// As put.
    pub object_kind: u32,
    /// Accepted, rejected, replaced.
    pub ack_status: u32,
    /// Lifetime granted.
    pub accepted_ttl_ms: u32,
    /// The largest object that can be put.
    pub max_object_bytes: u32,
    /// Why it was rejected.
    pub detail_code: u32,
}

/// Record of `NNRP_EVENT_OBJECT_STORED`. 24 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpStoredObject {
    /// Namespace of the key.
    pub cache_namespace: u32,
    /// Key, high word.
    pub cache_key_hi: u32,
    /// Key, low word.
    pub cache_key_lo: u32,
    /// What it is.
    pub object_kind: u32,
    /// Grows with every change of content on its connection.
    pub version: u64,
}

/// Record of `NNRP_EVENT_OBJECTS_INVALIDATED`. 24 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpInvalidation {
    /// How far it reaches.
    pub scope: u32,
    /// As sent.
    pub cache_namespace: u32,
    /// As sent.
    pub cache_key_hi: u32,
    /// As sent.
    pub cache_key_lo: u32,
    /// As sent.
    pub reason_code: u32,
    /// Zero.
    pub reserved0: u32,
}

/// An object that a submit names. 40 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpSubmitObject {
    /// Namespace of the key.
    pub cache_namespace: u32,
    /// Key, high word.
    pub cache_key_hi: u32,
    /// Key, low word.
    pub cache_key_lo: u32,
    /// What it is.
    pub object_kind: u32,
    /// As its event said when it was stored.
    pub version: u64,
    /// In the payload of the event.
    pub content_offset: u64,
    /// Bytes.
    pub content_size: u64,
}

/// What a server says to an offered schema. 24 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpSchemaAnswer {
    /// The schema.
    pub schema_id: u32,
    /// Its version.
    pub schema_version: u32,
    /// The profile that owns it.
    pub profile_id: u32,
    /// Why sessions may not use it; 0 = they may.
    pub refusal: u32,
    /// Digest of its body.
    pub schema_hash: u64,
}

const _: () = assert!(size_of::<NnrpCacheAnswer>() == 32);
const _: () = assert!(size_of::<NnrpStoredObject>() == 24);
const _: () = assert!(size_of::<NnrpInvalidation>() == 24);
const _: () = assert!(size_of::<NnrpSubmitObject>() == 40);
const _: () = assert!(size_of::<NnrpSchemaAnswer>() == 24);

// SAFETY: `repr(C)`, integers at natural offsets without padding, size a multiple of 8.
unsafe impl EventRecord for NnrpCacheAnswer {}
// SAFETY: as above.
unsafe impl EventRecord for NnrpStoredObject {}
// SAFETY: as above.
unsafe impl EventRecord for NnrpInvalidation {}
// SAFETY: as above.
unsafe impl EventRecord for NnrpSubmitObject {}
// SAFETY: as above.
unsafe impl EventRecord for NnrpSchemaAnswer {}

/// The event without its handles, and its payload; nothing for kinds this version does not deliver.
pub(crate) fn flatten(event: Event) -> Option<(NnrpEvent, Bytes)> {
    Some(match event {
        Event::CacheAnswered { put, ack, .. } => cache_answered(&put, &ack),
        Event::ObjectStored { object, .. } => object_stored(&object),
        Event::ObjectsInvalidated { invalidate, .. } => objects_invalidated(&invalidate),
        _ => return None,
    })
}

/// The answers to offered schemas, as the body of the greeting has them.
pub(crate) fn schema_answers(answers: &[SchemaAnswer]) -> Vec<u8> {
    let answers = answers.iter().map(|answer| NnrpSchemaAnswer {
        schema_id: answer.descriptor.schema_id,
        schema_version: answer.descriptor.schema_version,
        profile_id: answer.descriptor.profile_id.into(),
        refusal: answer.refusal.map_or(0, |code| code.0),
        schema_hash: answer.descriptor.schema_hash,
    });
    let mut bytes = Vec::new();
    answers.for_each(|answer| bytes.extend_from_slice(answer.as_bytes()));
    bytes
}

fn cache_answered(put: &CachePut, ack: &CacheAck) -> (NnrpEvent, Bytes) {
    let record = NnrpCacheAnswer {
        cache_namespace: put.cache_namespace,
        cache_key_hi: put.cache_key_hi,
        cache_key_lo: put.cache_key_lo,
        object_kind: put.object_kind.to_wire().into(),
        ack_status: ack.status.to_wire().into(),
        accepted_ttl_ms: ack.accepted_ttl_ms,
        max_object_bytes: ack.max_object_bytes,
        detail_code: ack.detail_code.0,
    };
    let event = NnrpEvent {
        protocol_code: ack.detail_code.0,
        ..of_kind(NNRP_EVENT_CACHE_ANSWERED)
    };
    with_record(event, &[], &record)
}

fn object_stored(object: &CachedObject) -> (NnrpEvent, Bytes) {
    let record = NnrpStoredObject {
        cache_namespace: object.identity.cache_namespace,
        cache_key_hi: object.identity.cache_key_hi,
        cache_key_lo: object.identity.cache_key_lo,
        object_kind: object.identity.object_kind.to_wire().into(),
        version: object.version,
    };
    with_record(of_kind(NNRP_EVENT_OBJECT_STORED), &object.body, &record)
}

fn objects_invalidated(invalidate: &CacheInvalidate) -> (NnrpEvent, Bytes) {
    let record = NnrpInvalidation {
        scope: invalidate.invalidate_scope.to_wire().into(),
        cache_namespace: invalidate.cache_namespace,
        cache_key_hi: invalidate.cache_key_hi,
        cache_key_lo: invalidate.cache_key_lo,
        reason_code: invalidate.reason_code,
        reserved0: 0,
    };
    with_record(of_kind(NNRP_EVENT_OBJECTS_INVALIDATED), &[], &record)
}
