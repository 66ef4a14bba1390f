//! How the application closes a session: after its answers, and with an answer of the server.

use nnrp_core::code::{InFlightPolicy, SessionCloseStatus};
use nnrp_core::connection::EndCause;
use nnrp_core::message::session::{SessionClose, SessionCloseAck};
use nnrp_core::{MetadataBytes, Timestamp};

use super::ClientSide;
use super::session::{Closing, Session, Stage, find};
use crate::{CommandError, Event, SessionKey};

impl ClientSide {
    /// Waits for the answers to what was submitted, for a bounded time, then sends `SESSION_CLOSE`.
    pub(crate) fn close_session(
        &mut self,
        now: Timestamp,
        key: SessionKey,
    ) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        session
            .closing
            .get_or_insert(Closing::Draining(now.after(self.options.drain_timeout)));
        self.continue_requests(now);
        Ok(())
    }

    /// The same with metadata of the application's choice. An abort leaves without waiting.
    pub(crate) fn close_session_with(
        &mut self,
        now: Timestamp,
        key: SessionKey,
        close: &SessionClose,
    ) -> Result<(), CommandError> {
        MetadataBytes::from_message(close).map_err(CommandError::Invalid)?;
        let session = find(&mut self.sessions, key)?;
        if session.closing.is_some() {
            return Err(CommandError::WrongState("the session is closing"));
        }
        session.close = Some(Box::new(*close));
        session.closing = Some(match close.in_flight_policy {
            InFlightPolicy::Drain => Closing::Draining(now.after(self.options.drain_timeout)),
            InFlightPolicy::Abort => Closing::Due,
        });
        self.continue_requests(now);
        Ok(())
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let drain = |session: &Session| match (session.stage, session.closing) {
            (Stage::Open(_), Some(Closing::Draining(deadline))) => Some(deadline),
            _ => None,
        };
        self.sessions
            .values()
            .map(Box::as_ref)
            .filter_map(drain)
            .min()
    }

    /// Sends the closes whose answers have come or have had their time.
    pub(crate) fn continue_requests(&mut self, now: Timestamp) {
        for session in self.sessions.values_mut() {
            let (Stage::Open(id), Some(closing)) = (session.stage, session.closing) else {
                continue;
            };
            let answered = session.held.is_empty() && self.machine.in_flight(id) == 0;
            let due = match closing {
                Closing::Draining(deadline) => answered || deadline <= now,
                Closing::Due => true,
                Closing::Sent => false,
            };
            if due {
                let sent = match &session.close {
                    None => self.machine.close_session(now, id),
                    Some(close) => self.machine.close_session_with(now, id, close),
                };
                let sent = sent.is_ok();
                session.closing = Some(if sent { Closing::Sent } else { Closing::Due });
            }
        }
    }

    /// A close that is rejected leaves the session open. After any other answer the end follows, or its time runs out.
    pub(super) fn note_close_answer(&mut self, key: SessionKey, ack: &SessionCloseAck) {
        if ack.close_status == SessionCloseStatus::Rejected
            && let Some(session) = self.sessions.get_mut(&key)
        {
            session.reopen();
        }
    }

    /// The answer that has ended a session, if this side had asked for its end.
    pub(super) fn final_close_answer(
        &self,
        key: SessionKey,
        session_id: u32,
        cause: EndCause,
    ) -> Option<Event> {
        let EndCause::Closed(close_status) = cause else {
            return None;
        };
        let record = self.machine.lifecycle().session(session_id)?;
        let asked = self.sessions.get(&key)?.closing.is_some();
        asked.then_some(Event::CloseAnswered {
            session: key,
            ack: SessionCloseAck {
                close_status,
                last_operation_id: record.last_operation_id,
                session_error_code: record.session_error_code,
            },
        })
    }
}
