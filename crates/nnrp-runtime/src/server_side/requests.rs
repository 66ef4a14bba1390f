//! Close, patch and migration requests: answered when the submits before them are, or have had their time.

use nnrp_core::connection::CommandError as MachineError;
use nnrp_core::connection::server::ServerConnection;
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::patch::SessionPatchAck;
use nnrp_core::{ErrorKind, Location, MessageType, ProtocolError, Timestamp};

use super::ServerSide;
use super::session::Request;

/// How long a client may take to carry a session on over another transport while the old one stays usable. Afterwards, it is a resume like any other.
const MIGRATION_GRACE_MS: u32 = 10_000;

impl ServerSide {
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.sessions
            .values()
            .filter_map(|session| Some(session.request?.1))
            .min()
    }

    /// Answers requests whose earlier submits are answered or have had their time.
    pub(crate) fn continue_requests(&mut self, now: Timestamp) {
        for session in self.sessions.values_mut() {
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
            self.machine
                .handle_stream_error(now, ProtocolError { kind, at });
            return;
        }
        let key = self.keys.get(&session_id);
        if let Some(session) = key.and_then(|key| self.sessions.get_mut(key)) {
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
            let ack = migration_ack(machine, now, session_id, &migrate);
            machine.answer_migrate(now, session_id, &ack)
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

/// The session goes on where it is, with the next frame. A resumable one may be carried on elsewhere, and stays usable here until it is.
fn migration_ack(
    machine: &ServerConnection,
    now: Timestamp,
    session_id: u32,
    migrate: &SessionMigrate,
) -> SessionMigrateAck {
    let (last_received, resumable) = machine.progress(session_id);
    let cursor = migrate.last_result_frame_id.max(last_received.into());
    SessionMigrateAck {
        resume_from_frame_id: cursor.saturating_add(1),
        grace_window_ms: if resumable { MIGRATION_GRACE_MS } else { 0 },
        server_migrate_ts_us: now.as_micros(),
        ..SessionMigrateAck::default()
    }
}
