//! How the task of a connection reads.

use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::BufMut;
use tokio::io::AsyncReadExt;
use tokio::time::Instant;

use super::{Driver, Intake, SinkRoom};
use crate::ConnectionEnd;
use crate::end::{end_of_stream, failed, lost};

/// Most bytes read only to be forgotten. What is on its way before a peer can know of its mistake stands in buffers: Linux lets TCP have 4 MiB where
/// it is sent and 6 MiB where it is received.
const MOST_DISCARDED_BYTES: usize = 10 << 20;

/// Most bytes read for the word of what has arrived while the sink has no room: as much as a client of ours has under way that may resume,
/// 8 MiB and one body of 16 MiB.
const MOST_READ_AHEAD: usize = 24 << 20;

/// What the receive buffer held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decoded {
    /// At least one packet, or an error.
    Packets,
    /// Less than a packet.
    Nothing,
    /// Something, at which the machine does not want to look yet.
    Unwanted,
}

impl Driver {
    /// Hands received packets to the machine, and reads more when it has taken all. True if there were any bytes.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> bool {
        if self.end_of_input || self.give_up {
            return false;
        }
        if self.discards {
            return self.discard_input(cx);
        }
        if self.machine.end_of_write {
            return self.write_ended_at.is_some() && self.discard_input(cx);
        }
        let held_back = self.sink_room == SinkRoom::None;
        if self.machine.packets == Intake::Closed || !self.sink_is_ready(cx) {
            return false;
        }
        match self.decode() {
            Decoded::Packets => return true,
            // Another thread's command has changed the machine's mind since it was asked.
            Decoded::Unwanted => return false,
            Decoded::Nothing => {}
        }
        if self.poll_room_for_packet(cx).is_pending() {
            return false;
        }
        match self.poll_read(cx) {
            Poll::Ready(Ok(0)) => self.take_end_of_stream(),
            Poll::Ready(Ok(received)) => {
                self.read_ahead += received;
                if self.decode() == Decoded::Nothing {
                    self.note_part(received);
                    self.note_heard();
                }
            }
            Poll::Ready(Err(error)) => {
                let end = self.write_error.take().unwrap_or_else(|| lost(&error));
                self.lose(end);
            }
            Poll::Pending => {
                self.buffer.rest();
                // Idleness counts again from here on, which takes another look at the timer.
                return self.note_part(0) || held_back;
            }
        }
        true
    }

    /// Whether the listener has memory for the packet of which a part has arrived.
    fn poll_room_for_packet(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let bytes = self.buffer.bytes();
        let packet = bytes.len() + self.decoder.missing(bytes);
        let room = self.arriving.poll_room(packet, cx);
        if room.is_pending() {
            self.sink_room = SinkRoom::None;
            self.arriving.pause();
            self.buffer.shrink();
        }
        room
    }

    /// So much more has arrived of a packet that is not whole. True if there is another deadline to be met.
    fn note_part(&mut self, received: usize) -> bool {
        let missing = self.decoder.missing(self.buffer.bytes());
        self.arriving.note(received, missing, self.least_rate())
    }

    /// Whether the sink has taken everything and has room for more, and the listener for more bytes. A sink that waits for an answer to leave may
    /// wait for what stands behind its peer's submits: so much is read for it.
    fn sink_is_ready(&mut self, cx: &mut Context<'_>) -> bool {
        // Who has little waiting goes on, whatever the others have.
        let room_for_bytes = match &self.buffered {
            Some(buffered) if buffered.used() > 0 => buffered.poll_below_limit(cx).is_ready(),
            _ => true,
        };
        let taken = self.events.is_empty() && self.sink.poll_ready(cx).is_ready();
        if taken {
            self.read_ahead = 0;
        }
        let reads_ahead =
            self.machine.packets == Intake::Needed && self.read_ahead < MOST_READ_AHEAD;
        let ready = room_for_bytes && (taken || reads_ahead);
        if ready && self.sink_room == SinkRoom::None {
            // The peer could not be heard meanwhile, so it was not idle.
            self.last_traffic = Instant::now();
        }
        self.sink_room = if ready {
            SinkRoom::Some
        } else {
            self.arriving.pause();
            SinkRoom::None
        };
        ready
    }

    /// Decodes what is buffered until the machine wants no more.
    fn decode(&mut self) -> Decoded {
        if self.buffer.is_empty() {
            return Decoded::Nothing;
        }
        let now = self.shared.clock.now();
        let mut state = self.shared.lock();
        let mut decoded = Decoded::Unwanted;
        while state.side.wants_packet() {
            let outcome = match self.decoder.decode(self.buffer.bytes(), &self.limits) {
                Ok(None) if decoded == Decoded::Unwanted => return Decoded::Nothing,
                Ok(None) => break,
                Ok(Some(packet)) => {
                    self.arriving.finish();
                    self.shared.counters.frames_in.add(1);
                    state.side.handle_packet(now, packet)
                }
                Err(error) => {
                    state.side.handle_stream_error(now, error);
                    Err(error)
                }
            };
            decoded = Decoded::Packets;
            if let Err(error) = outcome {
                self.end.get_or_insert(failed(error));
                self.discards = true;
                break;
            }
        }
        decoded
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let missing = self.decoder.missing(self.buffer.bytes());
        let room = self.buffer.make_room(missing.max(1));
        let mut target = self.buffer.bytes().limit(room);
        let read = pin!(self.reader.read_buf(&mut target)).poll(cx);
        if let Poll::Ready(Ok(received @ 1..)) = read {
            self.note_traffic(Instant::now());
            self.shared.counters.bytes_in.add(received);
        }
        read
    }

    /// Reads and forgets, so that the peer gets the last packets: an end with unread bytes would destroy them on their way.
    fn discard_input(&mut self, cx: &mut Context<'_>) -> bool {
        self.buffer.bytes().clear();
        match self.poll_read(cx) {
            Poll::Ready(Ok(received @ 1..)) if self.may_discard(received) => true,
            Poll::Ready(_) => {
                self.end_of_input = true;
                let now = self.shared.clock.now();
                self.shared.lock().side.handle_end_of_stream(now);
                true
            }
            Poll::Pending => {
                self.buffer.rest();
                false
            }
        }
    }

    /// Counts what is forgotten. False when it is more than a peer can have sent in good faith.
    fn may_discard(&mut self, received: usize) -> bool {
        self.discarded_bytes += received;
        self.discarded_bytes < MOST_DISCARDED_BYTES
    }

    /// Writes what is queued, ends this side and forgets what comes, until the peer has ended its side, too.
    pub(super) fn poll_wind_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.write_ended_at.is_none() {
            match self.writer.poll_shutdown(cx) {
                Poll::Ready(Ok(())) => self.write_ended_at = Some(Instant::now()),
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => {}
            }
        }
        loop {
            self.buffer.bytes().clear();
            match self.poll_read(cx) {
                Poll::Ready(Ok(received @ 1..)) if self.may_discard(received) => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => {
                    self.buffer.rest();
                    return Poll::Pending;
                }
            }
        }
    }

    fn take_end_of_stream(&mut self) {
        self.end_of_input = true;
        if self.decoder.finish(self.buffer.bytes()).is_err() {
            self.lose(end_of_stream());
            return;
        }
        let now = self.shared.clock.now();
        let mut state = self.shared.lock();
        let open = state.side.has_sessions();
        let end = if open {
            self.write_error.clone().unwrap_or_else(end_of_stream)
        } else {
            ConnectionEnd::ClosedByPeer
        };
        self.end.get_or_insert(end);
        state.side.handle_end_of_stream(now);
    }

    pub(super) fn lose(&mut self, end: ConnectionEnd) {
        self.end.get_or_insert(end);
        self.give_up = true;
    }
}
