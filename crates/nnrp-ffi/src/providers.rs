//! Lists of transport providers with their samples, behind handles. Declared in `nnrp_transport.h`.

use crate::call::run;
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::Table;
use crate::layout::{NnrpError, Record};
use crate::pointer::{Output, bytes, memory, put_bytes, record};
use crate::status::*;
use nnrp_core::code::TransportId;
use nnrp_runtime::selection::{
    ProbeSample, TransportProviderDescriptor, TransportProviderKind, TransportProviderRegistry,
};
use nnrp_runtime::{compile_time_provider_features, compiled_providers};
use std::ffi::c_char;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// None that can be selected.
pub const NNRP_TRANSPORT_UNSPECIFIED: u32 = 0;
/// QUIC.
pub const NNRP_TRANSPORT_QUIC: u32 = 1;
/// TCP, with or without TLS.
pub const NNRP_TRANSPORT_TCP: u32 = 2;

/// Part of this library.
pub const NNRP_PROVIDER_LINKED: u32 = 0;
/// A dynamic library.
pub const NNRP_PROVIDER_DYNAMIC: u32 = 1;
/// WebAssembly.
pub const NNRP_PROVIDER_WASM: u32 = 2;

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

/// A provider; its texts lie in the text passed along. 48 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpProvider {
    /// Size of this struct in the caller's header.
    pub struct_size: u32,
    /// `NNRP_TRANSPORT_*`.
    pub transport_id: u32,
    /// `NNRP_PROVIDER_*`.
    pub kind: u32,
    /// Whether it can be used in this process.
    pub available: u32,
    /// Where the name begins.
    pub name_offset: u32,
    /// Bytes, at least 1.
    pub name_size: u32,
    /// Where the version of the provider begins.
    pub version_offset: u32,
    /// Bytes.
    pub version_size: u32,
    /// Where the path of its file begins.
    pub path_offset: u32,
    /// Bytes, 0 = none.
    pub path_size: u32,
    /// Where the reason begins for which it cannot be used.
    pub diagnostic_offset: u32,
    /// Bytes, 0 = none.
    pub diagnostic_size: u32,
}

const _: () = assert!(size_of::<NnrpProvider>() == 48);

// SAFETY: `repr(C)`, integers at natural offsets without padding, `struct_size` first.
unsafe impl Record for NnrpProvider {
    const MINIMUM: usize = 48;
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

impl NnrpProvider {
    fn descriptor(&self, texts: &[u8]) -> Result<TransportProviderDescriptor, Failure> {
        let kind = match self.kind {
            NNRP_PROVIDER_LINKED => TransportProviderKind::PureRust,
            NNRP_PROVIDER_DYNAMIC => TransportProviderKind::NativeDynamic,
            NNRP_PROVIDER_WASM => TransportProviderKind::Wasm,
            _ => return Err(Failure::argument(2)),
        };
        let transport_id = TransportId::from_wire(self.transport_id.into());
        let text = |offset, size| text_in(texts, offset, size).ok_or_else(|| Failure::argument(2));
        let optional = |offset, size| match size {
            0 => Ok(None),
            _ => text(offset, size).map(Some),
        };
        let name = text(self.name_offset, self.name_size)?;
        if name.is_empty() || self.available > 1 {
            return Err(Failure::argument(2));
        }
        Ok(TransportProviderDescriptor {
            name: name.into(),
            version: text(self.version_offset, self.version_size)?.into(),
            transport_id: transport_id.map_err(|_| Failure::argument(2))?,
            kind,
            available: self.available == 1,
            library_path: optional(self.path_offset, self.path_size)?.map(Into::into),
            diagnostic: optional(self.diagnostic_offset, self.diagnostic_size)?.map(Into::into),
        })
    }

    /// The struct, and the text that it names places of.
    fn of(provider: &TransportProviderDescriptor) -> (Self, String) {
        let path = provider.library_path.as_deref().and_then(Path::to_str);
        let diagnostic = provider.diagnostic.as_deref();
        let parts = [
            provider.name.as_str(),
            provider.version.as_str(),
            path.unwrap_or(""),
            diagnostic.unwrap_or(""),
        ];
        let mut end = 0;
        let places = parts.map(|part| {
            let start = end;
            end += number(part.len());
            (start, number(part.len()))
        });
        let record = Self {
            struct_size: 48,
            transport_id: transport_number(provider.transport_id),
            kind: match provider.kind {
                TransportProviderKind::PureRust => NNRP_PROVIDER_LINKED,
                TransportProviderKind::NativeDynamic => NNRP_PROVIDER_DYNAMIC,
                TransportProviderKind::Wasm => NNRP_PROVIDER_WASM,
            },
            available: provider.available.into(),
            name_offset: places[0].0,
            name_size: places[0].1,
            version_offset: places[1].0,
            version_size: places[1].1,
            path_offset: places[2].0,
            path_size: places[2].1,
            diagnostic_offset: places[3].0,
            diagnostic_size: places[3].1,
        };
        (record, parts.concat())
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

/// The number of a transport in this ABI.
pub(crate) fn transport_number(transport: TransportId) -> u32 {
    match transport {
        TransportId::Unspecified => NNRP_TRANSPORT_UNSPECIFIED,
        TransportId::Quic => NNRP_TRANSPORT_QUIC,
        TransportId::Tcp => NNRP_TRANSPORT_TCP,
    }
}

/// Every list, text and batch of samples is far shorter than 2^32.
pub(crate) fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn text_in(texts: &[u8], offset: u32, size: u32) -> Option<&str> {
    let start = offset as usize;
    let end = start.checked_add(size as usize)?;
    std::str::from_utf8(texts.get(start..end)?).ok()
}
