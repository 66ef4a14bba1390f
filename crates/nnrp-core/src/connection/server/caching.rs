//! The cache of a server connection: objects that clients put, invalidate and lease.

use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::Bytes;

use super::{ServerConnection, ServerEvent};
use crate::cache::{
    CacheDependency, CacheFailure, Moving, NoRoom, ObjectIdentity, ObjectStore, Stored, Terms,
};
use crate::code::{CacheAckStatus, ErrorCode};
use crate::connection::{CommandError, session_header};
use crate::error::ErrorKind;
use crate::flags::CachePutFlags;
use crate::message::cache::{CacheAck, CacheInvalidate, CachePut};
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

/// Dependencies of one object at most.
const MAX_DEPENDENCIES: usize = 64;

impl ServerConnection {
    /// Removes objects of a session, or under session id 0 of the connection, and tells the
    /// client. Needs a hello exchange that agreed on a cache.
    pub fn invalidate_objects(
        &mut self,
        session_id: u32,
        invalidate: &CacheInvalidate,
    ) -> Result<(), CommandError> {
        self.require_serving()?;
        if !self.caches_objects() {
            return Err(CommandError::NotNegotiated("cache"));
        }
        if self.request.is_some() {
            return Err(CommandError::RequestPending(session_id));
        }
        if session_id != 0 && !self.sessions.contains_key(&session_id) {
            return Err(CommandError::UnknownSession(session_id));
        }
        self.require_room()?;
        let header = session_header(MessageType::CacheInvalidate, session_id, 0);
        let packet = Packet::with_message(header, invalidate, Bytes::new())?;
        if let Some(objects) = &mut self.objects {
            objects.invalidate(session_id, invalidate);
        }
        self.outgoing.push(self.lane_of(session_id), packet);
        Ok(())
    }

    /// Makes a cached object usable only while each of `dependencies`, at most 64, is cached in
    /// the version it names. Submits that name it otherwise are answered with
    /// `dependency_invalid`. [`CacheFailure::Miss`] if there is no such object.
    pub fn set_object_dependencies(
        &mut self,
        session_id: u32,
        object: &ObjectIdentity,
        mut dependencies: Vec<CacheDependency>,
    ) -> Result<(), CacheFailure> {
        if dependencies.len() > MAX_DEPENDENCIES {
            return Err(CacheFailure::DependencyInvalid);
        }
        dependencies.shrink_to_fit();
        let objects = self.objects.as_mut().ok_or(CacheFailure::Miss)?;
        objects.set_dependencies(session_id, object, dependencies)
    }

    /// The cached objects; none before the first one is put.
    #[must_use]
    pub fn cached_objects(&self) -> Option<&ObjectStore> {
        self.objects.as_deref()
    }

    pub(super) fn on_cache_put(&mut self, now: Timestamp, packet: Packet) -> Result<(), ErrorKind> {
        self.require_hello()?;
        let session_id = packet.header().session_id;
        if session_id != 0 && !self.sessions.contains_key(&session_id) {
            return self.late_or_unknown(now, session_id);
        }
        let put = CachePut::decode(packet.metadata())?;
        let body = packet.into_body();
        let terms = self.terms_of(session_id, &put);
        let stored = self.store_object(now, session_id, &put, &body, terms);
        let mut ack = CacheAck::of(&put, CacheAckStatus::Accepted);
        ack.max_object_bytes = self.max_object_bytes();
        match stored {
            Ok(Stored::Added | Stored::Renewed) => {}
            Ok(Stored::Replaced) => ack.status = CacheAckStatus::Replaced,
            Err(NoRoom) => {
                ack.status = CacheAckStatus::Rejected;
                ack.detail_code = ErrorCode::CACHE_NONE;
            }
        }
        if stored.is_ok() {
            ack.accepted_ttl_ms = terms.ttl_ms;
        }
        self.queue_message(session_id, &ack);
        if stored.is_ok() {
            self.report_stored(now, session_id, &put.identity());
        }
        Ok(())
    }

