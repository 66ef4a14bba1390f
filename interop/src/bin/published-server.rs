//! A server made of the published runtime: echoes a given number of submits of each session, then awaits its close.
//!
//! usage: `published-server HOST:PORT [--count N]`
//!
//! The published server has no dispatcher: its application names the message it waits for (spec 13, order rule). So the number
//! of submits is given, and sessions are served one after the other. Prints `listening nnrp+tcp://host:port`.

use nnrp_interop::{argument, echo_result};
use nnrp_runtime::{NnrpServer, NnrpServerConfig, NnrpServerSession, RuntimeTransportKind};
use std::error::Error;
use std::io::Write as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args()
        .nth(1)
        .ok_or("usage: published-server HOST:PORT [OPTIONS]")?;
    let count = argument("--count", 100);
    let config = NnrpServerConfig::default().with_transport(RuntimeTransportKind::Tcp);
    let server = NnrpServer::bind_tcp(address.as_str(), config).await?;
    println!("listening nnrp+tcp://{}", server.local_addr()?);
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
