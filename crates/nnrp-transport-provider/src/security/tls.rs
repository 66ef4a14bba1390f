//! The rustls configurations of a [`Security`]: TLS 1.3 only, made once for each binding and ALPN choice.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use super::{Alpn, Identity, Security, SecurityError, Trust};
use crate::Endpoint;

/// What carries the bytes; each has its ALPN token (spec 01 §1.3, 13.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// TLS over TCP.
    Tls,
    /// QUIC.
    Quic,
    /// WebSocket over TLS, which begins as HTTP (RFC 7301 registers its token, RFC 6455 uses it).
    WebSocket,
}

impl Binding {
    /// The ALPN token of the binding.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Tls => "nnrp/1-tcp",
            Self::Quic => "nnrp/1",
            Self::WebSocket => "http/1.1",
        }
    }
}

type Made<T> = OnceLock<Result<Arc<T>, SecurityError>>;

/// What was made so far. Indices: binding, then whether a token is spoken of.
#[derive(Default)]
pub(super) struct Configurations {
    client: [[Made<ClientConfig>; 2]; 3],
    server: [[Made<ServerConfig>; 2]; 3],
    provider: OnceLock<Arc<CryptoProvider>>,
}

impl Security {
    /// The same security with another crypto provider than ring.
    #[must_use]
    pub fn with_provider(self, provider: Arc<CryptoProvider>) -> Self {
        let security = Self::new(self.of_client().clone(), self.of_server().clone());
        // The value is new, so nobody has set it.
        let _ = security.shared.tls.provider.set(provider);
        security
    }

    /// What a client uses; `with_token` says whether to offer the ALPN token, if there is one.
    pub fn client_config(
        &self,
        binding: Binding,
        with_token: bool,
    ) -> Result<Arc<ClientConfig>, SecurityError> {
        let configurations = &self.shared.tls.client[binding as usize];
        configurations[usize::from(with_token)]
            .get_or_init(|| {
                let mut config = self.make_client_config()?;
                config.alpn_protocols = tokens(&self.of_client().alpn, binding, with_token)?;
                Ok(Arc::new(config))
            })
            .clone()
    }

    /// What a server uses; `with_token` says whether to select the ALPN token, if there is one.
    pub fn server_config(
        &self,
        binding: Binding,
        with_token: bool,
    ) -> Result<Arc<ServerConfig>, SecurityError> {
        let configurations = &self.shared.tls.server[binding as usize];
        configurations[usize::from(with_token)]
            .get_or_init(|| {
                let mut config = self.make_server_config()?;
                config.alpn_protocols = tokens(&self.of_server().alpn, binding, with_token)?;
                Ok(Arc::new(config))
            })
            .clone()
    }

    /// The name that the certificate of the server behind an endpoint must have.
    pub fn server_name(&self, endpoint: &Endpoint) -> Result<String, SecurityError> {
        let host = endpoint.address().map_or("", |(host, _)| host);
        let name = self.of_client().server_name.as_deref().unwrap_or(host);
        match ServerName::try_from(name) {
            Ok(_) => Ok(name.to_owned()),
            Err(_) => Err(SecurityError::ServerName(name.to_owned())),
        }
    }

    fn provider(&self) -> Arc<CryptoProvider> {
        let ring = || Arc::new(rustls::crypto::ring::default_provider());
        Arc::clone(self.shared.tls.provider.get_or_init(ring))
    }

    fn make_client_config(&self) -> Result<ClientConfig, SecurityError> {
        let provider = self.provider();
        let algorithms = provider.signature_verification_algorithms;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| of_provider(&error))?;
        let mut config = match roots(&self.of_client().trust)? {
            Some(roots) => builder.with_root_certificates(roots).with_no_client_auth(),
            None => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AcceptAnyone(algorithms)))
                .with_no_client_auth(),
        };
        // A session that could be resumed costs memory for each server and saves one signature.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }

    fn make_server_config(&self) -> Result<ServerConfig, SecurityError> {
        let identity = self.of_server().identity.as_ref();
        let (chain, key) = material(identity.ok_or(SecurityError::NoIdentity)?)?;
        let mut config = ServerConfig::builder_with_provider(self.provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| of_provider(&error))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| SecurityError::PrivateKey(error.to_string()))?;
        // See the client.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        Ok(config)
    }
}

fn of_provider(error: &rustls::Error) -> SecurityError {
    SecurityError::Provider(error.to_string())
}

fn tokens(alpn: &Alpn, binding: Binding, wanted: bool) -> Result<Vec<Vec<u8>>, SecurityError> {
    let token = match alpn {
        _ if !wanted => return Ok(Vec::new()),
        Alpn::None => return Ok(Vec::new()),
        Alpn::Binding => binding.token(),
        Alpn::Token(token) => token,
    };
    if token.is_empty() || token.len() > 255 {
        return Err(SecurityError::AlpnLength(token.len()));
    }
    Ok(vec![token.as_bytes().to_vec()])
}

type Material = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn material(identity: &Identity) -> Result<Material, SecurityError> {
    let chain = identity.certificate_chain.iter().cloned();
    let key = PrivateKeyDer::try_from(identity.private_key.clone())
        .map_err(|reason| SecurityError::PrivateKey(reason.to_owned()))?;
    Ok((chain.map(CertificateDer::from).collect(), key))
}

/// The roots to trust; `None` = anyone.
fn roots(trust: &Trust) -> Result<Option<RootCertStore>, SecurityError> {
    let mut store = RootCertStore::empty();
    match trust {
        Trust::DangerouslyAnyone => return Ok(None),
        Trust::System => add_system_roots(&mut store)?,
        Trust::Roots(roots) => {
            for (index, root) in roots.iter().enumerate() {
                let root = CertificateDer::from(root.as_slice());
                store
                    .add(root)
                    .map_err(|error| SecurityError::Certificate {
                        index,
                        reason: error.to_string(),
                    })?;
            }
        }
    }
    if store.is_empty() {
        return Err(SecurityError::NoRoots);
    }
    Ok(Some(store))
}

#[cfg(feature = "system-roots")]
fn add_system_roots(store: &mut RootCertStore) -> Result<(), SecurityError> {
    let native = rustls_native_certs::load_native_certs();
    // Systems hold a few that no verifier can use; the others serve.
    store.add_parsable_certificates(native.certs);
    Ok(())
}

#[cfg(not(feature = "system-roots"))]
fn add_system_roots(_: &mut RootCertStore) -> Result<(), SecurityError> {
    Err(SecurityError::NoSystemRoots)
}

/// Takes any certificate, but still checks that the peer holds its key.
struct AcceptAnyone(WebPkiSupportedAlgorithms);

impl fmt::Debug for AcceptAnyone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AcceptAnyone")
    }
}

impl ServerCertVerifier for AcceptAnyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not spoken here".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
