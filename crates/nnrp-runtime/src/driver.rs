//! The task that owns a connection: it alone touches the transport, and it delivers every event.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use nnrp_core::{FrameDecoder, Limits, TimeoutKind};
use nnrp_transport_provider::{CoalescingWriter, Link};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::Instant;

use crate::end::{end_of_stream, failed, lost};
use crate::shared::{Shared, State, Stop};
use crate::timer::Timer;
use crate::{ConnectionEnd, Event, EventSink};

/// Rounds of one poll before other tasks of the thread get their turn.
const ROUNDS_PER_POLL: usize = 64;
/// With less room than this in the receive buffer, a system call moves too little.
const LEAST_READ: usize = 4 * 1024;
/// How long a client that has ended its side waits for the server to end its own.
const CLIENT_LINGER: Duration = Duration::from_millis(500);

/// Drives an established link until it ends, then delivers the last events.
pub(crate) async fn drive(
    shared: Arc<Shared>,
    link: Link,
    sink: Arc<dyn EventSink>,
    events: VecDeque<Event>,
) {
    let mut driver = Driver::new(Arc::clone(&shared), link, Arc::clone(&sink), events);
    let end = poll_fn(|cx| driver.poll(cx)).await;
    let events = std::mem::take(&mut driver.events);
    // The transport ends here, however long the application takes for the last events.
    drop(driver);
    finish(&shared, sink.as_ref(), events, end).await;
}

