//! When a read or write with faults is short or late: dice that fall the same way for the same seed.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

use super::faults::Faults;

/// What the dice say about the next read or write. It stays the same however often it is tried.
pub(super) struct Moments {
    dice: Dice,
    current: u64,
    delay: Option<Pin<Box<Sleep>>>,
    delayed: bool,
}

impl Moments {
    pub(super) fn new(mut dice: Dice) -> Self {
        let current = dice.throw();
        Self {
            dice,
            current,
            delay: None,
            delayed: false,
        }
    }

    pub(super) fn next(&mut self) {
        self.current = self.dice.throw();
        self.delayed = false;
    }

    pub(super) fn length(&self, available: usize, longest: usize) -> usize {
        if longest == 0 {
            return available;
        }
        let length = usize::try_from(self.current >> 32).unwrap_or(0) % longest + 1;
        length.min(available)
    }

    pub(super) fn poll_delay(&mut self, faults: &Faults, cx: &mut Context<'_>) -> Poll<()> {
        let one_in = u64::from(faults.delayed_one_in);
        if one_in == 0 || self.delayed || !self.current.is_multiple_of(one_in) {
            return Poll::Ready(());
        }
        let share = u32::try_from(self.current >> 48).unwrap_or(0);
        let delay = self.delay.get_or_insert_with(|| {
            let pause = faults.longest_delay * share / u32::from(u16::MAX);
            Box::pin(sleep_until(Instant::now() + pause))
        });
        ready!(delay.as_mut().poll(cx));
        self.delay = None;
        self.delayed = true;
        Poll::Ready(())
    }
}

/// `SplitMix64`: good enough to be ragged, and the same on every platform.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
