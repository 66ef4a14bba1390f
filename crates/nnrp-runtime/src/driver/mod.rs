//! The task that owns a connection: it alone touches the transport, and it delivers every event.

mod arriving;
mod deadlines;
mod ending;
mod progress;
mod reading;
mod receive_buffer;
pub(crate) mod ride;
mod writing;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use nnrp_core::{FrameDecoder, Limits};
use nnrp_transport_provider::{CoalescingWriter, Link, LinkControl};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use self::arriving::Arriving;
use self::progress::{LeastRate, Progress};
use self::receive_buffer::ReceiveBuffer;
use crate::gauge::{BLOCK_BYTES, Share};
use crate::shared::{Shared, State, Stop};
use crate::side::Side;
use crate::timer::Timer;
use crate::{ConnectionEnd, Event, EventSink};

/// Rounds of one poll before other tasks of the thread get their turn.
const ROUNDS_PER_POLL: usize = 64;

// Each is a fact of its own about the end of one direction.
#[expect(clippy::struct_excessive_bools)]
struct Driver {
    shared: Arc<Shared>,
    sink: Arc<dyn EventSink>,
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: CoalescingWriter<Box<dyn AsyncWrite + Send + Unpin>>,
    control: Option<Arc<dyn LinkControl>>,
    limits: Limits,
    decoder: FrameDecoder,
    buffer: ReceiveBuffer,
    arriving: Arriving,
    /// Server: operations of this connection, as the listener counts them.
    operations: Option<Share>,
    /// Server: bytes that wait on this connection, in blocks of [`BLOCK_BYTES`].
    buffered: Option<Share>,
    /// Events the sink has not taken; reading waits until it has.
    events: VecDeque<Event>,
    timer: Timer,
    machine: MachineWish,
    /// Why the connection ends, once that is known.
    end: Option<ConnectionEnd>,
    /// The transport is of no use any more.
    give_up: bool,
    /// The peer did not do what it had to; it gets no time to end its side either.
    timed_out: bool,
    end_of_input: bool,
    /// The peer has broken the protocol: what it goes on to say is read and forgotten.
    discards: bool,
    discarded_bytes: usize,
    write_ended_at: Option<Instant>,
    /// Why nothing can be written any more, while what the peer said before is still read.
    write_error: Option<ConnectionEnd>,
    sink_room: SinkRoom,
    /// Bytes read while the sink had no room.
    read_ahead: usize,
    /// Whether the peer takes what is queued.
    write_progress: Progress,
    last_traffic: Instant,
    /// When queues give back what traffic has made them grow to, unless there is more of it.
    release_at: Option<Instant>,
    /// The application wants the end; the time until which what is queued may be written.
    stop_deadline: Option<Instant>,
}

/// Whether the application takes events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SinkRoom {
    Some,
    /// Nothing is read until it has taken some.
    None,
}

/// Whether the machine takes packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Intake {
    #[default]
    Closed,
    Open,
    /// Open, and needed whatever the sink waits for: the word of what has arrived, without which nothing more can leave.
    Needed,
}

/// What the machine wants of the transport, as of its last run.
#[derive(Clone, Copy, Debug, Default)]
struct MachineWish {
    packets: Intake,
    end_of_write: bool,
    finished: bool,
}

