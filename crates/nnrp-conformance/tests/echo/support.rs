//! A byte-level peer and a running `nnrp-echo`, with nothing of this workspace between them and the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::bridge::tcp_address_of;
use crate::{PATIENCE, SCHEME};

pub(crate) const CLIENT_HELLO: u8 = 0x01;
pub(crate) const SERVER_HELLO_ACK: u8 = 0x02;
pub(crate) const SESSION_PATCH: u8 = 0x03;
pub(crate) const SESSION_PATCH_ACK: u8 = 0x04;
pub(crate) const CLOSE: u8 = 0x05;
pub(crate) const ERROR: u8 = 0x06;
pub(crate) const SESSION_OPEN: u8 = 0x07;
pub(crate) const SESSION_OPEN_ACK: u8 = 0x08;
pub(crate) const SESSION_CLOSE: u8 = 0x09;
pub(crate) const SESSION_CLOSE_ACK: u8 = 0x0a;
pub(crate) const FRAME_SUBMIT: u8 = 0x10;
pub(crate) const FRAME_CANCEL: u8 = 0x11;
pub(crate) const RESULT_PUSH: u8 = 0x12;
pub(crate) const RESULT_DROP: u8 = 0x13;
pub(crate) const FLOW_UPDATE: u8 = 0x17;
pub(crate) const TRANSPORT_PROBE: u8 = 0x19;
pub(crate) const TRANSPORT_PROBE_ACK: u8 = 0x1a;
pub(crate) const SESSION_MIGRATE: u8 = 0x1b;
pub(crate) const SESSION_MIGRATE_ACK: u8 = 0x1c;
pub(crate) const PING: u8 = 0x20;
pub(crate) const PONG: u8 = 0x21;

/// How long silence is watched where nothing may come.
const SILENCE: Duration = Duration::from_millis(250);

/// The server's own timeouts, far beyond [`PATIENCE`], so that none of them can pass for an answer; a later option replaces them.
const NO_TIMEOUTS: [&str; 4] = ["--handshake-timeout", "600", "--write-timeout", "600"];

/// A running `nnrp-echo serve`; killed when dropped.
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
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.root);
    }
}

/// One packet as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) kind: u8,
    pub(crate) session: u32,
    pub(crate) frame: u32,
    pub(crate) metadata: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

impl Packet {
    pub(crate) fn u8(&self, offset: usize) -> u8 {
        self.metadata[offset]
    }

    pub(crate) fn u16(&self, offset: usize) -> u16 {
        u16::from_le_bytes(
            self.metadata[offset..offset + 2]
                .try_into()
                .expect("2 bytes"),
        )
    }

    pub(crate) fn u32(&self, offset: usize) -> u32 {
        u32::from_le_bytes(
            self.metadata[offset..offset + 4]
                .try_into()
                .expect("4 bytes"),
        )
    }

    pub(crate) fn u64(&self, offset: usize) -> u64 {
        u64::from_le_bytes(
            self.metadata[offset..offset + 8]
                .try_into()
                .expect("8 bytes"),
        )
    }

    /// `session_status` of a `SESSION_OPEN_ACK`.
    pub(crate) fn status(&self) -> u8 {
        assert_eq!(
            (self.kind, self.metadata.len()),
            (SESSION_OPEN_ACK, 56),
            "{self:?}"
        );
        self.u8(7)
    }

    /// `session_error_code` of a `SESSION_OPEN_ACK`.
    pub(crate) fn code(&self) -> u32 {
        assert_eq!(
            (self.kind, self.metadata.len()),
            (SESSION_OPEN_ACK, 56),
            "{self:?}"
        );
        self.u32(48)
    }
}

/// What a `SESSION_OPEN` asks for; the default is the published default client with a free id.
pub(crate) struct Open {
    pub(crate) id: u32,
    pub(crate) profile: u16,
    pub(crate) flags: u8,
    pub(crate) schema_version: u32,
    pub(crate) max_in_flight: u16,
    pub(crate) resume_token_bytes: u32,
}

impl Default for Open {
    fn default() -> Self {
        Self {
            id: 1,
            profile: 2,
            flags: 0,
            schema_version: 3,
            max_in_flight: 4,
            resume_token_bytes: 0,
        }
    }
}

impl Open {
    pub(crate) fn metadata(&self) -> Vec<u8> {
        let mut bytes = self.id.to_le_bytes().to_vec();
        bytes.extend(self.profile.to_le_bytes());
        bytes.extend([1, self.flags]);
        bytes.extend(0x1001_u32.to_le_bytes());
        bytes.extend(self.schema_version.to_le_bytes());
        bytes.extend(500_u32.to_le_bytes());
        bytes.extend(self.max_in_flight.to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(30_000_u32.to_le_bytes());
        bytes.extend(self.resume_token_bytes.to_le_bytes());
        bytes.extend([0; 8]);
        bytes.extend(u64::from(self.id).to_le_bytes());
        bytes
    }
}

/// A raw connection to the server.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
}

