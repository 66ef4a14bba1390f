//! Submits that name cached objects: what the server gets of them, in memory and in a buffer, and the slots of the mask.

use crate::cache_calls::{CONTENT, naming, pairs, put, put_and_see, put_of};
use crate::events::wait;
use nnrp::*;
use std::ptr;

/// The contents of the objects that the submit drained last names, in their order, read where the event says they are.
fn objects_of(payload: &[u8], details: &NnrpSubmitDetails) -> Vec<(u32, u64, Vec<u8>)> {
    let list = &payload[details.objects_offset as usize..];
    let entries = list
        .as_chunks::<40>()
        .0
        .iter()
        .take(details.object_count as usize);
    entries
        .map(|entry| {
            // SAFETY: an entry consists of integers, so that all bytes are a value.
            let object: NnrpSubmitObject =
                unsafe { entry.as_ptr().cast::<NnrpSubmitObject>().read_unaligned() };
            assert_eq!(object.object_kind, NNRP_OBJECT_PROMPT_SEGMENT);
            assert_eq!(object.content_offset % 8, 0);
            let start = usize::try_from(object.content_offset).expect("small");
            let size = usize::try_from(object.content_size).expect("small");
            (
                object.cache_key_lo,
                object.version,
                payload[start..start + size].to_vec(),
            )
        })
        .collect()
}

/// The next event of a queue with all that belongs to it, in memory or in a buffer.
fn next_whole(queue: NnrpHandle, arena: &mut [u8]) -> (NnrpEvent, Vec<u8>) {
    assert_eq!(wait(queue, 60_000), NNRP_STATUS_OK);
    let (mut event, mut count) = (NnrpEvent::default(), 0);
    let none = ptr::null_mut();
    // SAFETY: all pointers are to live memory of the stated size; the lent bytes are copied before the release.
    unsafe {
        let (memory, size) = (arena.as_mut_ptr(), arena.len());
        let status = nnrp_queue_drain(queue, &raw mut event, 1, memory, size, &raw mut count);
        assert_eq!((status, count), (NNRP_STATUS_OK, 1));
        if event.buffer == 0 {
            let start = usize::try_from(event.payload_offset).expect("small");
            return (event, arena[start..].to_vec());
        }
        let (mut data, mut size) = (ptr::null(), 0);
        let status = nnrp_buffer_borrow(event.buffer, &raw mut data, &raw mut size, none);
        assert_eq!(status, NNRP_STATUS_OK);
        let payload = std::slice::from_raw_parts(data, size).to_vec();
        assert_eq!(nnrp_release(event.buffer, none), NNRP_STATUS_OK);
        (event, payload)
    }
}

#[test]
fn a_submit_brings_the_objects_that_it_names() {
    for mut pair in pairs(&[], &[]) {
        let first = put_and_see(&mut pair, 1, CONTENT, NNRP_CACHE_ACCEPTED);
        let second = put_and_see(&mut pair, 2, b"odd", NNRP_CACHE_ACCEPTED);
        let expected = vec![
            (2, second, b"odd".to_vec()),
            (1, first, CONTENT.to_vec()),
            (2, second, b"odd".to_vec()),
        ];
        // Once into an arena with room, once into a buffer.
        for room in [1 << 16, 64] {
            let body = naming(&[2, 1, 2]);
            pair.submit(&[&body]);
            let mut arena = vec![0; room];
            let (event, payload) = next_whole(pair.server.queue, &mut arena);
            assert_eq!(event.kind, NNRP_EVENT_SUBMIT);
            assert_eq!(event.record_size as usize, size_of::<NnrpSubmitDetails>());
            assert_eq!(payload[..body.len()], body);
            let record = body.len().next_multiple_of(8);
            // SAFETY: the record is there, and every byte pattern is a value of a struct of integers.
            let details = unsafe {
                payload[record..]
                    .as_ptr()
                    .cast::<NnrpSubmitDetails>()
                    .read_unaligned()
            };
            assert_eq!(objects_of(&payload, &details), expected);
            pair.answer(&[event.frame_id]);
            pair.client.expect(NNRP_EVENT_RESULT);
        }
    }
}

#[test]
fn standard_objects_travel_by_reference_in_the_slots_of_the_mask() {
    for mut pair in pairs(&[], &[]) {
        let camera = NnrpCachePut {
            object_kind: NNRP_OBJECT_CAMERA_BLOCK,
            ..put_of(1)
        };
        assert_eq!(put(pair.session, &camera, b"camera").0, NNRP_STATUS_OK);
        pair.server.expect(NNRP_EVENT_OBJECT_STORED);
        pair.client.expect(NNRP_EVENT_CACHE_ANSWERED);
        let mut body = naming(&[1]);
        body[32] = 1;
        let details = NnrpSubmitDetails {
            submit_mode: 1,
            object_ref_mask: 1,
            ..NnrpSubmitDetails::default()
        };
        // SAFETY: the struct consists of integers without padding.
        let form: [u8; 88] = unsafe { std::mem::transmute(details) };
        let submit = NnrpSubmit {
            struct_size: 56,
            payload_kind_bitmap: NNRP_PAYLOAD_TENSOR,
            body_size: body.len() as u64,
            details_offset: u32::try_from(body.len()).expect("small"),
            details_size: 88,
            ..NnrpSubmit::default()
        };
        let arena = [body.as_slice(), &form].concat();
        assert_eq!(pair.submit_raw(&[submit], &arena).0, NNRP_STATUS_OK);
        let mut memory = vec![0; 1 << 16];
        let (event, payload) = next_whole(pair.server.queue, &mut memory);
        assert_eq!((event.kind, event.record_size), (NNRP_EVENT_SUBMIT, 88));
        // SAFETY: as above.
        let details = unsafe {
            payload[48..]
                .as_ptr()
                .cast::<NnrpSubmitDetails>()
                .read_unaligned()
        };
        assert_eq!((details.submit_mode, details.object_ref_mask), (1, 1));
        assert_eq!(details.object_count, 1);
        // A mask without the reference, or a reference without the mask, is refused before it is sent.
        let unmasked = NnrpSubmit {
            details_size: 8,
            ..submit
        };
        assert_eq!(pair.submit_raw(&[unmasked], &arena).0, NNRP_STATUS_OK);
        pair.client.expect(NNRP_EVENT_PEER_ERROR);
    }
}