impl Driver {
    fn new(
        shared: Arc<Shared>,
        link: Link,
        sink: Arc<dyn EventSink>,
        events: VecDeque<Event>,
    ) -> Self {
        let (operations, buffered) = shared.lock().side.gauges().unzip();
        Self {
            operations: operations.map(Share::of),
            arriving: Arriving::new(buffered.clone()),
            buffered: buffered.map(Share::of),
            limits: shared.options.limits(0),
            shared,
            sink,
            reader: link.reader,
            writer: CoalescingWriter::new(link.writer),
            control: link.control,
            decoder: FrameDecoder::new(),
            buffer: ReceiveBuffer::default(),
            events,
            timer: Timer::new(),
            machine: MachineWish::default(),
            end: None,
            give_up: false,
            timed_out: false,
            end_of_input: false,
            discards: false,
            discarded_bytes: 0,
            write_ended_at: None,
            write_error: None,
            sink_room: SinkRoom::Some,
            read_ahead: 0,
            write_progress: Progress::default(),
            last_traffic: Instant::now(),
            release_at: None,
            stop_deadline: None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ConnectionEnd> {
        self.shared.begin_poll(cx);
        for _ in 0..ROUNDS_PER_POLL {
            let mut progress = self.run_machine(cx);
            if self.deliver(cx) {
                // What the application answers at once leaves before anything more is read.
                progress = true;
                self.run_machine(cx);
            }
            progress |= self.write(cx);
            progress |= self.read(cx);
            if self.is_finished() {
                return Poll::Ready(
                    self.end
                        .take()
                        .unwrap_or_else(|| self.shared.ordinary_end()),
                );
            }
            if !progress && self.shared.try_rest() {
                return Poll::Pending;
            }
        }
        self.shared.pause();
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Lets the machine act on commands and time, and moves its packets and events on. True if anything moved.
    fn run_machine(&mut self, cx: &mut Context<'_>) -> bool {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        state.note_seen();
        self.obey(&mut state);
        let before = (self.writer.queued_bytes(), self.events.len());
        // Events first: answering some of them makes packets.
        state.side.take_events(
            shared.clock.now(),
            self.end.as_ref(),
            self.operations.as_mut(),
            &mut self.events,
        );
        let counters = &shared.counters;
        self.events
            .iter()
            .skip(before.1)
            .for_each(|event| counters.note_event(event));
        self.take_packets(&mut state);
        self.count_what_waits(&state);
        self.machine = MachineWish {
            packets: intake_of(&state.side),
            end_of_write: state.side.should_end_write(),
            finished: state.side.is_finished(),
        };
        let time_is_up = self
            .timer
            .poll_until(self.next_deadline(&state), cx)
            .is_ready();
        if time_is_up {
            self.act_on_time(&mut state);
        }
        time_is_up || before != (self.writer.queued_bytes(), self.events.len())
    }

    /// For the metrics, and for the limits that the connections of a listener share.
    fn count_what_waits(&mut self, state: &State) {
        let counters = &self.shared.counters;
        if let Some(operations) = &mut self.operations {
            let count = state.side.operations();
            operations.set(count);
            counters.operations.set(count);
        }
        if let Some(buffered) = &mut self.buffered {
            let undelivered: usize = self.events.iter().map(Event::body_len).sum();
            let waiting = self.writer.queued_bytes() + state.side.outgoing_bytes() + undelivered;
            buffered.set(waiting / BLOCK_BYTES);
        }
        counters.sessions.set(state.side.session_count());
        counters.queued_bytes.set(self.writer.queued_bytes());
        counters.queued_events.set(self.events.len());
    }

    /// Passes the application's wish to end on to the machine, once.
    fn obey(&mut self, state: &mut State) {
        if state.stop == Stop::Abort {
            self.end.get_or_insert(ConnectionEnd::ClosedHere);
            self.give_up = true;
        }
        if state.stop == Stop::Drain
            && let Side::Server(side) = &mut state.side
        {
            side.drain();
            let answered = side.operations() == 0;
            if answered
                || state
                    .drain_until
                    .is_none_or(|until| until <= Instant::now())
            {
                state.stop = Stop::Close;
            }
        }
        if state.stop == Stop::Close && self.stop_deadline.is_none() {
            self.end.get_or_insert(ConnectionEnd::ClosedHere);
            self.stop_deadline = Some(Instant::now() + self.shared.options.close_timeout);
            state.side.close(self.shared.clock.now());
        }
    }

    /// Offers events to the sink. True if it took some.
    fn deliver(&mut self, cx: &mut Context<'_>) -> bool {
        let before = self.events.len();
        while !self.events.is_empty() {
            self.sink.deliver(&mut self.events);
            if !self.events.is_empty() && self.sink.poll_ready(cx).is_pending() {
                break;
            }
        }
        self.events.len() < before
    }

    /// What a peer that waited has taken, or sent of a packet, is a sign of life.
    fn note_heard(&self) {
        let now = self.shared.clock.now();
        self.shared.lock().side.note_heard(now);
    }

    fn least_rate(&self) -> LeastRate {
        LeastRate {
            window: self.shared.options.write_timeout,
            bytes_per_second: self.shared.options.least_write_rate,
        }
    }

    fn is_finished(&self) -> bool {
        let nothing_to_write = self.writer.queued_bytes() == 0 || self.write_error.is_some();
        let written = nothing_to_write && self.write_ended_at.is_some();
        let no_more_input = self.machine.finished || self.end_of_input || self.timed_out;
        self.give_up || (written && no_more_input)
    }
}

fn intake_of(side: &Side) -> Intake {
    match (side.wants_packet(), side.awaits_arrival()) {
        (false, _) => Intake::Closed,
        (true, false) => Intake::Open,
        (true, true) => Intake::Needed,
    }
}

#[cfg(test)]
mod tests;
