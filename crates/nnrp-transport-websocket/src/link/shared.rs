//! The outgoing direction as its two users hold it: the writer writes, and the reader answers Pings.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::outgoing::Outgoing;

#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Outgoing>>);

impl Shared {
    pub(super) fn new(outgoing: Outgoing) -> Self {
        Self(Arc::new(Mutex::new(outgoing)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Outgoing> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
