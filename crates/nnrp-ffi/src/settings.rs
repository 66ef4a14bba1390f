//! From the options of a call to the runtime's typed options; keys that were not set keep the runtime's defaults.

use crate::failure::Failure;
use crate::option_keys::*;
use crate::options::{Settings, refused};
use crate::security::make_security;
use nnrp_core::code::{LossTolerance, SessionPriorityClass, TransportId, TransportPolicy};
use nnrp_core::directory::DirectoryConfig;
use nnrp_core::extension::{
    HelloExtensions, LossToleranceOffer, PayloadCapabilities, TransportPolicyOffer,
};
use nnrp_core::schema::SchemaDescriptor;
use nnrp_runtime::{
    ConnectionOptions, Exchange, ListenOptions, ReconnectPolicy, Security, SessionOptions,
    SessionPolicy,
};
use std::time::Duration;

/// Options of a connection of either side.
pub(crate) fn connection_options(settings: &Settings) -> Result<ConnectionOptions, Failure> {
    let defaults = ConnectionOptions::default();
    let time = |key, default| settings.get(key).map_or(default, Duration::from_millis);
    Ok(ConnectionOptions {
        connect_timeout: time(NNRP_OPTION_CONNECT_TIMEOUT_MS, defaults.connect_timeout),
        exchange: match settings.get(NNRP_OPTION_EXCHANGE) {
            Some(1_u8) => Exchange::Hello,
            Some(2) => Exchange::OpenFirst,
            _ => Exchange::Auto,
        },
        keep_alive: time_or_none(settings, NNRP_OPTION_KEEP_ALIVE_MS, defaults.keep_alive),
        idle_timeout: time_or_none(settings, NNRP_OPTION_IDLE_TIMEOUT_MS, defaults.idle_timeout),
        write_timeout: time(NNRP_OPTION_WRITE_TIMEOUT_MS, defaults.write_timeout),
        least_write_rate: settings
            .get(NNRP_OPTION_LEAST_WRITE_RATE)
            .unwrap_or(defaults.least_write_rate),
        close_timeout: time(NNRP_OPTION_CLOSE_TIMEOUT_MS, defaults.close_timeout),
        drain_timeout: time(NNRP_OPTION_DRAIN_TIMEOUT_MS, defaults.drain_timeout),
        max_body_bytes: settings
            .get(NNRP_OPTION_MAX_BODY_BYTES)
            .unwrap_or(defaults.max_body_bytes),
        max_metadata_bytes: settings
            .get(NNRP_OPTION_MAX_METADATA_BYTES)
            .unwrap_or(defaults.max_metadata_bytes),
        send_queue_bytes: settings
            .get(NNRP_OPTION_SEND_QUEUE_BYTES)
            .unwrap_or(defaults.send_queue_bytes),
        send_queue_packets: settings
            .get(NNRP_OPTION_SEND_QUEUE_PACKETS)
            .unwrap_or(defaults.send_queue_packets),
        max_sessions: settings
            .get(NNRP_OPTION_MAX_SESSIONS)
            .unwrap_or(defaults.max_sessions),
        max_cached_objects: settings
            .get(NNRP_OPTION_MAX_CACHED_OBJECTS)
            .unwrap_or(defaults.max_cached_objects),
        max_cached_bytes: bytes(
            settings,
            NNRP_OPTION_MAX_CACHED_BYTES,
            defaults.max_cached_bytes,
        ),
        schemas: schema_descriptors(settings)?,
        hello_extensions: hello_extensions(settings),
        reconnect: reconnect_policy(settings),
        security: security(settings)?,
    })
}

/// Whom the connections of these settings trust, and as whom they show themselves.
pub(crate) fn security(settings: &Settings) -> Result<Security, Failure> {
    settings.security_or_make(make_security)
}

/// Options of a listener and of what it accepts.
pub(crate) fn listen_options(settings: &Settings) -> Result<ListenOptions, Failure> {
    let defaults = ListenOptions::default();
    let count = |key, default| settings.get(key).unwrap_or(default);
    Ok(ListenOptions {
        connection: connection_options(settings)?,
        max_connections: count(NNRP_OPTION_MAX_CONNECTIONS, defaults.max_connections),
        max_handshakes: count(NNRP_OPTION_MAX_HANDSHAKES, defaults.max_handshakes),
        max_operations: count(NNRP_OPTION_MAX_OPERATIONS, defaults.max_operations),
        max_buffered_bytes: bytes(
            settings,
            NNRP_OPTION_MAX_BUFFERED_BYTES,
            defaults.max_buffered_bytes,
        ),
        max_cached_objects: count(
            NNRP_OPTION_LISTENER_CACHED_OBJECTS,
            defaults.max_cached_objects,
        ),
        max_cached_bytes: bytes(
            settings,
            NNRP_OPTION_LISTENER_CACHED_BYTES,
            defaults.max_cached_bytes,
        ),
        handshake_timeout: settings
            .get(NNRP_OPTION_HANDSHAKE_TIMEOUT_MS)
            .map_or(defaults.handshake_timeout, Duration::from_millis),
        sessions: session_policy(settings, defaults.sessions)?,
        control: settings.get(NNRP_OPTION_ALLOW_CONTROL) != Some(0_u8),
        directory: directory(settings, defaults.directory),
        ..defaults
    })
}

