//! The settings of a client connection: limits and times as JSON, hello and schemas in their wire layout.

use std::time::Duration;

use nnrp_core::connection::client::{ClientConfig, ClientTimeouts};
use nnrp_core::extension::HelloExtensions;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::schema::SchemaDescriptor;
use nnrp_core::{CodecError, Limits};
use serde::{Deserialize, Deserializer};

use crate::failure::Failure;

/// What a connection is made with.
pub(crate) struct ClientSettings {
    pub(crate) config: ClientConfig,
    pub(crate) schemas: Vec<SchemaDescriptor>,
}

impl ClientSettings {
    /// `hello` is empty or the metadata of `CLIENT_HELLO`, `schemas` holds descriptors back to back, `block` the
    /// control extensions of the hello.
    pub(crate) fn read(
        text: &str,
        hello: &[u8],
        schemas: &[u8],
        block: &[u8],
    ) -> Result<Self, Failure> {
        let input: SettingsInput = serde_json::from_str(text)
            .map_err(|error| Failure::usage("InvalidOptions", format!("the options: {error}")))?;
        let hello = match hello {
            [] => None,
            bytes => Some(ClientHello::decode(bytes)?),
        };
        let hello_extensions = HelloExtensions::decode(block).map_err(|error| {
            Failure::usage(
                "InvalidOptions",
                format!("the extensions of the hello: {error}"),
            )
        })?;
        Ok(Self {
            config: ClientConfig {
                limits: input.limits.into_limits(),
                timeouts: input.timeouts.into_timeouts(),
                hello,
                hello_extensions,
            },
            schemas: descriptors(schemas)?,
        })
    }
}

fn descriptors(bytes: &[u8]) -> Result<Vec<SchemaDescriptor>, CodecError> {
    bytes
        .chunks(SchemaDescriptor::SIZE)
        .map(SchemaDescriptor::decode)
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsInput {
    #[serde(default)]
    limits: LimitsInput,
    #[serde(default)]
    timeouts: TimeoutsInput,
}

/// Declares the limits that a host may set, by the names of [`Limits`] as JavaScript writes them.
macro_rules! limits_input {
    ($($field:ident: $kind:ty,)*) => {
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
        struct LimitsInput {
            $($field: Option<$kind>,)*
        }

        impl LimitsInput {
            fn into_limits(self) -> Limits {
                let defaults = Limits::default();
                Limits {
                    $($field: self.$field.unwrap_or(defaults.$field),)*
                    ..defaults
                }
            }
        }
    };
}

limits_input! {
    metadata_bytes: u32,
    body_bytes: u32,
    sessions: usize,
    operations_in_flight: u16,
    queued_events: usize,
    queued_event_bytes: usize,
    outgoing_packets: usize,
    outgoing_bytes: usize,
    retained_bytes: usize,
    control_packets_per_second: u32,
}

/// Milliseconds. What is absent has its default; null is never.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct TimeoutsInput {
    open: Option<u32>,
    request: Option<u32>,
    ping: Option<u32>,
    keep_alive: Choice,
    idle: Choice,
}

impl TimeoutsInput {
    fn into_timeouts(self) -> ClientTimeouts {
        let defaults = ClientTimeouts::default();
        let time = |milliseconds: u32| Duration::from_millis(milliseconds.into());
        ClientTimeouts {
            open: self.open.map_or(defaults.open, time),
            request: self.request.map_or(defaults.request, time),
            ping: self.ping.map_or(defaults.ping, time),
            keep_alive: self.keep_alive.or(defaults.keep_alive),
            idle: self.idle.or(defaults.idle),
        }
    }
}

/// A time that may be set to never.
#[derive(Clone, Copy, Default)]
enum Choice {
    #[default]
    Absent,
    Never,
    After(Duration),
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let milliseconds = Option::<u32>::deserialize(deserializer)?;
        Ok(milliseconds.map_or(Self::Never, |milliseconds| {
            Self::After(Duration::from_millis(milliseconds.into()))
        }))
    }
}

impl Choice {
    fn or(self, default: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Absent => default,
            Self::Never => None,
            Self::After(time) => Some(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ClientSettings, Failure> {
        ClientSettings::read(text, &[], &[], &[])
    }

    #[test]
    fn what_is_absent_has_its_default_and_null_is_never() {
        let settings = read("{}").expect("valid");
        assert_eq!(settings.config, ClientConfig::default());
        let text = r#"{"limits":{"bodyBytes":9},"timeouts":{"keepAlive":null,"idle":5}}"#;
        let config = read(text).expect("valid").config;
        assert_eq!(config.limits.body_bytes, 9);
        assert_eq!(config.timeouts.keep_alive, None);
        assert_eq!(config.timeouts.idle, Some(Duration::from_millis(5)));
    }

    #[test]
    fn an_option_that_does_not_exist_is_refused_by_its_name() {
        for text in [
            r#"{"limit":{}}"#,
            r#"{"limits":{"body":1}}"#,
            r#"{"timeouts":{"open":-1}}"#,
            "[",
        ] {
            let refused = read(text).map(|_| ()).expect_err("refused");
            assert_eq!(refused.name, "InvalidOptions", "{text}");
        }
    }

    #[test]
    fn a_hello_and_schemas_must_be_whole() {
        let refused = |hello: &[u8], schemas: &[u8]| {
            ClientSettings::read("{}", hello, schemas, &[])
                .map(|_| ())
                .expect_err("refused")
                .name
        };
        assert_eq!(refused(&[1, 1], &[]), "SourceTooShort");
        assert_eq!(refused(&[], &[0; 33]), "SourceTooShort");
    }
}
