//! The cache of the server, from its client's side: puts and their acks, invalidations.

use bytes::Bytes;

use super::greeting::HelloState;
use super::{ClientConnection, ClientEvent};
use crate::code::{CacheAckStatus, ErrorCode};
use crate::connection::outgoing::Lane;
use crate::connection::{CommandError, session_header};
use crate::credit::Blocked;
use crate::error::ErrorKind;
use crate::message::cache::{CacheAck, CacheInvalidate, CachePut};
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

/// Puts that may be unanswered at once.
const MAX_PUTS: usize = 256;

/// A `CACHE_PUT` that waits for its ack.
#[derive(Clone, Copy, Debug)]
pub(super) struct PendingPut {
    pub(super) session_id: u32,
    put: CachePut,
    pub(super) deadline: Timestamp,
}

impl ClientConnection {
    /// Puts an object into the server's cache, or renews its lease there. Answered by
    /// `CacheAnswered`.
    ///
    /// It belongs to the session, or under session id 0 to the connection. `object_bytes` is set
    /// from `object`. Submits that follow may name it at once: they arrive after it.
    pub fn put_object(
        &mut self,
        now: Timestamp,
        session_id: u32,
        put: &CachePut,
        object: Bytes,
    ) -> Result<(), CommandError> {
        self.require_cache(session_id)?;
        self.require_cacheable(put, object.len())?;
        if self.puts.len() >= MAX_PUTS {
            self.refused_put = true;
            return Err(CommandError::WouldBlock(Blocked::Outgoing));
        }
        self.require_room()?;
        let put = CachePut {
            // `check_body` of the above allows no length beyond 32 bits.
            object_bytes: u32::try_from(object.len()).unwrap_or(u32::MAX),
            ..*put
        };
        let header = session_header(MessageType::CachePut, session_id, 0);
        let packet = Packet::with_message(header, &put, object)?;
        self.outgoing.push(self.lane_of(session_id), packet);
        self.puts.push_back(PendingPut {
            session_id,
            put,
            deadline: now.after(self.config.timeouts.request),
        });
        Ok(())
    }

    /// Removes objects of the session, or under session id 0 of the connection, from the
    /// server's cache.
    pub fn invalidate_objects(
        &mut self,
        session_id: u32,
        invalidate: &CacheInvalidate,
    ) -> Result<(), CommandError> {
        self.require_cache(session_id)?;
        self.require_room()?;
        let header = session_header(MessageType::CacheInvalidate, session_id, 0);
        let packet = Packet::with_message(header, invalidate, Bytes::new())?;
        self.outgoing.push(self.lane_of(session_id), packet);
        Ok(())
    }

    pub(super) fn on_cache_ack(&mut self, packet: &Packet) -> Result<(), ErrorKind> {
        let ack = CacheAck::decode(packet.metadata())?;
        let session_id = packet.header().session_id;
        let mut puts = self.puts.iter();
        let Some(position) = puts.position(|put| put.session_id == session_id) else {
            return self.late_put(packet);
        };
        let put = self.puts[position].put;
        if !ack.answers(&put) {
            return Err(unrequested());
        }
        self.puts.remove(position);
        if core::mem::take(&mut self.refused_put) {
            self.events.push(ClientEvent::Writable { session_id: 0 });
        }
        self.events.push(ClientEvent::CacheAnswered {
            session_id,
            put,
            ack,
        });
        Ok(())
    }

    /// Servers may put objects too (spec 01 §1.6). A client caches none; it says so, as far as there
    /// is room for answers.
    pub(super) fn on_cache_put(&mut self, packet: &Packet) -> Result<(), ErrorKind> {
        let header = packet.header();
        let put = CachePut::decode(packet.metadata())?;
        let session_id = header.session_id;
        if session_id != 0 && !self.sessions.contains_key(&session_id) {
            return self.late_or_unknown(header);
        }
        if self.outgoing.has_room() {
            let ack = CacheAck {
                detail_code: ErrorCode::CACHE_NONE,
                ..CacheAck::of(&put, CacheAckStatus::Rejected)
            };
            let header = session_header(MessageType::CacheAck, session_id, 0);
            let packet = Packet::with_message(header, &ack, Bytes::new());
            self.outgoing.push_built(self.lane_of(session_id), packet);
        }
        Ok(())
    }

    pub(super) fn on_cache_invalidate(&mut self, packet: &Packet) -> Result<(), ErrorKind> {
        let header = packet.header();
        let invalidate = CacheInvalidate::decode(packet.metadata())?;
        let session_id = header.session_id;
        if session_id != 0 && !self.sessions.contains_key(&session_id) {
            return self.late_or_unknown(header);
        }
        self.events.push(ClientEvent::ObjectsInvalidated {
            session_id,
            invalidate,
        });
        Ok(())
    }

    /// The session ends: its puts get no answer that anybody waits for.
    pub(super) fn forget_puts(&mut self, session_id: u32) {
        self.puts.retain(|put| put.session_id != session_id);
    }

    fn require_cache(&mut self, session_id: u32) -> Result<(), CommandError> {
        self.require_open()?;
        match self.hello {
            HelloState::Acknowledged(agreed) if agreed.caches_objects() => {}
            _ => return Err(CommandError::NotNegotiated("cache")),
        }
        if session_id == 0 {
            return Ok(());
        }
        self.require_accepting(session_id)
    }

    fn require_cacheable(&self, put: &CachePut, actual: usize) -> Result<(), CommandError> {
        let HelloState::Acknowledged(agreed) = self.hello else {
            return Err(CommandError::NotNegotiated("cache"));
        };
        if !agreed.caches(put.object_kind) {
            return Err(CommandError::NotNegotiated("kind of cached object"));
        }
        let limits = [
            agreed.max_cache_bytes,
            agreed.max_body_bytes,
            self.config.limits.body_bytes,
        ];
        // No server announces 0 and caches; as body limit it says nothing.
        let limits = limits.into_iter().filter(|limit| *limit != 0);
        let allowed = limits.min().unwrap_or(0) as usize;
        if actual <= allowed {
            Ok(())
        } else {
            Err(CommandError::BodyTooLarge { actual, allowed })
        }
    }

    fn lane_of(&self, session_id: u32) -> Lane {
        let session = self.sessions.get(&session_id);
        session.map_or(Lane::Control, |session| session.lane)
    }

    /// The ack of a put whose session has ended meanwhile is dropped.
    fn late_put(&self, packet: &Packet) -> Result<(), ErrorKind> {
        let session_id = packet.header().session_id;
        match self.lifecycle.session(session_id) {
            Some(_) if !self.sessions.contains_key(&session_id) => Ok(()),
            _ => Err(unrequested()),
        }
    }
}

fn unrequested() -> ErrorKind {
    ErrorKind::UnexpectedMessage {
        expected: "the ack of an object that was put",
    }
}
