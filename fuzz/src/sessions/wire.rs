//! What is between the machines: packets as bytes, some of them damaged.

use bytes::BytesMut;
use nnrp_core::{FrameDecoder, Packet, ProtocolError};

use super::Pair;

impl Pair {
    pub(super) fn carry_to_server(&mut self, damage: u8) {
        if !self.server.wants_packet() {
            return;
        }
        let Some(packet) = self.client.poll_transmit() else {
            return;
        };
        match self.carried(&packet, damage) {
            Ok(Some(packet)) => {
                let _ = self.server.handle_packet(self.now, packet);
            }
            Ok(None) => self.server.handle_end_of_stream(self.now),
            Err(error) => self.server.handle_stream_error(self.now, error),
        }
    }

    pub(super) fn carry_to_client(&mut self, damage: u8) {
        if !self.client.wants_packet() {
            return;
        }
        let Some(packet) = self.server.poll_transmit() else {
            return;
        };
        match self.carried(&packet, damage) {
            Ok(Some(packet)) => {
                let _ = self.client.handle_packet(self.now, packet);
            }
            Ok(None) => self.client.handle_end_of_stream(),
            Err(error) => self.client.handle_stream_error(error),
        }
    }

    /// The packet behind a wire that flips a bit of it, or cuts it, where `damage` is above 200.
    fn carried(&mut self, packet: &Packet, damage: u8) -> Result<Option<Packet>, ProtocolError> {
        let mut bytes = BytesMut::new();
        packet.encode_into(&mut bytes);
        if damage > 200 {
            let bit = usize::from(damage - 200) * 11;
            let length = bytes.len();
            bytes[bit / 8 % length] ^= 1 << (bit % 8);
            self.damaged = true;
        }
        FrameDecoder::new().decode(&mut bytes, &self.limits)
    }
}
