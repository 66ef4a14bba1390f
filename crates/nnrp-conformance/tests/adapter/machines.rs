//! This implementation's state machines with one rule broken.

use std::time::Duration;

use bytes::Bytes;
use nnrp_conformance::adapter::{
    Consumption, Failure, Flow, ForeignSchemas, Lifecycle, Native, Objects, Observed, Operations,
    Pump, Schemas, Subject,
};
use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::cache::{CacheDependency, CacheFailure, CacheLease, CachedObject, ObjectIdentity};
use nnrp_core::code::{CancelScope, OperationState, SessionCloseStatus, StreamSemantics};
use nnrp_core::lifecycle::{ConnectionState, SessionRecord, SessionState};
use nnrp_core::message::cache::CacheInvalidate;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::session::{SessionClose, SessionCloseAck, SessionOpenAck};
use nnrp_core::operation::OperationDescriptor;
use nnrp_core::schema::{Installed, SchemaDescriptor, SchemaFailure};
use nnrp_core::{ErrorKind, Header};

type Rule = &'static str;

struct FaultyLifecycle {
    rule: Rule,
    inner: Box<dyn Lifecycle>,
    sessions: usize,
    /// What every session looks like from now on.
    shown: Option<SessionState>,
}

pub(crate) fn lifecycle(rule: Rule) -> Box<dyn Lifecycle> {
    Box::new(FaultyLifecycle {
        rule,
        inner: Native.lifecycle(),
        sessions: 0,
        shown: None,
    })
}

impl Lifecycle for FaultyLifecycle {
    fn apply_open_ack(&mut self, ack: &SessionOpenAck) -> Result<(), ErrorKind> {
        if self.rule == "connection.parallel_sessions" && self.sessions > 0 {
            return Err(ErrorKind::SessionAlreadyExists(ack.session_id));
        }
        self.sessions += 1;
        lenient(self.rule, self.inner.apply_open_ack(ack))
    }

    fn begin_close(&mut self, header: &Header, close: &SessionClose) -> Result<(), ErrorKind> {
        match self.inner.begin_close(header, close) {
            Err(ErrorKind::SessionNotOpen(_)) if self.rule == "session.close.twice" => Ok(()),
            outcome => lenient(self.rule, outcome),
        }
    }

    fn apply_close_ack(&mut self, header: &Header, ack: &SessionCloseAck) -> Result<(), ErrorKind> {
        lenient(self.rule, self.inner.apply_close_ack(header, ack))?;
        self.shown = match (self.rule, ack.close_status) {
            ("session.close.rejected_reopens", SessionCloseStatus::Rejected) => {
                Some(SessionState::Closing)
            }
            ("session.close.siblings", SessionCloseStatus::Closed) => Some(SessionState::Closed),
            _ => None,
        };
        Ok(())
    }

    fn check_flow_update(&self, header: &Header, update: &FlowUpdate) -> Result<(), ErrorKind> {
        self.inner.check_flow_update(header, update)
    }

    fn close(&mut self) -> Result<(), ErrorKind> {
        if self.rule == "connection.close.cascade" {
            self.shown = Some(SessionState::Open);
        }
        self.inner.close()
    }

    fn state(&self) -> ConnectionState {
        self.inner.state()
    }

    fn session(&self, session_id: u32) -> Option<SessionRecord> {
        let record = self.inner.session(session_id)?;
        let state = self.shown.unwrap_or(record.state);
        Some(SessionRecord { state, ..record })
    }
}

struct FaultyOperations {
    rule: Rule,
    inner: Box<dyn Operations>,
}

pub(crate) fn operations(rule: Rule) -> Box<dyn Operations> {
    let inner = Native.operations();
    Box::new(FaultyOperations { rule, inner })
}

impl Operations for FaultyOperations {
    fn register(&mut self, descriptor: OperationDescriptor) -> Result<(), ErrorKind> {
        lenient(self.rule, self.inner.register(descriptor))
    }

