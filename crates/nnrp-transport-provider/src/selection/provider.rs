//! What a transport provider says of itself (spec 14.1).

use std::path::PathBuf;

use crate::TransportId;

/// Whether policies select this transport: QUIC and TCP.
#[must_use]
pub fn is_selectable(transport: TransportId) -> bool {
    transport != TransportId::Unspecified
}

/// How a provider comes into the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransportProviderKind {
    /// Linked, written in Rust.
    PureRust,
    /// A dynamic library found at run time.
    NativeDynamic,
    /// WebAssembly.
    Wasm,
}

/// A provider: a name for a way to use a transport, and whether it can be used here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportProviderDescriptor {
    /// Name; several providers may serve one transport.
    pub name: String,
    /// Version of the provider.
    pub version: String,
    /// The transport served.
    pub transport_id: TransportId,
    /// How it comes into the process.
    pub kind: TransportProviderKind,
    /// Whether it can be used.
    pub available: bool,
    /// Its file, for native ones.
    pub library_path: Option<PathBuf>,
    /// Why it cannot be used.
    pub diagnostic: Option<String>,
}

impl TransportProviderDescriptor {
    /// A provider that can be used.
    #[must_use]
    pub fn available(
        name: impl Into<String>,
        version: impl Into<String>,
        transport_id: TransportId,
        kind: TransportProviderKind,
    ) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            transport_id,
            kind,
            available: true,
            library_path: None,
            diagnostic: None,
        }
    }

    /// A provider that cannot be used, and why.
    #[must_use]
    pub fn missing(
        name: impl Into<String>,
        version: impl Into<String>,
        transport_id: TransportId,
        kind: TransportProviderKind,
        diagnostic: impl Into<String>,
    ) -> Self {
        Self {
            available: false,
            diagnostic: Some(diagnostic.into()),
            ..Self::available(name, version, transport_id, kind)
        }
    }

    /// The same provider with the file it was found in.
    #[must_use]
    pub fn with_library_path(self, path: impl Into<PathBuf>) -> Self {
        Self {
            library_path: Some(path.into()),
            ..self
        }
    }

    /// The TCP transport of this workspace.
    #[must_use]
    pub fn standard_tcp() -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let kind = TransportProviderKind::PureRust;
        Self::available("nnrp-transport-tcp", version, TransportId::Tcp, kind)
    }

    /// The QUIC transport of this workspace.
    #[must_use]
    pub fn standard_quic() -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let kind = TransportProviderKind::PureRust;
        Self::available("nnrp-transport-quic", version, TransportId::Quic, kind)
    }
}

/// The provider families that a program was built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Four independent switches, named as published.
pub struct ProviderFeatureSet {
    /// TCP.
    pub tcp: bool,
    /// QUIC.
    pub quic: bool,
    /// Providers in dynamic libraries.
    pub native_loader: bool,
    /// WebAssembly.
    pub wasm: bool,
}

impl Default for ProviderFeatureSet {
    /// TCP alone, which needs nothing else.
    fn default() -> Self {
        Self {
            tcp: true,
            quic: false,
            native_loader: false,
            wasm: false,
        }
    }
}
