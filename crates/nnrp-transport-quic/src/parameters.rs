//! The QUIC transport parameters of both sides, and why they have these values.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use nnrp_transport_provider::Security;
use nnrp_transport_provider::security::{Binding, SecurityError};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{IdleTimeout, TransportConfig, VarInt};

use crate::handshake::AlpnByClientHello;

/// Bytes on their way in each direction: sixteen bodies of 64 KiB with room to spare, and the most that a peer which does not read costs.
const WINDOW_BYTES: u32 = 2 << 20;
/// Ends a connection whose peer says nothing at all; what published peers use.
const IDLE_TIMEOUT: VarInt = VarInt::from_u32(30_000);
/// A published peer sends no keep-alives, so both of ours do, often enough to survive the loss of one.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// What a client uses.
pub(crate) fn of_client() -> Arc<TransportConfig> {
    static PARAMETERS: LazyLock<Arc<TransportConfig>> = LazyLock::new(|| parameters(0));
    Arc::clone(&PARAMETERS)
}

/// What a server uses, certificate included.
pub(crate) fn server_config(security: &Security) -> Result<quinn::ServerConfig, SecurityError> {
    let with_token = security.server_config(Binding::Quic, true)?;
    let without_token = security.server_config(Binding::Quic, false)?;
    let token = with_token.alpn_protocols.first().cloned();
    let crypto = AlpnByClientHello {
        with_token: quic_config(with_token)?,
        without_token: quic_config(without_token)?,
        token,
    };
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(crypto));
    // The client opens the one stream there is.
    config.transport_config(parameters(1));
    Ok(config)
}

fn quic_config(tls: Arc<rustls::ServerConfig>) -> Result<Arc<QuicServerConfig>, SecurityError> {
    match QuicServerConfig::try_from(tls) {
        Ok(config) => Ok(Arc::new(config)),
        Err(error) => Err(SecurityError::Provider(error.to_string())),
    }
}

fn parameters(peer_streams: u32) -> Arc<TransportConfig> {
    let mut parameters = TransportConfig::default();
    parameters
        .max_concurrent_bidi_streams(peer_streams.into())
        .max_concurrent_uni_streams(0u32.into())
        .stream_receive_window(WINDOW_BYTES.into())
        .receive_window(WINDOW_BYTES.into())
        .send_window(WINDOW_BYTES.into())
        .datagram_receive_buffer_size(None)
        .max_idle_timeout(Some(IdleTimeout::from(IDLE_TIMEOUT)))
        .keep_alive_interval(Some(KEEP_ALIVE));
    Arc::new(parameters)
}