/// Options of a session that a client asks for.
pub(crate) fn session_options(settings: &Settings) -> SessionOptions {
    let defaults = SessionOptions::default();
    SessionOptions {
        requested_session_id: settings.get(NNRP_OPTION_REQUESTED_SESSION_ID),
        profile_id: settings
            .get(NNRP_OPTION_PROFILE_ID)
            .unwrap_or(defaults.profile_id),
        schema_id: settings
            .get(NNRP_OPTION_SCHEMA_ID)
            .unwrap_or(defaults.schema_id),
        schema_version: settings
            .get(NNRP_OPTION_SCHEMA_VERSION)
            .unwrap_or(defaults.schema_version),
        max_in_flight: settings
            .get(NNRP_OPTION_MAX_IN_FLIGHT)
            .unwrap_or(defaults.max_in_flight),
        priority_class: priority(settings, NNRP_OPTION_PRIORITY_CLASS)
            .unwrap_or(defaults.priority_class),
        default_deadline_ms: settings
            .get(NNRP_OPTION_DEFAULT_DEADLINE_MS)
            .unwrap_or(defaults.default_deadline_ms),
        lease_ttl_hint_ms: settings
            .get(NNRP_OPTION_LEASE_TTL_MS)
            .unwrap_or(defaults.lease_ttl_hint_ms),
        allow_resume: settings.get(NNRP_OPTION_ALLOW_RESUME) == Some(1_u8),
        allow_cache_leases: settings.get(NNRP_OPTION_ALLOW_CACHE_LEASES) == Some(1_u8),
    }
}

/// Setting the schema's id or version alone keeps the other's default.
fn session_policy(settings: &Settings, defaults: SessionPolicy) -> Result<SessionPolicy, Failure> {
    let client = session_options(settings);
    let known = schema_descriptors(settings)?;
    let mut schemas = match settings.bytes(NNRP_BYTES_OPTION_SCHEMAS) {
        Some(_) => pairs(&numbers(settings, NNRP_BYTES_OPTION_SCHEMAS, 8)?),
        None => vec![(client.schema_id, client.schema_version)],
    };
    schemas.extend(
        known
            .iter()
            .map(|schema| (schema.schema_id, schema.schema_version)),
    );
    Ok(SessionPolicy {
        profiles: match settings.bytes(NNRP_BYTES_OPTION_PROFILES) {
            Some(_) => profiles(settings)?,
            None => settings
                .get(NNRP_OPTION_PROFILE_ID)
                .map_or(defaults.profiles, |profile| vec![profile]),
        },
        schemas,
        schema_descriptors: [defaults.schema_descriptors, known].concat(),
        install_offered_schemas: settings.get(NNRP_OPTION_INSTALL_OFFERED_SCHEMAS) == Some(1_u8),
        max_in_flight: settings
            .get(NNRP_OPTION_MAX_IN_FLIGHT)
            .unwrap_or(defaults.max_in_flight),
        lease_ttl_ms: settings
            .get(NNRP_OPTION_LEASE_TTL_MS)
            .unwrap_or(defaults.lease_ttl_ms),
        highest_priority_class: priority(settings, NNRP_OPTION_HIGHEST_PRIORITY_CLASS)
            .unwrap_or(defaults.highest_priority_class),
        enforce_deadlines: settings.get(NNRP_OPTION_ENFORCE_DEADLINES) != Some(0_u8),
    })
}

/// What a client tells of itself in the hello, if it wants to.
fn hello_extensions(settings: &Settings) -> HelloExtensions {
    let preferred = settings
        .get(NNRP_OPTION_HELLO_PREFERRED_TRANSPORT)
        .and_then(|number| TransportId::from_wire(number).ok())
        .unwrap_or(TransportId::Unspecified);
    let policy = settings.get(NNRP_OPTION_HELLO_TRANSPORT_POLICY);
    let policy = policy.or((preferred != TransportId::Unspecified).then_some(0));
    HelloExtensions {
        transport_policy: policy.map(|policy| TransportPolicyOffer {
            transport_policy: TransportPolicy(policy),
            preferred_transport_id: preferred,
        }),
        loss_tolerance: settings
            .get(NNRP_OPTION_HELLO_LOSS_TOLERANCE)
            .map(|tolerance| LossToleranceOffer {
                session_loss_tolerance: LossTolerance(tolerance),
            }),
        payload_capabilities: settings.get(NNRP_OPTION_HELLO_PAYLOAD_KINDS).map(
            |payload_kind_bitmap| PayloadCapabilities {
                payload_kind_bitmap,
            },
        ),
    }
}

