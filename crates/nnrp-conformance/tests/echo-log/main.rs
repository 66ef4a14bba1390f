//! What an operator of `nnrp-echo` finds on stderr.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

#[test]
fn the_reason_of_each_end_stands_on_stderr() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
        .args(["serve", "--listen", "nnrp+tcp://127.0.0.1:0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("serve starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let address = line.trim_end().rsplit('/').next().expect("an address");
    let mut peer = TcpStream::connect(address).expect("connect");
    let own_address = peer.local_addr().expect("an address");
    peer.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .expect("write");
    let mut rest = Vec::new();
    // An end or a reset: either way the server is through with this peer.
    let _ = peer.read_to_end(&mut rest);
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("serve ends");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let typed = format!("warn reason=protocol-error peer={own_address} ");
    assert!(log.contains(&typed), "{log}");
    assert_eq!(log.lines().count(), 1, "one line a connection: {log}");
}
