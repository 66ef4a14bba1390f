//! This implementation with one rule broken in its codecs and checks.

use nnrp_conformance::adapter::{
    Consumption, Failure, Flow, ForeignSchemas, Lifecycle, Native, Objects, Operations, Pump,
    Schemas, Side, Subject,
};
use nnrp_conformance::vectors::Decoded;
use nnrp_core::cache::{CacheDependency, CacheFailure, CacheLease, CacheObjectState};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::resume::ResumeOutcome;
use nnrp_core::schema::SchemaFailure;
use nnrp_core::{CodecError, Header, MessageType};
use nnrp_transport_provider::{BoxFuture, Endpoint, Security};

use crate::{edge, machines};

/// A peer that keeps to every rule but this one.
#[derive(Clone, Copy)]
pub(crate) struct Faulty {
    pub(crate) rule: &'static str,
}

impl Faulty {
    fn breaks(&self, rule: &str) -> bool {
        self.rule == rule
    }

    /// Lets pass what the rule forbids.
    fn lenient<T: Default>(&self, outcome: Result<T, CodecError>) -> Result<T, CodecError> {
        match outcome {
            Err(CodecError::InvalidProtocolCombination(rule)) if self.breaks(rule.as_str()) => {
                Ok(T::default())
            }
            outcome => outcome,
        }
    }
}

impl Subject for Faulty {
    fn decode(&self, structure: &str, bytes: &[u8]) -> Result<Result<Decoded, CodecError>, String> {
        let name = match structure {
            "packet" => match bytes.get(6).map(|number| MessageType::from_wire(*number)) {
                Some(Ok(message_type)) => message_type.name().to_lowercase(),
                _ => structure.to_owned(),
            },
            structure => structure.to_lowercase(),
        };
        Ok(match Native.decode(structure, bytes)? {
            Err(error) if self.breaks(&rule_of(&name, &error)) => Ok(Decoded::default()),
            Ok(mut decoded) if self.breaks(&format!("{name}.layout")) => {
                let last = decoded.encoded.last_mut();
                *last.expect("no structure is empty") ^= 1;
                Ok(decoded)
            }
            outcome => outcome,
        })
    }

    fn check_hello_ack(&self, hello: &ClientHello, ack: &ServerHelloAck) -> Result<(), CodecError> {
        self.lenient(Native.check_hello_ack(hello, ack))
    }

    fn check_flow_routing(&self, header: &Header, update: &FlowUpdate) -> Result<(), CodecError> {
        self.lenient(Native.check_flow_routing(header, update))
    }

    fn check_resume_request(&self, open: &SessionOpen) -> Result<(), CodecError> {
        self.lenient(Native.check_resume_request(open))
    }

    fn check_resume_ack(
        &self,
        open: &SessionOpen,
        ack: &SessionOpenAck,
    ) -> Result<ResumeOutcome, CodecError> {
        match Native.check_resume_ack(open, ack) {
            Ok(ResumeOutcome::Resumed { .. }) if self.breaks("resume.outcome.resumed") => {
                Ok(ResumeOutcome::Fresh)
            }
            Ok(ResumeOutcome::Rejected) if self.breaks("resume.outcome.rejected") => {
                Ok(ResumeOutcome::Fresh)
            }
            Err(CodecError::InvalidProtocolCombination(rule)) if self.breaks(rule.as_str()) => {
                Ok(ResumeOutcome::Fresh)
            }
            outcome => outcome,
        }
    }

    fn check_typed_region(
        &self,
        kinds: PayloadKinds,
        count: u16,
        descriptors: &[u8],
        frames: &[u8],
    ) -> Result<(), CodecError> {
        self.lenient(Native.check_typed_region(kinds, count, descriptors, frames))
    }

