//! The application's say in who opens a session.

use std::fmt::{Debug, Formatter};
use std::sync::Arc;

use nnrp_core::code::SessionErrorCode;
use nnrp_core::directory::SessionLimits;
use nnrp_core::message::session::SessionOpen;

/// An open that the listener's own policy allows.
#[derive(Clone, Copy, Debug)]
pub struct AdmissionRequest<'a> {
    /// The peer's address.
    pub peer: &'a str,
    /// What it asks for.
    pub open: &'a SessionOpen,
}

impl AdmissionRequest<'_> {
    /// Whether it is to carry an earlier session on; its token is checked afterwards.
    #[must_use]
    pub fn resumes(&self) -> bool {
        self.open.resume_token_bytes > 0
    }
}

/// Decides about opens: an error refuses them with its code, and who is let in may get less than the listener grants.
///
/// Called in the task of the connection, with the connection locked: it must neither block nor call commands of that connection. Other connections
/// and the listener do not wait for it.
#[derive(Clone)]
pub struct AdmissionPolicy(Arc<Decide>);

type Decide =
    dyn Fn(&AdmissionRequest<'_>) -> Result<SessionLimits, SessionErrorCode> + Send + Sync;

impl AdmissionPolicy {
    /// A policy of the application that refuses or lets in.
    pub fn new(
        decide: impl Fn(&AdmissionRequest<'_>) -> Result<(), SessionErrorCode> + Send + Sync + 'static,
    ) -> Self {
        Self::granting(move |request| decide(request).map(|()| SessionLimits::NONE))
    }

    /// A policy of the application that also says what each session gets, within what the listener grants.
    pub fn granting(
        decide: impl Fn(&AdmissionRequest<'_>) -> Result<SessionLimits, SessionErrorCode>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self(Arc::new(decide))
    }

    pub(crate) fn decide(
        &self,
        request: &AdmissionRequest<'_>,
    ) -> Result<SessionLimits, SessionErrorCode> {
        (self.0)(request)
    }
}

impl Debug for AdmissionPolicy {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AdmissionPolicy")
    }
}
