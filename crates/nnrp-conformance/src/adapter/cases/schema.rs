//! `l0.schema.*`, `l1.schema.*`: descriptors, codes and the registry (spec 04 §4.5–§4.8).

use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::code::StreamSemantics;
use nnrp_core::flags::DescriptorFlags;
use nnrp_core::schema::{Installed, SchemaDescriptor, SchemaFailure};

use super::super::subject::Subject;
use super::super::verdict::{Verdict, holds, same};
use super::field::{each_alone, known_flags, reserved, shorter, unknown_flags};
use super::vector::{accepts, bytes_of, golden, with_number};

const TOKEN_V1: &str = "preview3.metadata.schema_descriptor.token_v1";
const STRUCTURE: &str = "schema_descriptor_header";

/// `l0.schema.descriptor.header.golden`
pub(in super::super) fn descriptor_golden(subject: &dyn Subject) -> Verdict {
    golden(subject, TOKEN_V1)
}

/// `l0.schema.error_code.family.golden`
pub(in super::super) fn error_codes(subject: &dyn Subject) -> Verdict {
    for (failure, code) in [
        (SchemaFailure::Unknown, [1, 0, 4, 0]),
        (SchemaFailure::VersionUnknown, [2, 0, 4, 0]),
        (SchemaFailure::HashConflict, [3, 0, 4, 0]),
        (SchemaFailure::Incompatible, [4, 0, 4, 0]),
        (SchemaFailure::UpdateRejected, [6, 0, 4, 0]),
    ] {
        let found = subject.schema_code(failure).to_le_bytes();
        same(&format!("the code of {failure:?}"), found, code)?;
    }
    Ok(())
}

/// `l1.schema.descriptor.layout.validation`
pub(in super::super) fn layout(subject: &dyn Subject) -> Verdict {
    let zero = [0; 32];
    let fields = [
        ("metadata.schema_id", (0, 4), 0x0403_0201),
        ("metadata.schema_version", (4, 4), 0x0807_0605),
        ("metadata.profile_id", (8, 2), 0x0a09),
        ("metadata.schema_flags", (10, 2), 0x000f),
        ("metadata.min_version_major", (12, 1), 0x0c),
        ("metadata.max_version_major", (13, 1), 0x0d),
        ("metadata.body_bytes", (16, 4), 0x1413_1211),
        ("metadata.dependency_count", (20, 2), 0x1615),
        ("metadata.default_stream_semantics", (22, 2), 0x1817),
        ("metadata.schema_hash", (24, 8), 0x201f_1e1d_1c1b_1a19),
    ];
    each_alone(subject, STRUCTURE, &zero, &fields, &[])?;
    let name = "schema_descriptor.reserved0";
    reserved(subject, STRUCTURE, &zero, (14, 2), name)?;
    shorter(subject, STRUCTURE, &zero)
}

/// `l1.schema.descriptor.flags.validation`
pub(in super::super) fn flags(subject: &dyn Subject) -> Verdict {
    let bytes = bytes_of(TOKEN_V1)?;
    let place = (10, 2);
    let named = ("metadata.schema_flags", place);
    known_flags(subject, STRUCTURE, &bytes, named, 4)?;
    let all_known = with_number(&bytes, place, 0x000f);
    unknown_flags(subject, STRUCTURE, &all_known, place, 4)
}

/// `l1.schema.descriptor.default_stream.validation`
pub(in super::super) fn default_stream(subject: &dyn Subject) -> Verdict {
    let registry = subject.schemas();
    let standard = registry.get(0x1001, 3);
    let semantics = standard.map(|schema| schema.default_stream_semantics.0);
    same("default semantics of token-delta", semantics, Some(2))?;
    // Any number travels, and none of them plays a part in the binding.
    for semantics in [0, 1, 2, 3, 4, 5, 6, 0xffff] {
        let what = format!("stream_semantics {semantics}");
        let bytes = with_number(&bytes_of(TOKEN_V1)?, (22, 2), semantics.into());
        let decoded = accepts(subject, &what, STRUCTURE, &bytes)?;
        same(&what, &decoded.encoded[22..24], &bytes[22..24])?;
        let payload = TypedPayloadDescriptor {
            stream_semantics: StreamSemantics(semantics),
            ..token_payload()
        };
        same(&what, registry.check_binding(&payload), Ok(()))?;
    }
    Ok(())
}

