//! Certificates, names and ALPN tokens: from the options of a call to the runtime's security, refused before any I/O.

use crate::end::DETAIL_CLIENTS_ONLY;
use crate::failure::Failure;
use crate::option_keys::*;
use crate::options::{Settings, refused};
use crate::status::NNRP_STATUS_UNSUPPORTED;
use nnrp_runtime::Security;
use nnrp_runtime::security::{
    Alpn, Binding, ClientSecurity, Identity, SecurityError, ServerSecurity, Trust,
};
use nnrp_transport_provider::Endpoint;

/// What the options say of trust and identity.
pub(crate) fn make_security(settings: &Settings) -> Result<Security, Failure> {
    let client = ClientSecurity {
        trust: trust(settings)?,
        server_name: text(settings, NNRP_BYTES_OPTION_SERVER_NAME)?,
        alpn: alpn(settings)?,
    };
    let server = ServerSecurity {
        identity: identity(settings)?,
        alpn: alpn(settings)?,
        ..ServerSecurity::default()
    };
    Ok(Security::new(client, server))
}

/// Refuses options with which no client could connect to a secure endpoint.
pub(crate) fn check_client(security: &Security, endpoint: &Endpoint) -> Result<(), Failure> {
    for &binding in bindings(endpoint) {
        security
            .client_config(binding, true)
            .and_then(|_| security.server_name(endpoint))
            .map_err(|error| refused(key_of(&error)))?;
    }
    Ok(())
}

/// Refuses options with which no server could listen at a secure endpoint.
pub(crate) fn check_server(security: &Security, endpoint: &Endpoint) -> Result<(), Failure> {
    if matches!(endpoint, Endpoint::Secure { .. }) {
        return Err(Failure {
            detail: DETAIL_CLIENTS_ONLY,
            ..Failure::new(NNRP_STATUS_UNSUPPORTED)
        });
    }
    for &binding in bindings(endpoint) {
        security
            .server_config(binding, true)
            .map_err(|error| refused(key_of(&error)))?;
    }
    Ok(())
}

fn bindings(endpoint: &Endpoint) -> &'static [Binding] {
    match endpoint {
        Endpoint::Tls { .. } => &[Binding::Tls],
        Endpoint::Quic { .. } => &[Binding::Quic],
        Endpoint::Secure { .. } => &[Binding::Quic, Binding::Tls],
        _ => &[],
    }
}

fn trust(settings: &Settings) -> Result<Trust, Failure> {
    let roots = settings.bytes(NNRP_BYTES_OPTION_ROOT_CERTIFICATES);
    match (settings.get::<u8>(NNRP_OPTION_TRUST), roots) {
        (Some(2), _) => Ok(Trust::DangerouslyAnyone),
        (None | Some(0), Some(roots)) => Trust::roots_from_pem_or_der(roots)
            .map_err(|_| refused(NNRP_BYTES_OPTION_ROOT_CERTIFICATES)),
        _ => Ok(Trust::System),
    }
}

fn identity(settings: &Settings) -> Result<Option<Identity>, Failure> {
    let chain = settings.bytes(NNRP_BYTES_OPTION_CERTIFICATE_CHAIN);
    let private_key = settings.bytes(NNRP_BYTES_OPTION_PRIVATE_KEY);
    match (chain, private_key) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(refused(NNRP_BYTES_OPTION_PRIVATE_KEY)),
        (None, Some(_)) => Err(refused(NNRP_BYTES_OPTION_CERTIFICATE_CHAIN)),
        (Some(chain), Some(private_key)) => Identity::from_pem_or_der(chain, private_key)
            .map(Some)
            .map_err(|error| refused(key_of(&error))),
    }
}

fn alpn(settings: &Settings) -> Result<Alpn, Failure> {
    Ok(match text(settings, NNRP_BYTES_OPTION_ALPN_TOKEN)? {
        Some(token) => Alpn::Token(token),
        None if settings.get(NNRP_OPTION_ALPN) == Some(1_u8) => Alpn::None,
        None => Alpn::Binding,
    })
}

fn text(settings: &Settings, key: u32) -> Result<Option<String>, Failure> {
    let text = settings.bytes(key).map(|bytes| bytes.to_vec());
    text.map(String::from_utf8)
        .transpose()
        .map_err(|_| refused(key))
}

/// The option that has to be set, or set otherwise.
fn key_of(error: &SecurityError) -> u32 {
    match error {
        SecurityError::PrivateKey(_) => NNRP_BYTES_OPTION_PRIVATE_KEY,
        SecurityError::Encoding { what, .. } if what.contains("key") => {
            NNRP_BYTES_OPTION_PRIVATE_KEY
        }
        SecurityError::NoIdentity | SecurityError::Encoding { .. } => {
            NNRP_BYTES_OPTION_CERTIFICATE_CHAIN
        }
        SecurityError::ServerName(_) => NNRP_BYTES_OPTION_SERVER_NAME,
        SecurityError::AlpnLength(_) => NNRP_BYTES_OPTION_ALPN_TOKEN,
        _ => NNRP_BYTES_OPTION_ROOT_CERTIFICATES,
    }
}