    pub(super) fn on_cache_invalidate(
        &mut self,
        now: Timestamp,
        packet: &Packet,
    ) -> Result<(), ErrorKind> {
        self.require_hello()?;
        let session_id = packet.header().session_id;
        if session_id != 0 && !self.sessions.contains_key(&session_id) {
            return self.late_or_unknown(now, session_id);
        }
        let invalidate = CacheInvalidate::decode(packet.metadata())?;
        if let Some(objects) = &mut self.objects {
            objects.invalidate(session_id, &invalidate);
        }
        self.events.push(ServerEvent::ObjectsInvalidated {
            session_id,
            invalidate,
        });
        Ok(())
    }

    pub(super) fn adopt_objects(&mut self, now: Timestamp, session_id: u32, moved: Vec<Moving>) {
        if moved.is_empty() || !self.caches_objects() {
            return;
        }
        self.objects_mut()
            .adopt(milliseconds(now), session_id, moved);
    }

    pub(super) fn expire_objects(&mut self, now: Timestamp) {
        if let Some(objects) = &mut self.objects {
            objects.expire(milliseconds(now));
        }
    }

    pub(super) fn next_lease_end(&self) -> Option<Timestamp> {
        let end_ms = self.objects.as_ref()?.next_expiry_ms()?;
        Some(Timestamp::from_micros(end_ms.saturating_mul(1000)))
    }

    pub(super) fn caches_objects(&self) -> bool {
        self.agreed.is_some_and(|agreed| agreed.caches_objects())
    }

    fn require_hello(&self) -> Result<(), ErrorKind> {
        match self.agreed {
            Some(_) => Ok(()),
            None => Err(ErrorKind::UnexpectedMessage {
                expected: "CLIENT_HELLO before any message of the cache",
            }),
        }
    }

    fn store_object(
        &mut self,
        now: Timestamp,
        session_id: u32,
        put: &CachePut,
        body: &Bytes,
        terms: Terms,
    ) -> Result<Stored, NoRoom> {
        let allowed = self
            .agreed
            .is_some_and(|agreed| agreed.caches(put.object_kind));
        let complete = body.len() as u64 == u64::from(put.object_bytes);
        if !allowed || !complete || body.len() > self.max_object_bytes() as usize {
            return Err(NoRoom);
        }
        let identity = put.identity();
        let now_ms = milliseconds(now);
        let objects = self.objects_mut();
        objects.expire(now_ms);
        objects.put(now_ms, session_id, identity, body, terms)
    }

    /// What a put is granted: no lifetime beyond that of the session's leases, and no pin without
    /// them.
    fn terms_of(&self, session_id: u32, put: &CachePut) -> Terms {
        let session = self.sessions.get(&session_id);
        let longest = session.map_or(self.config.policy.lease_ttl_ms, |session| {
            session.lease_ttl_ms
        });
        let pinnable = session.is_some_and(|session| session.leases_enabled);
        Terms {
            ttl_ms: match put.ttl_ms {
                0 => longest,
                wanted => wanted.min(longest),
            },
            pinned: pinnable && put.flags.contains(CachePutFlags::PINNED),
            reusable: put.flags.contains(CachePutFlags::REUSABLE),
        }
    }

    fn max_object_bytes(&self) -> u32 {
        let agreed = self.agreed.map_or(0, |agreed| agreed.max_cache_bytes);
        agreed.min(self.config.limits.body_bytes)
    }

    fn objects_mut(&mut self) -> &mut ObjectStore {
        let agreed = self.agreed;
        let bound = |of: Option<u32>| of.unwrap_or(0) as usize;
        let budget = &self.config.cache_budget;
        self.objects.get_or_insert_with(|| {
            Box::new(ObjectStore::new(
                bound(agreed.map(|agreed| agreed.max_cache_entries)),
                bound(agreed.map(|agreed| agreed.max_cache_bytes)),
                budget.clone(),
            ))
        })
    }

    fn report_stored(&mut self, now: Timestamp, session_id: u32, identity: &ObjectIdentity) {
        let objects = self.objects.as_ref();
        let found =
            objects.and_then(|objects| objects.find(milliseconds(now), session_id, identity).ok());
        if let Some(object) = found {
            let body_len = object.body.len();
            let event = ServerEvent::ObjectStored { session_id, object };
            self.events.push_with_body(event, body_len);
        }
    }
}

/// Leases count whole milliseconds.
pub(super) fn milliseconds(now: Timestamp) -> u64 {
    now.as_micros() / 1000
}
