//! Lists of transport providers: their texts, their limits, and the one of this build.

use crate::schemas::diagnosed;
use crate::transports::{add, add_raw, providers, record, select};
use nnrp::*;
use std::ptr;

#[test]
fn a_provider_comes_back_with_its_texts() {
    let list = providers(0);
    let texts = b"namex1.2.3/p/lib.sonot there";
    let provider = NnrpProvider {
        struct_size: 48,
        transport_id: NNRP_TRANSPORT_QUIC,
        kind: NNRP_PROVIDER_DYNAMIC,
        available: 0,
        name_offset: 0,
        name_size: 4,
        version_offset: 5,
        version_size: 5,
        path_offset: 10,
        path_size: 9,
        diagnostic_offset: 19,
        diagnostic_size: 9,
    };
    assert_eq!(add_raw(list, &provider, texts), (NNRP_STATUS_OK, 0, 0));
    let (mut read, mut text) = (NnrpProvider::default(), [0_u8; 64]);
    let mut get = |index, capacity| {
        // SAFETY: all pointers are to live memory of the stated size.
        let (status, error) = diagnosed(|error| unsafe {
            let text = text.as_mut_ptr().cast();
            nnrp_providers_get(list, index, &raw mut read, text, capacity, error)
        });
        (status, error.detail)
    };
    assert_eq!(get(0, 26), (NNRP_STATUS_BUFFER_TOO_SMALL, 27));
    assert_eq!(get(1, 64), (NNRP_STATUS_INVALID_ARGUMENT, 2));
    assert_eq!(get(0, 64), (NNRP_STATUS_OK, 0));
    let part = |offset: u32, size: u32| &text[offset as usize..(offset + size) as usize];
    assert_eq!(part(read.name_offset, read.name_size), b"name");
    assert_eq!(part(read.version_offset, read.version_size), b"1.2.3");
    assert_eq!(part(read.path_offset, read.path_size), b"/p/lib.so");
    assert_eq!(
        part(read.diagnostic_offset, read.diagnostic_size),
        b"not there"
    );
    assert_eq!(
        (read.transport_id, read.available),
        (NNRP_TRANSPORT_QUIC, 0)
    );
}

#[test]
fn what_is_no_provider_is_refused() {
    let list = providers(0);
    let good = record(NNRP_TRANSPORT_TCP, "tcp", 1);
    let refused = |provider: NnrpProvider, texts: &[u8]| {
        let (status, parameter, index) = add_raw(list, &provider, texts);
        assert_eq!((status, index), (NNRP_STATUS_INVALID_ARGUMENT, u32::MAX));
        parameter
    };
    assert_eq!(
        refused(
            NnrpProvider {
                transport_id: 3,
                ..good
            },
            b"tcp"
        ),
        2
    );
    assert_eq!(refused(NnrpProvider { kind: 3, ..good }, b"tcp"), 2);
    assert_eq!(
        refused(
            NnrpProvider {
                available: 2,
                ..good
            },
            b"tcp"
        ),
        2
    );
    assert_eq!(
        refused(
            NnrpProvider {
                name_size: 0,
                ..good
            },
            b"tcp"
        ),
        2
    );
    assert_eq!(
        refused(
            NnrpProvider {
                name_size: 4,
                ..good
            },
            b"tcp"
        ),
        2
    );
    assert_eq!(
        refused(
            NnrpProvider {
                name_offset: u32::MAX,
                ..good
            },
            b"tcp"
        ),
        2
    );
    assert_eq!(refused(good, b"\xff\xff\xff"), 2);
    let mut count = 99;
    // SAFETY: `count` is a live local.
    let status = unsafe { nnrp_providers_count(list, &raw mut count, ptr::null_mut()) };
    assert_eq!((status, count), (NNRP_STATUS_OK, 0));
    let long = vec![b'a'; 65_537];
    assert_eq!(
        add_raw(list, &good, &long),
        (NNRP_STATUS_LIMIT_EXCEEDED, 65_536, u32::MAX)
    );
    for index in 0..1024 {
        assert_eq!(add(list, NNRP_TRANSPORT_TCP, "tcp", 1), index);
    }
    assert_eq!(
        add_raw(list, &good, b"tcp"),
        (NNRP_STATUS_LIMIT_EXCEEDED, 1024, u32::MAX)
    );
}

#[test]
fn the_list_of_this_build_matches_its_transports() {
    let (list, mut transports, mut count) = (providers(1), 0, 0);
    // SAFETY: all pointers are to live locals.
    unsafe {
        let none = ptr::null_mut();
        assert_eq!(nnrp_transports(&raw mut transports, none), NNRP_STATUS_OK);
        assert_eq!(
            nnrp_transports(ptr::null_mut(), none),
            NNRP_STATUS_NULL_POINTER
        );
        assert_eq!(
            nnrp_providers_count(list, &raw mut count, none),
            NNRP_STATUS_OK
        );
    }
    assert_eq!(count, transports.count_ones());
    assert_ne!(transports & NNRP_TRANSPORT_TCP, 0);
    assert_eq!(
        select(list, NNRP_POLICY_AUTO, transports).1.len(),
        count as usize
    );
}
