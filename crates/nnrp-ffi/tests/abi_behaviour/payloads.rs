//! Typed payload descriptors, the partition of their region, and the regions of a structured body.

use crate::schemas::{diagnosed, token_frame};
use nnrp::*;
use std::ptr;

fn read_frame(bytes: &[u8]) -> (NnrpStatus, NnrpError, NnrpPayloadFrame) {
    let mut frame = NnrpPayloadFrame::default();
    // SAFETY: all pointers are to live memory of the stated size.
    let (status, error) = diagnosed(|error| unsafe {
        nnrp_payload_frame_read(bytes.as_ptr(), bytes.len(), &raw mut frame, error)
    });
    (status, error, frame)
}

fn partition(kinds: u32, frames: &[NnrpPayloadFrame], region: u64) -> (NnrpStatus, u32) {
    let count = u32::try_from(frames.len()).expect("small");
    // SAFETY: all pointers are to live memory of the stated size.
    let (status, error) = diagnosed(|error| unsafe {
        nnrp_payload_check_partition(kinds, frames.as_ptr(), count, region, error)
    });
    (status, error.detail)
}

#[test]
fn a_typed_payload_descriptor_comes_back_out_of_its_bytes() {
    let frame = NnrpPayloadFrame {
        descriptor_flags: NNRP_FRAME_PARTIAL | NNRP_FRAME_SCHEMA_OVERRIDE,
        ..token_frame(5, 70_000)
    };
    let mut form = [0_u8; 24];
    // SAFETY: all pointers are to live memory of the stated size.
    let write = |frame: &NnrpPayloadFrame, form: &mut [u8]| unsafe {
        nnrp_payload_frame_write(frame, form.as_mut_ptr(), form.len(), ptr::null_mut())
    };
    assert_eq!(write(&frame, &mut form), NNRP_STATUS_OK);
    assert_eq!(&form[..8], [2, 0, 6, 0, 0x01, 0x10, 0, 0]);
    assert_eq!(read_frame(&form).2, frame);
    assert_eq!(write(&frame, &mut form[..23]), NNRP_STATUS_BUFFER_TOO_SMALL);
    let unknown = NnrpPayloadFrame {
        descriptor_flags: 0x10,
        ..frame
    };
    assert_eq!(write(&unknown, &mut form), NNRP_STATUS_INVALID_ARGUMENT);
    assert_eq!(read_frame(&form[..23]).1.detail, 65_536 + 2);
    form[14] = 1;
    assert_eq!(read_frame(&form).1.detail, 65_536 + 10);
    let mut token = NnrpPayloadFrame::default();
    // SAFETY: `token` is a live local.
    unsafe {
        assert_eq!(
            nnrp_payload_frame_token(0, &raw mut token, ptr::null_mut()),
            NNRP_STATUS_OK
        );
        assert_eq!(token.descriptor_flags, NNRP_FRAME_PARTIAL);
        let status = nnrp_payload_frame_token(2, &raw mut token, ptr::null_mut());
        assert_eq!(status, NNRP_STATUS_INVALID_ARGUMENT);
    }
}

#[test]
fn a_partition_has_no_gap_no_overlap_and_fitting_profiles() {
    let token = NNRP_PAYLOAD_TOKEN_CHUNK;
    let good = [token_frame(0, 3), token_frame(3, 0), token_frame(3, 4)];
    assert_eq!(partition(token, &good, 7), (NNRP_STATUS_OK, 0));
    assert_eq!(partition(token, &[], 0), (NNRP_STATUS_OK, 0));
    let broken = |rule: u32| (NNRP_STATUS_PROTOCOL_ERROR, rule);
    assert_eq!(partition(token, &good, 8), broken(44));
    assert_eq!(partition(token, &good, 6), broken(43));
    assert_eq!(partition(token, &[token_frame(1, 6)], 7), broken(42));
    assert_eq!(partition(token, &[token_frame(0, 6)], u64::MAX), broken(44));
    let tensor = NnrpPayloadFrame {
        profile_id: NNRP_PROFILE_TENSOR,
        ..token_frame(0, 7)
    };
    assert_eq!(partition(token, &[tensor], 7), broken(40));
    let any = NnrpPayloadFrame {
        profile_id: NNRP_PROFILE_UNSPECIFIED,
        ..token_frame(0, 7)
    };
    assert_eq!(partition(token, &[any], 7), broken(41));
    assert_eq!(partition(0x80, &good, 7), (NNRP_STATUS_INVALID_ARGUMENT, 1));
    let overflow = [token_frame(0, u32::MAX), token_frame(u32::MAX, 2)];
    assert_eq!(partition(token, &overflow, u64::MAX), broken(65_536 + 13));
}

#[test]
fn the_regions_of_a_body_are_found_where_they_were_put() {
    let regions = NnrpBodyRegions {
        struct_size: 56,
        inline_object_bytes: 8,
        object_reference_bytes: 16,
        payload_frame_descriptor_bytes: 24,
        payload_frame_bytes: 5,
        ..NnrpBodyRegions::default()
    };
    let mut body = vec![0_u8; 32 + 53];
    let none = ptr::null_mut();
    let mut found = NnrpBodyRegions::default();
    // SAFETY: all pointers are to live memory of the stated size.
    unsafe {
        let write = |regions: &NnrpBodyRegions, body: &mut [u8], error| {
            nnrp_body_write_prelude(regions, body.as_mut_ptr(), body.len(), error)
        };
        let mut read =
            |size, error| nnrp_body_read_prelude(body.as_ptr(), size, &raw mut found, error);
        assert_eq!(diagnosed(|error| read(31, error)).1.detail, 65_536 + 2);
        assert_eq!(write(&regions, &mut body, none), NNRP_STATUS_OK);
        let mut read =
            |size, error| nnrp_body_read_prelude(body.as_ptr(), size, &raw mut found, error);
        assert_eq!(read(body.len(), none), NNRP_STATUS_OK);
        let (short, error) = diagnosed(|error| read(body.len() - 1, error));
        assert_eq!(
            (short, error.detail),
            (NNRP_STATUS_PROTOCOL_ERROR, 65_536 + 12)
        );
        assert_eq!(found.struct_size, 56);
        let offsets = (found.inline_object_offset, found.object_reference_offset);
        assert_eq!(offsets, (32, 40));
        let frames = (
            found.payload_frame_descriptor_offset,
            found.payload_frame_offset,
        );
        assert_eq!(frames, (56, 80));
        assert_eq!(
            (
                found.extension_descriptor_offset,
                found.extension_payload_offset
            ),
            (85, 85)
        );
        assert_eq!(
            write(&regions, &mut body[..31], none),
            NNRP_STATUS_BUFFER_TOO_SMALL
        );
        let odd = NnrpBodyRegions {
            object_reference_bytes: 15,
            ..regions
        };
        let (status, error) = diagnosed(|error| write(&odd, &mut body, error));
        assert_eq!((status, error.detail), (NNRP_STATUS_PROTOCOL_ERROR, 29));
        let huge = NnrpBodyRegions {
            payload_frame_bytes: u32::MAX,
            ..regions
        };
        let (status, error) = diagnosed(|error| write(&huge, &mut body, error));
        assert_eq!(
            (status, error.detail),
            (NNRP_STATUS_PROTOCOL_ERROR, 65_536 + 13)
        );
        let reserved = NnrpBodyRegions {
            reserved0: 1,
            ..regions
        };
        assert_eq!(
            write(&reserved, &mut body, none),
            NNRP_STATUS_INVALID_ARGUMENT
        );
    }
}
