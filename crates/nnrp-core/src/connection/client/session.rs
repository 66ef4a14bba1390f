//! One session of a client connection: its frame ids, unanswered frames and pending request.

use super::resumable::ResumableSession;
use crate::code::SessionPriorityClass;
use crate::connection::CommandError;
use crate::connection::frame_table::FrameTable;
use crate::connection::outgoing::Lane;
use crate::connection::retained::RetainedSubmit;
use crate::credit::{Blocked, CreditScope};
use crate::message::flow::FlowUpdate;
use crate::message::migrate::SessionMigrate;
use crate::message::session::SessionOpenAck;
use crate::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The highest frame id that published peers hand out.
const LAST_FRAME_ID: u32 = u32::MAX - 1;

/// A request whose ack the session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Patch,
    Migrate(SessionMigrate),
    Close,
}

#[derive(Debug)]
pub(super) struct ClientSession {
    pub(super) credit: CreditScope,
    pub(super) request: Option<(Request, Timestamp)>,
    /// A submit was refused for want of room and waits to hear of it.
    pub(super) refused: bool,
    /// Where its packets wait for the transport.
    pub(super) lane: Lane,
    /// What the server has granted it.
    pub(super) class: SessionPriorityClass,
    /// What a resume needs, if the server has issued a token.
    resumable: Option<Box<ResumableSession>>,
    /// Unanswered frames, each with the epoch of its own last flow update.
    unanswered: FrameTable<Option<u32>>,
    /// The highest frame that was answered; 0 = none.
    pub(super) last_result_frame_id: u32,
    /// Invariant: at least 1; above [`LAST_FRAME_ID`] when all are used.
    next_frame_id: u32,
}

impl ClientSession {
    pub(super) fn new(
        ack: &SessionOpenAck,
        local_cap: u16,
        resumable: Option<Box<ResumableSession>>,
    ) -> Self {
        Self {
            credit: CreditScope::session(ack, local_cap),
            request: None,
            refused: false,
            lane: Lane::Session(ack.accepted_priority_class),
            class: ack.accepted_priority_class,
            resumable,
            unanswered: FrameTable::new(),
            last_result_frame_id: 0,
            next_frame_id: 1,
        }
    }

    /// The earlier session as it goes on here.
    pub(super) fn continued(
        ack: &SessionOpenAck,
        local_cap: u16,
        earlier: Box<ResumableSession>,
    ) -> Self {
        let next_frame_id = earlier.next_frame_id;
        let last_result_frame_id = earlier.last_result_frame_id;
        let unanswered: Vec<u32> = earlier.submits.keys().copied().collect();
        let mut session = Self::new(ack, local_cap, Some(earlier));
        session.next_frame_id = next_frame_id;
        session.last_result_frame_id = last_result_frame_id;
        for frame_id in unanswered {
            session.unanswered.insert(frame_id, None);
            session.credit.begin();
        }
        session
    }

    /// Why a submit has to wait on account of the session.
    pub(super) fn blocked(&self, retained_limit: usize) -> Option<Blocked> {
        let retained = self
            .resumable
            .as_ref()
            .map_or(0, |kept| kept.retained_bytes);
        let full = (retained >= retained_limit).then_some(Blocked::Retained);
        self.credit.blocked_for(self.class).or(full)
    }

    pub(super) fn is_resumable(&self) -> bool {
        self.resumable.is_some()
    }

    /// What goes on elsewhere.
    pub(super) fn into_resumable(self) -> Option<Box<ResumableSession>> {
        let next_frame_id = self.next_frame_id;
        self.resumable.map(|mut earlier| {
            earlier.next_frame_id = next_frame_id;
            earlier
        })
    }

    /// Keeps a submit for as long as its answer may have to be fetched over another connection.
    pub(super) fn retain(&mut self, frame_id: u32, submit: impl FnOnce() -> RetainedSubmit) {
        if let Some(earlier) = &mut self.resumable {
            earlier.retain(frame_id, submit());
        }
    }

    /// The application no longer wants a frame.
    pub(super) fn note_cancel(&mut self, frame_id: u32) {
        let submits = self.resumable.as_mut().map(|earlier| &mut earlier.submits);
        if let Some(submit) = submits.and_then(|submits| submits.get_mut(&frame_id)) {
            submit.cancelled = true;
        }
    }

    /// Counts a result or drop that arrived. False for one that came before over another
    /// connection: nothing is delivered twice. Where there was no other connection, an answer to a
    /// frame that does not wait is the server's doing, and delivered: the application sees the error.
    pub(super) fn count_result(&mut self, frame_id: u32) -> bool {
        let Some(earlier) = &mut self.resumable else {
            return true;
        };
        earlier.results += 1;
        self.unanswered.contains(frame_id)
    }

    /// The id of the next frame.
    pub(super) fn peek_frame_id(&self) -> Result<u32, CommandError> {
        match self.next_frame_id {
            id if id <= LAST_FRAME_ID => Ok(id),
            _ => Err(CommandError::FrameIdsExhausted),
        }
    }

    /// The frame of [`Self::peek_frame_id`] was submitted.
    pub(super) fn begin_frame(&mut self) {
        self.unanswered.insert(self.next_frame_id, None);
        self.next_frame_id += 1;
        self.credit.begin();
    }

    /// A terminal answer arrived; false when the frame was not waiting for one.
    pub(super) fn finish_frame(&mut self, frame_id: u32) -> bool {
        let waited = self.unanswered.remove(frame_id).is_some();
        if waited {
            self.credit.finish(1);
        }
        self.last_result_frame_id = self.last_result_frame_id.max(frame_id);
        if let Some(earlier) = &mut self.resumable {
            earlier.forget(frame_id);
            earlier.last_result_frame_id = self.last_result_frame_id;
        }
        waited
    }

    /// Applies an update of operation scope to an unanswered frame.
    pub(super) fn apply_to_frame(&mut self, update: &FlowUpdate) -> bool {
        let frame_id = u32::try_from(update.operation_id).ok();
        let Some(epoch) = frame_id.and_then(|id| self.unanswered.get_mut(id)) else {
            return false;
        };
        let newer = epoch.is_none_or(|last| update.credit_epoch > last);
        if newer {
            *epoch = Some(update.credit_epoch);
        }
        newer
    }

    pub(super) fn require_no_request(&self, session_id: u32) -> Result<(), CommandError> {
        match self.request {
            None => Ok(()),
            Some(_) => Err(CommandError::RequestPending(session_id)),
        }
    }

    pub(super) fn is_unanswered(&self, frame_id: u32) -> bool {
        self.unanswered.contains(frame_id)
    }

    /// The highest frame id handed out, 0 if none.
    pub(super) fn last_frame_id(&self) -> u32 {
        self.next_frame_id - 1
    }

    pub(super) fn refuse(&mut self, blocked: Blocked) -> CommandError {
        self.refused = true;
        CommandError::WouldBlock(blocked)
    }
}
