//! A client made of the published runtime: opens, submits within a window, checks every echo, closes.
//!
//! usage: `published-client HOST:PORT [--count N] [--size BYTES] [--window N]`

use nnrp_interop::{DEFAULT_WINDOW, argument, pattern, token_submit};
use nnrp_runtime::{NnrpClient, NnrpClientConfig, NnrpClientSession, RuntimeTransportKind};
use std::collections::BTreeSet;
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args()
        .nth(1)
        .ok_or("usage: published-client HOST:PORT [OPTIONS]")?;
    let count = argument("--count", 100);
    let config = NnrpClientConfig {
        requested_session_id: std::process::id(),
        ..NnrpClientConfig::default().with_transport(RuntimeTransportKind::Tcp)
    };
    let client = NnrpClient::connect_tcp(address.as_str(), config).await?;
    let mut session = client.open_session().await?;
    exchange(&mut session, count).await?;
    session.close().await?;
    println!("closed after {count} echoes");
    Ok(())
}

async fn exchange(session: &mut NnrpClientSession, count: u32) -> Result<(), Box<dyn Error>> {
    let (size, window) = (argument("--size", 64), argument("--window", DEFAULT_WINDOW));
    let mut unanswered = BTreeSet::new();
    for frame_id in 1..=count {
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
