//! When to send a `PING` of one's own, and when a silent peer counts as gone.

use core::time::Duration;

use crate::timestamp::Timestamp;

/// Pings without any answer after which the peer is gone. One could be the fault of this side,
/// which may not have read for a while.
const MISSES: u8 = 2;

/// What silence calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// Nothing yet.
    Bearable,
    /// A ping.
    Ping,
    /// The end of the connection.
    TooLong,
}

/// Watches for silence on a connection whose peer speaks the hello exchange.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeepAlive {
    /// Silence after which a ping leaves; `None` = never.
    interval: Option<Duration>,
    /// Silence after a ping before the next one.
    patience: Duration,
    pinged_at: Timestamp,
    misses: u8,
}

impl KeepAlive {
    pub(super) fn new(interval: Option<Duration>, patience: Duration) -> Self {
        Self {
            interval,
            patience,
            ..Self::default()
        }
    }

    /// A packet arrived.
    pub(super) fn heard(&mut self) {
        self.misses = 0;
    }

    /// When to ask [`Self::check`]; `last_heard` is when the last packet arrived.
    pub(super) fn deadline(&self, last_heard: Timestamp) -> Option<Timestamp> {
        let interval = self.interval?;
        Some(match self.misses {
            0 => last_heard.after(interval),
            _ => self.pinged_at.max(last_heard).after(self.patience),
        })
    }

    /// What to do at `now`; a ping asked for is counted as sent.
    pub(super) fn check(&mut self, now: Timestamp, last_heard: Timestamp) -> Silence {
        if self.deadline(last_heard).is_none_or(|at| at > now) {
            return Silence::Bearable;
        }
        if self.misses >= MISSES {
            return Silence::TooLong;
        }
        self.misses += 1;
        self.pinged_at = now;
        Silence::Ping
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp::from_micros(0);

    fn at(seconds: u64) -> Timestamp {
        T0.after(Duration::from_secs(seconds))
    }

    #[test]
    fn silence_is_met_with_two_pings_and_then_with_the_end() {
        let mut watch = KeepAlive::new(Some(Duration::from_secs(15)), Duration::from_secs(10));
        assert_eq!(watch.check(at(14), T0), Silence::Bearable);
        assert_eq!(watch.check(at(15), T0), Silence::Ping);
        assert_eq!(watch.deadline(T0), Some(at(25)));
        assert_eq!(watch.check(at(25), T0), Silence::Ping);
        assert_eq!(watch.check(at(35), T0), Silence::TooLong);
    }

    #[test]
    fn any_packet_starts_the_watch_over() {
        let mut watch = KeepAlive::new(Some(Duration::from_secs(15)), Duration::from_secs(10));
        assert_eq!(watch.check(at(15), T0), Silence::Ping);
        watch.heard();
        assert_eq!(watch.check(at(31), at(17)), Silence::Bearable);
        assert_eq!(watch.check(at(32), at(17)), Silence::Ping);
    }

    #[test]
    fn without_an_interval_nothing_is_ever_due() {
        let mut watch = KeepAlive::new(None, Duration::from_secs(10));
        assert_eq!(watch.deadline(T0), None);
        assert_eq!(watch.check(at(1_000_000), T0), Silence::Bearable);
    }
}
