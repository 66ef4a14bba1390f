//! A client made of the published runtime that times a window of submits.

use crate::{Outcome, connect, window};
use nnrp_interop::{argument, pattern, token_submit};
use nnrp_runtime::NnrpClientSession;
use std::collections::VecDeque;
use std::error::Error;
use std::time::Instant;

pub async fn run(uri: &str) -> Outcome {
    let (count, size) = (argument("--count", 100_000), argument("--size", 64));
    let client = connect(uri, std::process::id()).await?;
    let mut session = client.open_session().await?;
    let body = pattern(1, size);
    let mut latencies = Vec::with_capacity(count as usize);
    let mut unanswered = VecDeque::new();
    let started = Instant::now();
    for _ in 0..count {
        if unanswered.len() == usize::from(window()) {
            latencies.push(take_result(&mut session, &mut unanswered).await?);
        }
        let frame_id = session.submit(token_submit(), body.clone()).await?;
        unanswered.push_back((frame_id, Instant::now()));
    }
    while !unanswered.is_empty() {
        latencies.push(take_result(&mut session, &mut unanswered).await?);
    }
    let seconds = started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let percentile = |percent: usize| latencies[latencies.len() * percent / 100];
    println!(
        r#"{{"count":{count},"size":{size},"in_flight":{},"seconds":{seconds:.6},"per_second":{:.1},"p50_us":{:.3},"p99_us":{:.3}}}"#,
        window(),
        f64::from(count) / seconds,
        f64::from(percentile(50)) / 1e3,
        f64::from(percentile(99)) / 1e3,
    );
    session.close_transport().await?;
    Ok(())
}

/// Nanoseconds from the submit to its result; the published server answers in order.
async fn take_result(
    session: &mut NnrpClientSession,
    unanswered: &mut VecDeque<(u32, Instant)>,
) -> Result<u32, Box<dyn Error>> {
    let result = session.await_result().await?;
    let (frame_id, submitted) = unanswered.pop_front().ok_or("a result too many")?;
    if result.frame_id != frame_id {
        return Err(format!("a result of frame {}, expected {frame_id}", result.frame_id).into());
    }
    Ok(u32::try_from(submitted.elapsed().as_nanos())?)
}
