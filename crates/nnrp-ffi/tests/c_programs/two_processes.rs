//! The C client of the examples with other peers: nnrp-echo, and a server that is killed in mid-stream.

use crate::programs::*;
use std::path::PathBuf;
use std::process::Command;

fn program(name: &str) -> PathBuf {
    compile(&[example(name)], name, USUAL)
}

#[test]
fn the_c_client_and_nnrp_echo_understand_each_other() {
    if !is_present(GCC) {
        return;
    }
    let client = program("echo_client");
    let (echo, uri) = echo();
    let lines = Program::start(Command::new(client).arg(&uri))
        .finish()
        .succeeded();
    assert_eq!(lines, ["closed after 1000 echoes"]);
    echo.kill();
}

#[test]
fn a_peer_killed_in_mid_stream_is_a_typed_event() {
    if !is_present(GCC) {
        return;
    }
    let client = program("echo_client");
    let server = program("echo_server");
    let (server, uri) = listen(Command::new(server).arg("nnrp+tcp://127.0.0.1:0"));
    let mut client = Program::start(Command::new(client).args([&*uri, "--expect-lost"]));
    client.await_line("streaming");
    server.kill();
    let lines = client.finish().succeeded();
    assert!(
        lines.iter().any(|line| line.starts_with("lost after")),
        "{lines:?}"
    );
}
