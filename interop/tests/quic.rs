//! Our echo server and client against the published runtime over QUIC, two processes each.

#![cfg(target_os = "linux")]

#[allow(dead_code)] // The tests of nnrp-ffi use all of it.
#[path = "../../crates/nnrp-ffi/tests/c_programs/programs/mod.rs"]
mod programs;

use programs::{Program, listen, nnrp_echo};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

const SERVER: &str = env!("CARGO_BIN_EXE_published-server");
const CLIENT: &str = env!("CARGO_BIN_EXE_published-client");

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("nnrp-interop-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).expect("a fresh folder");
        Self(folder)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("UTF-8").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Our server over QUIC, and the certificate to trust.
fn serve(folder: &Folder) -> (Program, String, String) {
    let root = folder.file("root.der");
    let mut command = Command::new(nnrp_echo());
    let (server, uri) = listen(command.args([
        "serve",
        "--listen",
        "nnrp+quic://127.0.0.1:0",
        "--cert-out",
        &root,
    ]));
    (server, uri, root)
}

fn published_client(uri: &str, root: &str, options: &[&str]) -> Program {
    let mut command = Command::new(CLIENT);
    Program::start(command.args([uri, "--ca", root]).args(options))
}

#[test]
fn the_published_client_without_alpn_talks_to_nnrp_echo() {
    let folder = Folder::new();
    let (server, uri, root) = serve(&folder);
    for (count, size, window) in [
        ("100", "64", "4"),
        ("1", "0", "1"),
        ("20", "65536", "4"),
        ("3", "1048576", "2"),
    ] {
        let options = ["--count", count, "--size", size, "--window", window];
        let lines = published_client(&uri, &root, &options).finish().succeeded();
        assert_eq!(lines, [format!("closed after {count} echoes")]);
    }
    server.kill();
}

#[test]
fn our_refusal_reaches_the_published_client_each_time() {
    let folder = Folder::new();
    let (server, uri, root) = serve(&folder);
    for _ in 0..10 {
        let refused = published_client(&uri, &root, &["--max-in-flight", "65535"]).finish();
        // The published client has no other words for a refusal; a lost one reads as a closed connection.
        let errors = refused.errors;
        assert!(!refused.status.success());
        assert!(
            errors.contains("UnexpectedMessage") || errors.contains("unexpected message"),
            "{errors}"
        );
    }
    server.kill();
}

#[test]
fn nnrp_echo_calls_the_published_server_which_knows_no_alpn() {
    let folder = Folder::new();
    let (cert, key) = (folder.file("cert.der"), folder.file("key.der"));
    self_signed(&cert, &key);
    let mut command = Command::new(SERVER);
    let server = ["nnrp+quic://127.0.0.1:0", "--count", "100"];
    let identity = ["--cert", &cert, "--key", &key];
    let (server, uri) = listen(command.args(server).args(identity));
    // Two sessions one after the other: the id of the first has to be free, or another.
    for _ in 0..2 {
        let mut call = Command::new(nnrp_echo());
        call.args(["call", &uri, "--ca", &cert, "--server-name", "localhost"]);
        call.args(["--count", "100", "--in-flight", "4"]);
        Program::start(&mut call).finish().succeeded();
    }
    server.kill();
}

#[test]
fn certificates_of_openssl_are_taken_as_pem_and_as_der() {
    let folder = Folder::new();
    let (cert, key) = (folder.file("cert.der"), folder.file("key.der"));
    self_signed(&cert, &key);
    let (cert_pem, key_pem) = (format!("{cert}.pem"), format!("{key}.pem"));
    openssl(&["x509", "-in", &cert, "-inform", "DER", "-out", &cert_pem]);
    for (cert, key) in [(&cert, &key), (&cert_pem, &key_pem)] {
        let mut command = Command::new(nnrp_echo());
        command.args(["serve", "--listen", "nnrp+quic://localhost:0"]);
        let (server, uri) = listen(command.args(["--cert", cert, "--key", key]));
        let mut call = Command::new(nnrp_echo());
        call.args(["call", &uri, "--ca", cert, "--count", "10"]);
        Program::start(&mut call).finish().succeeded();
        server.kill();
    }
}

#[test]
fn a_session_that_was_idle_for_longer_than_the_idle_timeout_of_quic_still_works() {
    let folder = Folder::new();
    let (server, uri, root) = serve(&folder);
    let options = ["--count", "3", "--idle", "32"];
    let lines = published_client(&uri, &root, &options).finish().succeeded();
    assert_eq!(lines, ["closed after 3 echoes"]);
    server.kill();
}

/// A certificate of another hand than ours, as the published server wants it.
fn self_signed(cert: &str, key: &str) {
    let pem = format!("{key}.pem");
    openssl(&[
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-outform",
        "DER",
        "-out",
        cert,
        "-keyout",
        &pem,
    ]);
    openssl(&[
        "pkcs8", "-topk8", "-nocrypt", "-in", &pem, "-outform", "DER", "-out", key,
    ]);
}

fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).output();
    let output = output.expect("openssl is missing: sudo apt-get install openssl");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