/// `l1.schema.registry.install_update.validation`
pub(in super::super) fn install_update(subject: &dyn Subject) -> Verdict {
    let mut registry = subject.schemas();
    let first = schema(0x20, 1, 1, 0x11);
    let outcome = registry.install(first);
    same("a schema", outcome, Ok(Installed::Installed))?;
    let outcome = registry.install(first);
    same("the same", outcome, Ok(Installed::AlreadyInstalled))?;
    let other_body = SchemaDescriptor {
        body_bytes: 9,
        ..first
    };
    let outcome = registry.install(other_body);
    let what = "hash and profile alone decide what is the same";
    same(what, outcome, Ok(Installed::AlreadyInstalled))?;
    let outcome = registry.install(schema(0x20, 3, 1, 0x13));
    same("a higher version", outcome, Ok(Installed::Updated))?;
    let outcome = registry.install(schema(0x20, 2, 1, 0x12));
    same("one between", outcome, Ok(Installed::Updated))?;
    let outcome = registry.install(schema(0x21, 9, 1, 0x11));
    same("another schema", outcome, Ok(Installed::Installed))?;
    let outcome = registry.install(schema(0x21, 8, 1, 0x11));
    let what = "a lower version than any that is there";
    same(what, outcome, Ok(Installed::Installed))?;
    for version in 1..=3 {
        let kept = registry.get(0x20, version).is_some();
        holds(&format!("version {version} stays after an update"), kept)?;
    }
    let outcome = registry.install(schema(0x22, 1, 0xffff, 0x11));
    let what = "a profile that is not assigned";
    same(what, outcome, Err(SchemaFailure::UpdateRejected))
}

/// `l1.schema.registry.invalidate_conflict.validation`
pub(in super::super) fn invalidate_conflict(subject: &dyn Subject) -> Verdict {
    let mut registry = subject.schemas();
    let outcome = registry.install(schema(0x20, 2, 1, 0x11));
    same("a schema", outcome, Ok(Installed::Installed))?;
    for (what, conflicting) in [
        ("another hash", schema(0x20, 2, 1, 0x12)),
        ("another profile", schema(0x20, 2, 2, 0x11)),
    ] {
        let outcome = registry.install(conflicting);
        same(what, outcome, Err(SchemaFailure::HashConflict))?;
        let kept = registry.get(0x20, 2).map(|schema| schema.schema_hash);
        same("a conflict changes nothing", kept, Some(0x11))?;
    }
    same("invalidate", registry.invalidate(0x20, 2), Ok(()))?;
    let unknown = Err(SchemaFailure::VersionUnknown);
    same("invalidate again", registry.invalidate(0x20, 2), unknown)?;
    same("an unknown schema", registry.invalidate(0x99, 1), unknown)?;
    let outcome = registry.install(schema(0x20, 2, 1, 0x12));
    let what = "the other hash once the first is gone";
    same(what, outcome, Ok(Installed::Installed))
}

pub(super) fn schema(
    schema_id: u32,
    schema_version: u32,
    profile_id: u16,
    hash: u64,
) -> SchemaDescriptor {
    SchemaDescriptor {
        schema_id,
        schema_version,
        profile_id,
        schema_hash: hash,
        ..SchemaDescriptor::default()
    }
}

/// A descriptor that the token-delta schema binds.
pub(super) fn token_payload() -> TypedPayloadDescriptor {
    TypedPayloadDescriptor {
        profile_id: 2,
        descriptor_flags: DescriptorFlags::PARTIAL,
        schema_id: 0x1001,
        schema_version: 3,
        ..TypedPayloadDescriptor::default()
    }
}
