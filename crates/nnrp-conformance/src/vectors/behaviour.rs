//! Plays behavioural cases: registries, lifecycles and checks, one step after the other.

use nnrp_core::body::object_reference::{ObjectReference, check_slots};
use nnrp_core::body::typed_payload::{TypedPayloadDescriptor, TypedRegion};
use nnrp_core::cache::CacheLease;
use nnrp_core::code::{
    CacheLeaseOwnerScope, CacheObjectKind, CancelScope, OperationState, SessionCloseStatus,
    SessionStatus, SubmitMode,
};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::lifecycle::{ConnectionLifecycle, SessionState};
use nnrp_core::message::FixedFields;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::session::{SessionClose, SessionCloseAck, SessionOpenAck};
use nnrp_core::operation::{OperationDescriptor, OperationRegistry};
use nnrp_core::schema::{Installed, SchemaDescriptor, SchemaFailure, SchemaRegistry};
use nnrp_core::{CodecError, ErrorKind, Header, MessageType};

use super::notation::{codec_error, error_kind};
use super::source::{Accepted, Case, Item, Step, parse_number};

/// More than any case needs.
const ROOM: usize = 64;

/// What the steps of a case work on.
pub(super) struct World<'a> {
    library: &'a [Item],
    operations: OperationRegistry,
    schemas: SchemaRegistry,
    lifecycle: ConnectionLifecycle,
}

impl<'a> World<'a> {
    pub(super) fn new(library: &'a [Item]) -> Self {
        Self {
            library,
            operations: OperationRegistry::new(ROOM, ROOM),
            schemas: SchemaRegistry::new(ROOM),
            lifecycle: ConnectionLifecycle::new(),
        }
    }

