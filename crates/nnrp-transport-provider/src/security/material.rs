//! Reads certificates and keys as people have them: PEM or DER, in memory or in files.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::{Identity, SecurityError, Trust};

/// Every DER certificate and key is a SEQUENCE, whose tag is no character of a PEM file.
const DER_SEQUENCE: u8 = 0x30;

impl Identity {
    /// From a certificate chain (several PEM blocks, or one DER certificate) and its key (PEM or DER).
    pub fn from_pem_or_der(chain: &[u8], private_key: &[u8]) -> Result<Self, SecurityError> {
        Ok(Self {
            certificate_chain: certificates(chain, "the certificate chain")?,
            private_key: key(private_key)?,
        })
    }
}

impl Trust {
    /// Trusts the certificates of several PEM blocks, or of one DER certificate.
    pub fn roots_from_pem_or_der(roots: &[u8]) -> Result<Self, SecurityError> {
        certificates(roots, "the root certificates").map(Self::Roots)
    }
}

fn certificates(bytes: &[u8], what: &'static str) -> Result<Vec<Vec<u8>>, SecurityError> {
    if bytes.first() == Some(&DER_SEQUENCE) {
        return Ok(vec![bytes.to_vec()]);
    }
    let wrong = |reason: String| SecurityError::Encoding { what, reason };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes)
        .map(|certificate| certificate.map(|der| der.to_vec()))
        .collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => {
            Err(wrong("found no certificate in it".into()))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(wrong(error.to_string())),
    }
}

fn key(bytes: &[u8]) -> Result<Vec<u8>, SecurityError> {
    if bytes.first() == Some(&DER_SEQUENCE) {
        return Ok(bytes.to_vec());
    }
    match PrivateKeyDer::from_pem_slice(bytes) {
        Ok(key) => Ok(key.secret_der().to_vec()),
        Err(error) => Err(SecurityError::Encoding {
            what: "the private key",
            reason: error.to_string(),
        }),
    }
}
