//! Session ids in use on one server, across its connections (spec 13 §13.5 group B, 12 §12.1).
//!
//! A plain table: the runtime shares one between its connections and guards it as it likes.

use std::collections::HashMap;
use std::time::Duration;

use crate::code::SessionErrorCode;
use crate::flags::SessionFlags;
use crate::message::session::SessionOpen;
use crate::timestamp::Timestamp;

/// How a [`SessionDirectory`] decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryConfig {
    /// Sessions held at most, those waiting to be resumed included.
    pub capacity: usize,
    /// How long a resumable session waits after its transport is lost.
    pub resume_window: Duration,
    /// Whether knowing the id is enough to resume, as at published servers. Off: anyone who
    /// guesses an id could take the session over.
    pub resume_by_id: bool,
    /// First id to try when a client leaves the choice to the server; not 0.
    pub first_id: u32,
}

impl Default for DirectoryConfig {
    fn default() -> Self {
        Self {
            capacity: 65_536,
            resume_window: Duration::from_mins(2),
            resume_by_id: false,
            first_id: 1,
        }
    }
}

/// The right to a session id, given back by [`SessionDirectory::release`] or
/// [`SessionDirectory::detach`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The id.
    pub session_id: u32,
    /// Whether an earlier session continues.
    pub resumed: bool,
    /// Tells this holder of the id from an earlier one whose end is reported late.
    generation: u64,
}

impl Admission {
    /// An admission outside any directory, for servers that need no ids shared.
    #[must_use]
    pub const fn unshared(session_id: u32) -> Self {
        Self {
            session_id,
            resumed: false,
            generation: 0,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    generation: u64,
    resumable: bool,
    /// When the id becomes free; `None` while a connection carries the session.
    expires: Option<Timestamp>,
}

/// The table of ids.
#[derive(Debug)]
pub struct SessionDirectory {
    config: DirectoryConfig,
    entries: HashMap<u32, Entry>,
    next_id: u32,
    next_generation: u64,
}

impl SessionDirectory {
    /// An empty table.
    #[must_use]
    pub fn new(config: DirectoryConfig) -> Self {
        Self {
            config,
            entries: HashMap::new(),
            next_id: config.first_id.max(1),
            next_generation: 1,
        }
    }

    /// Decides an open and takes its id, or tells the code to refuse it with.
    pub fn admit(
        &mut self,
        open: &SessionOpen,
        now: Timestamp,
    ) -> Result<Admission, SessionErrorCode> {
        let resumed = open.resume_token_bytes > 0;
        let session_id = if resumed {
            self.resumable_id(open, now)?
        } else {
            self.fresh_id(open.requested_session_id, now)?
        };
        let generation = self.next_generation;
        self.next_generation += 1;
        let resumable = open.session_flags.contains(SessionFlags::ALLOW_RESUME);
        self.entries.insert(
            session_id,
            Entry {
                generation,
                resumable,
                expires: None,
            },
        );
        Ok(Admission {
            session_id,
            resumed,
            generation,
        })
    }

    /// The session was closed: its id is free.
    pub fn release(&mut self, admission: &Admission) {
        if self.is_current(admission) {
            self.entries.remove(&admission.session_id);
        }
    }

    /// The transport was lost: the id is free at once, or after the resume window.
    pub fn detach(&mut self, admission: &Admission, now: Timestamp) {
        if !self.is_current(admission) {
            return;
        }
        match self.entries.get_mut(&admission.session_id) {
            Some(entry) if entry.resumable => {
                entry.expires = Some(now.after(self.config.resume_window));
            }
            _ => self.release(admission),
        }
    }

    /// Ids taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no id is taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn resumable_id(&self, open: &SessionOpen, now: Timestamp) -> Result<u32, SessionErrorCode> {
        let id = open.requested_session_id;
        let known = self
            .live_entry(id, now)
            .is_some_and(|entry| entry.resumable);
        if known && self.config.resume_by_id {
            Ok(id)
        } else {
            Err(SessionErrorCode::RESUME_REJECTED)
        }
    }

    fn fresh_id(&mut self, requested: u32, now: Timestamp) -> Result<u32, SessionErrorCode> {
        if self.live_entry(requested, now).is_some() || !self.make_room(now) {
            return Err(SessionErrorCode::SESSION_LIMIT_REACHED);
        }
        if requested == 0 {
            Ok(self.unused_id())
        } else {
            Ok(requested)
        }
    }

    fn make_room(&mut self, now: Timestamp) -> bool {
        if self.entries.len() >= self.config.capacity {
            self.entries.retain(|_, entry| !entry.is_expired(now));
        }
        self.entries.len() < self.config.capacity
    }

    /// Ends because fewer ids are taken than exist: the capacity counts entries in memory.
    fn unused_id(&mut self) -> u32 {
        loop {
            let id = self.next_id;
            self.next_id = self.next_id.checked_add(1).unwrap_or(1);
            if !self.entries.contains_key(&id) {
                return id;
            }
        }
    }

    fn live_entry(&self, id: u32, now: Timestamp) -> Option<&Entry> {
        self.entries.get(&id).filter(|entry| !entry.is_expired(now))
    }

    fn is_current(&self, admission: &Admission) -> bool {
        let entry = self.entries.get(&admission.session_id);
        entry.is_some_and(|entry| entry.generation == admission.generation)
    }
}

impl Entry {
    fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(id: u32) -> SessionOpen {
        SessionOpen {
            requested_session_id: id,
            ..SessionOpen::default()
        }
    }

