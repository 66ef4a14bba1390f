//! The defaults of the header are those of the runtime, and every key changes the one thing it names.

use super::*;
use crate::probe::probe_options;
use crate::status::NNRP_STATUS_INVALID_OPTION;

fn connection(settings: &Settings) -> ConnectionOptions {
    connection_options(settings).expect("the options are valid")
}

fn listening(settings: &Settings) -> ListenOptions {
    listen_options(settings).expect("the options are valid")
}

/// The debug output of all options that a set comes to.
fn everything(settings: &Settings) -> String {
    let sessions = session_options(settings);
    let probes = probe_options(settings);
    format!("{:?}\n{sessions:?}\n{probes:?}", listening(settings))
}

#[test]
fn without_options_the_defaults_are_those_of_the_header() {
    let none = Settings::default();
    let options = connection(&none);
    assert_eq!(options.connect_timeout, Duration::from_secs(10));
    assert_eq!(options.exchange, Exchange::Auto);
    assert_eq!(options.keep_alive, Some(Duration::from_secs(15)));
    assert_eq!(options.idle_timeout, None);
    assert_eq!(options.write_timeout, Duration::from_secs(30));
    assert_eq!(options.least_write_rate, 128);
    assert_eq!(options.close_timeout, Duration::from_secs(5));
    assert_eq!(options.drain_timeout, Duration::from_millis(250));
    assert_eq!(options.max_body_bytes, 16_777_216);
    assert_eq!(options.max_metadata_bytes, 4096);
    assert_eq!(options.send_queue_bytes, 4_194_304);
    assert_eq!(options.send_queue_packets, 65_536);
    assert_eq!(options.max_sessions, 64);
    assert_eq!(options.reconnect, None);
    let listen = listening(&none);
    assert_eq!(listen.max_connections, 10_000);
    assert_eq!(listen.max_handshakes, 1024);
    assert_eq!(listen.max_operations, 65_536);
    assert_eq!(listen.max_buffered_bytes, 268_435_456);
    assert_eq!(listen.handshake_timeout, Duration::from_secs(10));
    assert!(listen.control);
    assert_eq!(listen.directory.resume_window, Duration::from_mins(2));
    assert_eq!(listen.directory.retained_bytes, 268_435_456);
    assert_eq!(listen.directory.capacity, 65_536);
    assert_eq!(listen.directory.first_id, 1);
    assert!(!listen.directory.resume_by_id);
    assert_eq!(listen.sessions.max_in_flight, 256);
    assert_eq!(listen.sessions.profiles, [2]);
    assert_eq!(listen.sessions.schemas, [(0x1001, 3)]);
    assert_eq!(listen.sessions.lease_ttl_ms, 30_000);
    assert!(listen.sessions.enforce_deadlines);
    let session = session_options(&none);
    let SessionOptions {
        requested_session_id,
        profile_id,
        max_in_flight,
        default_deadline_ms,
        ..
    } = session;
    assert_eq!((requested_session_id, profile_id), (None, 2));
    assert_eq!((max_in_flight, default_deadline_ms), (4, 0));
    assert_eq!(session.priority_class, SessionPriorityClass::Balanced);
    assert_eq!(session.lease_ttl_hint_ms, 30_000);
    assert!(!session.allow_resume && !session.allow_cache_leases);
}

#[test]
fn every_numeric_key_changes_something() {
    let unchanged = everything(&Settings::default());
    let reconnecting = {
        let mut settings = Settings::default();
        settings.set_number(NNRP_OPTION_RECONNECT_ATTEMPTS, 3);
        settings
    };
    let with_attempts = everything(&reconnecting);
    let keys = (0..=1000).filter(|&key| matches!(takes(key), Some(Takes::Number(_))));
    // A listener's handle is looked up where it is used.
    for key in keys.filter(|&key| key != NNRP_OPTION_BESIDE_LISTENER) {
        let Some(Takes::Number(range)) = takes(key) else {
            continue;
        };
        let changes = |base: &Settings, before: &str| {
            [*range.start(), *range.end()].into_iter().any(|value| {
                let mut settings = base.clone();
                settings.set_number(key, value);
                everything(&settings) != before
            })
        };
        assert!(
            changes(&Settings::default(), &unchanged) || changes(&reconnecting, &with_attempts),
            "option {key} changes nothing"
        );
    }
}

#[test]
fn lists_of_profiles_and_schemas_are_read_as_numbers() {
    let words = |numbers: &[u32]| -> Vec<u8> {
        numbers
            .iter()
            .flat_map(|number| number.to_ne_bytes())
            .collect()
    };
    let mut settings = Settings::default();
    settings.set_bytes(NNRP_BYTES_OPTION_PROFILES, &words(&[1, 2]));
    settings.set_bytes(NNRP_BYTES_OPTION_SCHEMAS, &words(&[7, 1, 8, 2]));
    let sessions = listening(&settings).sessions;
    assert_eq!(sessions.profiles, [1, 2]);
    assert_eq!(sessions.schemas, [(7, 1), (8, 2)]);
    for (key, value) in [
        (NNRP_BYTES_OPTION_PROFILES, words(&[65_536])),
        (NNRP_BYTES_OPTION_PROFILES, vec![0; 6]),
        (NNRP_BYTES_OPTION_SCHEMAS, words(&[7, 1, 8])),
    ] {
        let mut settings = Settings::default();
        settings.set_bytes(key, &value);
        let refused = listen_options(&settings).expect_err("no such list");
        assert_eq!(
            (refused.status, refused.detail),
            (NNRP_STATUS_INVALID_OPTION, key)
        );
    }
}
