//! A session apart from its connection: what a client needs to carry it on over another one.

use alloc::collections::BTreeMap;
use core::time::Duration;

use bytes::Bytes;

use crate::connection::resume_blocks::{POSITION_BYTES, body_with};
use crate::connection::retained::RetainedSubmit;
use crate::flags::SessionFlags;
use crate::message::session::SessionOpen;

/// A session that can be carried on over another connection of the same server.
///
/// It holds the token that proves the right to do so, and everything that makes the resume
/// complete: no result is lost, none comes twice. Hand it to
/// [`ClientConnection::resume_session`](super::ClientConnection::resume_session).
#[derive(Clone, PartialEq)]
pub struct ResumableSession {
    pub(super) open: SessionOpen,
    pub(super) token: Bytes,
    pub(super) window: Duration,
    pub(super) next_frame_id: u32,
    pub(super) submits: BTreeMap<u32, RetainedSubmit>,
    pub(super) retained_bytes: usize,
    /// Results, partial ones included, and drops that have arrived.
    pub(super) results: u64,
    pub(super) last_result_frame_id: u32,
}

impl ResumableSession {
    pub(super) fn new(open: &SessionOpen, session_id: u32, token: Bytes, window_ms: u32) -> Self {
        Self {
            open: SessionOpen {
                requested_session_id: session_id,
                ..*open
            },
            token,
            window: Duration::from_millis(window_ms.into()),
            next_frame_id: 1,
            submits: BTreeMap::new(),
            retained_bytes: 0,
            results: 0,
            last_result_frame_id: 0,
        }
    }

    /// Its id.
    #[must_use]
    pub fn session_id(&self) -> u32 {
        self.open.requested_session_id
    }

    /// What it was opened with; the id is the session's own.
    #[must_use]
    pub fn open(&self) -> &SessionOpen {
        &self.open
    }

    /// How long after a loss of the transport the server keeps the session.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.window
    }

    /// Frames without a terminal answer, by id.
    pub fn unanswered(&self) -> impl Iterator<Item = (u32, &RetainedSubmit)> {
        self.submits.iter().map(|(id, submit)| (*id, submit))
    }

    /// Notes that a frame is no longer wanted; false if no such frame waits for its answer.
    pub fn cancel(&mut self, frame_id: u32) -> bool {
        let submit = self.submits.get_mut(&frame_id);
        submit.is_some_and(|submit| {
            submit.cancelled = true;
            true
        })
    }

    /// The id that the next frame will get.
    #[must_use]
    pub fn next_frame_id(&self) -> u32 {
        self.next_frame_id
    }

    /// The highest frame that has been answered, 0 if none: the cursor of a migration.
    #[must_use]
    pub fn last_result_frame_id(&self) -> u32 {
        self.last_result_frame_id
    }

    /// The open that resumes the session, and its body.
    pub(super) fn request(&self) -> (SessionOpen, Bytes) {
        let open = SessionOpen {
            session_flags: self.open.session_flags | SessionFlags::ALLOW_RESUME,
            // Tokens come out of a packet, so their length fits.
            resume_token_bytes: u32::try_from(self.token.len()).unwrap_or(u32::MAX),
            auth_bytes: 0,
            session_extension_bytes: POSITION_BYTES,
            ..self.open
        };
        (open, body_with(&self.token, self.results))
    }

    pub(super) fn retain(&mut self, frame_id: u32, submit: RetainedSubmit) {
        self.retained_bytes += submit.footprint();
        self.submits.insert(frame_id, submit);
    }

    pub(super) fn forget(&mut self, frame_id: u32) {
        if let Some(submit) = self.submits.remove(&frame_id) {
            self.retained_bytes -= submit.footprint();
        }
    }
}

impl core::fmt::Debug for ResumableSession {
    /// Leaves the token out.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ResumableSession")
            .field("session_id", &self.session_id())
            .field("window", &self.window)
            .field("next_frame_id", &self.next_frame_id)
            .field("unanswered", &self.submits.len())
            .field("results", &self.results)
            .finish_non_exhaustive()
    }
}
