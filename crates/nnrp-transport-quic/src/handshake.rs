//! Decides about ALPN when the `ClientHello` is there, which is before the TLS session starts.
//!
//! QUIC makes one-sided ALPN fatal (RFC 9001 §8.1), and a TLS configuration either knows tokens or does not. So the session of a connection starts
//! only when its `ClientHello` is complete, with the configuration that fits what is offered.

use std::any::Any;
use std::sync::Arc;

use quinn::crypto::rustls::QuicServerConfig;
use quinn_proto::crypto::{
    ExportKeyingMaterialError, HeaderKey, KeyPair, Keys, PacketKey, ServerConfig, Session,
    UnsupportedVersion,
};
use quinn_proto::transport_parameters::TransportParameters;
use quinn_proto::{ConnectionId, Side, TransportError, TransportErrorCode};

use crate::client_hello::{Offer, offered_tokens};

/// The crypto of a server that serves peers with and without the token.
pub(crate) struct AlpnByClientHello {
    pub(crate) with_token: Arc<QuicServerConfig>,
    pub(crate) without_token: Arc<QuicServerConfig>,
    /// The token of `with_token`, if it has one.
    pub(crate) token: Option<Vec<u8>>,
}

impl AlpnByClientHello {
    /// Where tokens are offered and ours is not among them, the configuration that knows ours refuses in the manner TLS wants.
    fn config_for(&self, any_offered: bool) -> Arc<QuicServerConfig> {
        if any_offered && self.token.is_some() {
            Arc::clone(&self.with_token)
        } else {
            Arc::clone(&self.without_token)
        }
    }
}

impl ServerConfig for AlpnByClientHello {
    fn initial_keys(
        &self,
        version: u32,
        dst_cid: &ConnectionId,
    ) -> Result<Keys, UnsupportedVersion> {
        self.without_token.initial_keys(version, dst_cid)
    }

    fn retry_tag(&self, version: u32, orig_dst_cid: &ConnectionId, packet: &[u8]) -> [u8; 16] {
        self.without_token.retry_tag(version, orig_dst_cid, packet)
    }

    fn start_session(
        self: Arc<Self>,
        version: u32,
        params: &TransportParameters,
    ) -> Box<dyn Session> {
        Box::new(WaitingSession {
            stage: Stage::Hello(Vec::new()),
            version,
            params: *params,
            config: self,
        })
    }
}

/// A session that starts with its `ClientHello`.
struct WaitingSession {
    stage: Stage,
    version: u32,
    params: TransportParameters,
    config: Arc<AlpnByClientHello>,
}

enum Stage {
    /// What has arrived of the `ClientHello`.
    Hello(Vec<u8>),
    /// Everything else is TLS.
    Started(Box<dyn Session>),
}

impl WaitingSession {
    fn started(&self) -> Option<&dyn Session> {
        match &self.stage {
            Stage::Hello(_) => None,
            Stage::Started(session) => Some(session.as_ref()),
        }
    }

    fn start(&mut self, any_offered: bool, hello: &[u8]) -> Result<bool, TransportError> {
        let config = self.config.config_for(any_offered);
        let mut session = config.start_session(self.version, &self.params);
        let ready = session.read_handshake(hello);
        self.stage = Stage::Started(session);
        ready
    }
}

impl Session for WaitingSession {
    fn initial_keys(&self, dst_cid: &ConnectionId, side: Side) -> Keys {
        match self.started() {
            Some(session) => session.initial_keys(dst_cid, side),
            // Asked of servers only where the version was accepted already.
            None => self
                .config
                .initial_keys(self.version, dst_cid)
                .unwrap_or_else(|_| unreachable!("the version has been accepted")),
        }
    }

    fn handshake_data(&self) -> Option<Box<dyn Any>> {
        self.started()?.handshake_data()
    }

    fn peer_identity(&self) -> Option<Box<dyn Any>> {
        self.started()?.peer_identity()
    }

    fn early_crypto(&self) -> Option<(Box<dyn HeaderKey>, Box<dyn PacketKey>)> {
        self.started()?.early_crypto()
    }

    fn early_data_accepted(&self) -> Option<bool> {
        self.started()?.early_data_accepted()
    }

    fn is_handshaking(&self) -> bool {
        self.started().is_none_or(Session::is_handshaking)
    }

    fn read_handshake(&mut self, bytes: &[u8]) -> Result<bool, TransportError> {
        let hello = match &mut self.stage {
            Stage::Started(session) => return session.read_handshake(bytes),
            Stage::Hello(hello) => hello,
        };
        hello.extend_from_slice(bytes);
        let hello = std::mem::take(hello);
        match offered_tokens(&hello) {
            Offer::Incomplete => {
                self.stage = Stage::Hello(hello);
                Ok(false)
            }
            Offer::TooLong => Err(TransportError {
                code: TransportErrorCode::CRYPTO_BUFFER_EXCEEDED,
                frame: None,
                reason: "the ClientHello is longer than any".into(),
            }),
            Offer::Tokens { any } => self.start(any, &hello),
        }
    }

    fn transport_parameters(&self) -> Result<Option<TransportParameters>, TransportError> {
        self.started()
            .map_or(Ok(None), Session::transport_parameters)
    }

    fn write_handshake(&mut self, buf: &mut Vec<u8>) -> Option<Keys> {
        match &mut self.stage {
            Stage::Hello(_) => None,
            Stage::Started(session) => session.write_handshake(buf),
        }
    }

    fn next_1rtt_keys(&mut self) -> Option<KeyPair<Box<dyn PacketKey>>> {
        match &mut self.stage {
            Stage::Hello(_) => None,
            Stage::Started(session) => session.next_1rtt_keys(),
        }
    }

    fn is_valid_retry(&self, orig_dst_cid: &ConnectionId, header: &[u8], payload: &[u8]) -> bool {
        self.started()
            .is_some_and(|session| session.is_valid_retry(orig_dst_cid, header, payload))
    }

    fn export_keying_material(
        &self,
        output: &mut [u8],
        label: &[u8],
        context: &[u8],
    ) -> Result<(), ExportKeyingMaterialError> {
        self.started()
            .ok_or(ExportKeyingMaterialError)?
            .export_keying_material(output, label, context)
    }
}
