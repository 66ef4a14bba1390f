//! How far a call is: what was submitted, and what waits for its answer.

use std::collections::VecDeque;
use std::fmt::Display;
use std::time::{Duration, Instant};

use nnrp_runtime::{ConnectionHandle, SessionKey};
use nnrp_transport_provider::Endpoint;

use super::report::Report;

/// What the task of the connection knows.
#[derive(Default)]
pub(super) struct State {
    pub(super) session: Option<(ConnectionHandle, SessionKey)>,
    pub(super) open: bool,
    pub(super) closing: bool,
    pub(super) over: bool,
    pub(super) started: Option<Instant>,
    pub(super) last_answer: Option<Instant>,
    /// Frames without an answer, oldest first, with the time of their submit.
    pub(super) waiting: VecDeque<(u32, Instant)>,
    pub(super) migration: Migration,
    pub(super) report: Report,
}

/// Whether the session is to move to another transport.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Migration {
    /// It stays, or is where it shall be.
    #[default]
    None,
    /// In the middle of the call.
    To(Endpoint),
    UnderWay,
}

impl State {
    /// A wrong answer is an answer: nothing more comes for its frame.
    pub(super) fn take_error(&mut self, now: Instant, frame_id: u32, what: &dyn Display) {
        self.report.fail(&format!("frame {frame_id}: {what}"));
        self.take_answer(now, frame_id, |_| {});
    }

    /// The last answer to a frame, which `count` counts.
    pub(super) fn take_answer(
        &mut self,
        now: Instant,
        frame_id: u32,
        count: impl FnOnce(&mut Report),
    ) {
        let Some(position) = self
            .waiting
            .iter()
            .position(|(waiting, _)| *waiting == frame_id)
        else {
            self.report.fail(&format!(
                "frame {frame_id} was answered twice or never submitted"
            ));
            return;
        };
        if let Some((_, submitted)) = self.waiting.remove(position) {
            self.report.note_latency(now.duration_since(submitted));
        }
        count(&mut self.report);
        self.last_answer = Some(now);
        self.report.elapsed = self
            .started
            .map_or(Duration::ZERO, |started| now.duration_since(started));
    }
}
