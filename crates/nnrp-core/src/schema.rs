//! Schema descriptors and the registry that binds payloads to them (spec 04 §4.5–§4.8).

use alloc::collections::BTreeMap;
use core::fmt;

use crate::body::typed_payload::TypedPayloadDescriptor;
use crate::code::{
    ErrorCode, PROFILE_TENSOR, PROFILE_TOKEN, PROFILE_UNSPECIFIED, SCHEMA_TOKEN_DELTA,
    SCHEMA_TOKEN_DELTA_VERSION, StreamSemantics,
};
use crate::flags::SchemaFlags;
use crate::header::VERSION_MAJOR;
use crate::wire::fixed_structure;

fixed_structure! {
    /// Header of a schema; `body_bytes` of schema follow it where one travels.
    SchemaDescriptor "schema_descriptor" 32 {
        /// The schema.
        schema_id: u32 as u32 @ 0,
        /// Its version.
        schema_version: u32 as u32 @ 4,
        /// The profile that owns it.
        profile_id: u16 as u16 @ 8,
        /// What may be done with it.
        schema_flags: SchemaFlags as u16 @ 10,
        /// Lowest major version it applies to.
        min_version_major: u8 as u8 @ 12,
        /// Highest major version it applies to.
        max_version_major: u8 as u8 @ 13,
        /// Bytes of the schema body.
        body_bytes: u32 as u32 @ 16,
        /// Schemas it depends on.
        dependency_count: u16 as u16 @ 20,
        /// How its payloads follow one another unless they say otherwise.
        default_stream_semantics: StreamSemantics as u16 @ 22,
        /// Digest of the body.
        schema_hash: u64 as u64 @ 24,
    }
    reserved { reserved0: u16 @ 14, }
}

impl SchemaDescriptor {
    /// The token-delta schema that every peer has installed (spec 04 §4.7).
    #[must_use]
    pub fn token_delta() -> Self {
        Self {
            schema_id: SCHEMA_TOKEN_DELTA,
            schema_version: SCHEMA_TOKEN_DELTA_VERSION,
            profile_id: PROFILE_TOKEN,
            schema_flags: SchemaFlags::NONE,
            min_version_major: VERSION_MAJOR,
            max_version_major: VERSION_MAJOR,
            body_bytes: 0,
            dependency_count: 0,
            default_stream_semantics: StreamSemantics::APPEND,
            schema_hash: u64::from_be_bytes(*b"nnrptok3"),
        }
    }
}

/// Why a schema cannot be installed, removed or bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SchemaFailure {
    /// The schema id is not installed.
    Unknown,
    /// The id is installed, but not in this version.
    VersionUnknown,
    /// The same id and version is installed with another content.
    HashConflict,
    /// The schema belongs to another profile.
    Incompatible,
    /// The profile is not assigned, or the registry is full.
    UpdateRejected,
}

impl SchemaFailure {
    /// The code of `ERROR` (spec 05 §5.3).
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Unknown => ErrorCode::SCHEMA_UNKNOWN,
            Self::VersionUnknown => ErrorCode::SCHEMA_VERSION_UNKNOWN,
            Self::HashConflict => ErrorCode::SCHEMA_HASH_CONFLICT,
            Self::Incompatible => ErrorCode::SCHEMA_INCOMPATIBLE,
            Self::UpdateRejected => ErrorCode::SCHEMA_UPDATE_REJECTED,
        }
    }
}

impl fmt::Display for SchemaFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "the schema is not installed; install it first",
            Self::VersionUnknown => "the schema is installed in another version only",
            Self::HashConflict => {
                "the same schema and version is installed with another content; raise the version"
            }
            Self::Incompatible => "the schema belongs to another profile than the payload",
            Self::UpdateRejected => "the profile is not assigned, or the registry is full",
        })
    }
}

impl core::error::Error for SchemaFailure {}

/// What an accepted [`SchemaRegistry::install`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Installed {
    /// Stored; no lower version of the schema was there.
    Installed,
    /// The same descriptor was there already.
    AlreadyInstalled,
    /// Stored beside a lower version, which stays.
    Updated,
}

