//! Session ids in use on one server, across its connections, and the sessions that wait for their
//! client to come back (spec 13 §13.5 group B, 12 §12.1).
//!
//! A plain table: the runtime shares one between its connections and guards it as it likes.

mod admission;
mod entry;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

pub use self::admission::{Admission, Decision, OpenRequest, SessionLimits};
use self::entry::{Bound, Entry, Place};
use crate::code::SessionErrorCode;
use crate::connection::continuity::SessionContinuity;
use crate::flags::SessionFlags;
use crate::timestamp::Timestamp;

/// How a [`SessionDirectory`] decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryConfig {
    /// Sessions held at most, those waiting to be resumed included. Of these the one whose window
    /// ends first makes room for a new one.
    pub capacity: usize,
    /// Bytes kept at most for sessions that wait to be resumed; beyond it the one whose window
    /// ends first is given up.
    pub retained_bytes: usize,
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
            retained_bytes: 256 << 20,
            resume_window: Duration::from_mins(2),
            resume_by_id: false,
            first_id: 1,
        }
    }
}

/// The table of ids.
#[derive(Debug)]
pub struct SessionDirectory {
    config: DirectoryConfig,
    entries: BTreeMap<u32, Entry>,
    /// Sessions that wait, the first to expire first.
    waiting: BTreeSet<(Timestamp, u32)>,
    retained_bytes: usize,
    next_id: u32,
    next_generation: u64,
}

impl SessionDirectory {
    /// An empty table.
    #[must_use]
    pub fn new(config: DirectoryConfig) -> Self {
        Self {
            config,
            entries: BTreeMap::new(),
            waiting: BTreeSet::new(),
            retained_bytes: 0,
            next_id: config.first_id.max(1),
            next_generation: 1,
        }
    }

    /// Decides an open and takes its id, or tells the code to refuse it with.
    pub fn admit(
        &mut self,
        request: &OpenRequest<'_>,
        now: Timestamp,
    ) -> Result<Decision, SessionErrorCode> {
        self.expire(now);
        if request.open.resume_token_bytes == 0 {
            let session_id = self.fresh_id(request.open.requested_session_id)?;
            return Ok(Decision::Admit(self.insert(request, session_id, false)));
        }
        self.resume(request)
    }

    /// The session was closed: its id is free.
    pub fn release(&mut self, admission: &Admission) {
        if self.is_current(admission) {
            self.remove(admission.session_id);
        }
    }

    /// The connection is gone: the id is free at once, or after the resume window.
    pub fn detach(
        &mut self,
        admission: &Admission,
        continuity: Option<Box<SessionContinuity>>,
        now: Timestamp,
    ) {
        self.expire(now);
        if !self.is_current(admission) {
            return;
        }
        let session_id = admission.session_id;
        let expires = now.after(self.config.resume_window);
        match self.entries.get_mut(&session_id) {
            Some(entry) if entry.by_id || (entry.bound.is_some() && continuity.is_some()) => {
                self.retained_bytes += bytes_of(continuity.as_deref());
                entry.place = Place::Waiting {
                    expires,
                    continuity,
                };
                self.waiting.insert((expires, session_id));
                while self.retained_bytes > self.config.retained_bytes && self.give_one_up() {}
            }
            _ => {
                self.remove(session_id);
            }
        }
    }

    /// Gives sessions up whose window is over. Every other call does so, too.
    pub fn expire(&mut self, now: Timestamp) {
        while let Some(&(expires, session_id)) = self.waiting.first()
            && expires <= now
        {
            self.remove(session_id);
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

    /// Sessions that wait for their client to come back.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn resume(&mut self, request: &OpenRequest<'_>) -> Result<Decision, SessionErrorCode> {
        let session_id = request.open.requested_session_id;
        let rejected = SessionErrorCode::RESUME_REJECTED;
        let entry = self.entries.get(&session_id).ok_or(rejected)?;
        if request.presented_token.is_empty() {
            if !entry.by_id {
                return Err(rejected);
            }
            self.remove(session_id);
            return Ok(Decision::Admit(self.insert(request, session_id, true)));
        }
        let bound = entry.bound.as_ref().filter(|bound| bound.allows(request));
        let token = bound.ok_or(rejected)?.token;
        if matches!(entry.place, Place::Connected) {
            return Ok(Decision::HeldElsewhere);
        }
        let removed = self.remove(session_id);
        let Some(Place::Waiting {
            continuity: Some(continuity),
            ..
        }) = removed.map(|entry| entry.place)
        else {
            return Err(rejected);
        };
        // The token stays the same, so that a client whose ack is lost can try again with it.
        let same = OpenRequest {
            fresh_token: Some(token),
            ..*request
        };
        let admission = self.insert(&same, session_id, true);
        Ok(Decision::Resume(admission, continuity))
    }

    fn insert(&mut self, request: &OpenRequest<'_>, session_id: u32, resumed: bool) -> Admission {
        let open = request.open;
        let resumable = open.session_flags.contains(SessionFlags::ALLOW_RESUME);
        let token = request.fresh_token.filter(|_| resumable);
        let generation = self.next_generation;
        self.next_generation += 1;
        let entry = Entry {
            generation,
            bound: token.map(|token| Bound::new(token, open)),
            by_id: resumable && self.config.resume_by_id,
            place: Place::Connected,
        };
        self.entries.insert(session_id, entry);
        Admission {
            session_id,
            resumed,
            token,
            limits: SessionLimits::NONE,
            generation,
        }
    }

    fn remove(&mut self, session_id: u32) -> Option<Entry> {
        let entry = self.entries.remove(&session_id)?;
        if let Place::Waiting {
            expires,
            continuity,
        } = &entry.place
        {
            self.waiting.remove(&(*expires, session_id));
            self.retained_bytes -= bytes_of(continuity.as_deref());
        }
        Some(entry)
    }

    fn fresh_id(&mut self, requested: u32) -> Result<u32, SessionErrorCode> {
        let limit_reached = SessionErrorCode::SESSION_LIMIT_REACHED;
        if self.entries.contains_key(&requested) {
            return Err(limit_reached);
        }
        if self.entries.len() >= self.config.capacity && !self.give_one_up() {
            return Err(limit_reached);
        }
        if requested == 0 {
            Ok(self.unused_id())
        } else {
            Ok(requested)
        }
    }

    /// Gives up the waiting session whose window ends first; false if none waits.
    fn give_one_up(&mut self) -> bool {
        let first = self.waiting.first().copied();
        first.is_some_and(|(_, session_id)| self.remove(session_id).is_some())
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

    fn is_current(&self, admission: &Admission) -> bool {
        let entry = self.entries.get(&admission.session_id);
        entry.is_some_and(|entry| entry.generation == admission.generation)
    }
}

fn bytes_of(continuity: Option<&SessionContinuity>) -> usize {
    continuity.map_or(0, |kept| {
        size_of::<SessionContinuity>() + kept.retained_bytes()
    })
}

#[cfg(test)]
mod tests;