    /// Plays a case; the first step that goes otherwise is the error.
    pub(super) fn play(&mut self, case: &Case) -> Result<(), String> {
        for step in &case.steps {
            let actual = self
                .step(step)
                .map_err(|what| format!("line {}: {what}", step.line))?;
            if actual != step.outcome {
                return Err(format!(
                    "line {}: {actual}, not {}",
                    step.line, step.outcome
                ));
            }
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<String, String> {
        let words: Vec<&str> = step.words.iter().map(String::as_str).collect();
        match words[..] {
            ["hello_ack", hello, ack, ref changes @ ..] => self.hello_ack(hello, ack, changes),
            ["flow", session, update, ref changes @ ..] => self.flow(session, update, changes),
            ["slots", mode, mask, ref kinds @ ..] => slots(mode, mask, kinds),
            ["typed", kinds, frame_bytes, ref descriptors @ ..] => {
                typed(kinds, frame_bytes, descriptors)
            }
            ["lease", granted, ttl, now] => lease(granted, ttl, now),
            ["install", id, version, profile, hash] => self.install(id, version, profile, hash),
            ["invalidate", id, version] => self.invalidate(id, version),
            ["register", session, id, ref relations @ ..] => self.register(session, id, relations),
            ["transition", id, state] => self.transition(id, state),
            ["cancel", session, id, scope] => self.cancel(session, id, scope),
            ["state", id] => self.operation_state(id),
            ["open_ack", session, status] => self.open_ack(session, status),
            ["close", session] => self.close(session),
            ["close_ack", session, status] => self.close_ack(session, status),
            ["close_connection"] => Ok(kind(self.lifecycle.close())),
            ["session", id] => {
                Ok(state_name(self.lifecycle.state_of(parse_number(id)?)).to_owned())
            }
            _ => Err(format!(
                "no step `{}` with these arguments",
                words.join(" ")
            )),
        }
    }

    fn hello_ack(&self, hello: &str, ack: &str, changes: &[&str]) -> Result<String, String> {
        let hello: ClientHello = self.vector(hello, &[])?;
        let ack: ServerHelloAck = self.vector(ack, changes)?;
        Ok(codec(ack.check_against(&hello)))
    }

    fn flow(&self, session: &str, update: &str, changes: &[&str]) -> Result<String, String> {
        let update: FlowUpdate = self.vector(update, changes)?;
        let header = header(MessageType::FlowUpdate, session)?;
        Ok(codec(update.check_routing(&header)))
    }

    fn transition(&mut self, id: &str, state: &str) -> Result<String, String> {
        let state = by_name(OperationState::ALL, |state| state.name(), state)?;
        Ok(kind(self.operations.transition(parse_number(id)?, state)))
    }

    fn operation_state(&self, id: &str) -> Result<String, String> {
        let record = self.operations.operation(parse_number(id)?);
        let name = record.map_or("none", |record| record.state.name());
        Ok(name.to_owned())
    }

    fn close(&mut self, session: &str) -> Result<String, String> {
        let header = header(MessageType::SessionClose, session)?;
        let close = SessionClose::default();
        Ok(kind(self.lifecycle.begin_close(&header, &close)))
    }

    /// The accepted vector of this name, with some fields set to other numbers.
    fn vector<T: FixedFields>(&self, id: &str, changes: &[&str]) -> Result<T, String> {
        let found = self.library.iter().find_map(|item| match item {
            Item::Accept(vector) if vector.id == id => Some(vector),
            _ => None,
        });
        let Accepted { bytes, .. } = found.ok_or_else(|| format!("no vector {id}"))?;
        let mut bytes = bytes.clone();
        let original = T::decode(&bytes).map_err(|error| codec_error(&error))?;
        for change in changes {
            set_field(&original, &mut bytes, change)?;
        }
        T::decode(&bytes).map_err(|error| codec_error(&error))
    }

    fn install(
        &mut self,
        id: &str,
        version: &str,
        profile: &str,
        hash: &str,
    ) -> Result<String, String> {
        let outcome = self.schemas.install(SchemaDescriptor {
            schema_id: parse_number(id)?,
            schema_version: parse_number(version)?,
            profile_id: parse_number(profile)?,
            schema_hash: parse_number(hash)?,
            ..SchemaDescriptor::default()
        });
        Ok(match outcome {
            Ok(Installed::Installed) => "installed".to_owned(),
            Ok(Installed::AlreadyInstalled) => "already_installed".to_owned(),
            Ok(Installed::Updated) => "updated".to_owned(),
            Err(failure) => schema_failure(failure),
        })
    }

    fn invalidate(&mut self, id: &str, version: &str) -> Result<String, String> {
        let outcome = self
            .schemas
            .invalidate(parse_number(id)?, parse_number(version)?);
        Ok(outcome.map_or_else(schema_failure, |()| "invalidated".to_owned()))
    }

    fn register(&mut self, session: &str, id: &str, relations: &[&str]) -> Result<String, String> {
        let mut descriptor = OperationDescriptor {
            session_id: parse_number(session)?,
            operation_id: parse_number(id)?,
            ..OperationDescriptor::default()
        };
        for relation in relations {
            match relation.split_once('=') {
                Some(("parent", id)) => descriptor.parent_operation_id = Some(parse_number(id)?),
                Some(("group", id)) => descriptor.operation_group_id = Some(parse_number(id)?),
                _ => return Err(format!("no relation `{relation}`")),
            }
        }
        Ok(kind(self.operations.register(descriptor)))
    }

    fn cancel(&mut self, session: &str, id: &str, scope: &str) -> Result<String, String> {
        let scope = by_name(CancelScope::ALL, |scope| scope.name(), scope)?;
        let session = parse_number(session)?;
        match self.operations.cancel(session, parse_number(id)?, scope) {
            Ok(ids) if ids.is_empty() => Ok("none".to_owned()),
            Ok(ids) => Ok(ids.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")),
            Err(error) => Ok(error_kind(&error)),
        }
    }

    fn open_ack(&mut self, session: &str, status: &str) -> Result<String, String> {
        let ack = SessionOpenAck {
            session_id: parse_number(session)?,
            session_status: by_name(SessionStatus::ALL, |status| status.name(), status)?,
            ..SessionOpenAck::default()
        };
        Ok(kind(self.lifecycle.apply_open_ack(&ack)))
    }

    fn close_ack(&mut self, session: &str, status: &str) -> Result<String, String> {
        let ack = SessionCloseAck {
            close_status: by_name(SessionCloseStatus::ALL, |status| status.name(), status)?,
            ..SessionCloseAck::default()
        };
        let header = header(MessageType::SessionCloseAck, session)?;
        Ok(kind(self.lifecycle.apply_close_ack(&header, &ack)))
    }
}

fn slots(mode: &str, mask: &str, kinds: &[&str]) -> Result<String, String> {
    let mode = by_name(SubmitMode::ALL, |mode| mode.name(), mode)?;
    let references: Result<Vec<ObjectReference>, String> = kinds
        .iter()
        .map(|kind| {
            Ok(ObjectReference {
                object_kind: by_name(CacheObjectKind::ALL, |kind| kind.name(), kind)?,
                ..ObjectReference::default()
            })
        })
        .collect();
    Ok(codec(check_slots(mode, parse_number(mask)?, references?)))
}

/// Descriptors are written profile:offset:length.
fn typed(kinds: &str, frame_bytes: &str, descriptors: &[&str]) -> Result<String, String> {
    let kinds = PayloadKinds::from_bits(parse_number(kinds)?).map_err(|e| codec_error(&e))?;
    let frames = vec![0; usize::from(parse_number::<u16>(frame_bytes)?)];
    let mut bytes = vec![0; descriptors.len() * TypedPayloadDescriptor::SIZE];
    for (text, place) in descriptors
        .iter()
        .zip(bytes.chunks_mut(TypedPayloadDescriptor::SIZE))
    {
        let parts: Vec<&str> = text.split(':').collect();
        let [profile, offset, length] = parts[..] else {
            return Err(format!("`{text}` is not profile:offset:length"));
        };
        let descriptor = TypedPayloadDescriptor {
            profile_id: parse_number(profile)?,
            offset: parse_number(offset)?,
            length: parse_number(length)?,
            ..TypedPayloadDescriptor::default()
        };
        descriptor
            .encode(place)
            .map_err(|error| codec_error(&error))?;
    }
    let count = u16::try_from(descriptors.len()).map_err(|_| "too many descriptors")?;
    Ok(codec(
        TypedRegion::decode(kinds, count, &bytes, &frames).map(|_| ()),
    ))
}

fn lease(granted: &str, ttl: &str, now: &str) -> Result<String, String> {
    let lease = CacheLease {
        object: nnrp_core::cache::ObjectIdentity::default(),
        object_version: 1,
        lease_id: 1,
        owner_scope: CacheLeaseOwnerScope::Session,
        owner_id: 1,
        granted_at_ms: parse_number(granted)?,
        ttl_ms: parse_number(ttl)?,
    };
    let expired = lease.is_expired_at(parse_number(now)?);
    Ok(if expired { "expired" } else { "live" }.to_owned())
}

fn set_field<T: FixedFields>(structure: &T, bytes: &mut [u8], change: &str) -> Result<(), String> {
    let (name, number) = change.split_once('=').ok_or("a change is field=number")?;
    let number: u64 = parse_number(number)?;
    let mut place = None;
    structure.for_each_field(&mut |field| {
        if field.name == name {
            place = Some(field.offset..field.offset + field.width);
        }
    });
    let place = place.ok_or_else(|| format!("no field {name}"))?;
    let width = place.len();
    bytes[place].copy_from_slice(&number.to_le_bytes()[..width]);
    Ok(())
}

fn header(message_type: MessageType, session: &str) -> Result<Header, String> {
    Ok(Header {
        session_id: parse_number(session)?,
        ..Header::new(message_type)
    })
}

fn by_name<T: Copy>(
    all: &[T],
    name_of: impl Fn(&T) -> &'static str,
    name: &str,
) -> Result<T, String> {
    let found = all.iter().find(|value| name_of(value) == name);
    found
        .copied()
        .ok_or_else(|| format!("`{name}` is not one of its names"))
}

fn codec(outcome: Result<(), CodecError>) -> String {
    outcome.map_or_else(|error| codec_error(&error), |()| "ok".to_owned())
}

fn kind(outcome: Result<(), ErrorKind>) -> String {
    outcome.map_or_else(|error| error_kind(&error), |()| "ok".to_owned())
}

fn schema_failure(failure: SchemaFailure) -> String {
    format!("failure {:#010x}", failure.code().0)
}

fn state_name(state: Option<SessionState>) -> &'static str {
    match state {
        None => "none",
        Some(SessionState::Open) => "open",
        Some(SessionState::Resumed) => "resumed",
        Some(SessionState::Closing) => "closing",
        Some(SessionState::Draining) => "draining",
        Some(SessionState::Closed) => "closed",
    }
}
