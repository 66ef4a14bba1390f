//! When a lost connection is tried again: pauses that double, with jitter, within bounds.

use std::time::Duration;

use tokio::time::Instant;

/// How a client comes back to a server whose connection it has lost.
///
/// The sessions go on where they were; what cannot go on ends with an event. Works with servers that have answered the hello; the first attempt to
/// connect is none of its business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReconnectPolicy {
    /// Longest pause before the first attempt; each further one is twice as long. Default 100 ms.
    pub first_delay: Duration,
    /// Where doubling ends. Default 5 s.
    pub longest_delay: Duration,
    /// Attempts in a row. Default 60.
    pub attempts: u32,
    /// Time for all of them, from the loss. Default 2 minutes, for which a server keeps a session by default.
    pub total: Duration,
}

impl Default for ReconnectPolicy {
    fn default() -> Self {
        Self {
            first_delay: Duration::from_millis(100),
            longest_delay: Duration::from_secs(5),
            attempts: 60,
            total: Duration::from_mins(2),
        }
    }
}

/// The time since a connection was lost, over all attempts that led to nothing.
#[derive(Debug)]
pub(super) struct Outage {
    policy: ReconnectPolicy,
    attempts: u32,
    /// No attempt goes on beyond it.
    pub(super) ends: Instant,
}

impl Outage {
    pub(super) fn begin(policy: ReconnectPolicy, now: Instant) -> Self {
        Self {
            policy,
            attempts: 0,
            ends: now + policy.total,
        }
    }

    /// Attempts so far.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The pause before the next attempt; `None` if there is none any more. `random` spreads clients that lost the same server at the same time.
    pub(super) fn next_pause(&mut self, now: Instant, random: u8) -> Option<Duration> {
        if self.attempts >= self.policy.attempts {
            return None;
        }
        let doublings = self.attempts.min(31);
        let whole = self.policy.first_delay.saturating_mul(1 << doublings);
        let half = whole.min(self.policy.longest_delay) / 2;
        let pause = half + half * u32::from(random) / u32::from(u8::MAX);
        if now + pause >= self.ends {
            return None;
        }
        self.attempts += 1;
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: ReconnectPolicy = ReconnectPolicy {
        first_delay: Duration::from_millis(100),
        longest_delay: Duration::from_secs(1),
        attempts: 6,
        total: Duration::from_mins(1),
    };

    fn pauses(policy: ReconnectPolicy, random: u8) -> Vec<u128> {
        let mut now = Instant::now();
        let mut outage = Outage::begin(policy, now);
        let mut pauses = Vec::new();
        while let Some(pause) = outage.next_pause(now, random) {
            pauses.push(pause.as_millis());
            now += pause;
        }
        pauses
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_the_longest_and_end_with_the_attempts() {
        assert_eq!(pauses(POLICY, u8::MAX), [100, 200, 400, 800, 1000, 1000]);
    }

    #[tokio::test(start_paused = true)]
    async fn jitter_takes_at_most_half_of_a_pause() {
        assert_eq!(pauses(POLICY, 0), [50, 100, 200, 400, 500, 500]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_attempt_begins_after_the_total_time() {
        let short = ReconnectPolicy {
            total: Duration::from_millis(750),
            attempts: u32::MAX,
            ..POLICY
        };
        assert_eq!(pauses(short, u8::MAX), [100, 200, 400]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_policy_of_extremes_overflows_nowhere() {
        let eternal = ReconnectPolicy {
            first_delay: Duration::MAX,
            longest_delay: Duration::from_secs(1),
            attempts: 40,
            total: Duration::from_hours(1),
        };
        assert_eq!(pauses(eternal, u8::MAX), [1000; 40]);
    }
}
