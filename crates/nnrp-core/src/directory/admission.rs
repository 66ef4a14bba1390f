//! What is asked of the directory and what it decides: an open, and the right to a session id.

use alloc::boxed::Box;

use crate::code::SessionPriorityClass;
use crate::connection::continuity::SessionContinuity;
use crate::message::session::SessionOpen;
use crate::resume::ResumeToken;

/// An open as the directory looks at it.
#[derive(Clone, Copy, Debug)]
pub struct OpenRequest<'a> {
    /// What is asked for.
    pub open: &'a SessionOpen,
    /// The token that came in the body; empty = none.
    pub presented_token: &'a [u8],
    /// The token of the session if it becomes resumable: fresh random bytes. `None` for clients
    /// without the hello exchange, which have no way to return one.
    pub fresh_token: Option<ResumeToken>,
}

impl<'a> OpenRequest<'a> {
    /// The request of a client without the hello exchange.
    #[must_use]
    pub const fn plain(open: &'a SessionOpen) -> Self {
        Self {
            open,
            presented_token: &[],
            fresh_token: None,
        }
    }
}

/// What the directory decides about an open that it does not refuse.
#[derive(Debug, PartialEq)]
pub enum Decision {
    /// A session starts.
    Admit(Admission),
    /// An earlier session goes on.
    Resume(Admission, Box<SessionContinuity>),
    /// The token is right, but another connection still carries the session: its client came back
    /// before the server noticed that it was gone, or moves to another transport. Let that
    /// connection surrender the session, then ask again.
    HeldElsewhere,
}

/// The right to a session id, given back by [`SessionDirectory::release`](super::SessionDirectory::release) or
/// [`SessionDirectory::detach`](super::SessionDirectory::detach).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The id.
    pub session_id: u32,
    /// Whether an earlier session continues.
    pub resumed: bool,
    /// What proves the right to resume the session; `None` if it cannot be resumed by token.
    pub token: Option<ResumeToken>,
    /// What this session gets less than the policy of its server grants.
    pub limits: SessionLimits,
    /// Tells this holder of the id from an earlier one whose end is reported late.
    pub(super) generation: u64,
}

impl Admission {
    /// An admission outside any directory, for servers that need no ids shared.
    #[must_use]
    pub const fn unshared(session_id: u32) -> Self {
        Self {
            session_id,
            resumed: false,
            token: None,
            limits: SessionLimits::NONE,
            generation: 0,
        }
    }
}

/// Limits of one session, below those of the policy of its server, which no limit exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Operations in flight: what the ack grants, and what is taken; further submits are dropped.
    pub max_in_flight_operations: u16,
    /// Window of the session until a flow update changes it.
    pub granted_operation_credit: u16,
    /// Lease lifetime, milliseconds.
    pub lease_ttl_ms: u32,
    /// The most urgent class; a client that asks for more is told.
    pub highest_priority_class: SessionPriorityClass,
}

impl SessionLimits {
    /// What the policy grants.
    pub const NONE: Self = Self {
        max_in_flight_operations: u16::MAX,
        granted_operation_credit: u16::MAX,
        lease_ttl_ms: u32::MAX,
        highest_priority_class: SessionPriorityClass::Interactive,
    };
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self::NONE
    }
}
