//! Option sets: numbered settings with a range each, and the snapshot of them that one call uses.

use crate::call::run;
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle, Table};
use crate::layout::NnrpError;
use crate::pointer::{Output, bytes};
use crate::status::{NNRP_STATUS_INVALID_OPTION, NNRP_STATUS_OUT_OF_RESOURCES, NnrpStatus};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

/// Most option sets alive at once; a set is meant to be made once and used for many calls.
const LIMIT: u32 = 1 << 16;

/// Every live option set.
pub(crate) static OPTIONS: Table<Options> = Table::new(Kind::Options, LIMIT);

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $low:literal..=$high:literal;)*) => {
        $($(#[$doc])* pub const $name: u32 = $key;)*

        /// The values a key takes; none for a key that does not exist.
        fn range_of(key: u32) -> Option<RangeInclusive<u64>> {
            match key {
                $($name => Some($low..=$high),)*
                _ => None,
            }
        }
    };
}

options! {
    /// Milliseconds for connect and session open, each; default 10000.
    NNRP_OPTION_CONNECT_TIMEOUT_MS = 1, 1..=3_600_000;
    /// Milliseconds without any traffic after which a connection ends; 0 = none, the default.
    NNRP_OPTION_IDLE_TIMEOUT_MS = 2, 0..=0xffff_ffff;
    /// Milliseconds a peer may take to read what is written; default 30000.
    NNRP_OPTION_WRITE_TIMEOUT_MS = 3, 1..=3_600_000;
    /// Largest body received, in bytes; default 16777216.
    NNRP_OPTION_MAX_BODY_BYTES = 4, 0..=1_073_741_824;
    /// Bytes queued and not yet sent; default 4194304.
    NNRP_OPTION_SEND_QUEUE_BYTES = 5, 4_096..=1_073_741_824;
    /// Connections per listener; default 10000.
    NNRP_OPTION_MAX_CONNECTIONS = 6, 1..=1_000_000;
    /// Milliseconds between accept and the first session; default 10000.
    NNRP_OPTION_HANDSHAKE_TIMEOUT_MS = 7, 1..=3_600_000;
    /// Default a random id; 0 = the server chooses.
    NNRP_OPTION_REQUESTED_SESSION_ID = 16, 0..=0xffff_ffff;
    /// Asked for by a client, or the one a server accepts; default 2 (token).
    NNRP_OPTION_PROFILE_ID = 17, 0..=65_535;
    /// Default 0x1001.
    NNRP_OPTION_SCHEMA_ID = 18, 0..=0xffff_ffff;
    /// Default 3.
    NNRP_OPTION_SCHEMA_VERSION = 19, 0..=0xffff_ffff;
    /// Operations at once; default 4 (client), 256 (server).
    NNRP_OPTION_MAX_IN_FLIGHT = 20, 1..=65_535;
    /// 0 interactive, 1 balanced (default), 2 background.
    NNRP_OPTION_PRIORITY_CLASS = 21, 0..=2;
    /// Milliseconds announced in the session open; default 500.
    NNRP_OPTION_DEFAULT_DEADLINE_MS = 22, 0..=0xffff_ffff;
    /// Milliseconds to wait for the close answer; default 5000.
    NNRP_OPTION_CLOSE_TIMEOUT_MS = 23, 1..=3_600_000;
}

/// One option set, shared by the threads that use its handle.
#[derive(Debug, Default)]
pub(crate) struct Options {
    values: Mutex<BTreeMap<u32, u64>>,
}

/// What a set held when a call began; keys that were never set are absent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    values: BTreeMap<u32, u64>,
}

impl Settings {
    /// The settings behind an options handle; 0 = nothing set.
    pub(crate) fn of(options: NnrpHandle) -> Result<Self, Failure> {
        if options == 0 {
            return Ok(Self::default());
        }
        let options = OPTIONS.get(options).ok_or_else(Failure::handle)?;
        let values = options
            .values
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Ok(Self { values })
    }

    /// A value, if it was set. Its range was checked when it was.
    pub(crate) fn get<T: TryFrom<u64>>(&self, key: u32) -> Option<T> {
        self.values
            .get(&key)
            .and_then(|&value| T::try_from(value).ok())
    }
}

/// Creates an empty set of options; release it with [`nnrp_release`](crate::buffer::nnrp_release).
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_options_create(
    out_options: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_options, 1)?;
            let mut created = 0;
            OPTIONS
                .insert_with(|handle| {
                    created = handle;
                    Arc::new(Options::default())
                })
                .map_err(|_| Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))?;
            out.set(created);
            Ok(())
        })
    }
}

/// Sets one number; the last value wins.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_options_set_u64(
    options: NnrpHandle,
    key: u32,
    value: u64,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            let options = OPTIONS.get(options).ok_or_else(Failure::handle)?;
            if !range_of(key).is_some_and(|range| range.contains(&value)) {
                return Err(unknown(key));
            }
            options
                .values
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(key, value);
            Ok(())
        })
    }
}

/// Sets one byte string. This version defines no such key.
///
/// # Safety
/// `data` is NULL or valid for reads of `size` bytes, `error` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_options_set_bytes(
    options: NnrpHandle,
    key: u32,
    data: *const u8,
    size: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            OPTIONS.get(options).ok_or_else(Failure::handle)?;
            bytes(data, size, 3)?;
            Err(unknown(key))
        })
    }
}

/// What an unknown key or a value outside its range gets.
fn unknown(key: u32) -> Failure {
    Failure {
        detail: key,
        ..Failure::new(NNRP_STATUS_INVALID_OPTION)
    }
}

/// The range of a key in words, for messages.
pub(crate) fn describe(key: u32) -> String {
    range_of(key).map_or_else(
        || format!("option {key} does not exist"),
        |range| format!("option {key} takes {} to {}", range.start(), range.end()),
    )
}