    fn cache_code(&self, failure: CacheFailure) -> u32 {
        let name = match failure {
            CacheFailure::Miss => "cache.code.cache_miss",
            CacheFailure::LeaseExpired => "cache.code.lease_expired",
            CacheFailure::VersionMismatch => "cache.code.version_mismatch",
            CacheFailure::DependencyInvalid => "cache.code.dependency_invalid",
            CacheFailure::SchemaMismatch => "cache.code.schema_mismatch",
        };
        Native.cache_code(failure) + u32::from(self.breaks(name))
    }

    fn schema_code(&self, failure: SchemaFailure) -> u32 {
        let name = match failure {
            SchemaFailure::Unknown => "schema.code.unknown",
            SchemaFailure::VersionUnknown => "schema.code.version_unknown",
            SchemaFailure::HashConflict => "schema.code.hash_conflict",
            SchemaFailure::Incompatible => "schema.code.incompatible",
            SchemaFailure::UpdateRejected => "schema.code.update_rejected",
        };
        Native.schema_code(failure) + u32::from(self.breaks(name))
    }

    fn check_lease(&self, lease: &CacheLease, now_ms: u64) -> Result<(), CacheFailure> {
        if self.breaks("cache.lease.boundary") && now_ms == lease.expires_at_ms() {
            return Ok(());
        }
        Native.check_lease(lease, now_ms)
    }

    fn check_version(&self, lease: &CacheLease, version: u64) -> Result<(), CacheFailure> {
        if self.breaks("cache.version") {
            return Ok(());
        }
        Native.check_version(lease, version)
    }

    fn check_dependencies(
        &self,
        dependencies: &[CacheDependency],
        states: &[CacheObjectState],
    ) -> Result<(), CacheFailure> {
        let mut states = states.to_vec();
        for state in &mut states {
            if self.breaks("cache.dependency.invalidated") {
                state.invalidated = false;
            }
            let of_state = |dependency: &&CacheDependency| dependency.object == state.object;
            if let Some(dependency) = dependencies.iter().find(of_state)
                && self.breaks("cache.dependency.version")
            {
                state.object_version = dependency.required_version;
            }
        }
        Native.check_dependencies(dependencies, &states)
    }

    fn objects(&self) -> Box<dyn Objects> {
        machines::objects(self.rule)
    }

    fn lifecycle(&self) -> Box<dyn Lifecycle> {
        machines::lifecycle(self.rule)
    }

    fn operations(&self) -> Box<dyn Operations> {
        machines::operations(self.rule)
    }

    fn schemas(&self) -> Box<dyn Schemas> {
        machines::schemas(self.rule)
    }

    fn flow(&self) -> Result<Box<dyn Flow>, Failure> {
        machines::flow(self.rule)
    }

    fn reach<'a>(
        &'a self,
        side: Side,
        endpoint: Endpoint,
        security: &'a Security,
    ) -> BoxFuture<'a, Result<Endpoint, String>> {
        Box::pin(edge::before(self.rule, side, endpoint, security.clone()))
    }

    fn pump(&self, consumption: Consumption, events: Box<dyn Pump>) -> Box<dyn Pump> {
        machines::pump(self.rule, consumption, events)
    }

    fn foreign_schemas(&self) -> Result<Box<dyn ForeignSchemas>, Failure> {
        machines::foreign_schemas(self.rule)
    }
}

/// The rule that bytes of a structure have broken.
fn rule_of(structure: &str, error: &CodecError) -> String {
    match error {
        CodecError::InvalidProtocolCombination(rule) => rule.as_str().to_owned(),
        CodecError::NonZeroReservedField(field) => (*field).to_owned(),
        CodecError::ReservedBitsSet { .. } => format!("{structure}.flags"),
        CodecError::UnknownEnumValue { enum_name, .. } => format!("{structure}.{enum_name}"),
        CodecError::SourceTooShort { .. } => format!("{structure}.size"),
        CodecError::InvalidHeaderLength(_) => "header.header_len".to_owned(),
        CodecError::PacketLengthMismatch { .. } => "packet.length".to_owned(),
        other => other.name().to_owned(),
    }
}
