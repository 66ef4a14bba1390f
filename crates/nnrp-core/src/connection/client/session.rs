//! One session of a client connection: its frame ids, unanswered frames and pending request.

use crate::connection::CommandError;
use crate::connection::frame_table::FrameTable;
use crate::credit::{Blocked, CreditScope};
use crate::message::flow::FlowUpdate;
use crate::message::migrate::SessionMigrate;
use crate::message::session::SessionOpenAck;
use crate::timestamp::Timestamp;

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
    /// Unanswered frames, each with the epoch of its own last flow update.
    unanswered: FrameTable<Option<u32>>,
    /// Invariant: at least 1; above [`LAST_FRAME_ID`] when all are used.
    next_frame_id: u32,
}

impl ClientSession {
    pub(super) fn new(ack: &SessionOpenAck, local_cap: u16) -> Self {
        Self {
            credit: CreditScope::session(ack, local_cap),
            request: None,
            refused: false,
            unanswered: FrameTable::new(),
            next_frame_id: 1,
        }
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
