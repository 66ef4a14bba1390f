//! A crowd of connections that say little, and how long each exchange of theirs takes.

use std::time::{Duration, Instant};

use nnrp_runtime::{NnrpClient, NnrpClientSession};

use crate::connect::{Target, token};
use crate::options::Options;
use crate::outcome::Outcome;

/// `--connections` with `--sessions` each; one exchange after the other, `--per-second` of all together, for `--seconds`. Every connection and every
/// session has its turn.
pub async fn run(options: &Options) -> Result<Outcome, String> {
    let target = Target::of(options, 4)?;
    let connections: usize = options.number("--connections", 1000)?;
    let sessions: usize = options.number("--sessions", 10)?;
    let per_second: u32 = options.number("--per-second", 500)?;
    let seconds: f64 = options.number("--seconds", 2.0)?;
    let mut crowd = Vec::with_capacity(connections);
    for _ in 0..connections {
        crowd.push(Member::join(&target, sessions).await?);
    }
    let pause = Duration::from_secs(1) / per_second.max(1);
    let started = Instant::now();
    let mut latencies = Vec::new();
    for turn in 0.. {
        if started.elapsed().as_secs_f64() > seconds {
            break;
        }
        let member = &crowd[turn % connections];
        latencies.push(member.exchange(turn / connections).await?);
        tokio::time::sleep(pause).await;
    }
    Ok(Outcome {
        count: latencies.len() as u64,
        elapsed: started.elapsed(),
        latencies,
    })
}

struct Member {
    _connection: NnrpClient,
    sessions: Vec<NnrpClientSession>,
}

impl Member {
    async fn join(target: &Target, sessions: usize) -> Result<Self, String> {
        let connection = target.connect().await?;
        let mut opened = Vec::with_capacity(sessions);
        for _ in 0..sessions {
            let session = connection.open_session().await;
            opened.push(session.map_err(|error| error.to_string())?);
        }
        Ok(Self {
            _connection: connection,
            sessions: opened,
        })
    }

    async fn exchange(&self, round: usize) -> Result<Duration, String> {
        let session = &self.sessions[round % self.sessions.len()];
        let started = Instant::now();
        let sent = session.submit(token(), vec![7; 64]).await;
        sent.map_err(|error| error.to_string())?;
        let result = session.await_result().await;
        result.map_err(|error| error.to_string())?;
        Ok(started.elapsed())
    }
}
