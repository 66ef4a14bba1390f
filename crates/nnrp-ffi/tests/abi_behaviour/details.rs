//! What submits and results say beyond their structs: as sent, as received, and by callers of an older header.

use crate::pair::Pair;
use nnrp::*;

/// The bytes of a struct of integers.
fn bytes_of<T: Copy>(value: &T) -> Vec<u8> {
    // SAFETY: the structs of the ABI consist of integers without padding.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(value).cast(), size_of::<T>()) }.to_vec()
}

/// Every field with another value.
fn tensor_details() -> NnrpSubmitDetails {
    NnrpSubmitDetails {
        view_id: 3,
        route_id: 4,
        budget_policy: 0b1010,
        loss_tolerance: 255,
        frame_class: 3,
        input_profile: 1,
        tile_index_mode: 2,
        target_fps_x100: 6000,
        retry_of_frame: 9,
        dependency_frame_id: 8,
        src_width: 1920,
        src_height: 1080,
        tile_width: 16,
        tile_height: 17,
        tile_count: 18,
        section_count: 19,
        tile_base_id: 70_000,
        camera_bytes: 80_000,
        ..NnrpSubmitDetails::default()
    }
}

/// One submit whose arena is its details and nothing else.
fn submit(pair: &Pair, details: &[u8], details_size: u32) -> NnrpStatus {
    let submit = NnrpSubmit {
        struct_size: 56,
        payload_kind_bitmap: NNRP_PAYLOAD_TENSOR,
        details_offset: 8,
        details_size,
        ..NnrpSubmit::default()
    };
    let arena = [b"12345678", details].concat();
    pair.submit_raw(&[submit], &arena).0
}

fn result_of(frame_id: u32, details: &NnrpResultDetails, kinds: u32) -> (NnrpResult, Vec<u8>) {
    let result = NnrpResult {
        struct_size: 72,
        frame_id,
        payload_kind_bitmap: kinds,
        details_size: 56,
        ..NnrpResult::default()
    };
    (result, bytes_of(details))
}

fn send_result(pair: &Pair, result: &NnrpResult, arena: &[u8]) -> NnrpStatus {
    let mut batch = NnrpBatch::default();
    // SAFETY: all pointers are to live memory of the stated size.
    unsafe {
        let (arena, size) = (arena.as_ptr(), arena.len());
        nnrp_session_send_results(pair.served, result, 1, arena, size, &raw mut batch)
    }
}

#[test]
fn every_detail_of_a_submit_and_its_result_arrives() {
    let mut pair = Pair::open();
    let sent = tensor_details();
    assert_eq!(submit(&pair, &bytes_of(&sent), 88), NNRP_STATUS_OK);
    let (event, body) = pair.server.expect_body(NNRP_EVENT_SUBMIT);
    assert!(body.is_empty());
    assert_eq!(
        (event.view_id, event.route_id, event.record_size),
        (3, 4, 88)
    );
    assert_eq!(pair.server.record::<NnrpSubmitDetails>(), sent);
    let answer = NnrpResultDetails {
        trace_id: 0x1234_5678_9abc,
        header_flags: 0b10,
        view_id: 5,
        route_id: 6,
        budget_policy: 0b0100,
        reused_frame_id: 1,
        section_count: 2,
        tile_count: 3,
        tile_base_id: 4,
        tile_index_bytes: 5,
        covered_tile_count: 6,
        dropped_tile_count: 7,
        reserved0: 0,
    };
    let (result, arena) = result_of(event.frame_id, &answer, NNRP_PAYLOAD_TENSOR);
    assert_eq!(send_result(&pair, &result, &arena), NNRP_STATUS_OK);
    let event = pair.client.expect(NNRP_EVENT_RESULT);
    assert_eq!(
        (event.trace_id, event.header_flags),
        (answer.trace_id, answer.header_flags)
    );
    assert_eq!(pair.client.record::<NnrpResultDetails>(), answer);
}

#[test]
fn what_says_nothing_beyond_its_struct_has_no_record() {
    let mut pair = Pair::open();
    pair.submit(&[b"plain"]);
    let (event, body) = pair.server.expect_body(NNRP_EVENT_SUBMIT);
    assert_eq!(
        (event.record_size, body.as_slice()),
        (0, b"plain".as_slice())
    );
    pair.answer(&[event.frame_id]);
    assert_eq!(pair.client.expect(NNRP_EVENT_RESULT).record_size, 0);
}

