//! `nnrp-bench`: the programs of `npm run bench` that are neither ours nor the published ones.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

use nnrp_bench::floor::{Load, quic, tcp};
use nnrp_bench::options::Options;
use nnrp_bench::{codec, crowd, deaf, idle};
use nnrp_transport_provider::security::SelfSigned;

const USAGE: &str = "\
usage: nnrp-bench serve tcp://HOST:PORT|quic://HOST:PORT [--size BYTES] [--cert FILE --key FILE]
       nnrp-bench call tcp://HOST:PORT|quic://HOST:PORT [--count N] [--size BYTES] [--in-flight N] [--ca FILE]
       nnrp-bench one-way [--count N] [--size BYTES]
       nnrp-bench codec header-decode|packet-decode|packet-encode ours|floor [--rounds N]
       nnrp-bench idle URI [--connections N] [--sessions N] [--ca FILE]
       nnrp-bench crowd URI [--connections N] [--sessions N] [--per-second N] [--seconds S]
       nnrp-bench deaf HOST:PORT [--peers N] [--megabytes N]
       nnrp-bench certificate --cert FILE --key FILE";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    match run(&command, &Options::new(words.collect())) {
        Ok(line) => {
            if !line.is_empty() {
                println!("{line}");
            }
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("nnrp-bench: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, options: &Options) -> Result<String, String> {
    match command {
        "serve" => serve(options).map(|()| String::new()),
        "call" => call(options),
        "one-way" => Ok(tcp::one_way(Load::of(options)?).map_err(text)?.json()),
        "codec" => codec::run(options),
        "idle" => block_on(idle::run(options)).map(|()| String::new()),
        "crowd" => Ok(block_on(crowd::run(options))?.json()),
        "deaf" => deaf::run(options),
        "certificate" => certificate(options).map(|()| String::new()),
        _ => Err(format!("unknown command {command:?}\n{USAGE}")),
    }
}

fn serve(options: &Options) -> Result<(), String> {
    let message = Load::of(options)?.message;
    let endpoint = options.word(0, "the endpoint")?;
    if let Some(address) = endpoint.strip_prefix("tcp://") {
        let listener = TcpListener::bind(address).map_err(text)?;
        announce("tcp", listener.local_addr().map_err(text)?)?;
        return tcp::serve(&listener, message).map_err(text);
    }
    let address = quic_address(endpoint)?;
    let (certificate, key) = (options.file("--cert")?, options.file("--key")?);
    block_on(async {
        let endpoint = quic::bind(address, certificate, key).map_err(text)?;
        announce("quic", endpoint.local_addr().map_err(text)?)?;
        quic::serve(endpoint, message).await;
        Ok(())
    })
}

fn call(options: &Options) -> Result<String, String> {
    let load = Load::of(options)?;
    let endpoint = options.word(0, "the endpoint")?;
    if let Some(address) = endpoint.strip_prefix("tcp://") {
        return Ok(tcp::call(address, load).map_err(text)?.json());
    }
    let address = quic_address(endpoint)?;
    let root = options.file("--ca")?;
    let outcome = block_on(async { quic::call(address, root, load).await.map_err(text) })?;
    Ok(outcome.json())
}

/// A key and a certificate of its own for `localhost`, DER.
fn certificate(options: &Options) -> Result<(), String> {
    let made = SelfSigned::generate("localhost").map_err(text)?;
    let files = [
        ("--cert", &made.root),
        ("--key", &made.identity.private_key),
    ];
    for (name, bytes) in files {
        let path = options.text(name).ok_or(format!("{name} is missing"))?;
        std::fs::write(path, bytes).map_err(|error| format!("cannot write {path}: {error}"))?;
    }
    Ok(())
}

fn quic_address(endpoint: &str) -> Result<SocketAddr, String> {
    let address = endpoint.strip_prefix("quic://");
    let address = address.ok_or_else(|| format!("{endpoint}: use tcp:// or quic://"))?;
    address
        .parse()
        .map_err(|_| format!("{address} is no address with a port"))
}

fn announce(scheme: &str, address: SocketAddr) -> Result<(), String> {
    println!("listening {scheme}://{address}");
    std::io::stdout().flush().map_err(text)
}

fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(text)?.block_on(work)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