/// The schemas that are offered, or whose content is known.
fn schema_descriptors(settings: &Settings) -> Result<Vec<SchemaDescriptor>, Failure> {
    let key = NNRP_BYTES_OPTION_SCHEMA_DESCRIPTORS;
    let bytes = settings.bytes(key).map(AsRef::as_ref).unwrap_or_default();
    let (forms, rest) = bytes.as_chunks::<{ SchemaDescriptor::SIZE }>();
    let decoded = forms.iter().map(|form| SchemaDescriptor::decode(form));
    match decoded.collect::<Result<_, _>>() {
        Ok(schemas) if rest.is_empty() => Ok(schemas),
        _ => Err(refused(key)),
    }
}

fn directory(settings: &Settings, defaults: DirectoryConfig) -> DirectoryConfig {
    DirectoryConfig {
        capacity: settings
            .get(NNRP_OPTION_MAX_HELD_SESSIONS)
            .unwrap_or(defaults.capacity),
        retained_bytes: bytes(
            settings,
            NNRP_OPTION_RETAINED_BYTES,
            defaults.retained_bytes,
        ),
        resume_window: settings
            .get(NNRP_OPTION_RESUME_WINDOW_MS)
            .map_or(defaults.resume_window, Duration::from_millis),
        resume_by_id: settings.get(NNRP_OPTION_RESUME_BY_ID) == Some(1_u8),
        first_id: settings
            .get(NNRP_OPTION_FIRST_SESSION_ID)
            .unwrap_or(defaults.first_id),
    }
}

/// Without a number of attempts there are none.
fn reconnect_policy(settings: &Settings) -> Option<ReconnectPolicy> {
    let defaults = ReconnectPolicy::default();
    let time = |key, default| settings.get(key).map_or(default, Duration::from_millis);
    let attempts = settings
        .get(NNRP_OPTION_RECONNECT_ATTEMPTS)
        .filter(|&attempts| attempts > 0)?;
    Some(ReconnectPolicy {
        first_delay: time(NNRP_OPTION_RECONNECT_FIRST_DELAY_MS, defaults.first_delay),
        longest_delay: time(
            NNRP_OPTION_RECONNECT_LONGEST_DELAY_MS,
            defaults.longest_delay,
        ),
        attempts,
        total: time(NNRP_OPTION_RECONNECT_TOTAL_MS, defaults.total),
    })
}

fn priority(settings: &Settings, key: u32) -> Option<SessionPriorityClass> {
    settings
        .get(key)
        .and_then(|class| SessionPriorityClass::from_wire(class).ok())
}

/// A time for which 0 says never.
fn time_or_none(settings: &Settings, key: u32, default: Option<Duration>) -> Option<Duration> {
    match settings.get(key) {
        Some(0) => None,
        Some(time) => Some(Duration::from_millis(time)),
        None => default,
    }
}

/// A number of bytes; more than this machine can count is all it can count.
fn bytes(settings: &Settings, key: u32, default: usize) -> usize {
    settings.get::<u64>(key).map_or(default, |bytes| {
        usize::try_from(bytes).unwrap_or(usize::MAX)
    })
}

fn profiles(settings: &Settings) -> Result<Vec<u16>, Failure> {
    let key = NNRP_BYTES_OPTION_PROFILES;
    numbers(settings, key, 4)?
        .into_iter()
        .map(|id| u16::try_from(id).map_err(|_| refused(key)))
        .collect()
}

/// The 32-bit numbers of a byte string that consists of elements of `size` bytes.
fn numbers(settings: &Settings, key: u32, size: usize) -> Result<Vec<u32>, Failure> {
    let bytes = settings.bytes(key).map(AsRef::as_ref).unwrap_or_default();
    let (words, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() || !bytes.len().is_multiple_of(size) {
        return Err(refused(key));
    }
    Ok(words.iter().map(|&word| u32::from_ne_bytes(word)).collect())
}

fn pairs(numbers: &[u32]) -> Vec<(u32, u32)> {
    let (pairs, _) = numbers.as_chunks::<2>();
    pairs.iter().map(|&[id, version]| (id, version)).collect()
}

#[cfg(test)]
mod tests;
