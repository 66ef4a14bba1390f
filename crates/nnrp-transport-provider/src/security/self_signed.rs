//! Makes a certificate that is its own root, for tests and first steps.

use std::net::IpAddr;

use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use rustls_pki_types::ServerName;

use super::{Identity, SecurityError};

/// A new P-256 key and a certificate for one name, signed by that key.
///
/// A certificate for `localhost` also names `127.0.0.1` and `::1`. It is valid from 2020 and has no end (RFC 5280 §4.1.2.5): whoever makes one
/// at every start needs no clock for it.
#[derive(Debug)]
pub struct SelfSigned {
    /// For the server.
    pub identity: Identity,
    /// For its clients: the root to trust, DER.
    pub root: Vec<u8>,
}

impl SelfSigned {
    /// For a DNS name or an IP address.
    pub fn generate(server_name: &str) -> Result<Self, SecurityError> {
        let names = alternative_names(server_name)?;
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let private_key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(of_provider)?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, private_key.as_ref(), &random)
            .map_err(of_provider)?;
        let mut serial = [0; 16];
        random.fill(&mut serial).map_err(of_provider)?;
        // Positive and without a leading zero byte, as RFC 5280 wants it.
        serial[0] = serial[0] & 0x3f | 0x40;

        let body = to_be_signed(&serial, key.public_key().as_ref(), &names);
        let signature = key.sign(&random, &body).map_err(of_provider)?;
        let parts = [body, signature_algorithm(), bit_string(signature.as_ref())];
        let certificate = der(SEQUENCE, &parts.concat());
        Ok(Self {
            identity: Identity {
                certificate_chain: vec![certificate.clone()],
                private_key: private_key.as_ref().to_vec(),
            },
            root: certificate,
        })
    }
}

fn of_provider(error: impl std::fmt::Display) -> SecurityError {
    SecurityError::Provider(error.to_string())
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

/// ecdsa-with-SHA256, 1.2.840.10045.4.3.2.
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// id-ecPublicKey, 1.2.840.10045.2.1.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// prime256v1, 1.2.840.10045.3.1.7.
const PRIME256V1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// id-at-commonName, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// id-ce-subjectAltName, 2.5.29.17.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

fn to_be_signed(serial: &[u8], public_key: &[u8], names: &[u8]) -> Vec<u8> {
    let algorithm = [
        der(OBJECT_IDENTIFIER, EC_PUBLIC_KEY),
        der(OBJECT_IDENTIFIER, PRIME256V1),
    ];
    let key = [der(SEQUENCE, &algorithm.concat()), bit_string(public_key)];
    let validity = [
        der(UTC_TIME, b"200101000000Z"),
        der(GENERALIZED_TIME, b"99991231235959Z"),
    ];
    let extension = [
        der(OBJECT_IDENTIFIER, SUBJECT_ALT_NAME),
        der(OCTET_STRING, &der(SEQUENCE, names)),
    ];
    let extensions = der(SEQUENCE, &der(SEQUENCE, &extension.concat()));
    let fields = [
        der(VERSION, &der(INTEGER, &[2])),
        der(INTEGER, serial),
        signature_algorithm(),
        distinguished_name(),
        der(SEQUENCE, &validity.concat()),
        distinguished_name(),
        der(SEQUENCE, &key.concat()),
        der(EXTENSIONS, &extensions),
    ];
    der(SEQUENCE, &fields.concat())
}

fn signature_algorithm() -> Vec<u8> {
    der(SEQUENCE, &der(OBJECT_IDENTIFIER, ECDSA_WITH_SHA256))
}

/// Issuer and subject: what makes the certificate its own root is that they are the same.
fn distinguished_name() -> Vec<u8> {
    let attribute = [
        der(OBJECT_IDENTIFIER, COMMON_NAME),
        der(UTF8_STRING, b"NNRP self-signed"),
    ];
    der(SEQUENCE, &der(SET, &der(SEQUENCE, &attribute.concat())))
}

fn alternative_names(server_name: &str) -> Result<Vec<u8>, SecurityError> {
    let wrong = || SecurityError::ServerName(server_name.to_owned());
    Ok(
        match ServerName::try_from(server_name).map_err(|_| wrong())? {
            ServerName::IpAddress(address) => ip_name(IpAddr::from(address)),
            ServerName::DnsName(_) if server_name.eq_ignore_ascii_case("localhost") => [
                der(DNS_NAME, server_name.as_bytes()),
                ip_name([127, 0, 0, 1].into()),
                ip_name(std::net::Ipv6Addr::LOCALHOST.into()),
            ]
            .concat(),
            _ => der(DNS_NAME, server_name.as_bytes()),
        },
    )
}

fn ip_name(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => der(IP_ADDRESS, &address.octets()),
        IpAddr::V6(address) => der(IP_ADDRESS, &address.octets()),
    }
}

/// A bit string of whole bytes: the byte before them counts the unused bits.
fn bit_string(bytes: &[u8]) -> Vec<u8> {
    der(BIT_STRING, &[&[0], bytes].concat())
}

/// One DER element. Everything here is shorter than 64 KiB: a name has at most 255 bytes.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len())
        .expect("an element of a certificate has less than 64 KiB")
        .to_be_bytes();
    let mut element = vec![tag];
    match (high, low) {
        (0, 0..=0x7f) => element.push(low),
        (0, _) => element.extend([0x81, low]),
        _ => element.extend([0x82, high, low]),
    }
    element.extend_from_slice(content);
    element
}
