//! Time of a connection: the machines count microseconds from its start, timers want instants.

use nnrp_core::Timestamp;
use tokio::time::Instant;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.timestamp(Instant::now())
    }

    pub(crate) fn timestamp(&self, instant: Instant) -> Timestamp {
        Timestamp::default().after(instant.saturating_duration_since(self.origin))
    }

    pub(crate) fn instant(&self, timestamp: Timestamp) -> Instant {
        self.origin + timestamp.since(Timestamp::default())
    }
}
