//! What a server serves and grants: the static part of the admission of a session.

use crate::code::{
    PROFILE_TOKEN, SCHEMA_TOKEN_DELTA, SCHEMA_TOKEN_DELTA_VERSION, SessionErrorCode, SessionStatus,
};
use crate::directory::Admission;
use crate::flags::{SessionFlags, SessionFlagsAck};
use crate::header::VERSION_MAJOR;
use crate::limits::Limits;
use crate::message::hello::{ClientHello, ServerHelloAck};
use crate::message::session::{SessionOpen, SessionOpenAck};

/// The highest profile id that exists (spec 05 §5.1).
const HIGHEST_PROFILE: u16 = 2;

/// What a server accepts and what its acks grant (spec 13 §13.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Profiles served.
    pub profiles: Vec<u16>,
    /// Schemas installed, as id and version.
    pub schemas: Vec<(u32, u32)>,
    /// Largest in-flight limit a client may ask for, and the one every ack grants.
    pub max_in_flight_operations: u16,
    /// Window of the session until a flow update changes it.
    pub granted_operation_credit: u16,
    /// Lease lifetime of every ack, milliseconds.
    pub lease_ttl_ms: u32,
    /// Resume window of every ack, milliseconds.
    pub resume_window_ms: u32,
    /// Length of the resume token announced to sessions that allow resuming, bytes.
    pub resume_token_bytes: u32,
}

impl Default for SessionPolicy {
    /// The published server's schema and profile with room for 256 operations.
    fn default() -> Self {
        Self {
            profiles: vec![PROFILE_TOKEN],
            schemas: vec![(SCHEMA_TOKEN_DELTA, SCHEMA_TOKEN_DELTA_VERSION)],
            max_in_flight_operations: 256,
            granted_operation_credit: 256,
            lease_ttl_ms: 30_000,
            resume_window_ms: 120_000,
            resume_token_bytes: 24,
        }
    }
}

impl SessionPolicy {
    /// The code to refuse an open with, if the policy does not allow it.
    pub fn check(&self, open: &SessionOpen) -> Result<(), SessionErrorCode> {
        let profile_exists = open.profile_id <= HIGHEST_PROFILE;
        if !profile_exists || !self.profiles.contains(&open.profile_id) {
            return Err(SessionErrorCode::PROFILE_UNSUPPORTED);
        }
        if !self
            .schemas
            .contains(&(open.schema_id, open.schema_version))
        {
            return Err(SessionErrorCode::SCHEMA_UNSUPPORTED);
        }
        if open.max_in_flight_operations > self.max_in_flight_operations {
            return Err(SessionErrorCode::SESSION_LIMIT_REACHED);
        }
        Ok(())
    }

    pub(super) fn accepting_ack(
        &self,
        open: &SessionOpen,
        admission: &Admission,
    ) -> SessionOpenAck {
        let resumable = open.session_flags.contains(SessionFlags::ALLOW_RESUME)
            && self.resume_token_bytes > 0
            && self.resume_window_ms > 0;
        SessionOpenAck {
            session_id: admission.session_id,
            session_status: if admission.resumed {
                SessionStatus::Resumed
            } else {
                SessionStatus::Opened
            },
            resume_token_bytes: if resumable {
                self.resume_token_bytes
            } else {
                0
            },
            server_session_tag: admission.session_id.into(),
            session_flags_ack: if resumable {
                SessionFlagsAck::RESUME_ENABLED
            } else {
                SessionFlagsAck::NONE
            },
            ..self.echo(open)
        }
    }

    pub(super) fn refusing_ack(
        &self,
        open: &SessionOpen,
        code: SessionErrorCode,
    ) -> SessionOpenAck {
        SessionOpenAck {
            session_status: SessionStatus::Rejected,
            session_error_code: code,
            ..self.echo(open)
        }
    }

    fn echo(&self, open: &SessionOpen) -> SessionOpenAck {
        SessionOpenAck {
            accepted_profile_id: open.profile_id,
            accepted_priority_class: open.priority_class,
            schema_id: open.schema_id,
            schema_version: open.schema_version,
            granted_operation_credit: self.granted_operation_credit,
            max_in_flight_operations: self.max_in_flight_operations,
            lease_ttl_ms: self.lease_ttl_ms,
            resume_window_ms: self.resume_window_ms,
            ..SessionOpenAck::default()
        }
    }

    /// The answer to a hello (spec 13 §13.15): what both sides can do, nothing more.
    pub(super) fn hello_ack(&self, hello: &ClientHello, limits: &Limits) -> ServerHelloAck {
        let served = self
            .profiles
            .iter()
            .filter(|id| (1..=HIGHEST_PROFILE).contains(*id));
        let profile_bitmap = served.fold(0, |bits, id| bits | 1 << (id - 1));
        ServerHelloAck {
            selected_version_major: VERSION_MAJOR,
            accepted_profile_bitmap: hello.supported_profile_bitmap & profile_bitmap,
            accepted_payload_kind_bitmap: hello.supported_payload_kind_bitmap
                & crate::flags::PayloadKinds::ALL.bits(),
            max_lane_count: 1,
            max_concurrent_frames: self.max_in_flight_operations,
            target_cadence_x100: hello.target_cadence_x100,
            latency_budget_ms: hello.latency_budget_ms,
            quality_tier: hello.quality_tier,
            degrade_policy: hello.degrade_policy,
            max_body_bytes: limits.body_bytes,
            token_ttl_ms: self.resume_window_ms,
            ..ServerHelloAck::default()
        }
    }
}
