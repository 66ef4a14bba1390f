//! The options of `nnrp-echo` that set a timeout or a limit, one line each.

use std::fmt::Write;
use std::time::Duration;

use nnrp_runtime::{ConnectionOptions, ListenOptions};

use super::usage::UsageError;
use super::value::{number, seconds};

/// An option with its line of the manual and its effect.
pub(super) struct Limit<T> {
    pub(super) name: &'static str,
    manual: &'static str,
    value: Value<T>,
}

enum Value<T> {
    /// A number in a range.
    Number(u64, u64, fn(&mut T, u64)),
    /// Seconds above 0.
    Seconds(fn(&mut T, Duration)),
}

/// For both ends of a connection.
pub(super) const CONNECTION: &[Limit<ConnectionOptions>] = &[
    Limit {
        name: "--connect-timeout",
        manual: "<s>  connecting, and the answer to the opening of a session (10)",
        value: Value::Seconds(|options, time| options.connect_timeout = time),
    },
    Limit {
        name: "--idle-timeout",
        manual: "<s>  end connections without any traffic (never)",
        value: Value::Seconds(|options, time| options.idle_timeout = Some(time)),
    },
    Limit {
        name: "--write-timeout",
        manual: "<s>  end connections whose peer takes nothing (30)",
        value: Value::Seconds(|options, time| options.write_timeout = time),
    },
    Limit {
        name: "--least-write-rate",
        manual: "<n>  bytes a second that a peer takes at least, over the write timeout (128)",
        value: Value::Number(0, u32::MAX as u64, |options, rate| {
            options.least_write_rate = u32::try_from(rate).unwrap_or(u32::MAX);
        }),
    },
    Limit {
        name: "--close-timeout",
        manual: "<s>  the answer to a close (5)",
        value: Value::Seconds(|options, time| options.close_timeout = time),
    },
    Limit {
        name: "--drain-timeout",
        manual: "<s>  answers to earlier submits before a close is answered (0.25)",
        value: Value::Seconds(|options, time| options.drain_timeout = time),
    },
    Limit {
        name: "--max-body",
        manual: "<bytes>  one body (16777216)",
        value: Value::Number(0, u32::MAX as u64, |options, bytes| {
            options.max_body_bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        }),
    },
    Limit {
        name: "--max-metadata",
        manual: "<bytes>  one packet's metadata (4096)",
        value: Value::Number(80, u32::MAX as u64, |options, bytes| {
            options.max_metadata_bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        }),
    },
    Limit {
        name: "--max-sessions",
        manual: "<n>  sessions of one connection (64)",
        value: Value::Number(1, u32::MAX as u64, |options, count| {
            options.max_sessions = count_of(count);
        }),
    },
    Limit {
        name: "--send-queue-bytes",
        manual: "<bytes>  queued and unsent (4194304)",
        value: Value::Number(1, u32::MAX as u64, |options, bytes| {
            options.send_queue_bytes = count_of(bytes);
        }),
    },
    Limit {
        name: "--send-queue-packets",
        manual: "<n>  queued and unsent (65536)",
        value: Value::Number(1, u32::MAX as u64, |options, count| {
            options.send_queue_packets = count_of(count);
        }),
    },
];

/// For servers.
pub(super) const LISTENER: &[Limit<ListenOptions>] = &[
    Limit {
        name: "--max-connections",
        manual: "<n>  connections at once (10000)",
        value: Value::Number(1, u32::MAX as u64, |options, count| {
            options.max_connections = count_of(count);
        }),
    },
    Limit {
        name: "--max-handshakes",
        manual: "<n>  connections at once that have opened no session (1024)",
        value: Value::Number(1, u32::MAX as u64, |options, count| {
            options.max_handshakes = count_of(count);
        }),
    },
    Limit {
        name: "--max-operations",
        manual: "<n>  submits without an answer on all connections; beyond it who has some gets drops (65536)",
        value: Value::Number(1, u32::MAX as u64, |options, count| {
            options.max_operations = count_of(count);
        }),
    },
    Limit {
        name: "--max-buffered-bytes",
        manual: "<bytes>  that wait on all connections; beyond it those with a large part in it are not read (268435456)",
        value: Value::Number(1, u64::MAX, |options, bytes| {
            options.max_buffered_bytes = count_of(bytes);
        }),
    },
    Limit {
        name: "--max-retained-bytes",
        manual: "<bytes>  kept for sessions that wait to be resumed (268435456)",
        value: Value::Number(0, u64::MAX, |options, bytes| {
            options.directory.retained_bytes = count_of(bytes);
        }),
    },
    Limit {
        name: "--handshake-timeout",
        manual: "<s>  from accept to the first session (10)",
        value: Value::Seconds(|options, time| options.handshake_timeout = time),
    },
    Limit {
        name: "--max-in-flight",
        manual: "<n>  operations at once of a session (256)",
        value: Value::Number(1, u16::MAX as u64, |options, count| {
            options.sessions.max_in_flight = u16::try_from(count).unwrap_or(u16::MAX);
        }),
    },
    Limit {
        name: "--lease-ttl",
        manual: "<s>  lease granted (30)",
        value: Value::Seconds(|options, time| {
            options.sessions.lease_ttl_ms = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        }),
    },
    Limit {
        name: "--max-session-ids",
        manual: "<n>  sessions held at once, resumable ones included (65536)",
        value: Value::Number(1, u32::MAX as u64, |options, count| {
            options.directory.capacity = count_of(count);
        }),
    },
    Limit {
        name: "--resume-window",
        manual: "<s>  a lost session can be resumed for (120)",
        value: Value::Seconds(|options, time| options.directory.resume_window = time),
    },
];

/// Obeys the option if it is one of the table. True if it was.
pub(super) fn take_limit<T>(
    table: &[Limit<T>],
    name: &str,
    arguments: &mut impl Iterator<Item = String>,
    options: &mut T,
) -> Result<bool, UsageError> {
    let Some(limit) = table.iter().find(|limit| limit.name == name) else {
        return Ok(false);
    };
    match &limit.value {
        Value::Number(least, most, set) => set(options, number(arguments, name, *least..=*most)?),
        Value::Seconds(set) => set(options, seconds(arguments, name)?),
    }
    Ok(true)
}

/// The lines of the manual about these options.
pub(super) fn manual_of<T>(table: &[Limit<T>]) -> String {
    let mut lines = String::new();
    for limit in table {
        let (unit, text) = limit.manual.split_once("  ").unwrap_or(("", limit.manual));
        let option = format!("{} {unit}", limit.name);
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "  {option:<28} {text}");
    }
    lines
}

fn count_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The options of a command and the limits that it takes, by name.
pub(super) fn known<T>(options: &[&'static str], table: &[Limit<T>]) -> Vec<&'static str> {
    let limits = table.iter().map(|limit| limit.name);
    options.iter().copied().chain(limits).collect()
}
