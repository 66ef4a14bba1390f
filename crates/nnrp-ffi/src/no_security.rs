//! The security of a build without TLS and QUIC: there is none, and secure endpoints are refused.

use crate::failure::Failure;
use crate::options::Settings;
use crate::status::NNRP_STATUS_UNSUPPORTED;
use nnrp_runtime::Security;
use nnrp_transport_provider::Endpoint;

/// Options of certificates are of no use here.
#[allow(clippy::unnecessary_wraps)] // As in a build with TLS.
pub(crate) fn make_security(_: &Settings) -> Result<Security, Failure> {
    Ok(Security::default())
}

/// Refuses secure endpoints.
pub(crate) fn check_client(_: &Security, endpoint: &Endpoint) -> Result<(), Failure> {
    match endpoint {
        Endpoint::Tls { .. } | Endpoint::Quic { .. } | Endpoint::Secure { .. } => {
            Err(Failure::new(NNRP_STATUS_UNSUPPORTED))
        }
        _ => Ok(()),
    }
}

/// Refuses secure endpoints.
pub(crate) fn check_server(security: &Security, endpoint: &Endpoint) -> Result<(), Failure> {
    check_client(security, endpoint)
}
