//! Where received bytes lie: in a chunk of the pool while the socket has more, in as little as possible while it has not.
//!
//! Small packets are cut out of a chunk. A packet that does not fit into one gets a buffer of its own, into which the rest of it is read, so its body
//! is not copied again. That buffer grows with what arrives: never beyond the packet, and never to more than twice the bytes received.

use bytes::BytesMut;
use nnrp_transport_provider::{CHUNK_BYTES, give_back_chunk, take_chunk};

/// With less room than this, a system call moves too little.
const LEAST_READ: usize = 16 * 1024;
/// With more, what was read first has left the cache of the core when it is answered (measured with 64 KiB bodies, 16 in flight).
const MOST_READ: usize = 96 * 1024;
/// The start of a packet that lies in a chunk may stay there, while nothing arrives, if it fills this much of it.
const WORTH_A_CHUNK: usize = CHUNK_BYTES / 4;

#[derive(Debug, Default)]
pub(super) struct ReceiveBuffer {
    bytes: BytesMut,
    place: Place,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Nothing is held.
    #[default]
    Nowhere,
    /// In a chunk of the pool, with packets behind one another.
    Chunk,
    /// In a buffer of its own: the start of one packet.
    Own,
}

impl ReceiveBuffer {
    /// What was received and not decoded yet.
    pub(super) fn bytes(&mut self) -> &mut BytesMut {
        &mut self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes that the next read may bring, room for which it has made. `missing` bytes, at least 1, complete the packet at the front.
    pub(super) fn make_room(&mut self, missing: usize) -> usize {
        let packet = self.bytes.len() + missing;
        let fits = self.place == Place::Chunk && self.room() >= missing;
        if packet > CHUNK_BYTES / 2 && !fits {
            return self.make_own_room(missing);
        }
        if self.place != Place::Chunk || self.room() < missing.max(LEAST_READ) {
            self.move_to(take_chunk(), Place::Chunk);
        }
        self.room().min(MOST_READ.max(missing))
    }

    /// The socket has nothing: what is not needed until it has is given back.
    pub(super) fn rest(&mut self) {
        let held = self.bytes.len();
        if held == 0 {
            self.move_to(BytesMut::new(), Place::Nowhere);
        } else if self.place == Place::Chunk && held < WORTH_A_CHUNK {
            self.move_to(BytesMut::with_capacity(held), Place::Own);
        }
    }

    /// The socket is not read for a while: what has arrived takes no more memory than it has bytes.
    pub(super) fn shrink(&mut self) {
        if self.place == Place::Chunk {
            self.move_to(BytesMut::with_capacity(self.bytes.len()), Place::Own);
        }
    }

    fn make_own_room(&mut self, missing: usize) -> usize {
        let held = self.bytes.len();
        let growth = missing.min(held.max(LEAST_READ));
        if self.place == Place::Own {
            if self.room() == 0 {
                self.bytes.reserve(growth);
            }
        } else {
            self.move_to(BytesMut::with_capacity(held + growth), Place::Own);
        }
        // Not a byte of the next packet: this buffer is the body of this one.
        self.room().min(missing)
    }

    fn room(&self) -> usize {
        self.bytes.capacity() - self.bytes.len()
    }

    fn move_to(&mut self, mut other: BytesMut, place: Place) {
        other.extend_from_slice(&self.bytes);
        let before = std::mem::replace(&mut self.bytes, other);
        if self.place == Place::Chunk {
            give_back_chunk(before);
        }
        self.place = place;
    }
}

impl Drop for ReceiveBuffer {
    fn drop(&mut self) {
        self.bytes.clear();
        self.rest();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Receives `arriving` bytes as reads of at most `step` do; returns the largest capacity held.
    fn receive(buffer: &mut ReceiveBuffer, packet: usize, arriving: usize, step: usize) -> usize {
        let mut largest = 0;
        let mut left = arriving;
        while left > 0 {
            let room = buffer.make_room(packet - buffer.bytes.len());
            assert!(room > 0, "every read can bring something");
            let read = room.min(step).min(left);
            buffer.bytes.resize(buffer.bytes.len() + read, 7);
            left -= read;
            largest = largest.max(buffer.bytes.capacity());
        }
        largest
    }

    #[test]
    fn an_idle_connection_holds_no_buffer() {
        let mut buffer = ReceiveBuffer::default();
        receive(&mut buffer, 1000, 1000, 1000);
        buffer.bytes.clear();
        buffer.rest();
        assert_eq!(buffer.bytes.capacity(), 0);
    }

    #[test]
    fn a_peer_that_stops_inside_a_small_packet_costs_what_it_has_sent() {
        let mut buffer = ReceiveBuffer::default();
        receive(&mut buffer, 5000, 100, 100);
        buffer.rest();
        assert_eq!((buffer.bytes.len(), buffer.place), (100, Place::Own));
        assert!(buffer.bytes.capacity() < 200);
    }

    #[test]
    fn memory_for_a_long_body_is_made_no_faster_than_it_arrives() {
        let mut buffer = ReceiveBuffer::default();
        let arrived = 300_000;
        let largest = receive(&mut buffer, 16 << 20, arrived, 40_000);
        assert!(largest <= 2 * arrived + CHUNK_BYTES, "{largest}");
        assert_eq!(buffer.place, Place::Own);
    }

    #[test]
    fn no_byte_of_the_next_packet_ends_up_behind_a_long_body() {
        let mut buffer = ReceiveBuffer::default();
        let packet = CHUNK_BYTES * 3;
        receive(&mut buffer, packet, packet - 10, usize::MAX);
        assert_eq!(buffer.make_room(10), 10);
    }

    #[test]
    fn what_was_received_survives_every_move() {
        let mut buffer = ReceiveBuffer::default();
        receive(&mut buffer, CHUNK_BYTES * 2, 10, 10);
        buffer.rest();
        receive(&mut buffer, CHUNK_BYTES * 2, CHUNK_BYTES, 9000);
        buffer.rest();
        assert_eq!(buffer.bytes.len(), CHUNK_BYTES + 10);
        assert!(buffer.bytes.iter().all(|byte| *byte == 7));
    }
}
