//! Below the streams: datagrams that are no packets, handshakes that are begun and left, first packets that are damaged.

use std::net::{SocketAddr, UdpSocket};

use quinn::Endpoint;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::PATIENCE;
use crate::bridge::{client_config, quic_endpoint};
use crate::watched::{Watched, scaled};

/// The least size of a datagram that begins a connection (RFC 9000 §14.1).
const FIRST_DATAGRAM: usize = 1200;

/// The UDP address of the server.
fn server_of(watched: &Watched) -> SocketAddr {
    let uri = watched.echo.uri();
    let authority = uri.rsplit("//").next().expect("an authority");
    authority.parse().expect("an address")
}

/// A socket that talks to the server and hears only it.
fn socket_to(server: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("bind");
    socket.connect(server).expect("connect");
    socket.set_nonblocking(true).expect("nonblocking");
    socket
}

/// Sends without caring for the outcome: a full buffer of the system is no failure of the server.
fn send(socket: &UdpSocket, datagram: &[u8]) -> usize {
    let _ = socket.send(datagram);
    datagram.len()
}

/// Bytes that have come back so far.
fn received(socket: &UdpSocket) -> usize {
    let mut buffer = [0; 8192];
    std::iter::from_fn(|| socket.recv(&mut buffer).ok()).sum()
}

/// Bytes that look random and are the same in every run.
fn noise(seed: usize, length: usize) -> Vec<u8> {
    let mut state = seed as u64 * 2 + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// One of four kinds of what no handshake begins with, by the seed.
fn garbage(seed: usize) -> Vec<u8> {
    let long = |first: u8, version: [u8; 4]| {
        let ids = [8, 1, 2, 3, 4, 5, 6, 7, seed.to_le_bytes()[0], 0, 0];
        let mut datagram = [&[first][..], &version, &ids].concat();
        datagram.extend(noise(seed, FIRST_DATAGRAM - datagram.len()));
        datagram
    };
    match seed % 4 {
        0 => noise(seed, 1 + seed % 1400),
        1 => long(0xc3, [0, 0, 0, 1]),
        2 => long(0xc0, [0xba; 4]),
        _ => [&[0x40 | (noise(seed, 1)[0] & 0x3f)][..], &noise(seed, 60)].concat(),
    }
}

#[test]
fn datagrams_that_are_no_packets_cost_nothing_and_are_not_amplified() {
    let mut watched = Watched::start(&[]);
    let count = scaled(100_000, 1000);
    let socket = socket_to(server_of(&watched));
    let (mut sent, mut back) = (0, 0);
    for seed in 0..count {
        sent += send(&socket, &garbage(seed));
        back += received(&socket);
        if seed % 100 == 0 {
            watched.still_echoes();
        }
    }
    back += received(&socket);
    // RFC 9000 §8.1: to an address that is not validated, three times as much at most.
    assert!(back <= 3 * sent, "{back} bytes for {sent}");
    watched.finish(&format!("{count} datagrams of garbage"));
}

/// Makes the first datagram of real handshakes.
struct Beginner {
    runtime: Runtime,
    endpoint: Endpoint,
}

impl Beginner {
    fn new(watched: &Watched) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let endpoint = {
            let _inside = runtime.enter();
            quic_endpoint(client_config(watched.echo.root(), None))
        };
        Self { runtime, endpoint }
    }

    /// Another one each time, with connection ids and keys of its own.
    fn first_datagram(&self) -> Vec<u8> {
        self.runtime.block_on(async {
            let nobody = tokio::net::UdpSocket::bind("127.0.0.1:0").await;
            let nobody = nobody.expect("bind");
            let address = nobody.local_addr().expect("an address");
            let connecting = self.endpoint.connect(address, "localhost");
            let mut datagram = vec![0; 2048];
            let length = timeout(PATIENCE, nobody.recv(&mut datagram)).await;
            drop(connecting.expect("it begins"));
            datagram.truncate(length.expect("in time").expect("a datagram"));
            assert!(datagram.len() >= FIRST_DATAGRAM, "{}", datagram.len());
            datagram
        })
    }
}

#[test]
fn handshakes_that_are_begun_and_left_keep_nobody_out() {
    let limits = ["--handshake-timeout", "2", "--max-handshakes", "5000"];
    let mut watched = Watched::start(&limits);
    let beginner = Beginner::new(&watched);
    let half = scaled(2000, 60) / 2;
    // A busy machine drops datagrams, and nobody repeats these.
    let least = half - half / 20;
    begin_and_leave(&mut watched, &beginner, half);
    watched.echo.expect_ends("peer-timeout", least);
    watched.half_time();
    begin_and_leave(&mut watched, &beginner, half);
    watched.echo.expect_ends("peer-timeout", 2 * least);
    watched.finish(&format!("{} handshakes begun and left", 2 * half));
}

fn begin_and_leave(watched: &mut Watched, beginner: &Beginner, count: usize) {
    for index in 0..count {
        let first = beginner.first_datagram();
        let leaver = socket_to(server_of(watched));
        send(&leaver, &first);
        // The same once more, and from somewhere else, as one who has recorded it would do.
        send(&leaver, &first);
        send(&socket_to(server_of(watched)), &first);
        if index % 20 == 0 {
            watched.still_echoes();
        }
    }
    let mut other = watched.echo.session_when_free(5);
    other.submit(5, 1, 0, b"served");
    other.expect_echo(5, 1, b"served");
}

#[test]
fn first_packets_with_a_wrong_bit_or_cut_off_begin_nothing() {
    let mut watched = Watched::start(&[]);
    let beginner = Beginner::new(&watched);
    let socket = socket_to(server_of(&watched));
    let first = beginner.first_datagram();
    let step = (first.len() / scaled(first.len(), 100)).max(1);
    let mut tried = 0;
    for offset in (0..first.len()).step_by(step) {
        let mut flipped = first.clone();
        flipped[offset] ^= 1 << (offset % 8);
        send(&socket, &flipped);
        send(&socket, &first[..offset]);
        tried += 2;
        if tried % 50 == 0 {
            watched.still_echoes();
        }
    }
    watched.finish(&format!("{tried} damaged first packets"));
}