/// Installed schemas by id and version, at most a fixed number.
#[derive(Clone, Debug)]
pub struct SchemaRegistry {
    schemas: BTreeMap<(u32, u32), SchemaDescriptor>,
    capacity: usize,
}

impl SchemaRegistry {
    /// An empty registry for at most `capacity` schemas.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            schemas: BTreeMap::new(),
            capacity,
        }
    }

    /// A registry that holds the token-delta schema, as every peer's does, and has room for
    /// `capacity` in all, at least that one.
    #[must_use]
    pub fn with_standard_profiles(capacity: usize) -> Self {
        let mut registry = Self::new(capacity.max(1));
        let token_delta = SchemaDescriptor::token_delta();
        let key = (token_delta.schema_id, token_delta.schema_version);
        registry.schemas.insert(key, token_delta);
        registry
    }

    /// Installs a schema; older versions of it stay.
    pub fn install(&mut self, descriptor: SchemaDescriptor) -> Result<Installed, SchemaFailure> {
        check_profile(descriptor.profile_id)?;
        let key = (descriptor.schema_id, descriptor.schema_version);
        if let Some(present) = self.schemas.get(&key) {
            let same = present.schema_hash == descriptor.schema_hash
                && present.profile_id == descriptor.profile_id;
            return if same {
                Ok(Installed::AlreadyInstalled)
            } else {
                Err(SchemaFailure::HashConflict)
            };
        }
        if self.schemas.len() >= self.capacity {
            return Err(SchemaFailure::UpdateRejected);
        }
        let lower_versions = (descriptor.schema_id, 0)..key;
        let outcome = match self.schemas.range(lower_versions).next() {
            Some(_) => Installed::Updated,
            None => Installed::Installed,
        };
        self.schemas.insert(key, descriptor);
        Ok(outcome)
    }

    /// Removes one version of a schema.
    pub fn invalidate(&mut self, schema_id: u32, schema_version: u32) -> Result<(), SchemaFailure> {
        match self.schemas.remove(&(schema_id, schema_version)) {
            Some(_) => Ok(()),
            None => Err(SchemaFailure::VersionUnknown),
        }
    }

    /// The schema of this id and version, if it is installed.
    #[must_use]
    pub fn get(&self, schema_id: u32, schema_version: u32) -> Option<&SchemaDescriptor> {
        self.schemas.get(&(schema_id, schema_version))
    }

    /// Schemas installed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.schemas.len()
    }

    /// Whether nothing is installed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.schemas.is_empty()
    }

    /// Whether the payload of a descriptor can be interpreted.
    pub fn check_binding(&self, payload: &TypedPayloadDescriptor) -> Result<(), SchemaFailure> {
        check_profile(payload.profile_id)?;
        let (id, version) = (payload.schema_id, payload.schema_version);
        if payload.profile_id == PROFILE_UNSPECIFIED {
            return match (id, version) {
                (0, 0) => Ok(()),
                _ => Err(SchemaFailure::Incompatible),
            };
        }
        match self.get(id, version) {
            _ if id == 0 => Err(SchemaFailure::Unknown),
            Some(schema) if schema.profile_id != payload.profile_id => {
                Err(SchemaFailure::Incompatible)
            }
            Some(_) => Ok(()),
            None if self.has_any_version(id) => Err(SchemaFailure::VersionUnknown),
            None => Err(SchemaFailure::Unknown),
        }
    }

    fn has_any_version(&self, schema_id: u32) -> bool {
        let versions = (schema_id, 0)..=(schema_id, u32::MAX);
        self.schemas.range(versions).next().is_some()
    }
}

/// Whether the profile is assigned (spec 04 §4.8, profile check).
pub fn check_profile(profile_id: u16) -> Result<(), SchemaFailure> {
    match profile_id {
        PROFILE_UNSPECIFIED | PROFILE_TENSOR | PROFILE_TOKEN => Ok(()),
        _ => Err(SchemaFailure::UpdateRejected),
    }
}
