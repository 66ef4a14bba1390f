//! Close, patch and migration requests: answered when the submits before them are, or have had their time.

use nnrp_core::connection::CommandError as MachineError;
use nnrp_core::connection::server::ServerConnection;
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};
use nnrp_core::message::session::SessionClose;
use nnrp_core::{ErrorKind, Location, MessageType, ProtocolError, Timestamp};

use super::ServerSide;

/// A request of the client that waits until earlier submits are answered.
#[derive(Clone, Copy, Debug)]
pub(super) enum Request {
    Patch(SessionPatch),
    Migrate(SessionMigrate),
    Close(SessionClose),
}

impl ServerSide {
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.sessions
            .iter()
            .filter_map(|session| Some(session.request?.1))
            .min()
    }

    /// Answers requests whose earlier submits are answered or have had their time.
    pub(crate) fn continue_requests(&mut self, now: Timestamp) {
        for session in &mut self.sessions {
            let Some((request, deadline)) = session.request else {
                continue;
            };
            if self.machine.unanswered(session.id) == 0 || deadline <= now {
                session.request = None;
                answer_request(&mut self.machine, now, session.id, request);
            }
        }
    }

    pub(super) fn take_request(
        &mut self,
        now: Timestamp,
        session_id: u32,
        message_type: MessageType,
        request: Request,
    ) {
        if !self.settings.control && !matches!(request, Request::Close(_)) {
            let kind = ErrorKind::UnexpectedMessage {
                expected: "FRAME_SUBMIT or SESSION_CLOSE",
            };
            let at = Location {
                message_type: Some(message_type),
                session_id,
                frame_id: 0,
            };
            self.machine.handle_stream_error(ProtocolError { kind, at });
            return;
        }
        if let Some(session) = self
            .sessions
            .iter_mut()
            .find(|session| session.id == session_id)
        {
            session.request = Some((request, now.after(self.settings.drain_timeout)));
            if let Request::Close(close) = request {
                session.closed_by_peer = Some(close);
            }
        }
    }
}

fn answer_request(
    machine: &mut ServerConnection,
    now: Timestamp,
    session_id: u32,
    request: Request,
) {
    let answered = match request {
        Request::Patch(patch) => {
            machine.answer_patch(now, session_id, &SessionPatchAck::accept_all(&patch))
        }
        Request::Migrate(migrate) => {
            machine.answer_migrate(now, session_id, &stay_here(now, &migrate))
        }
        Request::Close(_) => machine.answer_close(now, session_id),
    };
    // The machine has forgotten the request if the transport was lost or its own time was up. Else only a migration that breaks its own rules can
    // be refused; the machine's request timeout ends such a connection.
    debug_assert!(
        matches!(answered, Ok(()) | Err(MachineError::NoRequest(_)))
            || matches!(request, Request::Migrate(_)),
        "{answered:?}"
    );
}

/// The session goes on where it is, with the next frame; the client may move when it likes.
fn stay_here(now: Timestamp, migrate: &SessionMigrate) -> SessionMigrateAck {
    SessionMigrateAck {
        resume_from_frame_id: migrate.last_result_frame_id.saturating_add(1),
        server_migrate_ts_us: now.as_micros(),
        ..SessionMigrateAck::default()
    }
}