/// Delivers what is left and then the last event.
pub(crate) async fn finish(
    shared: &Shared,
    sink: &dyn EventSink,
    mut events: VecDeque<Event>,
    end: ConnectionEnd,
) {
    shared.end(&end, &mut events);
    events.push_back(Event::ConnectionClosed { reason: end });
    poll_fn(|cx| {
        while !events.is_empty() {
            sink.deliver(&mut events);
            if !events.is_empty() && sink.poll_ready(cx).is_pending() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    })
    .await;
}

struct Driver {
    shared: Arc<Shared>,
    sink: Arc<dyn EventSink>,
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: CoalescingWriter<Box<dyn AsyncWrite + Send + Unpin>>,
    limits: Limits,
    decoder: FrameDecoder,
    buffer: BytesMut,
    head: BytesMut,
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
    write_ended_at: Option<Instant>,
    /// Since when the peer has taken nothing of what is queued.
    stalled_since: Option<Instant>,
    last_traffic: Instant,
    /// The application wants the end; the time until which what is queued may be written.
    stop_deadline: Option<Instant>,
}

/// What the machine wants of the transport, as of its last run.
#[derive(Clone, Copy, Debug, Default)]
struct MachineWish {
    packets: bool,
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
        Self {
            limits: shared.options.limits(0),
            shared,
            sink,
            reader: link.reader,
            writer: CoalescingWriter::new(link.writer),
            decoder: FrameDecoder::new(),
            buffer: BytesMut::new(),
            head: BytesMut::with_capacity(128),
            events,
            timer: Timer::new(),
            machine: MachineWish::default(),
            end: None,
            give_up: false,
            timed_out: false,
            end_of_input: false,
            write_ended_at: None,
            stalled_since: None,
            last_traffic: Instant::now(),
            stop_deadline: None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ConnectionEnd> {
        self.shared.begin_poll(cx);
        for _ in 0..ROUNDS_PER_POLL {
            let mut progress = self.run_machine(cx);
            progress |= self.deliver(cx);
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
        self.obey(&mut state);
        let before = (self.writer.queued_bytes(), self.events.len());
        // Events first: answering some of them makes packets.
        state
            .side
            .take_events(shared.clock.now(), self.end.as_ref(), &mut self.events);
        while !self.writer.is_full()
            && let Some(packet) = state.side.poll_transmit()
        {
            self.head.clear();
            packet.encode_head_into(&mut self.head);
            self.writer.push(&self.head, packet.into_body());
        }
        self.machine = MachineWish {
            packets: state.side.wants_packet(),
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

    /// Passes the application's wish to end on to the machine, once.
    fn obey(&mut self, state: &mut State) {
        if state.stop == Stop::Abort {
            self.end.get_or_insert(ConnectionEnd::ClosedHere);
            self.give_up = true;
        }
        if state.stop == Stop::Close && self.stop_deadline.is_none() {
            self.end.get_or_insert(ConnectionEnd::ClosedHere);
            self.stop_deadline = Some(Instant::now() + self.shared.options.close_timeout);
            state.side.close(self.shared.clock.now());
        }
    }

    fn next_deadline(&self, state: &State) -> Option<Instant> {
        let machine = state
            .side
            .next_timeout()
            .map(|at| self.shared.clock.instant(at));
        let deadlines = [
            machine,
            self.idle_deadline(),
            self.write_deadline(),
            self.linger_deadline(state),
            self.stop_deadline,
        ];
        deadlines.into_iter().flatten().min()
    }

    fn act_on_time(&mut self, state: &mut State) {
        let now = Instant::now();
        let passed = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        if let Err(error) = state.side.handle_timeout(self.shared.clock.timestamp(now)) {
            self.end.get_or_insert(failed(error));
            self.timed_out = true;
        }
        if passed(self.write_deadline()) {
            self.end.get_or_insert(ConnectionEnd::WriteTimeout);
            self.give_up = true;
        }
        if passed(self.idle_deadline()) {
            self.end
                .get_or_insert(ConnectionEnd::PeerTimeout(TimeoutKind::Idle));
            self.give_up = true;
        }
        self.give_up |= passed(self.stop_deadline) || passed(self.linger_deadline(state));
    }

    fn idle_deadline(&self) -> Option<Instant> {
        Some(self.last_traffic + self.shared.options.idle_timeout?)
    }

    fn write_deadline(&self) -> Option<Instant> {
        Some(self.stalled_since? + self.shared.options.write_timeout)
    }

    /// The machine of a server has its own time for this.
    fn linger_deadline(&self, state: &State) -> Option<Instant> {
        if state.side.is_server() {
            None
        } else {
            Some(self.write_ended_at? + CLIENT_LINGER)
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

    /// Writes what is queued. True if the transport took some of it.
    fn write(&mut self, cx: &mut Context<'_>) -> bool {
        let before = self.writer.queued_bytes();
        let ending = self.machine.end_of_write && self.write_ended_at.is_none();
        if before == 0 && !ending {
            return false;
        }
        let outcome = if ending {
            self.writer.poll_shutdown(cx)
        } else {
            self.writer.poll_flush(cx)
        };
        let progress = self.writer.queued_bytes() < before;
        if progress {
            self.last_traffic = Instant::now();
        }
        match outcome {
            Poll::Ready(Ok(())) => {
                self.stalled_since = None;
                if ending {
                    self.write_ended_at = Some(Instant::now());
                }
                true
            }
            Poll::Ready(Err(error)) => {
                self.lose(lost(&error));
                true
            }
            Poll::Pending => {
                if progress || self.stalled_since.is_none() {
                    self.stalled_since = Some(Instant::now());
                    return true;
                }
                false
            }
        }
    }

    /// Hands received packets to the machine, and reads more when it has taken all. True if there were any bytes.
    fn read(&mut self, cx: &mut Context<'_>) -> bool {
        if self.end_of_input || self.give_up {
            return false;
        }
        if self.machine.end_of_write {
            return self.write_ended_at.is_some() && self.discard_input(cx);
        }
        let ready =
            self.machine.packets && self.events.is_empty() && self.sink.poll_ready(cx).is_ready();
        if !ready {
            return false;
        }
        if self.decode() {
            return true;
        }
        match self.poll_read(cx) {
            Poll::Ready(Ok(0)) => self.take_end_of_stream(),
            Poll::Ready(Ok(_)) => {
                self.decode();
            }
            Poll::Ready(Err(error)) => self.lose(lost(&error)),
            Poll::Pending => return false,
        }
        true
    }

    /// Decodes what is buffered until the machine wants no more. True if there was a packet or an error.
    fn decode(&mut self) -> bool {
        if self.buffer.is_empty() {
            return false;
        }
        let now = self.shared.clock.now();
        let mut state = self.shared.lock();
        let mut progress = false;
        while state.side.wants_packet() {
            let outcome = match self.decoder.decode(&mut self.buffer, &self.limits) {
                Ok(None) => break,
                Ok(Some(packet)) => state.side.handle_packet(now, packet),
                Err(error) => {
                    state.side.handle_stream_error(error);
                    Err(error)
                }
            };
            progress = true;
            if let Err(error) = outcome {
                self.end.get_or_insert(failed(error));
                self.end_of_input = true;
                break;
            }
        }
        progress
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.capacity() - self.buffer.len() < LEAST_READ {
            self.buffer.reserve(self.decoder.reserve_hint(&self.buffer));
        }
        let read = pin!(self.reader.read_buf(&mut self.buffer)).poll(cx);
        if matches!(read, Poll::Ready(Ok(1..))) {
            self.last_traffic = Instant::now();
        }
        read
    }

    /// Reads and forgets, so that the peer gets the last packets: an end with unread bytes would destroy them on their way.
    fn discard_input(&mut self, cx: &mut Context<'_>) -> bool {
        self.buffer.clear();
        match self.poll_read(cx) {
            Poll::Ready(Ok(0) | Err(_)) => {
                self.end_of_input = true;
                let now = self.shared.clock.now();
                self.shared.lock().side.handle_end_of_stream(now);
                true
            }
            Poll::Ready(Ok(_)) => true,
            Poll::Pending => false,
        }
    }

    fn take_end_of_stream(&mut self) {
        self.end_of_input = true;
        if self.decoder.finish(&self.buffer).is_err() {
            self.lose(end_of_stream());
            return;
        }
        let now = self.shared.clock.now();
        let mut state = self.shared.lock();
        let open = state.side.has_sessions();
        let end = if open {
            end_of_stream()
        } else {
            ConnectionEnd::ClosedByPeer
        };
        self.end.get_or_insert(end);
        state.side.handle_end_of_stream(now);
    }

    fn lose(&mut self, end: ConnectionEnd) {
        self.end.get_or_insert(end);
        self.give_up = true;
    }

    fn is_finished(&self) -> bool {
        let written = self.writer.queued_bytes() == 0 && self.write_ended_at.is_some();
        let no_more_input = self.machine.finished || self.end_of_input || self.timed_out;
        self.give_up || (written && no_more_input)
    }
}
