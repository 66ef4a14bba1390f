//! The QUIC transport parameters of both sides, and why they have these values.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use nnrp_transport_provider::Security;
use nnrp_transport_provider::security::{Binding, SecurityError};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{EndpointConfig, IdleTimeout, MtuDiscoveryConfig, TransportConfig, VarInt};

use crate::handshake::AlpnByClientHello;

/// Bytes on their way in each direction: sixteen bodies of 64 KiB with room to spare, and the most that a peer which does not read costs.
const WINDOW_BYTES: u32 = 5 << 18;
/// Longest UDP payload within one machine. Loopback takes ten times as much, but quinn hands ten datagrams at once to the system, which takes 64 KiB.
/// Packets of this size carry large bodies twice as fast as those of an Ethernet.
const LOOPBACK_PAYLOAD: u16 = 6500;
/// Ends a connection whose peer says nothing at all; what published peers use.
const IDLE_TIMEOUT: VarInt = VarInt::from_u32(30_000);
/// A published peer sends no keep-alives, so both of ours do, often enough to survive the loss of one.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// What both sides of a connection use; a server lets its peer open the one stream there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    Client,
    Server,
}

/// What a client uses towards a server.
pub(crate) fn of_client(peer: SocketAddr) -> Arc<TransportConfig> {
    static NEAR: LazyLock<Arc<TransportConfig>> = LazyLock::new(|| near(Role::Client));
    static FAR: LazyLock<Arc<TransportConfig>> = LazyLock::new(|| far(Role::Client));
    Arc::clone(if is_near(peer) { &NEAR } else { &FAR })
}

/// What all sockets use.
pub(crate) fn endpoint_config() -> EndpointConfig {
    let mut config = EndpointConfig::default();
    // The only error is a value below the minimum of 1200.
    let _ = config.max_udp_payload_size(LOOPBACK_PAYLOAD);
    config
}

/// What a server uses, certificate included, towards peers of its machine and towards others.
#[derive(Clone)]
pub(crate) struct ServerConfigs {
    near: Arc<quinn::ServerConfig>,
    pub(crate) far: Arc<quinn::ServerConfig>,
}

impl ServerConfigs {
    pub(crate) fn for_peer(&self, peer: SocketAddr) -> Arc<quinn::ServerConfig> {
        Arc::clone(if is_near(peer) { &self.near } else { &self.far })
    }
}

/// What a server uses.
pub(crate) fn server_configs(security: &Security) -> Result<ServerConfigs, SecurityError> {
    let mut config = server_config(security)?;
    let far = Arc::new(config.clone());
    config.transport_config(near(Role::Server));
    let near = Arc::new(config);
    Ok(ServerConfigs { near, far })
}

fn server_config(security: &Security) -> Result<quinn::ServerConfig, SecurityError> {
    let with_token = security.server_config(Binding::Quic, true)?;
    let without_token = security.server_config(Binding::Quic, false)?;
    let token = with_token.alpn_protocols.first().cloned();
    let crypto = AlpnByClientHello {
        with_token: quic_config(with_token)?,
        without_token: quic_config(without_token)?,
        token,
    };
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(crypto));
    config.transport_config(far(Role::Server));
    Ok(config)
}

fn quic_config(tls: Arc<rustls::ServerConfig>) -> Result<Arc<QuicServerConfig>, SecurityError> {
    match QuicServerConfig::try_from(tls) {
        Ok(config) => Ok(Arc::new(config)),
        Err(error) => Err(SecurityError::Provider(error.to_string())),
    }
}

fn is_near(peer: SocketAddr) -> bool {
    peer.ip().to_canonical().is_loopback()
}

fn far(role: Role) -> Arc<TransportConfig> {
    Arc::new(parameters(role))
}

fn near(role: Role) -> Arc<TransportConfig> {
    let mut discovery = MtuDiscoveryConfig::default();
    discovery.upper_bound(LOOPBACK_PAYLOAD);
    let mut parameters = parameters(role);
    parameters.mtu_discovery_config(Some(discovery));
    Arc::new(parameters)
}

fn parameters(role: Role) -> TransportConfig {
    let peer_streams = u32::from(role == Role::Server);
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
    parameters
}