    fn resumable(id: u32, token: u32) -> SessionOpen {
        SessionOpen {
            session_flags: SessionFlags::ALLOW_RESUME,
            resume_token_bytes: token,
            ..open(id)
        }
    }

    const T0: Timestamp = Timestamp::from_micros(0);

    #[test]
    fn an_id_in_use_is_refused_and_free_again_after_release() {
        let mut directory = SessionDirectory::new(DirectoryConfig::default());
        let admission = directory.admit(&open(7), T0).unwrap();
        let limit = Err(SessionErrorCode::SESSION_LIMIT_REACHED);
        assert_eq!(directory.admit(&open(7), T0), limit);
        directory.release(&admission);
        assert!(directory.admit(&open(7), T0).is_ok());
    }

    #[test]
    fn id_zero_gets_a_free_id() {
        let mut directory = SessionDirectory::new(DirectoryConfig::default());
        directory.admit(&open(1), T0).unwrap();
        assert_eq!(directory.admit(&open(0), T0).unwrap().session_id, 2);
    }

    #[test]
    fn a_full_directory_refuses_and_makes_room_from_expired_sessions() {
        let config = DirectoryConfig {
            capacity: 1,
            ..DirectoryConfig::default()
        };
        let mut directory = SessionDirectory::new(config);
        let admission = directory.admit(&resumable(1, 0), T0).unwrap();
        directory.detach(&admission, T0);
        let limit = Err(SessionErrorCode::SESSION_LIMIT_REACHED);
        assert_eq!(directory.admit(&open(2), T0), limit);
        let later = T0.after(config.resume_window);
        assert!(directory.admit(&open(2), later).is_ok());
    }

    #[test]
    fn a_resume_needs_a_known_session_and_permission() {
        let rejected = Err(SessionErrorCode::RESUME_REJECTED);
        let mut strict = SessionDirectory::new(DirectoryConfig::default());
        let admission = strict.admit(&resumable(5, 0), T0).unwrap();
        strict.detach(&admission, T0);
        assert_eq!(strict.admit(&resumable(5, 24), T0), rejected);

        let config = DirectoryConfig {
            resume_by_id: true,
            ..DirectoryConfig::default()
        };
        let mut lenient = SessionDirectory::new(config);
        assert_eq!(lenient.admit(&resumable(5, 24), T0), rejected);
        let first = lenient.admit(&resumable(5, 0), T0).unwrap();
        let second = lenient.admit(&resumable(5, 24), T0).unwrap();
        assert!(second.resumed);
        lenient.release(&first);
        assert_eq!(
            lenient.len(),
            1,
            "the late end of the first holder must not free the id"
        );
    }
}
