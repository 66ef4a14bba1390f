//! One session of a server connection: its unanswered frames.

use crate::connection::CommandError;
use crate::connection::frame_table::{FinishedFrames, FrameTable};
use crate::directory::Admission;
use crate::error::ErrorKind;
use crate::rule::Rule;

/// What became of a frame that arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Intake {
    /// It is the application's to answer.
    Accepted,
    /// The session has too many unanswered ones; the machine drops it.
    OverLimit,
}

#[derive(Debug)]
pub(super) struct ServerSession {
    pub(super) admission: Admission,
    unanswered: FrameTable<Frame>,
    finished: FinishedFrames,
    max_in_flight: usize,
}

/// A frame that waits for its answer.
#[derive(Debug, Default)]
struct Frame {
    /// The client no longer wants it.
    cancelled: bool,
}

impl ServerSession {
    pub(super) fn new(admission: Admission, max_in_flight: usize, remembered: usize) -> Self {
        Self {
            admission,
            unanswered: FrameTable::new(),
            finished: FinishedFrames::new(remembered),
            max_in_flight,
        }
    }

    /// Registers a frame before its metadata is looked at, as published servers do.
    pub(super) fn take_in(&mut self, frame_id: u32) -> Result<Intake, ErrorKind> {
        if frame_id == 0 {
            return Err(ErrorKind::InvalidOperationRelationship(
                Rule::OperationZeroId,
            ));
        }
        if self.unanswered.contains(frame_id) || self.finished.contains(frame_id) {
            return Err(ErrorKind::OperationAlreadyExists(frame_id.into()));
        }
        if self.unanswered.len() >= self.max_in_flight {
            self.finished.insert(frame_id);
            return Ok(Intake::OverLimit);
        }
        self.unanswered.insert(frame_id, Frame::default());
        Ok(Intake::Accepted)
    }

    /// Notes that the client no longer wants a frame; true when that is news to the application.
    pub(super) fn cancel(&mut self, frame_id: u32) -> bool {
        let frame = self.unanswered.get_mut(frame_id);
        frame.is_some_and(|frame| !std::mem::replace(&mut frame.cancelled, true))
    }

    pub(super) fn require_unanswered(&self, frame_id: u32) -> Result<(), CommandError> {
        if self.unanswered.contains(frame_id) {
            Ok(())
        } else {
            Err(CommandError::UnknownFrame(frame_id))
        }
    }

    /// The frame has had its last answer, a result or a drop.
    pub(super) fn answered(&mut self, frame_id: u32) {
        if self.unanswered.remove(frame_id).is_some() {
            self.finished.insert(frame_id);
        }
    }

    pub(super) fn unanswered(&self) -> usize {
        self.unanswered.len()
    }
}
