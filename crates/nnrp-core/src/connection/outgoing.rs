//! Packets that wait for the transport: bounded in number and bytes, urgent sessions first.

use alloc::collections::VecDeque;

use super::event_queue::push_sparing;
use crate::code::SessionPriorityClass;
use crate::codec_error::CodecError;
use crate::limits::Limits;
use crate::packet::Packet;

/// Packets of more urgent classes after which a class that waits gets its turn, so that nothing
/// starves: one packet of bulk work is all that a long urgent burst is ever delayed by.
const PATIENCE: u8 = 16;

/// Where a packet waits. Packets of one lane keep their order; a session stays in one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Ahead of all sessions: answers to opens, pings and probes, which are few and short.
    Control,
    /// With the sessions of this class.
    Session(SessionPriorityClass),
    /// After everything: `CLOSE`.
    Last,
}

/// The queue behind `poll_transmit`.
///
/// Senders ask for room first and may then queue one packet of any permitted size, so the bound
/// is `outgoing_bytes` plus one body. Answers that the machine itself owes are queued without
/// asking; their number is bounded by not taking packets in while there is no room.
#[derive(Debug)]
pub(crate) struct Outgoing {
    control: VecDeque<Packet>,
    /// By class, the most urgent first.
    classes: [VecDeque<Packet>; 3],
    /// Packets of more urgent classes that passed each class while it waited.
    passed: [u8; 3],
    last: VecDeque<Packet>,
    packets: usize,
    bytes: usize,
    max_packets: usize,
    max_bytes: usize,
    /// Someone was told that there is no room and waits to hear that there is.
    refused: bool,
}

impl Outgoing {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            control: VecDeque::new(),
            classes: Default::default(),
            passed: [0; 3],
            last: VecDeque::new(),
            packets: 0,
            bytes: 0,
            max_packets: limits.outgoing_packets,
            max_bytes: limits.outgoing_bytes,
            refused: false,
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, lane: Lane, packet: Packet) {
        self.packets += 1;
        self.bytes += footprint(&packet);
        let queue = match lane {
            Lane::Control => &mut self.control,
            Lane::Session(class) => &mut self.classes[index_of(class)],
            Lane::Last => &mut self.last,
        };
        push_sparing(queue, packet);
    }

    /// For packets whose encoding cannot fail: a failure, checked in tests, queues nothing.
    pub(crate) fn push_built(&mut self, lane: Lane, packet: Result<Packet, CodecError>) {
        debug_assert!(packet.is_ok(), "{packet:?}");
        if let Ok(packet) = packet {
            self.push(lane, packet);
        }
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Packet> {
        if self.packets == 0 {
            return None;
        }
        let packet = match self.control.pop_front() {
            Some(packet) => packet,
            None => self.pop_of_sessions().or_else(|| self.last.pop_front())?,
        };
        self.packets -= 1;
        self.bytes -= footprint(&packet);
        Some(packet)
    }

    pub(crate) fn has_room(&self) -> bool {
        self.packets < self.max_packets && self.bytes < self.max_bytes
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

    /// Bytes that wait, those of the packets themselves included.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.packets == 0
    }

    /// Gives the memory back that a burst has left behind.
    pub(crate) fn release_spare_memory(&mut self) {
        let lanes = [&mut self.control, &mut self.last];
        lanes
            .into_iter()
            .chain(&mut self.classes)
            .for_each(VecDeque::shrink_to_fit);
    }

    fn pop_of_sessions(&mut self) -> Option<Packet> {
        let first = self.classes.iter().position(|queue| !queue.is_empty())?;
        let chosen = self.overdue(first).unwrap_or(first);
        self.passed[chosen] = 0;
        for class in chosen + 1..self.classes.len() {
            if !self.classes[class].is_empty() {
                self.passed[class] += 1;
            }
        }
        self.classes[chosen].pop_front()
    }

    /// A class below the first waiting one that has been passed often enough.
    fn overdue(&self, first: usize) -> Option<usize> {
        let lower = first + 1..self.classes.len();
        lower
            .into_iter()
            .find(|class| !self.classes[*class].is_empty() && self.passed[*class] >= PATIENCE)
    }
}

fn index_of(class: SessionPriorityClass) -> usize {
    match class {
        SessionPriorityClass::Interactive => 0,
        SessionPriorityClass::Balanced => 1,
        SessionPriorityClass::Background => 2,
    }
}

/// Bytes a packet takes here: a flood of packets without body is memory, too.
fn footprint(packet: &Packet) -> usize {
    size_of::<Packet>() + packet.body().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::Header;
    use crate::message_type::MessageType;
    use alloc::vec::Vec;

    const INTERACTIVE: Lane = Lane::Session(SessionPriorityClass::Interactive);
    const BACKGROUND: Lane = Lane::Session(SessionPriorityClass::Background);

    fn packet(frame_id: u32) -> Packet {
        Packet::empty(Header {
            frame_id,
            ..Header::new(MessageType::ResultDrop)
        })
    }

    fn drain(outgoing: &mut Outgoing) -> Vec<u32> {
        core::iter::from_fn(|| outgoing.pop())
            .map(|packet| packet.header().frame_id)
            .collect()
    }

    #[test]
    fn an_urgent_packet_overtakes_all_bulk_work_that_waits() {
        let mut outgoing = Outgoing::new(&Limits::default());
        (0..50).for_each(|id| outgoing.push(BACKGROUND, packet(id)));
        outgoing.push(Lane::Last, packet(1000));
        outgoing.push(INTERACTIVE, packet(100));
        outgoing.push(Lane::Control, packet(200));
        let order = drain(&mut outgoing);
        assert_eq!(order[..3], [200, 100, 0]);
        assert_eq!(order.last(), Some(&1000));
        assert!(outgoing.is_empty());
    }

    #[test]
    fn bulk_work_is_not_starved_by_an_endless_urgent_stream() {
        let mut outgoing = Outgoing::new(&Limits::default());
        (0..40).for_each(|id| outgoing.push(INTERACTIVE, packet(id)));
        outgoing.push(BACKGROUND, packet(1000));
        let order = drain(&mut outgoing);
        let position = order.iter().position(|id| *id == 1000);
        assert_eq!(position, Some(usize::from(PATIENCE)));
    }
}
