//! Lists of transport providers with their samples, behind handles. Declared in `nnrp_transport.h`.

use crate::call::run;
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::Table;
use crate::layout::NnrpError;
use crate::pointer::{Output, bytes, memory, put_bytes, record};
use crate::provider_record::{NNRP_TRANSPORT_QUIC, NNRP_TRANSPORT_TCP, NnrpProvider, number};
use crate::status::*;
use nnrp_runtime::selection::{
    ProbeSample, TransportProviderDescriptor, TransportProviderRegistry,
};
use nnrp_runtime::{compile_time_provider_features, compiled_providers};
use std::ffi::c_char;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most lists alive at once.
const LIMIT: u32 = 1 << 16;

/// Most providers of a list.
const MOST_PROVIDERS: usize = 1024;

/// Most bytes of text that come with one provider.
const MOST_TEXT: usize = 65_536;

/// Every live list.
pub(crate) static PROVIDERS: Table<Providers> = Table::new(Kind::Providers, LIMIT);

/// One list, shared by the threads that use its handle.
#[derive(Debug)]
pub(crate) struct Providers(Mutex<Content>);

/// What a list holds.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) registry: TransportProviderRegistry,
    pub(crate) samples: Vec<ProbeSample>,
}

/// Which transports this build has, as bits.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_transports(
    out_transports: *mut u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_transports, 1)?;
            let features = compile_time_provider_features();
            let bit = |present, bit| if present { bit } else { 0 };
            out.set(
                bit(features.tcp, NNRP_TRANSPORT_TCP) | bit(features.quic, NNRP_TRANSPORT_QUIC),
            );
            Ok(())
        })
    }
}

/// Creates a list of providers.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_providers_create(
    compiled: u32,
    out_providers: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_providers, 2)?;
            let registry = match compiled {
                0 => TransportProviderRegistry::new(),
                1 => compiled_providers(),
                _ => return Err(Failure::argument(1)),
            };
            let mut created = 0;
            PROVIDERS
                .insert_with(|handle| {
                    created = handle;
                    Arc::new(Providers(Mutex::new(Content {
                        registry,
                        samples: Vec::new(),
                    })))
                })
                .map_err(|_| Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))?;
            out.set(created);
            Ok(())
        })
    }
}

/// Appends a provider.
///
/// # Safety
/// `provider` is NULL or valid for reads of the size stated in it, `texts` NULL or valid for reads of `texts_size` bytes, the
/// other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_providers_add(
    providers: NnrpHandle,
    provider: *const NnrpProvider,
    texts: *const c_char,
    texts_size: usize,
    out_index: *mut u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let provider = record(provider, 2)?;
            let texts = bytes(texts.cast(), texts_size, 3)?;
            let out = Output::new(out_index, 5)?;
            if texts.len() > MOST_TEXT {
                return Err(limit(MOST_TEXT));
            }
            let descriptor = provider.descriptor(texts)?;
            let list = find(providers)?;
            let mut content = list.lock();
            let index = content.registry.providers().len();
            if index >= MOST_PROVIDERS {
                return Err(limit(MOST_PROVIDERS));
            }
            content.registry.register(descriptor);
            out.set(number(index));
            Ok(())
        })
    }
}

/// How many providers the list has.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_providers_count(
    providers: NnrpHandle,
    out_count: *mut u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_count, 2)?;
            out.set(number(find(providers)?.lock().registry.providers().len()));
            Ok(())
        })
    }
}

/// Reads the provider at a place of the list.
///
/// # Safety
/// `texts` is NULL or valid for `capacity` writes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_providers_get(
    providers: NnrpHandle,
    index: u32,
    out_provider: *mut NnrpProvider,
    texts: *mut c_char,
    capacity: usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_provider, 3)?;
            let target = memory(texts.cast::<u8>(), capacity, 4)?;
            let list = find(providers)?;
            let content = list.lock();
            let (provider, texts) = NnrpProvider::of(content.at(index)?);
            put_bytes(texts.as_bytes(), target)?;
            out.set(provider);
            Ok(())
        })
    }
}

impl Content {
    /// The provider at a place of the list, which is the second parameter of every call.
    pub(crate) fn at(&self, index: u32) -> Result<&TransportProviderDescriptor, Failure> {
        let provider = self.registry.providers().get(index as usize);
        provider.ok_or_else(|| Failure::argument(2))
    }
}

impl Providers {
    // A panic cannot leave the content inconsistent: each change of it is one append.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The list of a live handle.
pub(crate) fn find(providers: NnrpHandle) -> Result<Arc<Providers>, Failure> {
    PROVIDERS.get(providers).ok_or_else(Failure::handle)
}

/// More than may be.
pub(crate) fn limit(limit: usize) -> Failure {
    Failure {
        detail: number(limit),
        ..Failure::new(NNRP_STATUS_LIMIT_EXCEEDED)
    }
}
