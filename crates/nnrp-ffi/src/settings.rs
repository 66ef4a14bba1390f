//! From the options of a call to the runtime's typed options; keys that were not set keep the runtime's defaults.

use crate::options::*;
use nnrp_core::code::SessionPriorityClass;
use nnrp_runtime::{ConnectionOptions, Exchange, ListenOptions, SessionOptions, SessionPolicy};
use std::time::Duration;

/// What published clients announce, and this header with them.
const DEFAULT_DEADLINE_MS: u32 = 500;

/// Options of a client connection.
pub(crate) fn connection_options(settings: &Settings) -> ConnectionOptions {
    let defaults = ConnectionOptions::default();
    let milliseconds = |key, default| settings.get(key).map_or(default, Duration::from_millis);
    ConnectionOptions {
        connect_timeout: milliseconds(NNRP_OPTION_CONNECT_TIMEOUT_MS, defaults.connect_timeout),
        idle_timeout: match settings.get(NNRP_OPTION_IDLE_TIMEOUT_MS) {
            Some(0) => None,
            Some(timeout) => Some(Duration::from_millis(timeout)),
            None => defaults.idle_timeout,
        },
        write_timeout: milliseconds(NNRP_OPTION_WRITE_TIMEOUT_MS, defaults.write_timeout),
        close_timeout: milliseconds(NNRP_OPTION_CLOSE_TIMEOUT_MS, defaults.close_timeout),
        max_body_bytes: settings
            .get(NNRP_OPTION_MAX_BODY_BYTES)
            .unwrap_or(defaults.max_body_bytes),
        send_queue_bytes: settings
            .get(NNRP_OPTION_SEND_QUEUE_BYTES)
            .unwrap_or(defaults.send_queue_bytes),
        // One session a connection, as the header says.
        exchange: Exchange::OpenFirst,
        ..defaults
    }
}

/// Options of a listener and of what it accepts.
pub(crate) fn listen_options(settings: &Settings) -> ListenOptions {
    let defaults = ListenOptions::default();
    ListenOptions {
        connection: connection_options(settings),
        max_connections: settings
            .get(NNRP_OPTION_MAX_CONNECTIONS)
            .unwrap_or(defaults.max_connections),
        handshake_timeout: settings
            .get(NNRP_OPTION_HANDSHAKE_TIMEOUT_MS)
            .map_or(defaults.handshake_timeout, Duration::from_millis),
        sessions: session_policy(settings, defaults.sessions),
        ..defaults
    }
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
        priority_class: settings
            .get(NNRP_OPTION_PRIORITY_CLASS)
            .and_then(|class| SessionPriorityClass::from_wire(class).ok())
            .unwrap_or(defaults.priority_class),
        default_deadline_ms: settings
            .get(NNRP_OPTION_DEFAULT_DEADLINE_MS)
            .unwrap_or(DEFAULT_DEADLINE_MS),
        ..defaults
    }
}

/// Setting the schema's id or version alone keeps the other's default.
fn session_policy(settings: &Settings, defaults: SessionPolicy) -> SessionPolicy {
    let client = session_options(settings);
    SessionPolicy {
        profiles: settings
            .get(NNRP_OPTION_PROFILE_ID)
            .map_or(defaults.profiles, |profile| vec![profile]),
        schemas: vec![(client.schema_id, client.schema_version)],
        max_in_flight: settings
            .get(NNRP_OPTION_MAX_IN_FLIGHT)
            .unwrap_or(defaults.max_in_flight),
        // No event tells a C application that a frame was dropped for it.
        enforce_deadlines: false,
        ..defaults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_options_the_defaults_are_those_of_the_header() {
        let none = Settings::default();
        let connection = connection_options(&none);
        assert_eq!(connection.connect_timeout, Duration::from_secs(10));
        assert_eq!(connection.idle_timeout, None);
        assert_eq!(connection.write_timeout, Duration::from_secs(30));
        assert_eq!(connection.close_timeout, Duration::from_secs(5));
        assert_eq!(connection.max_body_bytes, 16_777_216);
        assert_eq!(connection.send_queue_bytes, 4_194_304);
        let listen = listen_options(&none);
        assert_eq!(listen.max_connections, 10_000);
        assert_eq!(listen.handshake_timeout, Duration::from_secs(10));
        assert_eq!(listen.sessions.max_in_flight, 256);
        assert_eq!(listen.sessions.profiles, [2]);
        assert_eq!(listen.sessions.schemas, [(0x1001, 3)]);
        let session = session_options(&none);
        assert_eq!(
            (session.requested_session_id, session.profile_id),
            (None, 2)
        );
        assert_eq!(
            (session.max_in_flight, session.default_deadline_ms),
            (4, 500)
        );
        assert_eq!(session.priority_class, SessionPriorityClass::Balanced);
    }
}
