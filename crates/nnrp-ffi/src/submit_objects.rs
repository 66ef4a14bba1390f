//! The cached objects that a submit names, behind the body and the record of its event. Declared in `nnrp_cache.h`.

use crate::data_event::NnrpSubmitObject;
use crate::layout::EventRecord;
use bytes::BytesMut;
use nnrp_core::cache::{CachedObject, ObjectIdentity};

/// Contents of objects begin on this boundary, so that their fields can be read in place.
const ALIGNMENT: usize = 8;

/// Puts the objects behind what there is, which ends on the boundary: a list of them, then their contents.
pub(crate) fn append_objects(payload: &mut BytesMut, objects: &[CachedObject]) {
    let mut end = payload.len() + size_of::<NnrpSubmitObject>() * objects.len();
    for object in objects {
        let content_offset = end.next_multiple_of(ALIGNMENT);
        end = content_offset + object.body.len();
        payload.extend_from_slice(submit_object(object, content_offset).as_bytes());
    }
    for object in objects {
        payload.resize(payload.len().next_multiple_of(ALIGNMENT), 0);
        payload.extend_from_slice(&object.body);
    }
}

fn submit_object(object: &CachedObject, content_offset: usize) -> NnrpSubmitObject {
    let ObjectIdentity {
        cache_namespace,
        cache_key_hi,
        cache_key_lo,
        object_kind,
    } = object.identity;
    NnrpSubmitObject {
        cache_namespace,
        cache_key_hi,
        cache_key_lo,
        object_kind: object_kind.to_wire().into(),
        version: object.version,
        content_offset: content_offset as u64,
        content_size: object.body.len() as u64,
    }
}
