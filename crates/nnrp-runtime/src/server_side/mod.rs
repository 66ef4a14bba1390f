//! The server's end of a connection: its sessions and the commands of the application.

mod events;
mod requests;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use nnrp_core::Timestamp;
use nnrp_core::code::FlowScopeKind;
use nnrp_core::connection::server::ServerConnection;
use nnrp_core::connection::{CommandError as MachineError, EndCause};
use nnrp_core::directory::SessionDirectory;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::session::SessionClose;

use self::requests::Request;
use crate::batch::{Accepted, Answer};
use crate::end::connection_end;
use crate::permit::Permit;
use crate::{CommandError, ConnectionEnd, SessionKey};

/// The session ids of a listener, shared by its connections.
pub(crate) type Directory = Arc<Mutex<SessionDirectory>>;

#[derive(Debug)]
pub(crate) struct ServerSide {
    pub(crate) machine: ServerConnection,
    sessions: Vec<Session>,
    next_key: u32,
    settings: ServerSettings,
    /// Counts the connection as one that has not opened a session.
    handshake: Option<Permit>,
    /// Why sessions ended that were not closed one by one.
    cause: Option<EndCause>,
}

/// What the connections of a listener have in common beside the machine's configuration.
#[derive(Clone, Debug)]
pub(crate) struct ServerSettings {
    pub(crate) directory: Directory,
    /// How long a request waits for the application's answers to earlier submits.
    pub(crate) drain_timeout: Duration,
    /// Whether patch and migrate requests are granted; otherwise they are unexpected messages.
    pub(crate) control: bool,
}

impl ServerSide {
    pub(crate) fn new(
        machine: ServerConnection,
        settings: ServerSettings,
        handshake: Permit,
    ) -> Self {
        Self {
            machine,
            sessions: Vec::new(),
            next_key: 0,
            settings,
            handshake: Some(handshake),
            cause: None,
        }
    }

    pub(crate) fn handle_transport_lost(&mut self) {
        self.handshake = None;
        self.machine.handle_transport_lost();
    }

    pub(crate) fn has_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Why the machine ended the connection: its error, a close of the client, or a refusal by this side.
    pub(crate) fn ordinary_end(&self) -> ConnectionEnd {
        match self.cause {
            Some(cause) => connection_end(cause, None),
            None if self.next_key > 0 => ConnectionEnd::ClosedByPeer,
            None => ConnectionEnd::ClosedHere,
        }
    }

    pub(crate) fn send_results(
        &mut self,
        now: Timestamp,
        key: SessionKey,
        answers: impl IntoIterator<Item = Answer>,
    ) -> Result<Accepted, CommandError> {
        let session = find(&mut self.sessions, key)?;
        let mut count = 0;
        for mut answer in answers {
            if answer.metadata.active_profile_id == 0 {
                answer.metadata.active_profile_id = session.profile_id;
            }
            let sent = self.machine.push_result(
                now,
                session.id,
                answer.frame_id,
                answer.header,
                &answer.metadata,
                answer.body,
            );
            match sent {
                Ok(()) => count += 1,
                Err(error) => {
                    let error = session.refused(error);
                    return if count == 0 {
                        Err(error)
                    } else {
                        Ok(Accepted {
                            count,
                            first_frame_id: 0,
                        })
                    };
                }
            }
        }
        Ok(Accepted {
            count,
            first_frame_id: 0,
        })
    }

    pub(crate) fn send_drop(
        &mut self,
        now: Timestamp,
        key: SessionKey,
        frame_id: u32,
    ) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        self.machine
            .push_drop(now, session.id, frame_id)
            .map_err(|error| session.refused(error))
    }

    pub(crate) fn send_flow_update(
        &mut self,
        key: SessionKey,
        update: &FlowUpdate,
    ) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        let scope = match update.scope_kind {
            FlowScopeKind::Connection => 0,
            _ => session.id,
        };
        self.machine
            .send_flow_update(scope, update)
            .map_err(|error| session.refused(error))
    }

    /// Only clients close single sessions on the wire. Here the connection ends, after what is queued, with its last session.
    pub(crate) fn close_session(
        &mut self,
        now: Timestamp,
        key: SessionKey,
    ) -> Result<(), CommandError> {
        find(&mut self.sessions, key)?.closed_here = true;
        if self.sessions.iter().all(|session| session.closed_here) {
            self.machine.close(now);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Session {
    key: SessionKey,
    id: u32,
    profile_id: u16,
    /// A command was refused for want of room.
    blocked: bool,
    request: Option<(Request, Timestamp)>,
    closed_by_peer: Option<SessionClose>,
    closed_here: bool,
}

impl Session {
    fn new(key: SessionKey, id: u32, profile_id: u16) -> Self {
        Self {
            key,
            id,
            profile_id,
            blocked: false,
            request: None,
            closed_by_peer: None,
            closed_here: false,
        }
    }

    fn refused(&mut self, error: MachineError) -> CommandError {
        self.blocked |= matches!(error, MachineError::WouldBlock(_));
        error.into()
    }
}

fn find(sessions: &mut [Session], key: SessionKey) -> Result<&mut Session, CommandError> {
    sessions
        .iter_mut()
        .find(|session| session.key == key)
        .ok_or(CommandError::UnknownSession)
}
