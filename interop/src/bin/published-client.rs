//! A client made of the published runtime: opens, submits within a window, checks every echo, closes.
//!
//! usage: `published-client URI [--count N] [--size BYTES] [--window N] [--max-in-flight N] [--idle SECONDS] [--ca FILE]`

use nnrp_interop::{DEFAULT_WINDOW, address, argument, file, pattern, token_submit};
use nnrp_runtime::{NnrpClient, NnrpClientConfig, NnrpClientSession, RuntimeTransportKind};
use nnrp_transport_quic::{QuicClientEndpointConfig, QuicProvider};
use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let uri = std::env::args()
        .nth(1)
        .ok_or("usage: published-client URI [OPTIONS]")?;
    let count = argument("--count", 100);
    let client = connect(&uri).await?;
    let mut session = client.open_session().await?;
    exchange(&mut session, count).await?;
    let idle = argument("--idle", 0);
    if idle > 0 {
        tokio::time::sleep(Duration::from_secs(idle.into())).await;
        exchange_from(&mut session, count + 1, 1).await?;
    }
    session.close().await?;
    println!("closed after {count} echoes");
    Ok(())
}

async fn connect(uri: &str) -> Result<NnrpClient, Box<dyn Error>> {
    let (transport, address) = address(uri)?;
    let limit = u16::try_from(argument("--max-in-flight", DEFAULT_WINDOW))?;
    let config = NnrpClientConfig {
        requested_session_id: std::process::id(),
        max_in_flight_operations: limit,
        ..NnrpClientConfig::default().with_transport(transport)
    };
    if transport == RuntimeTransportKind::Tcp {
        return Ok(NnrpClient::connect_tcp(address, config).await?);
    }
    let endpoint = QuicClientEndpointConfig {
        bind_addr: "0.0.0.0:0".parse()?,
        server_name: "localhost".into(),
        root_certificates_der: vec![file("--ca")?],
    };
    Ok(QuicProvider::connect(address, endpoint, config).await?)
}

async fn exchange(session: &mut NnrpClientSession, count: u32) -> Result<(), Box<dyn Error>> {
    exchange_from(session, 1, count).await
}

async fn exchange_from(
    session: &mut NnrpClientSession,
    first: u32,
    count: u32,
) -> Result<(), Box<dyn Error>> {
    let (size, window) = (argument("--size", 64), argument("--window", DEFAULT_WINDOW));
    let mut unanswered = BTreeSet::new();
    for frame_id in first..first + count {
        if unanswered.len() as u64 == u64::from(window) {
            take_result(session, &mut unanswered, size).await?;
        }
        let sent = session
            .submit(token_submit(), pattern(frame_id, size))
            .await?;
        if sent != frame_id {
            return Err(format!("frame id {sent}, expected {frame_id}").into());
        }
        unanswered.insert(frame_id);
    }
    while !unanswered.is_empty() {
        take_result(session, &mut unanswered, size).await?;
    }
    Ok(())
}

async fn take_result(
    session: &mut NnrpClientSession,
    unanswered: &mut BTreeSet<u32>,
    size: u32,
) -> Result<(), Box<dyn Error>> {
    let result = session.await_result().await?;
    let frame_id = result.frame_id;
    if !unanswered.remove(&frame_id) {
        return Err(format!("a result for frame {frame_id}, which is not unanswered").into());
    }
    if result.metadata.status_code != 200 || result.body != pattern(frame_id, size) {
        return Err(format!("the result of frame {frame_id} is no echo").into());
    }
    Ok(())
}