    fn transition(&mut self, id: u64, to: OperationState) -> Result<(), ErrorKind> {
        match self.inner.transition(id, to) {
            Err(ErrorKind::InvalidOperationTransition { from, .. })
                if self.rule == transitions_from(from) =>
            {
                Ok(())
            }
            outcome => outcome,
        }
    }

    fn cancel(
        &mut self,
        session_id: u32,
        id: u64,
        scope: CancelScope,
    ) -> Result<Vec<u64>, ErrorKind> {
        let scope = match (self.rule, scope) {
            ("operation.cancel.operation", CancelScope::Operation) => CancelScope::Subtree,
            ("operation.cancel.subtree", CancelScope::Subtree)
            | ("operation.cancel.group", CancelScope::Group)
            | ("operation.cancel.session", CancelScope::Session) => CancelScope::Operation,
            (_, scope) => scope,
        };
        match self.inner.cancel(session_id, id, scope) {
            Err(error) if error.rule().is_some_and(|rule| rule.as_str() == self.rule) => Ok(vec![]),
            outcome => outcome,
        }
    }

    fn state_of(&self, id: u64) -> Option<OperationState> {
        self.inner.state_of(id)
    }
}

fn transitions_from(from: OperationState) -> &'static str {
    match from {
        OperationState::Accepted => "operation.transition.accepted",
        OperationState::Running | OperationState::Partial => "operation.transition.running",
        OperationState::WaitingTool => "operation.transition.waiting_tool",
        _ => "operation.transition.terminal",
    }
}

struct FaultySchemas {
    rule: Rule,
    inner: Box<dyn Schemas>,
}

pub(crate) fn schemas(rule: Rule) -> Box<dyn Schemas> {
    let inner = Native.schemas();
    Box::new(FaultySchemas { rule, inner })
}

impl Schemas for FaultySchemas {
    fn install(&mut self, descriptor: SchemaDescriptor) -> Result<Installed, SchemaFailure> {
        match (self.rule, self.inner.install(descriptor)) {
            ("schema.install.updated", Ok(Installed::Updated))
            | ("schema.install.profile", Err(SchemaFailure::UpdateRejected)) => {
                Ok(Installed::Installed)
            }
            ("schema.install.hash_conflict", Err(SchemaFailure::HashConflict)) => {
                Ok(Installed::AlreadyInstalled)
            }
            (_, outcome) => outcome,
        }
    }

    fn invalidate(&mut self, id: u32, version: u32) -> Result<(), SchemaFailure> {
        match self.inner.invalidate(id, version) {
            Err(_) if self.rule == "schema.invalidate.unknown" => Ok(()),
            outcome => outcome,
        }
    }

    fn get(&self, id: u32, version: u32) -> Option<SchemaDescriptor> {
        let mut found = self.inner.get(id, version)?;
        if self.rule == "schema.default_stream" {
            found.default_stream_semantics = StreamSemantics::DEFAULT;
        }
        Some(found)
    }

    fn check_binding(&self, payload: &TypedPayloadDescriptor) -> Result<(), SchemaFailure> {
        match self.inner.check_binding(payload) {
            Err(SchemaFailure::Incompatible) if self.rule == "schema.binding.incompatible" => {
                Ok(())
            }
            outcome => outcome,
        }
    }
}

struct FaultyObjects {
    rule: Rule,
    inner: Box<dyn Objects>,
}

pub(crate) fn objects(rule: Rule) -> Box<dyn Objects> {
    let inner = Native.objects();
    Box::new(FaultyObjects { rule, inner })
}

impl Objects for FaultyObjects {
    fn put(
        &mut self,
        now_ms: u64,
        owner: u32,
        identity: ObjectIdentity,
        body: &Bytes,
        ttl_ms: u32,
    ) {
        self.inner.put(now_ms, owner, identity, body, ttl_ms);
    }

    fn find(
        &self,
        now_ms: u64,
        session_id: u32,
        identity: &ObjectIdentity,
    ) -> Result<CachedObject, CacheFailure> {
        match (self.rule, self.inner.find(now_ms, session_id, identity)) {
            ("cache.miss", Err(CacheFailure::Miss)) => Ok(CachedObject {
                identity: *identity,
                version: 1,
                body: Bytes::new(),
            }),
            ("cache.owner_scope", Err(CacheFailure::Miss)) if session_id == 43 => {
                self.inner.find(now_ms, 42, identity)
            }
            (_, outcome) => outcome,
        }
    }

