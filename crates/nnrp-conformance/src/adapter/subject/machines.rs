//! The state machines of a subject: what a case feeds them and what it sees of them.

use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::cache::{
    CacheBudget, CacheDependency, CacheFailure, CacheLease, CachedObject, ObjectIdentity,
    ObjectStore, Terms,
};
use nnrp_core::code::{CancelScope, OperationState};
use nnrp_core::lifecycle::{ConnectionLifecycle, ConnectionState, SessionRecord};
use nnrp_core::message::cache::CacheInvalidate;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::session::{SessionClose, SessionCloseAck, SessionOpenAck};
use nnrp_core::operation::{OperationDescriptor, OperationRegistry};
use nnrp_core::schema::{Installed, SchemaDescriptor, SchemaFailure, SchemaRegistry};
use nnrp_core::{ErrorKind, Header};

/// Connection and session states (spec 10).
pub trait Lifecycle {
    /// An ack was received.
    fn apply_open_ack(&mut self, ack: &SessionOpenAck) -> Result<(), ErrorKind>;
    /// A close was received.
    fn begin_close(&mut self, header: &Header, close: &SessionClose) -> Result<(), ErrorKind>;
    /// The ack of a close was received.
    fn apply_close_ack(&mut self, header: &Header, ack: &SessionCloseAck) -> Result<(), ErrorKind>;
    /// A flow update was received.
    fn check_flow_update(&self, header: &Header, update: &FlowUpdate) -> Result<(), ErrorKind>;
    /// The connection is closed.
    fn close(&mut self) -> Result<(), ErrorKind>;
    /// State of the connection.
    fn state(&self) -> ConnectionState;
    /// What is known of a session.
    fn session(&self, session_id: u32) -> Option<SessionRecord>;
}

impl Lifecycle for ConnectionLifecycle {
    fn apply_open_ack(&mut self, ack: &SessionOpenAck) -> Result<(), ErrorKind> {
        self.apply_open_ack(ack)
    }

    fn begin_close(&mut self, header: &Header, close: &SessionClose) -> Result<(), ErrorKind> {
        self.begin_close(header, close)
    }

    fn apply_close_ack(&mut self, header: &Header, ack: &SessionCloseAck) -> Result<(), ErrorKind> {
        self.apply_close_ack(header, ack)
    }

    fn check_flow_update(&self, header: &Header, update: &FlowUpdate) -> Result<(), ErrorKind> {
        self.check_flow_update(header, update)
    }

    fn close(&mut self) -> Result<(), ErrorKind> {
        self.close()
    }

    fn state(&self) -> ConnectionState {
        self.state()
    }

    fn session(&self, session_id: u32) -> Option<SessionRecord> {
        self.session(session_id).copied()
    }
}

/// The operation registry (spec 11 §11.1).
pub trait Operations {
    /// Adds an operation.
    fn register(&mut self, descriptor: OperationDescriptor) -> Result<(), ErrorKind>;
    /// Moves an operation to another state.
    fn transition(&mut self, id: u64, to: OperationState) -> Result<(), ErrorKind>;
    /// Cancels what the scope reaches.
    fn cancel(
        &mut self,
        session_id: u32,
        id: u64,
        scope: CancelScope,
    ) -> Result<Vec<u64>, ErrorKind>;
    /// State of an operation.
    fn state_of(&self, id: u64) -> Option<OperationState>;
}

impl Operations for OperationRegistry {
    fn register(&mut self, descriptor: OperationDescriptor) -> Result<(), ErrorKind> {
        self.register(descriptor)
    }

    fn transition(&mut self, id: u64, to: OperationState) -> Result<(), ErrorKind> {
        self.transition(id, to)
    }

    fn cancel(
        &mut self,
        session_id: u32,
        id: u64,
        scope: CancelScope,
    ) -> Result<Vec<u64>, ErrorKind> {
        self.cancel(session_id, id, scope)
    }

