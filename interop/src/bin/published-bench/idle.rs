//! Holds idle connections of the published client, so that their memory can be read from outside, on both sides.

use crate::{Outcome, connect};
use nnrp_interop::{argument, pattern, token_submit};
use nnrp_runtime::NnrpClientSession;
use std::error::Error;
use std::io::{BufRead as _, Write as _};

/// Connections made and used before the first look: what a process needs once is not theirs.
const WARM: u32 = 16;
/// Exchanges of each connection before it becomes idle.
const EXCHANGES: u32 = 4;

/// Prints a line when a step is done and goes on with each line of stdin; ends with stdin.
pub async fn run(uri: &str) -> Outcome {
    let connections = argument("--connections", 1000);
    let mut held = Vec::with_capacity((WARM + connections) as usize);
    for index in 0..WARM {
        held.push(used(uri, 1 + index).await?);
    }
    step("warm").await?;
    for index in 0..connections {
        held.push(used(uri, 1 + WARM + index).await?);
    }
    step("connected").await?;
    Ok(())
}

/// A session that has been of use, on a connection of its own.
async fn used(uri: &str, id: u32) -> Result<NnrpClientSession, Box<dyn Error>> {
    let mut session = connect(uri, id).await?.open_session().await?;
    for _ in 0..EXCHANGES {
        session.submit(token_submit(), pattern(1, 64)).await?;
        session.await_result().await?;
    }
    Ok(session)
}

/// Says that a step is done and waits, with the connections alive, to be told to go on.
async fn step(name: &str) -> Outcome {
    println!("{name}");
    std::io::stdout().flush()?;
    let waiting = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)
    });
    waiting.await??;
    Ok(())
}
