//! Sessions that have left their connection, kept for the host under numbers until it resumes or drops them.

use std::collections::BTreeMap;

use nnrp_core::connection::client::ResumableSession;
use serde_json::{Value, json};

use crate::failure::Failure;

/// Sessions kept at once; beyond them the oldest is dropped, as a host that never resumes forgets them.
const MOST_SESSIONS: usize = 4096;

/// Sessions that can be carried on over another connection.
#[derive(Default)]
pub(crate) struct Resumables {
    kept: BTreeMap<u32, Box<ResumableSession>>,
    last: u32,
}

impl Resumables {
    /// The number that names the session from here on; never 0.
    pub(crate) fn keep(&mut self, session: Box<ResumableSession>) -> u32 {
        if self.kept.len() >= MOST_SESSIONS {
            self.kept.pop_first();
        }
        loop {
            self.last = self.last.wrapping_add(1);
            if self.last != 0 && !self.kept.contains_key(&self.last) {
                self.kept.insert(self.last, session);
                return self.last;
            }
        }
    }

    /// The session, which the number no longer names.
    pub(crate) fn take(&mut self, number: u32) -> Result<Box<ResumableSession>, Failure> {
        self.kept.remove(&number).ok_or_else(unknown)
    }

    /// Puts a session back under its number, after an attempt that did not begin.
    pub(crate) fn put_back(&mut self, number: u32, session: Box<ResumableSession>) {
        self.kept.insert(number, session);
    }

    /// What a host may know of it.
    pub(crate) fn describe(&self, number: u32) -> Result<Value, Failure> {
        let session = self.kept.get(&number).ok_or_else(unknown)?;
        let unanswered: Vec<u32> = session.unanswered().map(|(frame_id, _)| frame_id).collect();
        Ok(json!({
            "sessionId": session.session_id(),
            "windowMs": u64::try_from(session.window().as_millis()).unwrap_or(u64::MAX),
            "unansweredFrameIds": unanswered,
            "nextFrameId": session.next_frame_id(),
            "lastResultFrameId": session.last_result_frame_id(),
        }))
    }

    /// Notes that a frame is no longer wanted.
    pub(crate) fn cancel(&mut self, number: u32, frame_id: u32) -> Result<bool, Failure> {
        let session = self.kept.get_mut(&number).ok_or_else(unknown)?;
        Ok(session.cancel(frame_id))
    }
}

fn unknown() -> Failure {
    let words = "the session was resumed or dropped already, or belongs to another module instance";
    Failure::usage("UnknownResumable", words)
}
