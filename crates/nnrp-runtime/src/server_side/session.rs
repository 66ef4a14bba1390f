//! One session of a server, and the request of its client that waits.

use std::collections::BTreeMap;

use nnrp_core::Timestamp;
use nnrp_core::connection::CommandError as MachineError;
use nnrp_core::message::migrate::SessionMigrate;
use nnrp_core::message::patch::SessionPatch;
use nnrp_core::message::session::SessionClose;

use crate::{CommandError, SessionKey};

#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: u32,
    pub(super) profile_id: u16,
    /// A command was refused for want of room.
    pub(super) blocked: bool,
    pub(super) request: Option<(Request, Timestamp)>,
    pub(super) closed_by_peer: Option<SessionClose>,
    pub(super) closed_here: bool,
}

impl Session {
    pub(super) fn new(id: u32, profile_id: u16) -> Self {
        Self {
            id,
            profile_id,
            blocked: false,
            request: None,
            closed_by_peer: None,
            closed_here: false,
        }
    }

    pub(super) fn refused(&mut self, error: MachineError) -> CommandError {
        self.blocked |= matches!(error, MachineError::WouldBlock(_));
        error.into()
    }
}

/// A request of the client that waits until earlier submits are answered.
#[derive(Clone, Copy, Debug)]
pub(super) enum Request {
    Patch(SessionPatch),
    Migrate(SessionMigrate),
    Close(SessionClose),
}

pub(super) fn find(
    sessions: &mut BTreeMap<SessionKey, Box<Session>>,
    key: SessionKey,
) -> Result<&mut Session, CommandError> {
    let session = sessions.get_mut(&key).map(Box::as_mut);
    session.ok_or(CommandError::UnknownSession)
}
