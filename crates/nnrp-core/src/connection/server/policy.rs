//! What a server serves and grants: the static part of the admission of a session.

use crate::code::{
    CacheObjectKind, PROFILE_TOKEN, PROFILE_UNSPECIFIED, SCHEMA_TOKEN_DELTA,
    SCHEMA_TOKEN_DELTA_VERSION, SessionErrorCode, SessionPriorityClass, SessionStatus,
};
use crate::connection::negotiated::Negotiated;
use crate::directory::{Admission, SessionLimits};
use crate::flags::{ServerFlags, SessionFlags, SessionFlagsAck};
use crate::header::VERSION_MAJOR;
use crate::limits::Limits;
use crate::message::hello::{ClientHello, ServerHelloAck};
use crate::message::session::{SessionOpen, SessionOpenAck};
use crate::resume::RESUME_TOKEN_BYTES;
use crate::schema::{SchemaDescriptor, SchemaFailure, check_profile};
use alloc::vec;
use alloc::vec::Vec;

/// The highest profile id that exists (spec 05 §5.1).
const HIGHEST_PROFILE: u16 = 2;

/// What a server accepts and what its acks grant (spec 13 §13.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Profiles served.
    pub profiles: Vec<u16>,
    /// Schemas installed, as id and version.
    pub schemas: Vec<(u32, u32)>,
    /// What is known of those schemas: a hello that offers one of them with another content is told.
    pub schema_descriptors: Vec<SchemaDescriptor>,
    /// Whether sessions may use schemas that are offered in the hello of their client and not
    /// known here. Their payloads are then the application's to understand.
    pub install_offered_schemas: bool,
    /// Largest in-flight limit a client may ask for, and the one every ack grants.
    pub max_in_flight_operations: u16,
    /// Window of the session until a flow update changes it.
    pub granted_operation_credit: u16,
    /// The most urgent class a session gets; a client that asks for more is told.
    pub highest_priority_class: SessionPriorityClass,
    /// Whether frames of clients that say hello are dropped when the default deadline of their
    /// session has passed. Published clients announce one and expect nothing of it.
    pub enforce_deadlines: bool,
    /// Lease lifetime of every ack, milliseconds.
    pub lease_ttl_ms: u32,
    /// Resume window of every ack, milliseconds.
    pub resume_window_ms: u32,
}

impl Default for SessionPolicy {
    /// The published server's schema and profile with room for 256 operations.
    fn default() -> Self {
        Self {
            profiles: vec![PROFILE_TOKEN],
            schemas: vec![(SCHEMA_TOKEN_DELTA, SCHEMA_TOKEN_DELTA_VERSION)],
            schema_descriptors: vec![SchemaDescriptor::token_delta()],
            install_offered_schemas: false,
            max_in_flight_operations: 256,
            granted_operation_credit: 256,
            highest_priority_class: SessionPriorityClass::Interactive,
            enforce_deadlines: true,
            lease_ttl_ms: 30_000,
            resume_window_ms: 120_000,
        }
    }
}

impl SessionPolicy {
    /// The code to refuse an open with, if the policy does not allow it.
    /// `schema_installed` says whether its schema is served, or was taken from the client's hello.
    pub(super) fn check(
        &self,
        open: &SessionOpen,
        schema_installed: bool,
    ) -> Result<(), SessionErrorCode> {
        let profile_exists = open.profile_id <= HIGHEST_PROFILE;
        if !profile_exists || !self.profiles.contains(&open.profile_id) {
            return Err(SessionErrorCode::PROFILE_UNSUPPORTED);
        }
        if !schema_installed {
            return Err(SessionErrorCode::SCHEMA_UNSUPPORTED);
        }
        if open.max_in_flight_operations > self.max_in_flight_operations {
            return Err(SessionErrorCode::SESSION_LIMIT_REACHED);
        }
        Ok(())
    }

    /// Whether sessions may use a schema that a hello offers (spec 04 §4.8).
    pub(super) fn check_schema(&self, offered: &SchemaDescriptor) -> Result<(), SchemaFailure> {
        check_profile(offered.profile_id)?;
        let majors = offered.min_version_major..=offered.max_version_major;
        if !majors.contains(&VERSION_MAJOR) {
            return Err(SchemaFailure::Incompatible);
        }
        let key = (offered.schema_id, offered.schema_version);
        let known = self.schema_descriptors.iter();
        let mut same_version = known.filter(|known| (known.schema_id, known.schema_version) == key);
        if let Some(known) = same_version.next() {
            let same =
                (known.schema_hash, known.profile_id) == (offered.schema_hash, offered.profile_id);
            return if same {
                Ok(())
            } else {
                Err(SchemaFailure::HashConflict)
            };
        }
        if self.schemas.contains(&key) || self.install_offered_schemas {
            Ok(())
        } else if self.schemas.iter().any(|(id, _)| *id == offered.schema_id) {
            Err(SchemaFailure::VersionUnknown)
        } else {
            Err(SchemaFailure::Unknown)
        }
    }

