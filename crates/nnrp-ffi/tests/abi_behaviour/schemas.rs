//! Schema descriptors, registries, typed payload descriptors and bodies: byte forms, bindings, partitions, refusals.

use nnrp::*;
use std::ptr;

/// A call, and the diagnosis it left.
pub(crate) fn diagnosed(
    call: impl FnOnce(*mut NnrpError) -> NnrpStatus,
) -> (NnrpStatus, NnrpError) {
    let mut error = NnrpError::default();
    let status = call(&raw mut error);
    (status, error)
}

/// The token-delta schema as it lies on the wire (spec 04 §4.7).
const TOKEN_DELTA: [u8; 32] = [
    0x01, 0x10, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, b'3', b'k', b'o',
    b't', b'p', b'r', b'n', b'n',
];

fn token_delta() -> NnrpSchema {
    let mut schema = NnrpSchema::default();
    // SAFETY: `schema` is a live local.
    let status = unsafe { nnrp_schema_token_delta(&raw mut schema, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
    schema
}

fn read_schema(bytes: &[u8]) -> (NnrpStatus, NnrpError, NnrpSchema) {
    let mut schema = NnrpSchema::default();
    // SAFETY: all pointers are to live memory of the stated size.
    let (status, error) = diagnosed(|error| unsafe {
        nnrp_schema_read(bytes.as_ptr(), bytes.len(), &raw mut schema, error)
    });
    (status, error, schema)
}

/// A token payload under the token-delta schema at this place of its region.
pub(crate) fn token_frame(offset: u32, length: u32) -> NnrpPayloadFrame {
    let mut frame = NnrpPayloadFrame::default();
    // SAFETY: `frame` is a live local.
    let status = unsafe { nnrp_payload_frame_token(1, &raw mut frame, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
    NnrpPayloadFrame {
        offset,
        length,
        ..frame
    }
}

fn registry(capacity: u32) -> NnrpHandle {
    let mut schemas = 0;
    // SAFETY: `schemas` is a live local.
    let status = unsafe { nnrp_schemas_create(capacity, &raw mut schemas, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
    schemas
}

fn install(schemas: NnrpHandle, schema: &NnrpSchema) -> (NnrpStatus, u32, u32) {
    let mut installed = u32::MAX;
    // SAFETY: all pointers are to live locals.
    let (status, error) = diagnosed(|error| unsafe {
        nnrp_schemas_install(schemas, schema, &raw mut installed, error)
    });
    (status, error.protocol_code, installed)
}

fn check(frame: &NnrpPayloadFrame, schemas: &[NnrpSchema]) -> (NnrpStatus, u32) {
    let count = u32::try_from(schemas.len()).expect("small");
    // SAFETY: all pointers are to live memory of the stated size.
    let (status, error) = diagnosed(|error| unsafe {
        nnrp_payload_check_binding(frame, schemas.as_ptr(), count, error)
    });
    (status, error.protocol_code)
}

#[test]
fn the_token_delta_schema_has_the_bytes_of_the_specification() {
    let schema = token_delta();
    assert_eq!((schema.schema_id, schema.schema_version), (0x1001, 3));
    assert_eq!(schema.profile_id, NNRP_PROFILE_TOKEN);
    assert_eq!(schema.default_stream_semantics, NNRP_STREAM_APPEND);
    assert_eq!(schema.schema_hash, 0x6e6e_7270_746f_6b33);
    let mut form = [0xaa_u8; 33];
    // SAFETY: all pointers are to live memory of the stated size.
    let status =
        unsafe { nnrp_schema_write(&raw const schema, form.as_mut_ptr(), 33, ptr::null_mut()) };
    assert_eq!(
        (status, &form[..32], form[32]),
        (NNRP_STATUS_OK, &TOKEN_DELTA[..], 0xaa)
    );
    // Longer input is accepted.
    assert_eq!(read_schema(&form).2, schema);
}

#[test]
fn bytes_that_are_no_schema_are_refused_with_what_is_wrong() {
    let (short, error, untouched) = read_schema(&TOKEN_DELTA[..31]);
    assert_eq!(
        (short, error.detail),
        (NNRP_STATUS_PROTOCOL_ERROR, 65_536 + 2)
    );
    assert_eq!(error.family, NNRP_FAMILY_PROTOCOL);
    assert_eq!(untouched, NnrpSchema::default());
    for (at, kind) in [(14, 10), (15, 10), (10, 9), (11, 9)] {
        let mut bytes = TOKEN_DELTA;
        bytes[at] = 0x80;
        let (status, error, _) = read_schema(&bytes);
        assert_eq!(
            (status, error.detail),
            (NNRP_STATUS_PROTOCOL_ERROR, 65_536 + kind),
            "{at}"
        );
    }
}

#[test]
fn a_schema_with_a_field_out_of_range_is_not_written() {
    let of = |change: fn(&mut NnrpSchema)| {
        let mut schema = token_delta();
        change(&mut schema);
        let mut form = [0_u8; 32];
        // SAFETY: all pointers are to live memory of the stated size.
        let (status, error) = diagnosed(|error| unsafe {
            nnrp_schema_write(&raw const schema, form.as_mut_ptr(), 32, error)
        });
        assert_eq!(form, [0; 32]);
        (status, error.detail)
    };
    let refused = (NNRP_STATUS_INVALID_ARGUMENT, 1);
    assert_eq!(of(|schema| schema.struct_size = 40), refused);
    assert_eq!(of(|schema| schema.profile_id = 65_536), refused);
    assert_eq!(of(|schema| schema.schema_flags = 0x10), refused);
    assert_eq!(of(|schema| schema.min_version_major = 256), refused);
    assert_eq!(of(|schema| schema.max_version_major = 256), refused);
    assert_eq!(of(|schema| schema.dependency_count = 65_536), refused);
    assert_eq!(
        of(|schema| schema.default_stream_semantics = 65_536),
        refused
    );
}

#[test]
fn a_registry_installs_updates_and_tells_conflicts_by_code() {
    let schemas = registry(3);
    let known = token_delta();
    assert_eq!(
        install(schemas, &known),
        (NNRP_STATUS_OK, 0, NNRP_INSTALLED_ALREADY)
    );
    let newer = NnrpSchema {
        schema_version: 4,
        ..known
    };
    assert_eq!(
        install(schemas, &newer),
        (NNRP_STATUS_OK, 0, NNRP_INSTALLED_UPDATE)
    );
    let other = NnrpSchema {
        schema_id: 7,
        ..known
    };
    assert_eq!(
        install(schemas, &other),
        (NNRP_STATUS_OK, 0, NNRP_INSTALLED_NEW)
    );
    let rejected = |code| (NNRP_STATUS_SCHEMA_REJECTED, code, u32::MAX);
    let changed = NnrpSchema {
        schema_hash: 1,
        ..known
    };
    assert_eq!(
        install(schemas, &changed),
        rejected(NNRP_SCHEMA_ERROR_HASH_CONFLICT)
    );
    let unassigned = NnrpSchema {
        schema_id: 8,
        profile_id: 3,
        ..known
    };
    assert_eq!(
        install(schemas, &unassigned),
        rejected(NNRP_SCHEMA_ERROR_UPDATE_REJECTED)
    );
    let one_too_many = NnrpSchema {
        schema_id: 9,
        ..known
    };
    assert_eq!(
        install(schemas, &one_too_many),
        rejected(NNRP_SCHEMA_ERROR_UPDATE_REJECTED)
    );
    let (mut found, none) = (NnrpSchema::default(), ptr::null_mut());
    // SAFETY: all pointers are to live locals.
    unsafe {
        assert_eq!(
            nnrp_schemas_find(schemas, 7, 3, &raw mut found, none),
            NNRP_STATUS_OK
        );
        assert_eq!(found, other);
        assert_eq!(nnrp_schemas_remove(schemas, 7, 3, none), NNRP_STATUS_OK);
        let (gone, error) =
            diagnosed(|error| nnrp_schemas_find(schemas, 7, 3, &raw mut found, error));
        let code = error.protocol_code;
        assert_eq!(
            (gone, code),
            (
                NNRP_STATUS_SCHEMA_REJECTED,
                NNRP_SCHEMA_ERROR_VERSION_UNKNOWN
            )
        );
        assert_eq!(
            nnrp_schemas_remove(schemas, 7, 3, none),
            NNRP_STATUS_SCHEMA_REJECTED
        );
        assert_eq!(nnrp_release(schemas, none), NNRP_STATUS_OK);
        assert_eq!(nnrp_release(schemas, none), NNRP_STATUS_OK);
        assert_eq!(
            nnrp_schemas_remove(schemas, 7, 3, none),
            NNRP_STATUS_INVALID_HANDLE
        );
    }
    assert_eq!(install(schemas, &known).0, NNRP_STATUS_INVALID_HANDLE);
    let mut unused = 0;
    for capacity in [0, 65_537] {
        // SAFETY: `unused` is a live local.
        let status = unsafe { nnrp_schemas_create(capacity, &raw mut unused, ptr::null_mut()) };
        assert_eq!((status, unused), (NNRP_STATUS_INVALID_ARGUMENT, 0));
    }
}

#[test]
fn bindings_are_judged_as_the_specification_says_with_and_without_a_registry() {
    let (known, frame) = (token_delta(), token_frame(0, 0));
    let schemas = registry(16);
    let both = |frame: NnrpPayloadFrame| {
        let stateless = check(&frame, &[known]);
        // SAFETY: all pointers are to live locals.
        let (status, error) = diagnosed(|error| unsafe {
            nnrp_schemas_check_binding(schemas, &raw const frame, error)
        });
        assert_eq!(stateless, (status, error.protocol_code));
        stateless
    };
    let rejected = |code| (NNRP_STATUS_SCHEMA_REJECTED, code);
    assert_eq!(both(frame), (NNRP_STATUS_OK, 0));
    let bound = |profile_id, schema_id, schema_version| NnrpPayloadFrame {
        profile_id,
        schema_id,
        schema_version,
        ..frame
    };
    assert_eq!(
        both(bound(3, 0x1001, 3)),
        rejected(NNRP_SCHEMA_ERROR_UPDATE_REJECTED)
    );
    assert_eq!(both(bound(0, 0, 0)), (NNRP_STATUS_OK, 0));
    assert_eq!(
        both(bound(0, 0x1001, 3)),
        rejected(NNRP_SCHEMA_ERROR_INCOMPATIBLE)
    );
    assert_eq!(both(bound(2, 0, 3)), rejected(NNRP_SCHEMA_ERROR_UNKNOWN));
    assert_eq!(
        both(bound(2, 0x1001, 4)),
        rejected(NNRP_SCHEMA_ERROR_VERSION_UNKNOWN)
    );
    assert_eq!(
        both(bound(2, 0x1002, 3)),
        rejected(NNRP_SCHEMA_ERROR_UNKNOWN)
    );
    assert_eq!(
        both(bound(1, 0x1001, 3)),
        rejected(NNRP_SCHEMA_ERROR_INCOMPATIBLE)
    );
    // Without schemas nothing is known, and the array is not looked at.
    assert_eq!(check(&frame, &[]), rejected(NNRP_SCHEMA_ERROR_UNKNOWN));
    // Identical duplicates are fine, conflicting ones are not.
    assert_eq!(check(&frame, &[known, known]), (NNRP_STATUS_OK, 0));
    let conflict = NnrpSchema {
        schema_hash: 1,
        ..known
    };
    assert_eq!(
        check(&frame, &[known, conflict]),
        rejected(NNRP_SCHEMA_ERROR_HASH_CONFLICT)
    );
}

#[test]
fn null_pointers_are_told_by_parameter() {
    let (schema, frame, regions) = (token_delta(), token_frame(0, 0), NnrpBodyRegions::default());
    let (mut out, mut installed) = ([0_u8; 64], 0_u32);
    let schemas = registry(1);
    let null_of = |call: &mut dyn FnMut(*mut NnrpError) -> NnrpStatus| {
        let (status, error) = diagnosed(call);
        assert_eq!(status, NNRP_STATUS_NULL_POINTER);
        error.detail
    };
    // SAFETY: every pointer is NULL or to live memory of the stated size.
    unsafe {
        let bytes = out.as_mut_ptr();
        assert_eq!(
            null_of(&mut |e| nnrp_schema_read(ptr::null(), 32, bytes.cast(), e)),
            1
        );
        assert_eq!(
            null_of(&mut |e| nnrp_schema_read(bytes, 32, ptr::null_mut(), e)),
            3
        );
        assert_eq!(
            null_of(&mut |e| nnrp_schema_write(ptr::null(), bytes, 32, e)),
            1
        );
        assert_eq!(
            null_of(&mut |e| nnrp_schema_write(&raw const schema, ptr::null_mut(), 32, e)),
            2
        );
        assert_eq!(
            null_of(&mut |e| nnrp_schema_token_delta(ptr::null_mut(), e)),
            1
        );
        assert_eq!(
            null_of(&mut |e| nnrp_schemas_create(1, ptr::null_mut(), e)),
            2
        );
        assert_eq!(
            null_of(&mut |e| nnrp_schemas_install(schemas, ptr::null(), &raw mut installed, e)),
            2
        );
        assert_eq!(
            null_of(&mut |e| nnrp_schemas_install(schemas, &raw const schema, ptr::null_mut(), e)),
            3
        );
        assert_eq!(
            null_of(&mut |e| nnrp_schemas_find(schemas, 1, 1, ptr::null_mut(), e)),
            4
        );
        assert_eq!(
            null_of(&mut |e| nnrp_schemas_check_binding(schemas, ptr::null(), e)),
            2
        );
        assert_eq!(
            null_of(&mut |e| nnrp_payload_frame_read(ptr::null(), 24, bytes.cast(), e)),
            1
        );
        assert_eq!(
            null_of(&mut |e| nnrp_payload_frame_write(&raw const frame, ptr::null_mut(), 24, e)),
            2
        );
        assert_eq!(
            null_of(&mut |e| nnrp_payload_frame_token(0, ptr::null_mut(), e)),
            2
        );
        assert_eq!(
            null_of(&mut |e| nnrp_payload_check_binding(ptr::null(), ptr::null(), 0, e)),
            1
        );
        assert_eq!(
            null_of(&mut |e| nnrp_payload_check_binding(&raw const frame, ptr::null(), 1, e)),
            2
        );
        assert_eq!(
            null_of(&mut |e| nnrp_payload_check_partition(2, ptr::null(), 1, 0, e)),
            2
        );
        assert_eq!(
            null_of(&mut |e| nnrp_body_read_prelude(ptr::null(), 32, bytes.cast(), e)),
            1
        );
        assert_eq!(
            null_of(&mut |e| nnrp_body_write_prelude(ptr::null(), bytes, 32, e)),
            1
        );
        let sized = NnrpBodyRegions {
            struct_size: 56,
            ..regions
        };
        assert_eq!(
            null_of(&mut |e| nnrp_body_write_prelude(&raw const sized, ptr::null_mut(), 32, e)),
            2
        );
    }
}
