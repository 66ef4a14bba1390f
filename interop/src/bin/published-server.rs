//! A server made of the published runtime: echoes a given number of submits of each session, then awaits its close.
//!
//! usage: `published-server URI [--count N] [--cert FILE --key FILE]`
//!
//! The published server has no dispatcher: its application names the message it waits for (spec 13, order rule). So the number
//! of submits is given, and sessions are served one after the other. Prints `listening nnrp+tcp://host:port`.

use nnrp_interop::{address, argument, echo_result, file};
use nnrp_runtime::{NnrpServer, NnrpServerConfig, NnrpServerSession, RuntimeTransportKind};
use nnrp_transport_quic::{QuicProvider, QuicServerEndpointConfig};
use std::error::Error;
use std::io::Write as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let uri = std::env::args()
        .nth(1)
        .ok_or("usage: published-server URI [OPTIONS]")?;
    let count = argument("--count", 100);
    let (scheme, server) = bind(&uri).await?;
    println!("listening {scheme}://{}", server.local_addr()?);
    std::io::stdout().flush()?;
    loop {
        // A peer that breaks the order or goes away ends its session only.
        match server.accept().await {
            Ok(session) => {
                if let Err(error) = serve(session, count).await {
                    eprintln!("published-server: {error}");
                }
            }
            Err(error) => eprintln!("published-server: {error}"),
        }
    }
}

async fn bind(uri: &str) -> Result<(&'static str, NnrpServer), Box<dyn Error>> {
    let (transport, address) = address(uri)?;
    let config = NnrpServerConfig::default().with_transport(transport);
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

async fn serve(mut session: NnrpServerSession, count: u32) -> Result<(), Box<dyn Error>> {
    let profile_id = session.client_open().profile_id;
    for _ in 0..count {
        let submit = session.receive_submit().await?;
        let metadata = echo_result(&submit.metadata, profile_id);
        session
            .send_result(submit.frame_id, metadata, submit.body)
            .await?;
    }
    let close = session.receive_close().await?;
    session.ack_close(&close).await?;
    session.close().await?;
    Ok(())
}