    pub(super) fn accepting_ack(
        &self,
        open: &SessionOpen,
        admission: &Admission,
        agreed: Option<&Negotiated>,
    ) -> SessionOpenAck {
        let speaks_hello = agreed.is_some();
        // Clients without a hello get no token and are told of resuming as published servers do.
        let announces_resume = open.session_flags.contains(SessionFlags::ALLOW_RESUME)
            && self.resume_window_ms > 0
            && (admission.token.is_some() || !speaks_hello);
        let mut ack = SessionOpenAck {
            session_id: admission.session_id,
            server_session_tag: admission.session_id.into(),
            ..self.echo(open)
        };
        if admission.resumed {
            ack.session_status = SessionStatus::Resumed;
        }
        if announces_resume {
            ack.resume_token_bytes = u32::try_from(RESUME_TOKEN_BYTES).unwrap_or(u32::MAX);
            ack.session_flags_ack = ack.session_flags_ack | SessionFlagsAck::RESUME_ENABLED;
        }
        let limits = &admission.limits;
        ack.max_in_flight_operations = self.max_in_flight(limits);
        ack.granted_operation_credit =
            (self.granted_operation_credit).min(limits.granted_operation_credit);
        ack.lease_ttl_ms = self.lease_ttl_ms.min(limits.lease_ttl_ms);
        let highest_class = self.highest_class(limits);
        if open.priority_class.to_wire() < highest_class.to_wire() {
            ack.accepted_priority_class = highest_class;
            ack.session_flags_ack = ack.session_flags_ack | SessionFlagsAck::PRIORITY_DOWNGRADED;
        }
        if speaks_hello
            && open
                .session_flags
                .contains(SessionFlags::ALLOW_BACKGROUND_RESULTS)
        {
            ack.session_flags_ack =
                ack.session_flags_ack | SessionFlagsAck::BACKGROUND_RESULTS_ENABLED;
        }
        if agreed.is_some_and(Negotiated::caches_objects)
            && open
                .session_flags
                .contains(SessionFlags::ALLOW_CACHE_LEASES)
        {
            ack.session_flags_ack = ack.session_flags_ack | SessionFlagsAck::CACHE_LEASES_ENABLED;
        }
        // Published servers grant what they are configured to, whatever is asked for.
        if speaks_hello && open.lease_ttl_hint_ms != 0 {
            ack.lease_ttl_ms = open.lease_ttl_hint_ms.min(ack.lease_ttl_ms);
        }
        ack
    }

    pub(super) fn max_in_flight(&self, limits: &SessionLimits) -> u16 {
        self.max_in_flight_operations
            .min(limits.max_in_flight_operations)
    }

    /// A class is the more urgent the lower its number.
    fn highest_class(&self, limits: &SessionLimits) -> SessionPriorityClass {
        if limits.highest_priority_class.to_wire() > self.highest_priority_class.to_wire() {
            limits.highest_priority_class
        } else {
            self.highest_priority_class
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

    /// Profiles of both sides. Profile 0 interprets nothing and has no bit, so a server that has
    /// just that one in common with a client agrees to the client's: the set must not be empty, and
    /// each open is judged by itself.
    fn common_profiles(&self, hello: &ClientHello) -> u32 {
        let served = self.profiles.iter().copied().map(profile_bit);
        let common = hello.supported_profile_bitmap & served.fold(0, |bits, bit| bits | bit);
        if common == 0 && self.profiles.contains(&PROFILE_UNSPECIFIED) {
            return hello.supported_profile_bitmap;
        }
        common
    }

    /// The answer to a hello (spec 13 §13.15): what both sides can do, nothing more.
    pub(super) fn hello_ack(&self, hello: &ClientHello, limits: &Limits) -> ServerHelloAck {
        let cache_object_bitmap = cacheable_kinds(hello, limits);
        let caches = cache_object_bitmap != 0;
        ServerHelloAck {
            selected_version_major: VERSION_MAJOR,
            accepted_profile_bitmap: self.common_profiles(hello),
            accepted_payload_kind_bitmap: hello.supported_payload_kind_bitmap
                & crate::flags::PayloadKinds::ALL.bits(),
            cache_object_bitmap,
            max_cache_entries: granted(caches, hello.max_cache_entries, limits.cached_objects),
            max_cache_bytes: granted(caches, hello.max_cache_bytes, limits.cached_bytes),
            server_flags: if caches {
                ServerFlags::CACHE_ENABLED
            } else {
                ServerFlags::NONE
            },
            max_lane_count: 1,
            max_concurrent_frames: limits.concurrent_frames,
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

/// A profile as a bit of a hello; profile 0 and those that do not exist have none.
fn profile_bit(profile_id: u16) -> u32 {
    match profile_id {
        1..=HIGHEST_PROFILE => 1 << (profile_id - 1),
        _ => 0,
    }
}

/// Kinds that both sides can cache, as bits.
fn cacheable_kinds(hello: &ClientHello, limits: &Limits) -> u32 {
    if limits.cached_objects == 0 || limits.cached_bytes == 0 {
        return 0;
    }
    (hello.cache_object_bitmap & CacheObjectKind::ALL_BITS).into()
}

/// The lower of what the client wants, 0 being no wish, and of the limit.
fn granted(caches: bool, wanted: u32, limit: usize) -> u32 {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    match wanted {
        _ if !caches => 0,
        0 => limit,
        wanted => wanted.min(limit),
    }
}
