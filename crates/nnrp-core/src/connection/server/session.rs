//! One session of a server connection: its unanswered frames.

use std::collections::HashSet;

use crate::code::OperationState;
use crate::connection::CommandError;
use crate::directory::Admission;
use crate::error::ErrorKind;
use crate::operation::{OperationDescriptor, OperationRegistry};

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
    operations: OperationRegistry,
    max_in_flight: usize,
    /// Unanswered frames that the client has cancelled.
    cancelled: HashSet<u32>,
}

impl ServerSession {
    pub(super) fn new(admission: Admission, max_in_flight: usize, remembered: usize) -> Self {
        Self {
            admission,
            // One more, so that a frame over the limit is registered and dropped under its id.
            operations: OperationRegistry::new(max_in_flight + 1, remembered),
            max_in_flight,
            cancelled: HashSet::new(),
        }
    }

    /// Registers a frame before its metadata is looked at, as published servers do.
    pub(super) fn take_in(&mut self, frame_id: u32) -> Result<Intake, ErrorKind> {
        let operation_id = u64::from(frame_id);
        self.operations.register(OperationDescriptor {
            session_id: self.admission.session_id,
            operation_id,
            ..OperationDescriptor::default()
        })?;
        if self.operations.in_flight() > self.max_in_flight {
            self.operations
                .transition(operation_id, OperationState::Failed)?;
            return Ok(Intake::OverLimit);
        }
        self.operations
            .transition(operation_id, OperationState::Running)?;
        Ok(Intake::Accepted)
    }

    /// Notes that the client no longer wants a frame; true when that is news to the application.
    pub(super) fn cancel(&mut self, frame_id: u32) -> bool {
        self.is_unanswered(frame_id) && self.cancelled.insert(frame_id)
    }

    pub(super) fn require_unanswered(&self, frame_id: u32) -> Result<(), CommandError> {
        if self.is_unanswered(frame_id) {
            Ok(())
        } else {
            Err(CommandError::UnknownFrame(frame_id))
        }
    }

    pub(super) fn answered_partially(&mut self, frame_id: u32) {
        self.advance(frame_id, OperationState::Partial);
    }

    pub(super) fn answered(&mut self, frame_id: u32) {
        self.cancelled.remove(&frame_id);
        self.advance(frame_id, OperationState::Completed);
    }

    pub(super) fn dropped(&mut self, frame_id: u32) {
        let end = if self.cancelled.remove(&frame_id) {
            OperationState::Cancelled
        } else {
            OperationState::Failed
        };
        self.advance(frame_id, end);
    }

    pub(super) fn unanswered(&self) -> usize {
        self.operations.in_flight()
    }

    fn is_unanswered(&self, frame_id: u32) -> bool {
        let operation = self.operations.operation(frame_id.into());
        operation.is_some_and(|operation| !operation.state.is_terminal())
    }

    /// The callers have checked that the frame is unanswered, which makes every step legal:
    /// a frame is running or partial until its end.
    fn advance(&mut self, frame_id: u32, to: OperationState) {
        let step = self.operations.transition(frame_id.into(), to);
        debug_assert!(step.is_ok(), "frame {frame_id}: {step:?}");
    }
}
