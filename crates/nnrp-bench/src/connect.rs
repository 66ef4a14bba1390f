//! Clients of the async API, as the loads of the bench use them.

use std::str::FromStr;

use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::security::{ClientSecurity, Trust};
use nnrp_runtime::{
    ConnectionOptions, NnrpClient, NnrpClientConfig, RuntimeTransportKind, Security, SessionOptions,
};
use nnrp_transport_provider::Endpoint;

use crate::options::Options;

/// Where to connect, and how.
#[derive(Clone, Debug)]
pub struct Target {
    endpoint: Endpoint,
    config: NnrpClientConfig,
}

impl Target {
    /// From the endpoint that the first word names and, for QUIC, `--ca`.
    pub fn of(options: &Options, in_flight: u16) -> Result<Self, String> {
        let uri = options.word(0, "the URI of the server")?;
        let endpoint = Endpoint::from_str(uri).map_err(|error| error.to_string())?;
        let mut config = NnrpClientConfig::default()
            .with_session(SessionOptions {
                max_in_flight: in_flight,
                ..SessionOptions::default()
            })
            .with_connection(ConnectionOptions::default());
        if matches!(endpoint, Endpoint::Quic { .. }) {
            config.transport = RuntimeTransportKind::Quic;
            config.connection.security = Security::client(ClientSecurity {
                trust: Trust::Roots(vec![options.file("--ca")?]),
                server_name: Some("localhost".into()),
                ..ClientSecurity::default()
            });
        }
        Ok(Self { endpoint, config })
    }

    /// One more connection.
    pub async fn connect(&self) -> Result<NnrpClient, String> {
        NnrpClient::connect(self.endpoint.clone(), self.config.clone())
            .await
            .map_err(|error| error.to_string())
    }
}

/// The metadata of every submit here.
#[must_use]
pub fn token() -> FrameSubmit {
    FrameSubmit {
        payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK,
        payload_frame_count: 1,
        ..FrameSubmit::default()
    }
}
