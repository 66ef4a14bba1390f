//! Option sets: settings by number, and the snapshot of them that one call uses.

use crate::call::run;
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::Table;
use crate::layout::NnrpError;
use crate::option_keys::{Takes, takes};
use crate::pointer::{Output, bytes};
use crate::status::{NNRP_STATUS_INVALID_OPTION, NNRP_STATUS_OUT_OF_RESOURCES, NnrpStatus};
use bytes::Bytes;
use nnrp_runtime::Security;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Most option sets alive at once; a set is meant to be made once and used for many calls.
const LIMIT: u32 = 1 << 16;

/// Every live option set.
pub(crate) static OPTIONS: Table<Options> = Table::new(Kind::Options, LIMIT);

/// One option set, shared by the threads that use its handle.
#[derive(Debug, Default)]
pub(crate) struct Options {
    values: Mutex<Settings>,
}

/// What a set held when a call began; keys that were never set are absent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    numbers: BTreeMap<u32, u64>,
    bytes: BTreeMap<u32, Bytes>,
    /// What the certificates among them come to, made at most once for all calls that use them.
    security: Arc<OnceLock<Result<Security, Failure>>>,
}

impl Settings {
    /// The settings behind an options handle; 0 = nothing set.
    pub(crate) fn of(options: NnrpHandle) -> Result<Self, Failure> {
        if options == 0 {
            return Ok(Self::default());
        }
        let options = OPTIONS.get(options).ok_or_else(Failure::handle)?;
        Ok(options.lock().clone())
    }

    /// A number, if it was set. Its range was checked when it was.
    pub(crate) fn get<T: TryFrom<u64>>(&self, key: u32) -> Option<T> {
        self.numbers
            .get(&key)
            .and_then(|&value| T::try_from(value).ok())
    }

    /// A byte string, if it was set. Its length was checked when it was.
    pub(crate) fn bytes(&self, key: u32) -> Option<&Bytes> {
        self.bytes.get(&key)
    }

    /// What the certificates among them come to, as `make` says at the first call.
    pub(crate) fn security_or_make(
        &self,
        make: fn(&Self) -> Result<Security, Failure>,
    ) -> Result<Security, Failure> {
        self.security.get_or_init(|| make(self)).clone()
    }

    pub(crate) fn set_number(&mut self, key: u32, value: u64) {
        self.numbers.insert(key, value);
        self.security = Arc::default();
    }

    pub(crate) fn set_bytes(&mut self, key: u32, value: &[u8]) {
        self.bytes.insert(key, Bytes::copy_from_slice(value));
        self.security = Arc::default();
    }
}

impl Options {
    // A panic cannot leave the settings inconsistent: each change is one insertion.
    fn lock(&self) -> MutexGuard<'_, Settings> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Creates an empty set of options; release it with [`nnrp_release`](crate::release::nnrp_release).
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
            match takes(key) {
                Some(Takes::Number(range)) if range.contains(&value) => {
                    options.lock().set_number(key, value);
                    Ok(())
                }
                _ => Err(refused(key)),
            }
        })
    }
}

/// Sets one byte string, which is copied; the last value wins.
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
            let options = OPTIONS.get(options).ok_or_else(Failure::handle)?;
            let value = bytes(data, size, 3)?;
            match takes(key) {
                Some(Takes::Bytes(range, _)) if range.contains(&size) => {
                    options.lock().set_bytes(key, value);
                    Ok(())
                }
                _ => Err(refused(key)),
            }
        })
    }
}

/// What an unknown key gets, and a value that its key does not take.
pub(crate) fn refused(key: u32) -> Failure {
    Failure {
        detail: key,
        ..Failure::new(NNRP_STATUS_INVALID_OPTION)
    }
}