    fn lease(&self, session_id: u32, identity: &ObjectIdentity) -> Option<CacheLease> {
        let lease = self.inner.lease(session_id, identity)?;
        let never_changes = self.rule == "cache.object_version";
        let object_version = if never_changes {
            1
        } else {
            lease.object_version
        };
        Some(CacheLease {
            object_version,
            ..lease
        })
    }

    fn depend(
        &mut self,
        session_id: u32,
        identity: &ObjectIdentity,
        on: Vec<CacheDependency>,
    ) -> Result<(), CacheFailure> {
        self.inner.depend(session_id, identity, on)
    }

    fn invalidate(&mut self, owner: u32, invalidate: &CacheInvalidate) -> usize {
        self.inner.invalidate(owner, invalidate)
    }
}

struct FaultyFlow {
    rule: Rule,
    inner: Box<dyn Flow>,
    epoch: u32,
}

pub(crate) fn flow(rule: Rule) -> Result<Box<dyn Flow>, Failure> {
    let inner = Native.flow()?;
    Ok(Box::new(FaultyFlow {
        rule,
        inner,
        epoch: 0,
    }))
}

impl Flow for FaultyFlow {
    fn apply(&mut self, session_id: u32, update: &FlowUpdate) -> Result<bool, Failure> {
        let mut update = *update;
        if self.rule == "flow_update.credit_epoch" {
            self.epoch += 1;
            update.credit_epoch = self.epoch;
        }
        self.inner.apply(session_id, &update)
    }

    fn submit(&mut self, session_id: u32) -> Result<bool, Failure> {
        self.inner.submit(session_id)
    }
}

struct FaultyPump(Box<dyn Pump>);

pub(crate) fn pump(rule: Rule, consumption: Consumption, inner: Box<dyn Pump>) -> Box<dyn Pump> {
    if rule == "abi.consumption" && consumption == Consumption::Callback {
        return Box::new(FaultyPump(inner));
    }
    inner
}

impl Pump for FaultyPump {
    fn next(&mut self, patience: Duration) -> Option<Observed> {
        let mut event = self.0.next(patience)?;
        event.payload_kind_bitmap |= 0x40;
        Some(event)
    }
}

struct FaultyForeignSchemas {
    rule: Rule,
    inner: Box<dyn ForeignSchemas>,
}

pub(crate) fn foreign_schemas(rule: Rule) -> Result<Box<dyn ForeignSchemas>, Failure> {
    let inner = Native.foreign_schemas()?;
    Ok(Box::new(FaultyForeignSchemas { rule, inner }))
}

impl FaultyForeignSchemas {
    /// Folds two failures into one.
    fn told<T>(&self, outcome: Result<T, u32>) -> Result<T, u32> {
        outcome.map_err(|code| match (self.rule, code) {
            ("abi.schema.hash_conflict", 0x0004_0003) => 0x0004_0006,
            ("abi.schema.unknown", 0x0004_0001) => 0x0004_0004,
            (_, code) => code,
        })
    }
}

impl ForeignSchemas for FaultyForeignSchemas {
    fn install(&mut self, schema: &SchemaDescriptor) -> Result<u32, u32> {
        let outcome = self.inner.install(schema);
        self.told(outcome)
    }

    fn remove(&mut self, id: u32, version: u32) -> Result<(), u32> {
        let outcome = self.inner.remove(id, version);
        self.told(outcome)
    }

    fn check_binding(&self, payload: &TypedPayloadDescriptor) -> Result<(), u32> {
        self.told(self.inner.check_binding(payload))
    }
}

/// Lets pass what the rule forbids.
fn lenient(rule: Rule, outcome: Result<(), ErrorKind>) -> Result<(), ErrorKind> {
    match outcome {
        Err(error) if error.rule().is_some_and(|broken| broken.as_str() == rule) => Ok(()),
        outcome => outcome,
    }
}
