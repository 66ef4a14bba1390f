//! The lines of single structures: schema headers, descriptors, references, preludes.

use nnrp_core::CodecError;
use nnrp_core::body::object_reference::ObjectRegion;
use nnrp_core::body::prelude::BodyPrelude;
use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::schema::{Installed, SchemaDescriptor, SchemaRegistry};

use super::error::{write_codec_error, write_schema_failure};
use super::fields::{encodes_back, write_structure};
use super::json::Json;

/// Room for the standard schema and the one that is installed.
const REGISTRY: usize = 2;

pub(super) fn write_schema_header(json: &mut Json, bytes: &[u8]) {
    let decoded = SchemaDescriptor::decode(bytes);
    write_structure(json.key("m"), &decoded);
    let Ok(schema) = decoded else { return };
    json.key("re").boolean(encodes_back(&schema, bytes));
    json.key("install");
    match SchemaRegistry::with_standard_profiles(REGISTRY).install(schema) {
        Ok(Installed::Installed) => json.text("installed"),
        Ok(Installed::AlreadyInstalled) => json.text("already_installed"),
        Ok(Installed::Updated) => json.text("updated"),
        Err(failure) => write_schema_failure(json, failure),
    }
}

pub(super) fn write_typed_descriptor(json: &mut Json, bytes: &[u8]) {
    let decoded = TypedPayloadDescriptor::decode(bytes);
    write_structure(json.key("m"), &decoded);
    let Ok(descriptor) = decoded else { return };
    json.key("re").boolean(encodes_back(&descriptor, bytes));
    json.key("binding");
    match SchemaRegistry::with_standard_profiles(REGISTRY).check_binding(&descriptor) {
        Ok(()) => json.text("ok"),
        Err(failure) => write_schema_failure(json, failure),
    }
}

pub(super) fn write_object_region(json: &mut Json, bytes: &[u8]) {
    write_references(json.key("o"), &ObjectRegion::decode(bytes));
}

pub(super) fn write_prelude(json: &mut Json, bytes: &[u8]) {
    let decoded = BodyPrelude::decode(bytes);
    write_structure(json.key("m"), &decoded);
    let Ok(prelude) = decoded else { return };
    json.key("t");
    match prelude.total() {
        Ok(total) => json.number(total.into()),
        Err(error) => write_codec_error(json, &error),
    }
}

/// The references of a region, or the error of its decoder.
pub(super) fn write_references(json: &mut Json, region: &Result<ObjectRegion<'_>, CodecError>) {
    let region = match region {
        Ok(region) => region,
        Err(error) => return write_codec_error(json, error),
    };
    json.list(|json| {
        for reference in region.references() {
            json.list(|json| {
                json.number(reference.object_kind.to_wire().into());
                json.number(reference.cache_namespace.into());
                json.number(reference.cache_key_hi.into());
                json.number(reference.cache_key_lo.into());
            });
        }
    });
}
