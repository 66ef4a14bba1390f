//! A schema registry of the C ABI, as an application uses it.

use nnrp::{NnrpError, NnrpHandle, NnrpPayloadFrame, NnrpSchema, safe};
use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::schema::SchemaDescriptor;

use super::super::verdict::Failure;
use super::diagnosis::said;

/// What an application may ask of schemas through the C ABI; an error is its code on the wire.
pub trait ForeignSchemas {
    /// Installs a schema; `NNRP_INSTALLED_*`.
    fn install(&mut self, schema: &SchemaDescriptor) -> Result<u32, u32>;
    /// Removes one version of a schema.
    fn remove(&mut self, id: u32, version: u32) -> Result<(), u32>;
    /// Whether the payload of a descriptor can be interpreted.
    fn check_binding(&self, payload: &TypedPayloadDescriptor) -> Result<(), u32>;
}

/// A schema registry behind a handle.
pub(in crate::adapter) struct Registry(NnrpHandle);

impl Registry {
    pub(in crate::adapter) fn create() -> Result<Box<dyn ForeignSchemas>, Failure> {
        let created = safe::schemas(16);
        Ok(Box::new(Self(said("nnrp_schemas_create", created)?)))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It was created, so it is there.
        let _ = safe::release(self.0);
    }
}

impl ForeignSchemas for Registry {
    fn install(&mut self, schema: &SchemaDescriptor) -> Result<u32, u32> {
        let schema = NnrpSchema {
            struct_size: size_of::<NnrpSchema>().try_into().unwrap_or_default(),
            schema_id: schema.schema_id,
            schema_version: schema.schema_version,
            profile_id: schema.profile_id.into(),
            schema_flags: schema.schema_flags.bits().into(),
            min_version_major: schema.min_version_major.into(),
            max_version_major: schema.max_version_major.into(),
            body_bytes: schema.body_bytes,
            dependency_count: schema.dependency_count.into(),
            default_stream_semantics: schema.default_stream_semantics.0.into(),
            schema_hash: schema.schema_hash,
        };
        safe::install(self.0, &schema).map_err(code)
    }

    fn remove(&mut self, id: u32, version: u32) -> Result<(), u32> {
        safe::remove(self.0, id, version).map_err(code)
    }

    fn check_binding(&self, payload: &TypedPayloadDescriptor) -> Result<(), u32> {
        let frame = NnrpPayloadFrame {
            struct_size: size_of::<NnrpPayloadFrame>().try_into().unwrap_or_default(),
            profile_id: payload.profile_id.into(),
            descriptor_flags: payload.descriptor_flags.bits().into(),
            schema_id: payload.schema_id,
            schema_version: payload.schema_version,
            stream_semantics: payload.stream_semantics.0.into(),
            offset: payload.offset,
            length: payload.length,
        };
        safe::check_binding(self.0, &frame).map_err(code)
    }
}

fn code(error: NnrpError) -> u32 {
    error.protocol_code
}
