//! A raw connection to the server: packets sent and received as bytes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::packet::{
    CLIENT_HELLO, Open, Packet, SERVER_HELLO_ACK, SESSION_CLOSE, SESSION_OPEN, assert_echo,
    hello_metadata, hex, packet, submit,
};
use crate::PATIENCE;

/// How long silence is watched where nothing may come.
const SILENCE: Duration = Duration::from_millis(250);

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
