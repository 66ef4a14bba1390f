//! The published runtime as both peers of a measurement: an echo server, and a client that times a window of submits.
//!
//! usage: `published-bench serve HOST:PORT [--window N]`
//!        `published-bench call HOST:PORT [--count N] [--size BYTES] [--window N]`
//!
//! `call` prints one JSON line with the fields of `nnrp-echo call --json` that a comparison needs.

use nnrp_interop::{DEFAULT_WINDOW, argument, echo_result, pattern, token_submit};
use nnrp_runtime::{
    NnrpClient, NnrpClientConfig, NnrpClientSession, NnrpServer, NnrpServerConfig,
    NnrpServerSession,
};
use std::collections::VecDeque;
use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let (role, address) = (arguments.next(), arguments.next());
    match (role.as_deref(), address) {
        (Some("serve"), Some(address)) => serve(&address).await,
        (Some("call"), Some(address)) => call(&address).await,
        _ => Err("usage: published-bench serve|call HOST:PORT [OPTIONS]".into()),
    }
}

async fn serve(address: &str) -> Outcome {
    let config = NnrpServerConfig {
        max_in_flight_operations: window(),
        granted_operation_credit: window(),
        ..NnrpServerConfig::default()
    };
    let server = NnrpServer::bind_tcp(address, config).await?;
    println!("listening nnrp+tcp://{}", server.local_addr()?);
    std::io::stdout().flush()?;
    loop {
        // A client that is done closes its connection, which ends its session with an error.
        let session = server.accept().await?;
        let _ended = echo(session).await;
    }
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

async fn call(address: &str) -> Outcome {
    let (count, size) = (argument("--count", 100_000), argument("--size", 64));
    let config = NnrpClientConfig {
        requested_session_id: std::process::id(),
        max_in_flight_operations: window(),
        ..NnrpClientConfig::default()
    };
    let client = NnrpClient::connect_tcp(address, config).await?;
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

fn window() -> u16 {
    u16::try_from(argument("--window", DEFAULT_WINDOW)).unwrap_or(u16::MAX)
}
