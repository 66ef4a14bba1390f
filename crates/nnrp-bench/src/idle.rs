//! Holds idle connections, so that their memory can be read from outside, on both sides.

use std::io::{self, BufRead, Write};

use nnrp_runtime::{NnrpClient, NnrpClientSession};

use crate::connect::{Target, token};
use crate::options::Options;

/// Connections made and used before the first look: what a process needs once is not theirs.
const WARM: usize = 16;
/// Exchanges of each connection before it becomes idle.
const EXCHANGES: usize = 4;

/// Holds `--connections` with a session each, then `--sessions` more on each. Prints a line when a step is done and goes on with each line of stdin;
/// ends with stdin.
pub async fn run(options: &Options) -> Result<(), String> {
    let target = Target::of(options, 4)?;
    let connections = options.number("--connections", 1000)?;
    let sessions = options.number("--sessions", 0)?;
    let mut held = Vec::with_capacity(WARM + connections);
    hold(&target, WARM, &mut held).await?;
    if !step("warm").await? {
        return Ok(());
    }
    hold(&target, connections, &mut held).await?;
    if !step("connected").await? {
        return Ok(());
    }
    let mut further: Vec<NnrpClientSession> = Vec::with_capacity(sessions * connections);
    for (client, _) in &held[WARM..] {
        for _ in 0..sessions {
            further.push(used(client).await?);
        }
    }
    step("sessions").await?;
    Ok(())
}

async fn hold(
    target: &Target,
    count: usize,
    held: &mut Vec<(NnrpClient, NnrpClientSession)>,
) -> Result<(), String> {
    for _ in 0..count {
        let client = target.connect().await?;
        let session = used(&client).await?;
        held.push((client, session));
    }
    Ok(())
}

/// A session that has been of use.
async fn used(client: &NnrpClient) -> Result<NnrpClientSession, String> {
    let session = client.open_session().await;
    let session = session.map_err(|error| error.to_string())?;
    for _ in 0..EXCHANGES {
        let sent = session.submit(token(), vec![7; 64]).await;
        sent.map_err(|error| error.to_string())?;
        let result = session.await_result().await;
        result.map_err(|error| error.to_string())?;
    }
    Ok(session)
}

/// Says that a step is done and waits, with the connections alive, to be told to go on. False at the end of stdin.
async fn step(name: &str) -> Result<bool, String> {
    let said = writeln!(io::stdout(), "{name}").and_then(|()| io::stdout().flush());
    said.map_err(|error| error.to_string())?;
    let waiting = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)
    });
    let read = waiting.await.map_err(|error| error.to_string())?;
    Ok(read.map_err(|error| error.to_string())? > 0)
}
