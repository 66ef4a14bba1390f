//! Certificates and trust of the `nnrp-echo` commands: read from files, or made at start.

use std::fs;
use std::path::Path;

use nnrp_transport_provider::security::{
    ClientSecurity, Identity, Origins, SelfSigned, ServerSecurity, Trust,
};
use nnrp_transport_provider::{Endpoint, Security};

use crate::arguments::{Call, Certificate, Serve, Trusted};

/// What `serve` shows to its peers. Writes the certificate they are to trust, if that is wanted.
pub fn security(settings: &Serve) -> Result<Security, String> {
    let needed = settings.certificate_out.is_some()
        || matches!(settings.certificate, Certificate::Files { .. })
        || settings.endpoints.iter().any(is_secure);
    // An echo gives nobody away, so pages of any origin may call it.
    let origins = Origins::Any;
    if !needed {
        return Ok(Security::server(ServerSecurity {
            origins,
            ..ServerSecurity::default()
        }));
    }
    let (identity, root) = identity(&settings.certificate)?;
    if let Some(path) = &settings.certificate_out {
        fs::write(path, root)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(Security::server(ServerSecurity {
        identity: Some(identity),
        alpn: settings.alpn.clone(),
        origins,
    }))
}

/// What `call` accepts from its peer.
pub fn trust(settings: &Call) -> Result<Security, String> {
    let trust = match &settings.trust {
        Trusted::Anybody => Trust::DangerouslyAnyone,
        Trusted::File(path) => Trust::roots_from_pem_or_der(&read(path)?)
            .map_err(|error| format!("{}: {error}", path.display()))?,
        Trusted::Nobody if is_secure(&settings.endpoint) => {
            return Err(format!(
                "{} needs --ca FILE with the root certificate to trust",
                settings.uri
            ));
        }
        Trusted::Nobody => return Ok(Security::default()),
    };
    Ok(Security::client(ClientSecurity {
        trust,
        server_name: settings.server_name.clone(),
        alpn: settings.alpn.clone(),
    }))
}

fn is_secure(endpoint: &Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Tls { .. } | Endpoint::Quic { .. } | Endpoint::SecureWebSocket { .. }
    )
}

/// With the certificate to trust: the last of the chain.
fn identity(certificate: &Certificate) -> Result<(Identity, Vec<u8>), String> {
    match certificate {
        Certificate::SelfSigned(name) => {
            let made = SelfSigned::generate(name).map_err(|error| error.to_string())?;
            Ok((made.identity, made.root))
        }
        Certificate::Files { chain, private_key } => {
            let identity = Identity::from_pem_or_der(&read(chain)?, &read(private_key)?)
                .map_err(|error| format!("{}: {error}", chain.display()))?;
            let root = identity.certificate_chain.last().cloned();
            Ok((identity, root.unwrap_or_default()))
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}