    fn state_of(&self, id: u64) -> Option<OperationState> {
        self.operation(id).map(|record| record.state)
    }
}

/// The schema registry (spec 04 §4.8).
pub trait Schemas {
    /// Installs a schema.
    fn install(&mut self, descriptor: SchemaDescriptor) -> Result<Installed, SchemaFailure>;
    /// Removes one version of a schema.
    fn invalidate(&mut self, id: u32, version: u32) -> Result<(), SchemaFailure>;
    /// What is installed under this id and version.
    fn get(&self, id: u32, version: u32) -> Option<SchemaDescriptor>;
    /// Whether the payload of a descriptor can be interpreted.
    fn check_binding(&self, payload: &TypedPayloadDescriptor) -> Result<(), SchemaFailure>;
}

impl Schemas for SchemaRegistry {
    fn install(&mut self, descriptor: SchemaDescriptor) -> Result<Installed, SchemaFailure> {
        self.install(descriptor)
    }

    fn invalidate(&mut self, id: u32, version: u32) -> Result<(), SchemaFailure> {
        self.invalidate(id, version)
    }

    fn get(&self, id: u32, version: u32) -> Option<SchemaDescriptor> {
        self.get(id, version).copied()
    }

    fn check_binding(&self, payload: &TypedPayloadDescriptor) -> Result<(), SchemaFailure> {
        self.check_binding(payload)
    }
}

/// A store of cached objects (spec 04 §4.4).
pub trait Objects {
    /// Keeps an object for an owner: a session, or 0 for the connection.
    fn put(&mut self, now_ms: u64, owner: u32, identity: ObjectIdentity, body: &Bytes, ttl_ms: u32);
    /// The object as a frame of a session may use it.
    fn find(
        &self,
        now_ms: u64,
        session_id: u32,
        identity: &ObjectIdentity,
    ) -> Result<CachedObject, CacheFailure>;
    /// The lease of an object.
    fn lease(&self, session_id: u32, identity: &ObjectIdentity) -> Option<CacheLease>;
    /// Makes an object depend on others.
    fn depend(
        &mut self,
        session_id: u32,
        identity: &ObjectIdentity,
        on: Vec<CacheDependency>,
    ) -> Result<(), CacheFailure>;
    /// Removes the objects of an owner that the message reaches.
    fn invalidate(&mut self, owner: u32, invalidate: &CacheInvalidate) -> usize;
}

impl Objects for ObjectStore {
    fn put(
        &mut self,
        now_ms: u64,
        owner: u32,
        identity: ObjectIdentity,
        body: &Bytes,
        ttl_ms: u32,
    ) {
        let terms = Terms {
            ttl_ms,
            pinned: false,
            reusable: true,
        };
        // A refusal shows when the object is asked for.
        let _ = self.put(now_ms, owner, identity, body, terms);
    }

    fn find(
        &self,
        now_ms: u64,
        session_id: u32,
        identity: &ObjectIdentity,
    ) -> Result<CachedObject, CacheFailure> {
        self.find(now_ms, session_id, identity)
    }

    fn lease(&self, session_id: u32, identity: &ObjectIdentity) -> Option<CacheLease> {
        self.lease(session_id, identity).copied()
    }

    fn depend(
        &mut self,
        session_id: u32,
        identity: &ObjectIdentity,
        on: Vec<CacheDependency>,
    ) -> Result<(), CacheFailure> {
        self.set_dependencies(session_id, identity, on)
    }

    fn invalidate(&mut self, owner: u32, invalidate: &CacheInvalidate) -> usize {
        self.invalidate(owner, invalidate)
    }
}

/// A store with room for every case.
pub(super) fn objects() -> Box<dyn Objects> {
    const OBJECTS: usize = 16;
    const BYTES: usize = 1 << 16;
    let budget = Arc::new(CacheBudget::new(OBJECTS, BYTES));
    Box::new(ObjectStore::new(OBJECTS, BYTES, budget))
}
