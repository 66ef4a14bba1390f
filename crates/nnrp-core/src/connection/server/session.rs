//! One session of a server connection: its unanswered frames.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::time::Duration;

use crate::connection::continuity::SessionContinuity;
use crate::connection::frame_table::{FinishedFrames, FrameTable};
use crate::connection::outgoing::Lane;
use crate::connection::retained::RetainedSubmit;
use crate::connection::{CommandError, FrameContext};
use crate::directory::Admission;
use crate::error::ErrorKind;
use crate::flags::SessionFlagsAck;
use crate::message::session::SessionOpenAck;
use crate::rule::Rule;
use crate::timestamp::Timestamp;

/// What became of a frame that arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Intake {
    /// It is the application's to answer.
    Accepted,
    /// The session has too many unanswered ones; the machine drops it.
    OverLimit,
    /// It arrived before, over another connection.
    Repeated,
}

#[derive(Debug)]
pub(super) struct ServerSession {
    pub(super) admission: Admission,
    /// Where its packets wait for the transport.
    pub(super) lane: Lane,
    /// What a resume needs, if the session has a token.
    pub(super) continuity: Option<Box<SessionContinuity>>,
    /// Lifetime of the leases of its cached objects at most, milliseconds.
    pub(super) lease_ttl_ms: u32,
    /// Its cached objects may be pinned, and go with it to another connection.
    pub(super) leases_enabled: bool,
    /// The highest frame id that has arrived; 0 = none.
    last_received: u32,
    /// Frames up to this one may be sent again after a resume.
    repeated_through: u32,
    unanswered: FrameTable<Frame>,
    finished: FinishedFrames,
    max_in_flight: usize,
    /// How long a frame may stay unanswered; `None` = for ever.
    deadline: Option<Duration>,
    /// When frames are overdue, in order of arrival; answered ones may be among them.
    deadlines: VecDeque<(Timestamp, u32)>,
}

/// A frame that waits for its answer.
#[derive(Debug, Default)]
struct Frame {
    /// The client no longer wants it.
    cancelled: bool,
}

/// What a new session is made of.
pub(super) struct SessionTerms {
    pub(super) admission: Admission,
    pub(super) max_in_flight: u16,
    /// Finished frames remembered.
    pub(super) remembered: usize,
    pub(super) deadline: Option<Duration>,
}

impl ServerSession {
    pub(super) fn new(terms: &SessionTerms, ack: &SessionOpenAck) -> Self {
        let max_in_flight = usize::from(terms.max_in_flight);
        Self {
            admission: terms.admission,
            lane: Lane::Session(ack.accepted_priority_class),
            continuity: terms.admission.token.map(|_| Box::default()),
            lease_ttl_ms: ack.lease_ttl_ms,
            leases_enabled: ack
                .session_flags_ack
                .contains(SessionFlagsAck::CACHE_LEASES_ENABLED),
            last_received: 0,
            repeated_through: 0,
            unanswered: FrameTable::new(),
            finished: FinishedFrames::new(terms.remembered),
            max_in_flight,
            deadline: terms.deadline,
            deadlines: VecDeque::new(),
        }
    }

    /// The earlier session as it goes on here. With `ascending` frame ids, those that arrived
    /// before are told from new ones by their number.
    pub(super) fn continued(
        terms: &SessionTerms,
        ack: &SessionOpenAck,
        now: Timestamp,
        continuity: Box<SessionContinuity>,
        ascending: bool,
    ) -> Self {
        let mut session = Self::new(terms, ack);
        for (frame_id, submit) in continuity.unanswered() {
            let taken = session.take_in(now, frame_id);
            debug_assert_eq!(taken, Ok(Intake::Accepted), "frame {frame_id}");
            if let Some(frame) = session.unanswered.get_mut(frame_id) {
                frame.cancelled = submit.cancelled;
            }
        }
        if ascending {
            session.repeated_through = continuity.last_received();
        }
        session.last_received = continuity.last_received();
        session.continuity = Some(continuity);
        session
    }

    /// Registers a frame before its metadata is looked at, as published servers do.
    pub(super) fn take_in(&mut self, now: Timestamp, frame_id: u32) -> Result<Intake, ErrorKind> {
        if frame_id == 0 {
            return Err(ErrorKind::InvalidOperationRelationship(
                Rule::OperationZeroId,
            ));
        }
        if frame_id <= self.repeated_through {
            return Ok(Intake::Repeated);
        }
        if self.unanswered.contains(frame_id) || self.finished.contains(frame_id) {
            return Err(ErrorKind::OperationAlreadyExists(frame_id.into()));
        }
        self.last_received = self.last_received.max(frame_id);
        if let Some(continuity) = &mut self.continuity {
            continuity.note_received(frame_id);
        }
        if self.unanswered.len() >= self.max_in_flight {
            self.finished.insert(frame_id);
            return Ok(Intake::OverLimit);
        }
        self.unanswered.insert(frame_id, Frame::default());
        if let Some(deadline) = self.deadline {
            self.deadlines.push_back((now.after(deadline), frame_id));
        }
        Ok(Intake::Accepted)
    }

    /// Keeps an accepted submit for a resume, if there can be one.
    pub(super) fn retain(
        &mut self,
        frame_id: u32,
        context: FrameContext,
        submit: impl FnOnce(FrameContext) -> RetainedSubmit,
    ) {
        if let Some(continuity) = &mut self.continuity {
            continuity.retain_submit(frame_id, submit(context));
        }
    }

    /// Notes that the client no longer wants a frame; true when that is news to the application.
    pub(super) fn cancel(&mut self, frame_id: u32) -> bool {
        let frame = self.unanswered.get_mut(frame_id);
        let news = frame.is_some_and(|frame| !core::mem::replace(&mut frame.cancelled, true));
        if news && let Some(continuity) = &mut self.continuity {
            continuity.note_cancel(frame_id);
        }
        news
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
        if self.unanswered.remove(frame_id).is_none() {
            return;
        }
        self.finished.insert(frame_id);
        if let Some(continuity) = &mut self.continuity {
            continuity.forget_submit(frame_id);
        }
        self.forget_deadlines();
    }

    pub(super) fn last_received(&self) -> u32 {
        self.last_received
    }

    pub(super) fn unanswered(&self) -> usize {
        self.unanswered.len()
    }

    /// When the next frame is overdue.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.front().map(|(deadline, _)| *deadline)
    }

    /// The next frame that is overdue at `now`.
    pub(super) fn take_overdue(&mut self, now: Timestamp) -> Option<u32> {
        while let Some(&(deadline, frame_id)) = self.deadlines.front() {
            if !self.unanswered.contains(frame_id) {
                self.deadlines.pop_front();
                continue;
            }
            if deadline > now {
                return None;
            }
            self.deadlines.pop_front();
            return Some(frame_id);
        }
        None
    }

    /// Keeps the row of deadlines about as long as there are unanswered frames.
    fn forget_deadlines(&mut self) {
        while let Some(&(_, frame_id)) = self.deadlines.front()
            && !self.unanswered.contains(frame_id)
        {
            self.deadlines.pop_front();
        }
        if self.deadlines.len() > 2 * self.max_in_flight {
            let unanswered = &self.unanswered;
            self.deadlines
                .retain(|(_, frame_id)| unanswered.contains(*frame_id));
        }
    }
}
