//! A transport provider as a struct of numbers, and the text that it names places of. Declared in `nnrp_transport.h`.

use crate::failure::Failure;
use crate::layout::Record;
use nnrp_core::code::TransportId;
use nnrp_runtime::selection::{TransportProviderDescriptor, TransportProviderKind};
use std::path::Path;

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

impl NnrpProvider {
    /// The provider, if every field is in its range and every text where it is said to be.
    pub(crate) fn descriptor(&self, texts: &[u8]) -> Result<TransportProviderDescriptor, Failure> {
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
    pub(crate) fn of(provider: &TransportProviderDescriptor) -> (Self, String) {
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
