//! Requests of a session, and the futures that wait for their answers.

use tokio::sync::oneshot;

use crate::inbox::Inbox;
use crate::{Event, RuntimeError};

/// What a client asks of a session, of which at most one of a kind waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestKind {
    Patch,
    Migrate,
    Close,
}

impl RequestKind {
    pub(crate) fn answered_by(event: &Event) -> Option<Self> {
        match event {
            Event::SessionPatched { .. } => Some(Self::Patch),
            Event::SessionMigrated { .. } => Some(Self::Migrate),
            Event::CloseAnswered { .. } => Some(Self::Close),
            _ => None,
        }
    }
}

/// The place for an answer. Dropped too early, it leaves the answer to those who wait for events.
#[derive(Debug)]
pub(crate) struct Awaited<'a> {
    inbox: &'a Inbox,
    receiver: oneshot::Receiver<Event>,
}

impl<'a> Awaited<'a> {
    pub(crate) fn new(inbox: &'a Inbox, receiver: oneshot::Receiver<Event>) -> Self {
        Self { inbox, receiver }
    }

    /// The answer, or the end that has come instead of it.
    pub(crate) async fn answer(mut self) -> Result<Event, RuntimeError> {
        match (&mut self.receiver).await {
            Ok(event) => Ok(event),
            // The inbox gives its senders up at the end of the session and not before.
            Err(_) => Err(self.inbox.end().unwrap_or_else(|| unreachable!())),
        }
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.receiver.close();
        if let Ok(event) = self.receiver.try_recv() {
            self.inbox.take_in(event);
        }
    }
}
