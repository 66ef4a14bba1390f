//! Floors: echoes that move as many bytes as the protocol does and do nothing else, over the same sockets.
//!
//! A message is a submit with its body: 40 bytes of header and 72 of metadata before it. The answer is as long.

pub mod quic;
pub mod tcp;

use crate::options::Options;

/// Header and metadata of a submit.
const HEAD: usize = 40 + 72;
/// Bytes that a read or a write moves at most, as many as the runtime moves.
const BATCH: usize = 256 * 1024;

/// What a call sends.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Messages.
    pub count: u64,
    /// Bytes of one with its head.
    pub message: usize,
    /// Messages without an answer at once.
    pub in_flight: u64,
}

impl Load {
    /// From `--count`, `--size` and `--in-flight`.
    pub fn of(options: &Options) -> Result<Self, String> {
        Ok(Self {
            count: options.number("--count", 10_000)?,
            message: HEAD + options.number("--size", 64)?,
            in_flight: options.number("--in-flight", 1)?,
        })
    }

    /// Bytes that may have been sent when so many were received.
    fn may_send(&self, received: u64) -> u64 {
        let message = self.message as u64;
        (received / message + self.in_flight).min(self.count) * message
    }

    fn total(&self) -> u64 {
        self.count * self.message as u64
    }
}

/// Collects bytes into whole messages.
struct Assembly {
    buffer: Vec<u8>,
    filled: usize,
    message: usize,
}

impl Assembly {
    fn of(message: usize) -> Self {
        Self {
            buffer: vec![0; BATCH.max(2 * message)],
            filled: 0,
            message,
        }
    }

    fn room(&mut self) -> &mut [u8] {
        &mut self.buffer[self.filled..]
    }

    fn add(&mut self, bytes: usize) {
        self.filled += bytes;
    }

    /// The bytes of the messages that are complete.
    fn complete(&self) -> &[u8] {
        &self.buffer[..self.filled - self.filled % self.message]
    }

    /// Keeps what comes after the complete messages.
    fn shift(&mut self) {
        let complete = self.complete().len();
        self.buffer.copy_within(complete..self.filled, 0);
        self.filled -= complete;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_answered_when_it_is_whole() {
        let mut assembly = Assembly::of(100);
        assembly.room()[..250].fill(7);
        assembly.add(250);
        assert_eq!(assembly.complete().len(), 200);
        assembly.shift();
        assembly.add(49);
        assert!(assembly.complete().is_empty());
        assembly.add(1);
        assert_eq!(assembly.complete().len(), 100);
    }

    #[test]
    fn no_more_is_sent_than_may_be_in_flight() {
        let load = Load {
            count: 10,
            message: 100,
            in_flight: 4,
        };
        assert_eq!(load.may_send(0), 400);
        assert_eq!(load.may_send(199), 500);
        assert_eq!(load.may_send(900), 1000);
    }
}
