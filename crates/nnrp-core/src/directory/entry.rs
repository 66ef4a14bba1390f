//! What the directory knows of one session id: who may resume it, and where the session is.

use alloc::boxed::Box;

use super::admission::OpenRequest;
use crate::connection::continuity::SessionContinuity;
use crate::message::session::SessionOpen;
use crate::resume::ResumeToken;
use crate::timestamp::Timestamp;

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) generation: u64,
    /// The token and what it is bound to.
    pub(super) bound: Option<Bound>,
    /// Knowing the id is enough.
    pub(super) by_id: bool,
    pub(super) place: Place,
}

/// A session is resumed as what it was opened as.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) token: ResumeToken,
    profile_id: u16,
    schema: (u32, u32),
}

#[derive(Debug)]
pub(super) enum Place {
    /// A connection carries the session.
    Connected,
    /// It waits for its client.
    Waiting {
        expires: Timestamp,
        continuity: Option<Box<SessionContinuity>>,
    },
}

impl Bound {
    pub(super) fn new(token: ResumeToken, open: &SessionOpen) -> Self {
        Self {
            token,
            profile_id: open.profile_id,
            schema: (open.schema_id, open.schema_version),
        }
    }

    /// The token is compared first and in constant time, so that time says nothing about it.
    pub(super) fn allows(&self, request: &OpenRequest<'_>) -> bool {
        let right_token = self.token.matches(request.presented_token);
        let open = request.open;
        right_token
            && self.profile_id == open.profile_id
            && self.schema == (open.schema_id, open.schema_version)
    }
}
