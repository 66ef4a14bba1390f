//! A server of few words for `nnrp-echo call`: it opens any session and answers each submit as a test says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::support::*;

/// What the server does with a submit, given its frame id: the bytes it writes, or the end of the connection.
pub(crate) type Script = fn(u32) -> Option<Vec<u8>>;

/// The session that the server gives to everybody.
const SESSION: u32 = 5;
/// Bytes of each body that a call has to submit here.
pub(crate) const SIZE: usize = 64;

/// The status with which sessions are closed.
const CLOSED: u8 = 2;

/// Serves one connection; gives the URI to call.
pub(crate) fn serve_once(script: Script) -> String {
    serve_until_close(script, CLOSED)
}

/// The same, answering the close with this status.
pub(crate) fn serve_until_close(script: Script, close_status: u8) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let uri = format!("nnrp+tcp://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a call");
        stream.set_nodelay(true).expect("nodelay");
        play(stream, script, close_status);
    });
    uri
}

fn play(mut stream: TcpStream, script: Script, close_status: u8) {
    while let Some(request) = read_packet(&mut stream) {
        let answer = match request.kind {
            SESSION_OPEN => Some(open_ack()),
            SESSION_CLOSE => Some(close_ack(&request, close_status)),
            FRAME_SUBMIT => script(request.frame),
            _ => None,
        };
        let Some(bytes) = answer else { return };
        if stream.write_all(&bytes).is_err() {
            return;
        }
    }
}

fn read_packet(stream: &mut TcpStream) -> Option<Packet> {
    let mut header = [0; 40];
    stream.read_exact(&mut header).ok()?;
    let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("4 bytes"));
    let mut metadata = vec![0; word(12) as usize];
    let mut body = vec![0; word(16) as usize];
    stream.read_exact(&mut metadata).ok()?;
    stream.read_exact(&mut body).ok()?;
    Some(Packet {
        kind: header[6],
        session: word(20),
        frame: word(24),
        metadata,
        body,
    })
}

fn open_ack() -> Vec<u8> {
    let mut metadata = SESSION.to_le_bytes().to_vec();
    metadata.extend([2, 0, 1, 0]);
    metadata.extend(0x1001_u32.to_le_bytes());
    metadata.extend(3_u32.to_le_bytes());
    metadata.extend([0, 1, 0, 1]);
    metadata.extend(30_000_u32.to_le_bytes());
    metadata.resize(56, 0);
    packet(SESSION_OPEN_ACK, SESSION, 0, &metadata, &[])
}

fn close_ack(request: &Packet, status: u8) -> Vec<u8> {
    let mut metadata = vec![status, 0, 0, 0];
    metadata.extend(request.u64(8).to_le_bytes());
    metadata.extend([0; 4]);
    packet(SESSION_CLOSE_ACK, SESSION, 0, &metadata, &[])
}

/// A complete result with this status and body.
pub(crate) fn result(frame: u32, status: u16, body: &[u8]) -> Vec<u8> {
    let mut metadata = [0; 64];
    metadata[..2].copy_from_slice(&status.to_le_bytes());
    metadata[8] = 2;
    metadata[56] = 2;
    metadata[60] = 1;
    packet(RESULT_PUSH, SESSION, frame, &metadata, body)
}

/// A partial result.
pub(crate) fn partial(frame: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = result(frame, 200, body);
    bytes[40 + 2] = 4;
    bytes[40 + 44] = 1;
    bytes
}

/// A drop.
pub(crate) fn dropped(frame: u32) -> Vec<u8> {
    packet(RESULT_DROP, SESSION, frame, &[], &[])
}

/// The body that `nnrp-echo call` submits.
pub(crate) fn submitted() -> Vec<u8> {
    (0..SIZE)
        .map(|index| (index % 251).to_le_bytes()[0])
        .collect()
}
