//! An echo server made of the published runtime, for any number of sessions at once.

use crate::{Outcome, window};
use nnrp_interop::{address, echo_result, file};
use nnrp_runtime::{NnrpServer, NnrpServerConfig, NnrpServerSession, RuntimeTransportKind};
use nnrp_transport_quic::{QuicProvider, QuicServerEndpointConfig};
use std::error::Error;
use std::io::Write as _;

/// Must run inside a local task set: nothing says that published sessions may change their thread.
pub async fn run(uri: &str) -> Outcome {
    let (scheme, server) = bind(uri).await?;
    println!("listening {scheme}://{}", server.local_addr()?);
    std::io::stdout().flush()?;
    loop {
        let session = server.accept().await?;
        // A client that is done closes its connection, which ends its session with an error.
        tokio::task::spawn_local(async { drop(echo(session).await) });
    }
}

async fn bind(uri: &str) -> Result<(&'static str, NnrpServer), Box<dyn Error>> {
    let (transport, address) = address(uri)?;
    let config = NnrpServerConfig {
        max_in_flight_operations: window(),
        granted_operation_credit: window(),
        ..NnrpServerConfig::default().with_transport(transport)
    };
    if transport == RuntimeTransportKind::Tcp {
        return Ok(("nnrp+tcp", NnrpServer::bind_tcp(address, config).await?));
    }
    let endpoint = QuicServerEndpointConfig {
        bind_addr: address.parse()?,
        certificate_chain_der: vec![file("--cert")?],
        private_key_pkcs8_der: file("--key")?,
    };
    Ok(("nnrp+quic", QuicProvider::bind(endpoint, config).await?))
}

async fn echo(mut session: NnrpServerSession) -> Outcome {
    let profile_id = session.client_open().profile_id;
    loop {
        let submit = session.receive_submit().await?;
        let metadata = echo_result(&submit.metadata, profile_id);
        session
            .send_result(submit.frame_id, metadata, submit.body)
            .await?;
    }
}
