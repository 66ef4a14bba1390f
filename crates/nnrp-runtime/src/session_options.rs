//! What a client asks of a session, with the defaults of the C header.

use nnrp_core::code::SessionPriorityClass;

/// What a client asks of a session.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// Wanted id; `None` takes a random one, `Some(0)` lets the server choose. Default `None`.
    pub requested_session_id: Option<u32>,
    /// Profile. Default token (2).
    pub profile_id: u16,
    /// Default schema. Default 0x1001.
    pub schema_id: u32,
    /// Its version. Default 3.
    pub schema_version: u32,
    /// Operations at once, 1–65535. Default 4.
    pub max_in_flight: u16,
    /// Priority. Default balanced.
    pub priority_class: SessionPriorityClass,
    /// Time for the answer to each operation, after which a server of ours drops it; 0 = no deadline. Default 0.
    pub default_deadline_ms: u32,
    /// Lease lifetime hint. Default 30000 ms.
    pub lease_ttl_hint_ms: u32,
    /// Whether the session shall outlive its connection, so that it can be resumed over another one. Default false: both ends keep what is unanswered
    /// for it.
    pub allow_resume: bool,
    /// Whether objects that the session puts into the server's cache may be pinned, and go with it when it is resumed. Default false: the server may
    /// evict them at any time.
    pub allow_cache_leases: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            requested_session_id: None,
            profile_id: 2,
            schema_id: 0x1001,
            schema_version: 3,
            max_in_flight: 4,
            priority_class: SessionPriorityClass::Balanced,
            default_deadline_ms: 0,
            lease_ttl_hint_ms: 30_000,
            allow_resume: false,
            allow_cache_leases: false,
        }
    }
}
