//! The implementation under test, as the cases see it: codecs, state machines, the way to it over a socket, its C ABI.
//!
//! Each method has the answer of this workspace; [`Native`] gives them all. A peer that breaks a rule on purpose replaces one.

mod flow;
mod machines;

use std::sync::Arc;

use nnrp_core::CodecError;
use nnrp_core::Header;
use nnrp_core::body::typed_payload::TypedRegion;
use nnrp_core::cache::{
    CacheDependency, CacheFailure, CacheLease, CacheObjectState, validate_dependencies,
};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::lifecycle::ConnectionLifecycle;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::operation::OperationRegistry;
use nnrp_core::resume::{self, ResumeOutcome};
use nnrp_core::schema::{SchemaFailure, SchemaRegistry};
use nnrp_transport_provider::{BoxFuture, Endpoint, Security};

pub use flow::Flow;
pub use machines::{Lifecycle, Objects, Operations, Schemas};

use super::abi::{Consumption, ForeignSchemas, Pump, Registry};
use super::verdict::Failure;
use crate::vectors::{Decoded, decode};

/// More operations and schemas than a case registers.
const ROOM: usize = 64;

/// Which end of a connection is the implementation under test; the case speaks for the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It connects.
    Client,
    /// It listens.
    Server,
}

/// An implementation under test.
pub trait Subject: Send + Sync {
    /// What `bytes` are as the structure of this name (spec 18), and what that encodes to. The outer error is a structure that
    /// does not exist.
    fn decode(&self, structure: &str, bytes: &[u8]) -> Result<Result<Decoded, CodecError>, String> {
        decode(structure, bytes)
    }

    /// The check of 02 §2.2.
    fn check_hello_ack(&self, hello: &ClientHello, ack: &ServerHelloAck) -> Result<(), CodecError> {
        ack.check_against(hello)
    }

    /// The routing check of 03 §3.6.
    fn check_flow_routing(&self, header: &Header, update: &FlowUpdate) -> Result<(), CodecError> {
        update.check_routing(header)
    }

    /// The server's check of 07 §7.3.
    fn check_resume_request(&self, open: &SessionOpen) -> Result<(), CodecError> {
        resume::check_request(open)
    }

    /// The client's check of 12 §12.1.
    fn check_resume_ack(
        &self,
        open: &SessionOpen,
        ack: &SessionOpenAck,
    ) -> Result<ResumeOutcome, CodecError> {
        resume::check_ack(open, ack)
    }

    /// The check of a typed payload region, 03 §3.10.
    fn check_typed_region(
        &self,
        kinds: PayloadKinds,
        count: u16,
        descriptors: &[u8],
        frames: &[u8],
    ) -> Result<(), CodecError> {
        TypedRegion::decode(kinds, count, descriptors, frames).map(|_| ())
    }

    /// The number that a cache failure travels as, 05 §5.3.
    fn cache_code(&self, failure: CacheFailure) -> u32 {
        failure.code().0
    }

    /// The number that a schema failure travels as, 05 §5.3.
    fn schema_code(&self, failure: SchemaFailure) -> u32 {
        failure.code().0
    }

    /// Whether a lease is live, 12 §12.2.
    fn check_lease(&self, lease: &CacheLease, now_ms: u64) -> Result<(), CacheFailure> {
        lease.validate_live_at(now_ms)
    }

    /// Whether a lease is of this version.
    fn check_version(&self, lease: &CacheLease, version: u64) -> Result<(), CacheFailure> {
        lease.validate_version(version)
    }

    /// Whether every dependency holds.
    fn check_dependencies(
        &self,
        dependencies: &[CacheDependency],
        states: &[CacheObjectState],
    ) -> Result<(), CacheFailure> {
        validate_dependencies(dependencies, |object| {
            states.iter().find(|state| state.object == *object).copied()
        })
    }

    /// A store of cached objects.
    fn objects(&self) -> Box<dyn Objects> {
        machines::objects()
    }

    /// The lifecycle of a new connection.
    fn lifecycle(&self) -> Box<dyn Lifecycle> {
        Box::new(ConnectionLifecycle::new())
    }

    /// An empty operation registry.
    fn operations(&self) -> Box<dyn Operations> {
        Box::new(OperationRegistry::new(ROOM, ROOM))
    }

    /// A registry with the standard schemas.
    fn schemas(&self) -> Box<dyn Schemas> {
        Box::new(SchemaRegistry::with_standard_profiles(ROOM))
    }

    /// A client's machine with the open sessions 42 and 43, one frame unanswered in each.
    fn flow(&self) -> Result<Box<dyn Flow>, Failure> {
        flow::machine()
    }

    /// The way to `endpoint` for who connects to it; `side` is the end that the implementation is.
    fn reach<'a>(
        &'a self,
        side: Side,
        endpoint: Endpoint,
        security: &'a Security,
    ) -> BoxFuture<'a, Result<Endpoint, String>> {
        let _ = (side, security);
        Box::pin(async { Ok(endpoint) })
    }

    /// The events that the C ABI gives to an application.
    fn pump(&self, consumption: Consumption, events: Box<dyn Pump>) -> Box<dyn Pump> {
        let _ = consumption;
        events
    }

    /// A schema registry of the C ABI.
    fn foreign_schemas(&self) -> Result<Box<dyn ForeignSchemas>, Failure> {
        Registry::create()
    }
}

/// This workspace as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native;

impl Subject for Native {}

/// [`Native`], to be shared by the threads of the cases.
#[must_use]
pub(super) fn native() -> Arc<dyn Subject> {
    Arc::new(Native)
}
