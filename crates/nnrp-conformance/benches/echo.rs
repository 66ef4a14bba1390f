//! TCP echo against raw sockets, side by side in one run; prints JSON rows.
//!
//! The floors send the same bytes as the protocol does (a submit of 176 bytes up, a result of 168 down for a body of 64) with nothing
//! decoded and no session kept, so the ratio is what the protocol and the async runtime cost.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{self, Child, Stdio};
use std::thread;
use std::time::Instant;

use nnrp_conformance::arguments::{Command, parse};
use nnrp_conformance::call::call;

/// Body of every message.
const BODY: usize = 64;
const SUBMIT: usize = 40 + 72 + BODY;
const RESULT: usize = 40 + 64 + BODY;
/// Rounds of each row, floor and ours in turn; the median is reported.
const ROUNDS: usize = 5;
const ROUND_TRIPS: u32 = 10_000;
const STREAM: u32 = 200_000;
const IN_FLIGHT: u16 = 256;
/// Bytes a coalescing writer hands over at once.
const BATCH: usize = 16 * 1024;

fn main() -> io::Result<()> {
    let mut server = Server::start()?;
    let mut rows = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        rows[0].push(floor_round_trip()?);
        rows[1].push(1e6 / server.per_second(ROUND_TRIPS, 1));
        rows[2].push(floor_stream()?);
        rows[3].push(server.per_second(STREAM, IN_FLIGHT));
    }
    server.stop();
    let [floor_trip, trip, floor_stream, stream] = rows.map(|mut values| median(&mut values));
    print_row(
        "TCP round trip 64 B, raw blocking sockets",
        floor_trip,
        "us",
        1.0,
    );
    print_row("TCP round trip 64 B, nnrp", trip, "us", trip / floor_trip);
    print_row(
        "TCP stream 64 B one way, raw, coalesced",
        floor_stream,
        "messages/s",
        1.0,
    );
    let name = "TCP echo 64 B, 256 in flight, nnrp";
    print_row(name, stream, "messages/s", stream / floor_stream);
    Ok(())
}

/// The echo server as a process of its own, as peers are.
struct Server {
    child: Child,
    uri: String,
}

impl Server {
    fn start() -> io::Result<Self> {
        let mut child = process::Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
            .args(["serve", "--listen", "nnrp+tcp://127.0.0.1:0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let uri = line.trim().trim_start_matches("listening ").to_owned();
        Ok(Self { child, uri })
    }

    fn per_second(&self, count: u32, in_flight: u16) -> f64 {
        let words = format!(
            "call {} --count {count} --size {BODY} --in-flight {in_flight}",
            self.uri
        );
        let command = parse(words.split(' ').map(String::from));
        let Ok(Command::Call(settings)) = command else {
            panic!("the call of this program was refused: {command:?}")
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let report = runtime.expect("an async runtime").block_on(call(&settings));
        assert!(
            report.is_success(),
            "the echo went wrong: {:?}",
            report.errors
        );
        f64::from(count) / report.elapsed.as_secs_f64()
    }

    /// Closing its stdin ends the server.
    fn stop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Microseconds of one exchange of raw bytes.
fn floor_round_trip() -> io::Result<f64> {
    let (mut client, mut server) = pair()?;
    let echo = thread::spawn(move || -> io::Result<()> {
        let (mut request, response) = ([0; SUBMIT], [0; RESULT]);
        while server.read_exact(&mut request).is_ok() {
            server.write_all(&response)?;
        }
        Ok(())
    });
    let (request, mut response) = ([0; SUBMIT], [0; RESULT]);
    let started = Instant::now();
    for _ in 0..ROUND_TRIPS {
        client.write_all(&request)?;
        client.read_exact(&mut response)?;
    }
    let elapsed = started.elapsed();
    drop(client);
    echo.join().expect("the echo thread")?;
    Ok(elapsed.as_secs_f64() * 1e6 / f64::from(ROUND_TRIPS))
}

/// Messages a second, one way, copied into batches.
fn floor_stream() -> io::Result<f64> {
    let (mut client, mut server) = pair()?;
    let total = STREAM as usize * SUBMIT;
    let reader = thread::spawn(move || -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        let mut left = total;
        while left > 0 {
            left -= server.read(&mut buffer)?;
        }
        Ok(())
    });
    let (message, mut batch) = ([7; SUBMIT], Vec::with_capacity(BATCH + SUBMIT));
    let started = Instant::now();
    for _ in 0..STREAM {
        batch.extend_from_slice(&message);
        if batch.len() >= BATCH {
            client.write_all(&batch)?;
            batch.clear();
        }
    }
    client.write_all(&batch)?;
    reader.join().expect("the reader thread")?;
    Ok(f64::from(STREAM) / started.elapsed().as_secs_f64())
}

fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    let server = listener.accept()?.0;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    Ok((client, server))
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn print_row(name: &str, value: f64, unit: &str, ratio: f64) {
    println!(r#"{{"name":"{name}","value":{value:.3},"unit":"{unit}","ratio":{ratio:.4}}}"#);
}
