//! There is room again: first for what waits here, then for the application.

use std::collections::{BTreeMap, VecDeque};

use super::ClientSide;
use super::session::{Blocked, Session};
use crate::batch::Submission;
use crate::{Event, SessionKey};

impl ClientSide {
    /// The machine has room again: first for what waits here, then for the application.
    pub(super) fn report_writable(&mut self, session_id: u32, events: &mut VecDeque<Event>) {
        self.send_held(session_id);
        let Some(key) = self.key_of(session_id) else {
            return;
        };
        if let Some(session) = self.sessions.get_mut(&key)
            && session.held.is_empty()
            && session.blocked == Some(Blocked::Machine)
        {
            session.blocked = None;
            events.push_back(Event::Writable { session: key });
        }
    }

    pub(super) fn report_writable_to_all(&mut self, events: &mut VecDeque<Event>) {
        let ids: Vec<u32> = self.keys.keys().copied().collect();
        for id in ids {
            self.report_writable(id, events);
        }
    }

    /// A frame was answered: room for a session that has reached its own limit.
    pub(super) fn report_room(&mut self, session_id: u32, events: &mut VecDeque<Event>) {
        let Some(key) = self.key_of(session_id) else {
            return;
        };
        if let Some(session) = self.sessions.get_mut(&key)
            && session.blocked == Some(Blocked::InFlight)
            && self.machine.in_flight(session_id) < session.max_in_flight()
        {
            session.blocked = None;
            events.push_back(Event::Writable { session: key });
        }
    }

    fn send_held(&mut self, session_id: u32) {
        let Some(session) = open_session(&mut self.sessions, &self.keys, session_id) else {
            return;
        };
        while let Some(submission) = session.held.front() {
            let Submission {
                header,
                metadata,
                body,
            } = submission.clone();
            if self
                .machine
                .submit(session_id, &metadata, header, body)
                .is_err()
            {
                // Only for want of room: everything else was checked when it was taken.
                return;
            }
            session.held_bytes -= submission.body.len();
            session.held.pop_front();
        }
    }
}

fn open_session<'a>(
    sessions: &'a mut BTreeMap<SessionKey, Box<Session>>,
    keys: &BTreeMap<u32, SessionKey>,
    session_id: u32,
) -> Option<&'a mut Session> {
    sessions.get_mut(keys.get(&session_id)?).map(Box::as_mut)
}