#[test]
fn details_of_an_older_header_are_shorter_and_those_of_a_newer_one_must_say_nothing_new() {
    let mut pair = Pair::open();
    let sent = bytes_of(&tensor_details());
    // Views, routes and budget only.
    assert_eq!(submit(&pair, &sent[..20], 20), NNRP_STATUS_OK);
    pair.server.expect(NNRP_EVENT_SUBMIT);
    let expected = NnrpSubmitDetails {
        view_id: 3,
        route_id: 4,
        budget_policy: 0b1010,
        ..NnrpSubmitDetails::default()
    };
    assert_eq!(pair.server.record::<NnrpSubmitDetails>(), expected);
    let longer = [sent.as_slice(), &[0; 8]].concat();
    assert_eq!(submit(&pair, &longer, 96), NNRP_STATUS_OK);
    let unknown = [sent.as_slice(), &[0, 0, 0, 0, 0, 0, 0, 1]].concat();
    assert_eq!(submit(&pair, &unknown, 96), NNRP_STATUS_INVALID_ARGUMENT);
}

#[test]
fn an_older_caller_whose_structs_are_shorter_still_works() {
    let mut pair = Pair::open();
    // Two submits of 48 bytes each, as ABI 2.0 had them: the second begins where the present struct would have ended.
    let submit = NnrpSubmit {
        struct_size: 48,
        body_size: 3,
        ..NnrpSubmit::default()
    };
    let older = &bytes_of(&submit)[..48];
    let two: Vec<u64> = [older, older]
        .concat()
        .as_chunks::<8>()
        .0
        .iter()
        .map(|word| u64::from_ne_bytes(*word))
        .collect();
    let mut batch = NnrpBatch::default();
    // SAFETY: two records of the size they state, and three bytes.
    let status = unsafe {
        let submits = two.as_ptr().cast();
        nnrp_session_submit(pair.session, submits, 2, b"abc".as_ptr(), 3, &raw mut batch)
    };
    assert_eq!((status, batch.accepted), (NNRP_STATUS_OK, 2));
    for _ in 0..2 {
        let (event, body) = pair.server.expect_body(NNRP_EVENT_SUBMIT);
        assert_eq!((event.record_size, body.as_slice()), (0, b"abc".as_slice()));
    }
    let result = NnrpResult {
        struct_size: 64,
        frame_id: 1,
        status_code: 200,
        ..NnrpResult::default()
    };
    assert_eq!(send_result(&pair, &result, &[]), NNRP_STATUS_OK);
    assert_eq!(pair.client.expect(NNRP_EVENT_RESULT).status_code, 200);
}

#[test]
fn details_out_of_range_are_refused() {
    let pair = Pair::open();
    let refused = |change: fn(&mut NnrpSubmitDetails)| {
        let mut details = tensor_details();
        change(&mut details);
        assert_eq!(
            submit(&pair, &bytes_of(&details), 88),
            NNRP_STATUS_INVALID_ARGUMENT
        );
    };
    refused(|details| details.view_id = 65_536);
    refused(|details| details.route_id = 65_536);
    refused(|details| details.submit_mode = 3);
    refused(|details| details.budget_policy = 16);
    refused(|details| details.loss_tolerance = 256);
    refused(|details| details.frame_class = 256);
    refused(|details| details.input_profile = 255);
    refused(|details| details.tile_index_mode = 4);
    refused(|details| details.target_fps_x100 = 65_536);
    refused(|details| details.src_width = 65_536);
    refused(|details| details.section_count = 65_536);
    refused(|details| details.object_count = 1);
    refused(|details| details.objects_offset = 1);
    // Beyond the arena.
    assert_eq!(submit(&pair, &[], 88), NNRP_STATUS_INVALID_ARGUMENT);
    let (result, arena) = result_of(
        1,
        &NnrpResultDetails {
            reserved0: 1,
            ..NnrpResultDetails::default()
        },
        NNRP_PAYLOAD_TENSOR,
    );
    assert_eq!(
        send_result(&pair, &result, &arena),
        NNRP_STATUS_INVALID_ARGUMENT
    );
}
