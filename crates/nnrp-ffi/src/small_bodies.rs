//! The small bodies of queued events, one behind the other: the thread that drains copies them out and gives no memory back.

/// Memory that stays when the last body was taken.
const KEPT_BYTES: usize = 64 * 1024;

/// Bodies in the order in which they were put in.
#[derive(Debug, Default)]
pub(crate) struct SmallBodies {
    bytes: Vec<u8>,
    /// Where the oldest begins.
    start: usize,
}

impl SmallBodies {
    /// Adds the youngest.
    pub(crate) fn push(&mut self, body: &[u8]) {
        // The place of bodies that were taken is used again before there is more of it; half of all, so that moving the
        // rest costs no more than putting it in did.
        if self.bytes.capacity() - self.bytes.len() < body.len()
            && self.start >= self.bytes.len() / 2
        {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(body);
    }

    /// The oldest, which has this many bytes.
    pub(crate) fn oldest(&self, size: usize) -> &[u8] {
        &self.bytes[self.start..self.start + size]
    }

    /// Forgets the oldest, which has this many bytes.
    pub(crate) fn forget(&mut self, size: usize) {
        self.start += size;
        if self.start == self.bytes.len() {
            self.start = 0;
            self.bytes.clear();
            self.bytes.shrink_to(KEPT_BYTES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    #[test]
    fn bodies_come_out_as_they_went_in_whatever_the_pace() {
        let mut bodies = SmallBodies::default();
        let mut expected = VecDeque::new();
        for round in 0..200_usize {
            for n in 0..round % 7 {
                let body = vec![round.to_le_bytes()[0]; (round * 13 + n) % 90];
                bodies.push(&body);
                expected.push_back(body);
            }
            for _ in 0..round % 5 {
                if let Some(body) = expected.pop_front() {
                    assert_eq!(bodies.oldest(body.len()), body);
                    bodies.forget(body.len());
                }
            }
        }
        for body in expected {
            assert_eq!(bodies.oldest(body.len()), body);
            bodies.forget(body.len());
        }
    }

    #[test]
    fn a_steady_stream_takes_no_more_memory_than_what_waits() {
        let mut bodies = SmallBodies::default();
        (0..10).for_each(|_| bodies.push(&[7; 100]));
        for _ in 0..10_000 {
            bodies.push(&[7; 100]);
            bodies.forget(100);
        }
        assert!(
            bodies.bytes.capacity() <= 8 * 1024,
            "{}",
            bodies.bytes.capacity()
        );
    }

    #[test]
    fn a_burst_leaves_little_memory_behind() {
        let mut bodies = SmallBodies::default();
        (0..10_000).for_each(|_| bodies.push(&[7; 200]));
        (0..10_000).for_each(|_| bodies.forget(200));
        assert!(bodies.bytes.capacity() <= KEPT_BYTES);
    }
}
