//! How a session ends on this side, whatever has ended it.

use std::collections::VecDeque;

use nnrp_core::code::{SessionCloseReason, SessionErrorCode};
use nnrp_core::connection::EndCause;
use nnrp_core::connection::client::ResumableSession;

use super::ClientSide;
use super::session::Stage;
use crate::end::connection_end;
use crate::{ConnectionEnd, Event, SessionEnd, SessionKey};

impl ClientSide {
    /// A session whose transport is lost waits for another one if it can, or ends here.
    pub(super) fn lose_session(
        &mut self,
        key: SessionKey,
        earlier: Option<Box<ResumableSession>>,
        end: Option<&ConnectionEnd>,
        reason: SessionEnd,
        events: &mut VecDeque<Event>,
    ) {
        let earlier = if self.comes_back(end) {
            match self.wait_for_transport(key, earlier) {
                Ok(()) => return,
                Err(earlier) => earlier,
            }
        } else {
            earlier
        };
        self.keep_resumable(key, earlier);
        events.extend(self.end_session(key, reason));
    }

    /// Why a session ended, and who closed it if that was done in order.
    pub(super) fn end_reason(
        &self,
        key: SessionKey,
        session_id: u32,
        cause: EndCause,
        end: Option<&ConnectionEnd>,
    ) -> SessionEnd {
        if !matches!(cause, EndCause::Closed(_)) {
            return SessionEnd::ConnectionEnded(connection_end(cause, end));
        }
        let session = self.sessions.get(&key);
        if session.is_some_and(|session| session.closing.is_some()) {
            return SessionEnd::ClosedHere;
        }
        let record = self.machine.lifecycle().session(session_id);
        SessionEnd::ClosedByPeer {
            reason: SessionCloseReason::ServerShutdown,
            code: record.map_or(SessionErrorCode::NONE, |record| record.session_error_code),
        }
    }

    pub(super) fn end_session(&mut self, key: SessionKey, reason: SessionEnd) -> Option<Event> {
        let session = self.sessions.remove(&key)?;
        let session_id = if let Stage::Open(id) = session.stage {
            self.keys.remove(&id);
            id
        } else {
            0
        };
        self.ended_with = match &reason {
            SessionEnd::ConnectionEnded(end) => Some(end.clone()),
            SessionEnd::Rejected { .. } => Some(ConnectionEnd::ClosedByPeer),
            SessionEnd::ClosedHere | SessionEnd::ClosedByPeer { .. } | SessionEnd::TakenOver => {
                None
            }
        };
        Some(Event::SessionClosed {
            session: key,
            session_id,
            reason,
        })
    }
}