impl Peer {
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("write");
    }

    pub(crate) fn send_hex(&mut self, text: &str) {
        self.send(&hex(text));
    }

    pub(crate) fn send_packet(
        &mut self,
        kind: u8,
        session: u32,
        frame: u32,
        metadata: &[u8],
        body: &[u8],
    ) {
        self.send(&packet(kind, session, frame, metadata, body));
    }

    pub(crate) fn open(&mut self, open: &Open) -> Packet {
        self.open_with(open, &[])
    }

    /// An open whose body is this.
    pub(crate) fn open_with(&mut self, open: &Open, body: &[u8]) -> Packet {
        self.send_packet(SESSION_OPEN, 0, 0, &open.metadata(), body);
        self.receive()
    }

    /// Says hello and takes the answer.
    pub(crate) fn hello(&mut self) -> Packet {
        self.send_packet(CLIENT_HELLO, 0, 0, &hello_metadata(), &[]);
        let ack = self.receive();
        assert_eq!(ack.kind, SERVER_HELLO_ACK, "{ack:?}");
        ack
    }

    /// A token submit with this latency budget.
    pub(crate) fn submit(&mut self, session: u32, frame: u32, budget: u16, body: &[u8]) {
        self.send(&submit(session, frame, budget, body));
    }

    pub(crate) fn close_session(&mut self, session: u32, last_operation: u64) {
        let mut metadata = vec![1, 0, 0, 0, 0, 0, 0, 0];
        metadata.extend(last_operation.to_le_bytes());
        metadata.extend(0_u32.to_le_bytes());
        metadata.extend(session.to_le_bytes());
        self.send_packet(SESSION_CLOSE, session, 0, &metadata, &[]);
    }

    pub(crate) fn receive(&mut self) -> Packet {
        self.stream
            .set_read_timeout(Some(PATIENCE))
            .expect("timeout");
        let mut header = [0; 40];
        self.stream.read_exact(&mut header).expect("a packet");
        assert_eq!(&header[..6], b"NNRP\x01\x00", "identity");
        assert_eq!(header[7], 40, "header length");
        let word =
            |offset: usize| u32::from_le_bytes(header[offset..offset + 4].try_into().expect("4"));
        let mut metadata = vec![0; word(12) as usize];
        let mut body = vec![0; word(16) as usize];
        self.stream.read_exact(&mut metadata).expect("metadata");
        self.stream.read_exact(&mut body).expect("body");
        Packet {
            kind: header[6],
            session: word(20),
            frame: word(24),
            metadata,
            body,
        }
    }

    /// The result of a frame with this body, checked field by field against the contract.
    pub(crate) fn expect_echo(&mut self, session: u32, frame: u32, body: &[u8]) {
        let result = self.receive();
        assert_echo(&result, session, frame, 0, 0);
        assert!(result.body == body, "the body of frame {frame} differs");
    }

    pub(crate) fn expect_silence(&mut self) {
        self.stream
            .set_read_timeout(Some(SILENCE))
            .expect("timeout");
        let outcome = self.stream.read(&mut [0; 1]);
        let waited = outcome.as_ref().is_err_and(|error| {
            matches!(
                error.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            )
        });
        assert!(waited, "{outcome:?}");
    }

    /// The server ends its write side with nothing more.
    pub(crate) fn expect_end(&mut self) {
        self.stream
            .set_read_timeout(Some(PATIENCE))
            .expect("timeout");
        assert_eq!(self.stream.read(&mut [0; 1]).expect("a clean end"), 0);
    }

    /// The connection ends, cleanly or by reset, with nothing more to read.
    pub(crate) fn expect_dropped(&mut self) {
        self.stream
            .set_read_timeout(Some(PATIENCE))
            .expect("timeout");
        match self.stream.read(&mut [0; 1]) {
            Ok(count) => assert_eq!(count, 0),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
    }

    pub(crate) fn shut_down_writing(&mut self) {
        self.stream.shutdown(Shutdown::Write).expect("shutdown");
    }
}

/// Every field of a result that the contract fixes, for the token submits of [`submit`].
pub(crate) fn assert_echo(result: &Packet, session: u32, frame: u32, flags: u16, class: u8) {
    assert_eq!(
        (result.kind, result.session, result.frame),
        (RESULT_PUSH, session, frame),
        "{result:?}"
    );
    assert_eq!(result.metadata.len(), 64);
    assert_eq!(result.u16(0), 200, "status_code");
    assert_eq!(result.u16(2), flags, "result_flags");
    assert_eq!(result.u16(8), 2, "active_profile_id");
    assert_eq!(result.u8(44), class, "result_class");
    assert_eq!(result.u32(48), 0, "reused_frame_id");
    assert_eq!(
        (result.u32(56), result.u16(60)),
        (2, 1),
        "payload kinds and frames of the submit"
    );
    for (offset, size) in [(4, 4), (20, 8), (52, 4)] {
        assert!(
            result.metadata[offset..offset + size]
                .iter()
                .all(|byte| *byte == 0),
            "tensor fields"
        );
    }
}

pub(crate) fn packet(kind: u8, session: u32, frame: u32, metadata: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = b"NNRP\x01\x00".to_vec();
    bytes.extend([kind, 40, 0, 0, 0, 0]);
    bytes.extend(u32::try_from(metadata.len()).expect("length").to_le_bytes());
    bytes.extend(u32::try_from(body.len()).expect("length").to_le_bytes());
    bytes.extend(session.to_le_bytes());
    bytes.extend(frame.to_le_bytes());
    bytes.extend([0; 12]);
    bytes.extend(metadata);
    bytes.extend(body);
    bytes
}

/// A hello with both profiles and every payload kind.
pub(crate) fn hello_metadata() -> Vec<u8> {
    let mut hello = vec![1, 1, 1, 0, 3, 0, 0, 0, 0x7f, 0, 0, 0];
    hello.resize(64, 0);
    hello[34] = 1;
    hello
}

pub(crate) fn submit(session: u32, frame: u32, budget: u16, body: &[u8]) -> Vec<u8> {
    let mut metadata = [0; 72];
    metadata[16..18].copy_from_slice(&budget.to_le_bytes());
    metadata[64] = 2;
    metadata[68] = 1;
    packet(FRAME_SUBMIT, session, frame, &metadata, body)
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ascii"), 16).expect("hex"))
        .collect()
}
