//! Packets that wait for the transport, bounded in number and bytes.

use std::collections::VecDeque;

use crate::codec_error::CodecError;
use crate::limits::Limits;
use crate::packet::Packet;

/// The queue behind `poll_transmit`.
///
/// Senders ask for room first and may then queue one packet of any permitted size, so the bound
/// is `outgoing_bytes` plus one body. Answers that the machine itself owes are queued without
/// asking; their number is bounded by not taking packets in while there is no room.
#[derive(Debug)]
pub(crate) struct Outgoing {
    packets: VecDeque<Packet>,
    bytes: usize,
    max_packets: usize,
    max_bytes: usize,
    /// Someone was told that there is no room and waits to hear that there is.
    refused: bool,
}

impl Outgoing {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            packets: VecDeque::new(),
            bytes: 0,
            max_packets: limits.outgoing_packets,
            max_bytes: limits.outgoing_bytes,
            refused: false,
        }
    }

    pub(crate) fn push(&mut self, packet: Packet) {
        self.bytes += footprint(&packet);
        self.packets.push_back(packet);
    }

    /// For packets whose encoding cannot fail: a failure, checked in tests, queues nothing.
    pub(crate) fn push_built(&mut self, packet: Result<Packet, CodecError>) {
        if let Ok(packet) = packet {
            self.push(packet);
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Packet> {
        let packet = self.packets.pop_front()?;
        self.bytes -= footprint(&packet);
        Some(packet)
    }

    pub(crate) fn has_room(&self) -> bool {
        self.packets.len() < self.max_packets && self.bytes < self.max_bytes
    }

    /// `has_room` for a sender that wants to be told later when there is none.
    pub(crate) fn ask_room(&mut self) -> bool {
        self.refused |= !self.has_room();
        self.has_room()
    }

    /// True once after a refused sender can go on.
    pub(crate) fn take_reopened(&mut self) -> bool {
        let reopened = self.refused && self.has_room();
        self.refused &= !reopened;
        reopened
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }
}

/// Bytes a packet takes here: a flood of packets without body is memory, too.
fn footprint(packet: &Packet) -> usize {
    size_of::<Packet>() + packet.body().len()
}
