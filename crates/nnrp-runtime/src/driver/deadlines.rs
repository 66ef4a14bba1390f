//! What the task of a connection does when time passes.

use std::time::Duration;

use nnrp_core::TimeoutKind;
use tokio::time::Instant;

use super::{Driver, SinkRoom};
use crate::ConnectionEnd;
use crate::end::failed;
use crate::shared::{State, Stop};

/// How long a client that has ended its side waits for the server to end its own.
const CLIENT_LINGER: Duration = Duration::from_millis(500);

/// Quiet time after which a connection keeps only what it cannot be without.
const SPARE_MEMORY_KEPT: Duration = Duration::from_secs(1);

impl Driver {
    pub(super) fn next_deadline(&self, state: &State) -> Option<Instant> {
        let machine = state
            .side
            .next_timeout()
            .map(|at| self.shared.clock.instant(at));
        let deadlines = [
            machine,
            self.idle_deadline(),
            self.write_deadline(),
            self.arriving.deadline(),
            self.linger_deadline(state),
            self.stop_deadline,
            state.drain_until.filter(|_| state.stop == Stop::Drain),
            self.release_at,
        ];
        deadlines.into_iter().flatten().min()
    }

    pub(super) fn act_on_time(&mut self, state: &mut State) {
        let now = Instant::now();
        let passed = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        if self.sink_room == SinkRoom::None {
            state.side.note_heard(self.shared.clock.timestamp(now));
        }
        if let Err(error) = state.side.handle_timeout(self.shared.clock.timestamp(now)) {
            self.end.get_or_insert(failed(error));
            self.timed_out = true;
        }
        if passed(self.write_deadline()) {
            self.end.get_or_insert(ConnectionEnd::WriteTimeout);
            self.give_up = true;
        }
        if passed(self.arriving.deadline()) {
            self.end
                .get_or_insert(ConnectionEnd::PeerTimeout(TimeoutKind::Packet));
            self.give_up = true;
        }
        if passed(self.idle_deadline()) {
            self.end
                .get_or_insert(ConnectionEnd::PeerTimeout(TimeoutKind::Idle));
            self.give_up = true;
        }
        if passed(self.linger_deadline(state)) {
            if let Some(end) = self.write_error.take() {
                self.end.get_or_insert(end);
            }
            self.give_up = true;
        }
        self.give_up |= passed(self.stop_deadline);
        if passed(self.release_at) {
            self.release_at = None;
            self.events.shrink_to_fit();
            self.writer.release_spare_memory();
            state.side.release_spare_memory();
        }
    }

    pub(super) fn note_traffic(&mut self, now: Instant) {
        self.last_traffic = now;
        self.release_at = Some(now + SPARE_MEMORY_KEPT);
    }

    fn idle_deadline(&self) -> Option<Instant> {
        if self.sink_room == SinkRoom::None {
            return None;
        }
        Some(self.last_traffic + self.shared.options.idle_timeout?)
    }

    fn write_deadline(&self) -> Option<Instant> {
        self.write_progress.deadline()
    }

    /// The machine of a server has its own time for this.
    fn linger_deadline(&self, state: &State) -> Option<Instant> {
        if state.side.is_server() {
            None
        } else {
            Some(self.write_ended_at? + CLIENT_LINGER)
        }
    }
}
