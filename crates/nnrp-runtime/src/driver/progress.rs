//! Whether a peer keeps a direction moving: a least number of bytes in every window, so that one byte now and then is not enough.

use std::time::Duration;

use tokio::time::Instant;

/// The least that has to move.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeastRate {
    pub(super) window: Duration,
    pub(super) bytes_per_second: u32,
}

/// One direction. Nothing is asked of it while nothing is pending.
#[derive(Debug, Default)]
pub(super) struct Progress {
    window: Option<Window>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    ends: Instant,
    /// Bytes that still have to move before it ends.
    wanted: u64,
}

impl Progress {
    /// `moved` bytes have moved since the last call and `pending` ones have not.
    pub(super) fn note(&mut self, now: Instant, moved: usize, pending: usize, rate: LeastRate) {
        if pending == 0 {
            self.window = None;
            return;
        }
        let left = self
            .window
            .map(|window| window.wanted.saturating_sub(moved as u64));
        match (&mut self.window, left) {
            (Some(window), Some(left @ 1..)) => window.wanted = left,
            _ => self.window = Some(Window::begin(now, pending, rate)),
        }
    }

    /// When the peer is given up unless enough has moved until then.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.window.map(|window| window.ends)
    }
}

impl Window {
    fn begin(now: Instant, pending: usize, rate: LeastRate) -> Self {
        let milliseconds = u64::try_from(rate.window.as_millis()).unwrap_or(u64::MAX);
        let least = milliseconds.saturating_mul(rate.bytes_per_second.into()) / 1000;
        Self {
            ends: now + rate.window,
            wanted: least.clamp(1, pending as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: LeastRate = LeastRate {
        window: Duration::from_secs(10),
        bytes_per_second: 100,
    };

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_does_not_move_the_deadline() {
        let start = Instant::now();
        let mut progress = Progress::default();
        progress.note(start, 0, 5000, RATE);
        for second in 1..10 {
            progress.note(start + Duration::from_secs(second), 1, 5000, RATE);
        }
        assert_eq!(progress.deadline(), Some(start + RATE.window));
    }

    #[tokio::test(start_paused = true)]
    async fn the_least_rate_earns_another_window() {
        let start = Instant::now();
        let mut progress = Progress::default();
        progress.note(start, 0, 5000, RATE);
        let later = start + Duration::from_secs(9);
        progress.note(later, 1000, 4000, RATE);
        assert_eq!(progress.deadline(), Some(later + RATE.window));
    }

    #[tokio::test(start_paused = true)]
    async fn less_than_the_rate_is_enough_when_there_is_no_more() {
        let start = Instant::now();
        let mut progress = Progress::default();
        progress.note(start, 0, 10, RATE);
        progress.note(start, 10, 0, RATE);
        assert_eq!(progress.deadline(), None);
    }
}
