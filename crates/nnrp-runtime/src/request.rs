//! The requests of a session that one event answers.

use crate::Event;

/// What a client asks of a session, of which at most one of a kind waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestKind {
    Patch,
    Migrate,
    Close,
}

impl RequestKind {
    pub(crate) fn answered_by(event: &Event) -> Option<Self> {
        match event {
            Event::SessionPatched { .. } => Some(Self::Patch),
            Event::SessionMigrated { .. } => Some(Self::Migrate),
            Event::CloseAnswered { .. } => Some(Self::Close),
            _ => None,
        }
    }
}
