//! A provider as JSON (spec 16.2, 16.4).

use nnrp_transport_provider::TransportId;
use nnrp_transport_provider::selection::{TransportProviderDescriptor, TransportProviderKind};
use serde::{Deserialize, Serialize};

/// Said of a provider that is not available and does not say why.
const NO_DIAGNOSTIC: &str = "the host says that this provider is not available";

/// A provider as the host describes it.
#[derive(Deserialize)]
pub(crate) struct ProviderInput {
    name: String,
    version: String,
    transport_id: u8,
    kind: Option<String>,
    available: Option<bool>,
    diagnostic: Option<String>,
}

impl ProviderInput {
    /// Fails with a text for a transport or a kind that does not exist.
    pub(crate) fn into_descriptor(self) -> Result<TransportProviderDescriptor, String> {
        let transport_id = transport_of(u64::from(self.transport_id))?;
        let kind = match self.kind {
            None => TransportProviderKind::Wasm,
            Some(text) => kind_of(&text)?,
        };
        Ok(if self.available.unwrap_or(true) {
            TransportProviderDescriptor::available(self.name, self.version, transport_id, kind)
        } else {
            let diagnostic = self.diagnostic.unwrap_or_else(|| NO_DIAGNOSTIC.into());
            TransportProviderDescriptor::missing(
                self.name,
                self.version,
                transport_id,
                kind,
                diagnostic,
            )
        })
    }
}

/// A provider as the host reads it: its keys in the order of spec 16.4.
#[derive(Serialize)]
pub(crate) struct ProviderOutput<'a> {
    name: &'a str,
    version: &'a str,
    transport_id: u8,
    kind: &'static str,
    available: bool,
    diagnostic: Option<&'a str>,
}

impl<'a> From<&'a TransportProviderDescriptor> for ProviderOutput<'a> {
    fn from(provider: &'a TransportProviderDescriptor) -> Self {
        Self {
            name: &provider.name,
            version: &provider.version,
            transport_id: number_of(provider.transport_id),
            kind: match provider.kind {
                TransportProviderKind::PureRust => "pure_rust",
                TransportProviderKind::NativeDynamic => "native_dynamic",
                TransportProviderKind::Wasm => "wasm",
            },
            available: provider.available,
            diagnostic: provider.diagnostic.as_deref(),
        }
    }
}

/// The transport of a number; 0 is one, though none that can be selected.
pub(crate) fn transport_of(number: u64) -> Result<TransportId, String> {
    match number {
        0 => Ok(TransportId::Unspecified),
        1 => Ok(TransportId::Quic),
        2 => Ok(TransportId::Tcp),
        other => Err(format!(
            "transport id {other} does not exist: 1 is QUIC, 2 is TCP"
        )),
    }
}

/// The number of a transport.
pub(crate) fn number_of(transport: TransportId) -> u8 {
    match transport {
        TransportId::Unspecified => 0,
        TransportId::Quic => 1,
        TransportId::Tcp => 2,
    }
}

fn kind_of(text: &str) -> Result<TransportProviderKind, String> {
    match text {
        "pure_rust" => Ok(TransportProviderKind::PureRust),
        "native_dynamic" => Ok(TransportProviderKind::NativeDynamic),
        "wasm" => Ok(TransportProviderKind::Wasm),
        other => Err(format!(
            "provider kind \"{other}\" does not exist: use pure_rust, native_dynamic or wasm"
        )),
    }
}
