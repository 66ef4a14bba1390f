//! How many control packets a peer may send in a second: each costs the receiver an answer, an
//! event or a look-up, and the sender next to nothing.

use core::time::Duration;

use crate::error::ErrorKind;
use crate::limits::{Limit, Limits};
use crate::message_type::MessageType;
use crate::timestamp::Timestamp;

const WINDOW: Duration = Duration::from_secs(1);

/// Counts over windows of a second that start with the first packet after the last one.
#[derive(Clone, Copy, Debug)]
pub(super) struct PacketBudget {
    allowed: u32,
    window_ends: Timestamp,
    count: u32,
}

impl PacketBudget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            allowed: limits.control_packets_per_second,
            window_ends: Timestamp::default(),
            count: 0,
        }
    }

    /// Counts a packet of this type. Submits and answers are bounded by credit instead.
    pub(super) fn admit(
        &mut self,
        now: Timestamp,
        message_type: MessageType,
    ) -> Result<(), ErrorKind> {
        match message_type {
            MessageType::FrameSubmit
            | MessageType::FrameCancel
            | MessageType::ResultPush
            | MessageType::ResultDrop => Ok(()),
            _ => self.count(now),
        }
    }

    /// Counts a packet that had no effect.
    pub(super) fn count(&mut self, now: Timestamp) -> Result<(), ErrorKind> {
        if now >= self.window_ends {
            self.window_ends = now.after(WINDOW);
            self.count = 0;
        }
        self.count += 1;
        if self.count <= self.allowed {
            return Ok(());
        }
        Err(ErrorKind::LimitExceeded {
            limit: Limit::ControlPackets,
            actual: self.count.into(),
            allowed: self.allowed.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_ends_at_the_limit_and_the_next_second_is_a_new_one() {
        let limits = Limits {
            control_packets_per_second: 2,
            ..Limits::default()
        };
        let mut budget = PacketBudget::new(&limits);
        let start = Timestamp::from_micros(5);
        assert!(budget.admit(start, MessageType::Ping).is_ok());
        assert!(budget.admit(start, MessageType::FrameSubmit).is_ok());
        assert!(budget.admit(start, MessageType::Ping).is_ok());
        assert!(budget.admit(start, MessageType::Ping).is_err());
        assert!(budget.admit(start.after(WINDOW), MessageType::Ping).is_ok());
    }
}
