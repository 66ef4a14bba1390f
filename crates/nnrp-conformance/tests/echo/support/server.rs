//! A running `nnrp-echo serve`: started on a free port, its log read, ended when dropped.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::packet::Open;
use super::peer::Peer;
use crate::bridge::tcp_address_of;
use crate::{PATIENCE, SCHEME, server_end};

/// The server's own timeouts, far beyond [`PATIENCE`], so that none of them can pass for an answer; a later option replaces them.
const NO_TIMEOUTS: [&str; 4] = ["--handshake-timeout", "600", "--write-timeout", "600"];

/// A running `nnrp-echo serve`; it ends when dropped.
pub(crate) struct Echo {
    child: Child,
    /// Closing it asks the server to end.
    pub(crate) stdin: Option<ChildStdin>,
    /// Kept open, as a parent would.
    stdout: BufReader<ChildStdout>,
    /// Lines of its log so far, if they are of interest.
    log: Arc<Mutex<Vec<String>>>,
    /// The file with the certificate to trust.
    root: String,
    uri: String,
    /// Where its bytes can be had over TCP.
    address: String,
}

impl Echo {
    pub(crate) fn start(extra: &[&str]) -> Self {
        Self::start_with(extra, Stdio::piped(), "error")
    }

    /// One whose log says how each connection ended.
    pub(crate) fn start_logging(extra: &[&str]) -> Self {
        Self::start_with(extra, Stdio::piped(), "info")
    }

    pub(crate) fn start_with(extra: &[&str], stdin: Stdio, log: &str) -> Self {
        let root = Self::unused_path();
        let mut child = Command::new(env!("CARGO_BIN_EXE_nnrp-echo"))
            .args(["serve", "--listen", &format!("{SCHEME}://127.0.0.1:0")])
            .args(["--cert-out", &root])
            .args(NO_TIMEOUTS)
            .args(["--log", log])
            .args(extra)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nnrp-echo starts");
        let log = collect(child.stderr.take().expect("piped"));
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let stdin = child.stdin.take();
        let mut echo = Self {
            child,
            stdin,
            stdout,
            log,
            root,
            uri: String::new(),
            address: String::new(),
        };
        echo.listen_to_next();
        echo
    }

    fn unused_path() -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("nnrp-echo-root-{}-{number}.der", std::process::id());
        let path = std::env::temp_dir().join(name);
        path.to_str().expect("a UTF-8 path").to_owned()
    }

    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// From here on talks to the next endpoint that the server names.
    pub(crate) fn listen_to_next(&mut self) {
        self.uri = self.next_uri();
        self.address = tcp_address_of(&self.uri, &self.root, None);
    }

    /// From here on offers this ALPN token, where the transport has such.
    pub(crate) fn offer(&mut self, token: &str) {
        self.address = tcp_address_of(&self.uri, &self.root, Some(token));
    }

    /// Reads the next `listening <uri>` line.
    fn next_uri(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("a line");
        let uri = line
            .strip_prefix("listening ")
            .expect("listening <uri>")
            .trim_end();
        let port = uri.rsplit(':').next().and_then(|port| port.parse().ok());
        assert!(uri.starts_with("nnrp+") && port > Some(0_u16), "{uri}");
        uri.to_owned()
    }

    pub(crate) fn connect(&self) -> Peer {
        let stream = TcpStream::connect(&self.address).expect("connect");
        stream.set_nodelay(true).expect("nodelay");
        Peer { stream }
    }

    /// A peer with an open session of this id.
    pub(crate) fn session(&self, id: u32) -> Peer {
        let mut peer = self.connect();
        let ack = peer.open(&Open {
            id,
            ..Open::default()
        });
        assert_eq!((ack.status(), ack.session), (0, id), "{ack:?}");
        peer
    }

    /// A peer with an open session of this id, which may have been another's a moment ago.
    pub(crate) fn session_when_free(&self, id: u32) -> Peer {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut peer = self.connect();
            let ack = peer.open(&Open {
                id,
                ..Open::default()
            });
            if ack.status() == 0 {
                return peer;
            }
            assert_eq!(ack.code(), 0x0001_0007, "{ack:?}");
            assert!(Instant::now() < deadline, "session {id} is not free");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn uri(&self) -> String {
        self.uri.clone()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the log has told the end of so many connections with this reason.
    pub(crate) fn expect_ends(&self, reason: &str, least: usize) {
        let field = format!(" reason={reason} ");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lines = self.log.lock().expect("no panic in its thread");
            let told = lines.iter().filter(|line| line.contains(&field)).count();
            if told >= least {
                return;
            }
            let recent = lines.iter().rev().take(5).collect::<Vec<_>>();
            assert!(
                Instant::now() < deadline,
                "{told} of {least} connections ended with {reason}; the latest lines: {recent:#?}"
            );
            drop(lines);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("wait") {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("nnrp-echo does not end");
    }

    /// Resident memory of the process, KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("proc");
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .expect("VmRSS");
        line.split_whitespace()
            .nth(1)
            .expect("a number")
            .parse()
            .expect("a number")
    }
}

/// Reads the log on a thread, so that the server never waits for its reader.
fn collect(stderr: ChildStderr) -> Arc<Mutex<Vec<String>>> {
    let log = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&log);
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if line.starts_with("nnrp-echo: error") {
                println!("{line}");
            }
            lines.lock().expect("no panic in a test").push(line);
        }
    });
    log
}

impl Drop for Echo {
    fn drop(&mut self) {
        server_end::end(&mut self.child, self.stdin.take());
        let _ = std::fs::remove_file(&self.root);
    }
}
