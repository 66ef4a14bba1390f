//! `nnrp-echo call` whose session changes its transport: by itself when a network breaks it, and because it is asked to.

#[path = "../echo/server_end.rs"]
mod server_end;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

/// Bytes from the server after which a connection breaks; each carries some hundred answers.
const BYTES_EACH: u64 = 60_000;
/// Connections that break; the next one lives.
const BREAKING: usize = 6;

struct Server {
    child: Child,
    /// Of TCP and QUIC.
    uris: [String; 2],
}

impl Server {
    fn tcp_address(&self) -> String {
        self.uris[0].trim_start_matches("nnrp+tcp://").to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let input = self.child.stdin.take();
        server_end::end(&mut self.child, input);
    }
}

fn serve() -> Server {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
        .args(["serve", "--listen", "nnrp+tcp://127.0.0.1:0"])
        .args(["--listen", "nnrp+quic://127.0.0.1:0", "--log", "error"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("serve starts");
    let mut stdout = BufReader::new(child.stdout.as_mut().expect("piped"));
    let uris = [(); 2].map(|()| {
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let uri = line.trim_end().strip_prefix("listening ");
        uri.expect("listening <uri>").to_owned()
    });
    Server { child, uris }
}

/// A network path to the server; its address.
fn breaking_path(server: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for (number, client) in listener.incoming().enumerate() {
            let limit = if number < BREAKING {
                BYTES_EACH
            } else {
                u64::MAX
            };
            carry(&client.expect("a client"), &server, limit);
        }
    });
    address
}

/// Carries bytes both ways until `limit` of them have come from the server, or one side has ended.
fn carry(client: &TcpStream, server: &str, limit: u64) {
    let server = TcpStream::connect(server).expect("connect");
    let (mut up_from, mut up_to) = (clone(client), clone(&server));
    let upwards = thread::spawn(move || pass(&mut up_from, &mut up_to));
    pass(&mut clone(&server).take(limit), &mut clone(client));
    for stream in [client, &server] {
        // The other side may have done so.
        let _ = stream.shutdown(Shutdown::Both);
    }
    upwards.join().expect("the other direction");
}

fn pass(from: &mut impl Read, to: &mut impl Write) {
    // An end, whichever side it came from.
    let _ = std::io::copy(from, to);
}

fn clone(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a second handle")
}

#[test]
fn every_answer_comes_once_through_a_network_that_breaks() {
    let server = serve();
    let uri = format!("nnrp+tcp://{}", breaking_path(server.tcp_address()));
    let call = |extra: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
            .args(["call", &uri, "--count", "5000", "--in-flight", "32"])
            .args(["--json", "--log", "warn"])
            .args(extra)
            .output()
            .expect("call runs")
    };
    let with = call(&["--reconnect"]);
    let (json, log) = (
        String::from_utf8_lossy(&with.stdout),
        String::from_utf8_lossy(&with.stderr),
    );
    assert!(with.status.success(), "{json} {log}");
    assert!(
        json.contains("\"results\":5000,\"drops\":0,\"errors\":0"),
        "{json}"
    );
    let losses = log.matches("connecting again after a pause").count();
    assert_eq!(losses, BREAKING, "{log}");
}

#[test]
fn without_the_option_a_loss_ends_the_call() {
    let server = serve();
    let uri = format!("nnrp+tcp://{}", breaking_path(server.tcp_address()));
    let output = Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
        .args(["call", &uri, "--count", "5000", "--in-flight", "32"])
        .output()
        .expect("call runs");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_session_moves_between_tcp_and_quic_in_the_middle_of_a_call() {
    let server = serve();
    let [tcp, quic] = &server.uris;
    for (from, to) in [(tcp, quic), (quic, tcp)] {
        let output = Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
            .args([
                "call",
                from,
                "--migrate-to",
                to,
                "--insecure-any-certificate",
            ])
            .args(["--count", "3000", "--in-flight", "16", "--json"])
            .output()
            .expect("call runs");
        let (json, log) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{from} to {to}: {json} {log}");
        assert!(
            json.contains("\"results\":3000,\"drops\":0,\"errors\":0"),
            "{json}"
        );
    }
}
