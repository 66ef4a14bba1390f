//! Who trusts whom: certificates, names and ALPN tokens of secure transports, and the web pages that may reach a listener, as plain data that
//! every build has.
//!
//! With the feature `tls` a [`Security`] also makes the rustls configurations, once, for all connections that share it.

#[cfg(feature = "tls")]
mod error;
#[cfg(feature = "tls")]
mod material;
mod origins;
#[cfg(feature = "self-signed")]
mod self_signed;
#[cfg(feature = "tls")]
mod tls;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "tls")]
pub use error::SecurityError;
pub use origins::Origins;
#[cfg(feature = "self-signed")]
pub use self_signed::SelfSigned;
#[cfg(feature = "tls")]
pub use tls::Binding;

/// Which ALPN token a side offers or selects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Alpn {
    /// The token of the binding: `nnrp/1-tcp` for TLS, `nnrp/1` for QUIC, `http/1.1` for WebSocket over TLS.
    ///
    /// A client tries again without a token where a QUIC server (every published one) knows none; a server serves peers without a token as well.
    #[default]
    Binding,
    /// None, ever.
    None,
    /// This one in place of the binding's.
    Token(String),
}

/// Whose certificates a client accepts.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those the operating system trusts; needs the feature `system-roots`.
    #[default]
    System,
    /// Those that lead to one of these root certificates, DER, or are one of them.
    Roots(Vec<Vec<u8>>),
    /// Any at all: the connection is encrypted, but to whom is not known. For experiments.
    DangerouslyAnyone,
}

/// How a client judges a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientSecurity {
    /// Whose certificates are accepted.
    pub trust: Trust,
    /// The name the certificate must have. Default: the host of the endpoint.
    pub server_name: Option<String>,
    /// The token offered.
    pub alpn: Alpn,
}

/// How a server shows who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerSecurity {
    /// Certificate and key. Without them nothing can listen on a secure transport.
    pub identity: Option<Identity>,
    /// The token selected.
    pub alpn: Alpn,
    /// The web pages that may open a WebSocket.
    pub origins: Origins,
}

/// A certificate chain with its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The server's certificate first, then those that lead to a root; DER.
    pub certificate_chain: Vec<Vec<u8>>,
    /// The key of the first certificate: PKCS#8, PKCS#1 or SEC1, DER.
    pub private_key: Vec<u8>,
}

/// The security of all connections that share it. Cloning is cheap and shares.
#[derive(Clone, Default)]
pub struct Security {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    client: ClientSecurity,
    server: ServerSecurity,
    #[cfg(feature = "tls")]
    tls: tls::Configurations,
}

impl Security {
    /// For connections that are made and accepted.
    #[must_use]
    pub fn new(client: ClientSecurity, server: ServerSecurity) -> Self {
        Self {
            shared: Arc::new(Shared {
                client,
                server,
                #[cfg(feature = "tls")]
                tls: tls::Configurations::default(),
            }),
        }
    }

    /// For connections that are made.
    #[must_use]
    pub fn client(client: ClientSecurity) -> Self {
        Self::new(client, ServerSecurity::default())
    }

    /// For connections that are accepted.
    #[must_use]
    pub fn server(server: ServerSecurity) -> Self {
        Self::new(ClientSecurity::default(), server)
    }

    /// How servers are judged.
    #[must_use]
    pub fn of_client(&self) -> &ClientSecurity {
        &self.shared.client
    }

    /// How this side shows who it is.
    #[must_use]
    pub fn of_server(&self) -> &ServerSecurity {
        &self.shared.server
    }
}

impl fmt::Debug for Security {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Security")
            .field("client", &self.shared.client)
            .field("server", &self.shared.server)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => formatter.write_str("System"),
            Self::Roots(roots) => write!(formatter, "Roots({})", roots.len()),
            Self::DangerouslyAnyone => formatter.write_str("DangerouslyAnyone"),
        }
    }
}

impl fmt::Debug for Identity {
    /// Never shows the key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Identity")
            .field("certificates", &self.certificate_chain.len())
            .finish_non_exhaustive()
    }
}
