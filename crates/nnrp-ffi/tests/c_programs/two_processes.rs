//! Two processes over TCP through the C ABI: C client and server in every language and linkage, under valgrind, and with a
//! peer that is killed in mid-stream.

use crate::programs::*;
use std::path::PathBuf;
use std::process::Command;

fn program(name: &str, compiler: &str, standard: Standard, linkage: Linkage) -> PathBuf {
    compile(
        compiler,
        &[source(&format!("{name}.c"))],
        name,
        standard,
        linkage,
    )
}

fn echo_both_ways(compiler: &str, standard: Standard, linkage: Linkage) {
    let client = program("client", compiler, standard, linkage);
    let server = program("server", compiler, standard, linkage);
    let (server, uri) = listen(Command::new(server).arg("nnrp+tcp://127.0.0.1:0"));
    for (count, size, window) in [
        ("1000", "64", "16"),
        ("200", "0", "4"),
        ("8", "1048576", "2"),
    ] {
        let arguments = [&*uri, "--count", count, "--size", size, "--window", window];
        let lines = Program::start(Command::new(&client).args(arguments))
            .finish()
            .succeeded();
        assert_eq!(lines, [format!("closed after {count} echoes")]);
    }
    server.finish().succeeded();
}

#[test]
fn c_programs_talk_over_the_shared_library() {
    if is_present(GCC) {
        echo_both_ways("gcc", Standard::C11, Linkage::Shared);
    }
}

#[test]
fn c_programs_talk_over_the_static_library() {
    if is_present(GCC) {
        echo_both_ways("gcc", Standard::C11, Linkage::Static);
    }
}

#[test]
fn the_same_sources_are_cpp() {
    if is_present(GCC) {
        echo_both_ways("gcc", Standard::Cpp17, Linkage::Shared);
    }
}

#[test]
fn clang_compiles_them_too() {
    if is_present(CLANG) {
        echo_both_ways("clang", Standard::C11, Linkage::Shared);
        echo_both_ways("clang", Standard::Cpp17, Linkage::Shared);
    }
}

#[test]
fn the_c_client_and_nnrp_echo_understand_each_other() {
    if !is_present(GCC) {
        return;
    }
    let client = program("client", "gcc", Standard::C11, Linkage::Shared);
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
    let client = program("client", "gcc", Standard::C11, Linkage::Shared);
    let server = program("server", "gcc", Standard::C11, Linkage::Shared);
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

#[test]
fn neither_side_makes_a_memory_error_or_leaks() {
    if !is_present(GCC) || !is_present(VALGRIND) {
        return;
    }
    let client = program("client", "gcc", Standard::C11, Linkage::Shared);
    let server = program("server", "gcc", Standard::C11, Linkage::Shared);
    let (server, uri) = listen(under_valgrind(&server).arg("nnrp+tcp://127.0.0.1:0"));
    for (count, size) in [("100", "64"), ("2", "1048576")] {
        let arguments = [&*uri, "--count", count, "--size", size, "--window", "4"];
        let lines = Program::start(under_valgrind(&client).args(arguments))
            .finish()
            .succeeded();
        assert_eq!(lines, [format!("closed after {count} echoes")]);
    }
    server.finish().succeeded();
}
