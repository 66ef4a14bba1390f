//! The schema registry: installing, removing, binding (spec 04 §4.7, §4.8).

use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::code::{ErrorCode, StreamSemantics};
use nnrp_core::schema::{Installed, SchemaDescriptor, SchemaFailure, SchemaRegistry};

fn schema(schema_version: u32, profile_id: u16, schema_hash: u64) -> SchemaDescriptor {
    SchemaDescriptor {
        schema_id: 0x20,
        schema_version,
        profile_id,
        schema_hash,
        ..SchemaDescriptor::default()
    }
}

fn payload(profile_id: u16, schema_id: u32, schema_version: u32) -> TypedPayloadDescriptor {
    TypedPayloadDescriptor {
        profile_id,
        schema_id,
        schema_version,
        ..TypedPayloadDescriptor::default()
    }
}

#[test]
fn installing_follows_its_table() {
    let mut registry = SchemaRegistry::new(8);
    assert!(registry.is_empty());
    assert_eq!(
        registry.install(schema(1, 1, 0x11)),
        Ok(Installed::Installed)
    );
    let other_fields = SchemaDescriptor {
        body_bytes: 99,
        default_stream_semantics: StreamSemantics(77),
        ..schema(1, 1, 0x11)
    };
    assert_eq!(
        registry.install(other_fields),
        Ok(Installed::AlreadyInstalled)
    );
    let conflict = Err(SchemaFailure::HashConflict);
    assert_eq!(registry.install(schema(1, 1, 0x12)), conflict);
    assert_eq!(registry.install(schema(1, 2, 0x11)), conflict);
    assert_eq!(registry.install(schema(3, 1, 0)), Ok(Installed::Updated));
    assert_eq!(registry.install(schema(2, 1, 0)), Ok(Installed::Updated));
    assert_eq!(registry.install(schema(0, 1, 0)), Ok(Installed::Installed));
    let unassigned = registry.install(schema(9, 0xffff, 0));
    assert_eq!(unassigned, Err(SchemaFailure::UpdateRejected));
    assert_eq!(registry.len(), 4);
    assert_eq!(registry.get(0x20, 1), Some(&schema(1, 1, 0x11)));

    assert_eq!(registry.invalidate(0x20, 2), Ok(()));
    let unknown = Err(SchemaFailure::VersionUnknown);
    assert_eq!(registry.invalidate(0x20, 2), unknown);
    assert_eq!(registry.invalidate(0x99, 1), unknown);
}

#[test]
fn a_full_registry_takes_nothing_new_and_keeps_what_it_has() {
    let mut registry = SchemaRegistry::with_standard_profiles(0);
    assert_eq!(registry.len(), 1);
    let refused = registry.install(schema(1, 1, 0));
    assert_eq!(refused, Err(SchemaFailure::UpdateRejected));
    let again = registry.install(SchemaDescriptor::token_delta());
    assert_eq!(again, Ok(Installed::AlreadyInstalled));
}

#[test]
fn binding_follows_its_table() {
    let mut registry = SchemaRegistry::with_standard_profiles(8);
    registry.install(schema(2, 1, 0)).expect("a free place");
    let cases = [
        (payload(3, 0, 0), Err(SchemaFailure::UpdateRejected)),
        (payload(0, 0, 0), Ok(())),
        (payload(0, 0x20, 0), Err(SchemaFailure::Incompatible)),
        (payload(0, 0, 1), Err(SchemaFailure::Incompatible)),
        (payload(1, 0, 2), Err(SchemaFailure::Unknown)),
        (payload(1, 0x20, 1), Err(SchemaFailure::VersionUnknown)),
        (payload(1, 0x21, 2), Err(SchemaFailure::Unknown)),
        (payload(2, 0x20, 2), Err(SchemaFailure::Incompatible)),
        (payload(1, 0x20, 2), Ok(())),
        (payload(2, 0x1001, 3), Ok(())),
    ];
    for (payload, outcome) in cases {
        assert_eq!(registry.check_binding(&payload), outcome, "{payload:?}");
    }
}

#[test]
fn every_failure_has_its_code_and_says_what_to_do() {
    let failures = [
        (SchemaFailure::Unknown, ErrorCode::SCHEMA_UNKNOWN),
        (
            SchemaFailure::VersionUnknown,
            ErrorCode::SCHEMA_VERSION_UNKNOWN,
        ),
        (SchemaFailure::HashConflict, ErrorCode::SCHEMA_HASH_CONFLICT),
        (SchemaFailure::Incompatible, ErrorCode::SCHEMA_INCOMPATIBLE),
        (
            SchemaFailure::UpdateRejected,
            ErrorCode::SCHEMA_UPDATE_REJECTED,
        ),
    ];
    for (failure, code) in failures {
        assert_eq!(failure.code(), code);
        assert!(failure.to_string().len() > 20, "{failure}");
    }
}
