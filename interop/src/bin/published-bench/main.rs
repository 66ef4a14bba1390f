//! The published runtime as both peers of a measurement, and its codec.
//!
//! usage: `published-bench serve URI [--window N] [--cert FILE --key FILE]`
//!        `published-bench call URI [--count N] [--size BYTES] [--window N] [--ca FILE]`
//!        `published-bench idle URI [--connections N] [--ca FILE]`
//!        `published-bench codec header-decode|packet-decode|packet-encode [--rounds N]`
//!
//! `call` prints one JSON line with the fields of `nnrp-echo call --json` that a comparison needs.

mod call;
mod codec;
mod idle;
mod serve;

use nnrp_interop::{DEFAULT_WINDOW, address, argument, file};
use nnrp_runtime::{NnrpClient, NnrpClientConfig, RuntimeTransportKind};
use nnrp_transport_quic::{QuicClientEndpointConfig, QuicProvider};
use std::error::Error;

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let (command, subject) = (arguments.next(), arguments.next());
    let subject = subject.ok_or("a URI, or what to measure, is missing")?;
    match command.as_deref() {
        Some("serve") => {
            tokio::task::LocalSet::new()
                .run_until(serve::run(&subject))
                .await
        }
        Some("call") => call::run(&subject).await,
        Some("idle") => idle::run(&subject).await,
        Some("codec") => codec::run(&subject),
        _ => Err("usage: published-bench serve|call|idle URI, or codec WHAT".into()),
    }
}

async fn connect(uri: &str, requested_session_id: u32) -> Result<NnrpClient, Box<dyn Error>> {
    let (transport, address) = address(uri)?;
    let config = NnrpClientConfig {
        requested_session_id,
        max_in_flight_operations: window(),
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

fn window() -> u16 {
    u16::try_from(argument("--window", DEFAULT_WINDOW)).unwrap_or(u16::MAX)
}
