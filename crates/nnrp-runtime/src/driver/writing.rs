//! How the task of a connection writes.

use std::task::{Context, Poll};

use tokio::time::Instant;

use super::Driver;
use super::progress::Progress;
use crate::ConnectionEnd;
use crate::end::lost;
use crate::shared::State;

impl Driver {
    /// Moves packets of the machine into the writer, until it is full.
    pub(super) fn take_packets(&mut self, state: &mut State) {
        while !self.writer.is_full()
            && let Some(mut packet) = state.side.poll_transmit()
        {
            if self.write_error.is_some() {
                continue;
            }
            self.shared.counters.note_sent(&packet);
            let body = packet.take_body();
            self.writer
                .push(|batch| packet.encode_head_into(batch), body);
        }
    }

    /// Writes what is queued. True if the transport took some of it.
    pub(super) fn write(&mut self, cx: &mut Context<'_>) -> bool {
        if self.write_error.is_some() {
            return false;
        }
        let before = self.writer.queued_bytes();
        let ending = self.machine.end_of_write && self.write_ended_at.is_none();
        // A secure stream may hold bytes back that it has taken, until it is flushed.
        if self.writer.is_flushed() && !ending {
            return false;
        }
        let outcome = if ending {
            self.writer.poll_shutdown(cx)
        } else {
            self.writer.poll_flush(cx)
        };
        let moved = before - self.writer.queued_bytes();
        let now = Instant::now();
        if moved > 0 {
            self.note_traffic(now);
            self.shared.counters.bytes_out.add(moved);
            if self.write_progress.deadline().is_some() {
                self.note_heard();
            }
        }
        match outcome {
            Poll::Ready(Ok(())) => {
                self.write_progress = Progress::default();
                if ending {
                    self.write_ended_at = Some(now);
                }
                true
            }
            Poll::Ready(Err(error)) => {
                self.stop_writing(lost(&error));
                true
            }
            Poll::Pending => {
                let deadline = self.write_progress.deadline();
                // With nothing queued, it is what the stream holds back, or the end of this direction.
                let pending = self.writer.queued_bytes().max(1);
                self.write_progress
                    .note(now, moved, pending, self.least_rate());
                moved > 0 || deadline != self.write_progress.deadline()
            }
        }
    }

    /// A client still hears what the server said before it left: the refusal or the results that explain it. A server has nobody to answer.
    fn stop_writing(&mut self, end: ConnectionEnd) {
        if self.shared.lock().side.is_server() {
            self.lose(end);
            return;
        }
        self.write_error = Some(end);
        self.write_ended_at = Some(Instant::now());
        self.write_progress = Progress::default();
    }
}
