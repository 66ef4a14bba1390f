//! Masks: four unpredictable bytes, laid over the payload of every frame of a client (RFC 6455 §5.3).

use std::io;

use crate::random;

/// A mask, turned to the place in the payload where it applies next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mask([u8; 4]);

/// Bytes that are masked in one step; a multiple of four that compilers turn into vector instructions.
const STEP: usize = 32;

impl Mask {
    pub(crate) fn new(key: [u8; 4]) -> Self {
        Self(key)
    }

    /// Masks or unmasks the next bytes of a payload.
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        if self.0 == [0; 4] {
            return;
        }
        let wide: [u8; STEP] = std::array::from_fn(|index| self.0[index % 4]);
        let turned = bytes.len() % 4;
        let mut steps = bytes.chunks_exact_mut(STEP);
        for step in &mut steps {
            for (byte, key) in step.iter_mut().zip(wide) {
                *byte ^= key;
            }
        }
        for (byte, key) in steps.into_remainder().iter_mut().zip(wide) {
            *byte ^= key;
        }
        self.0.rotate_left(turned);
    }
}

/// Keys for the frames of one client, taken from the system sixty-four at a time.
pub(crate) struct MaskKeys {
    keys: [u8; 256],
    used: usize,
}

impl MaskKeys {
    pub(crate) fn new() -> Self {
        Self {
            keys: [0; 256],
            used: 256,
        }
    }

    /// A key that nobody can foresee.
    pub(crate) fn next(&mut self) -> io::Result<[u8; 4]> {
        if self.used == self.keys.len() {
            random::fill(&mut self.keys)?;
            self.used = 0;
        }
        let mut key = [0; 4];
        key.copy_from_slice(&self.keys[self.used..self.used + 4]);
        self.used += 4;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_payload_is_masked_the_same_in_any_pieces(
            payload in prop::collection::vec(any::<u8>(), 0..300),
            cuts in prop::collection::vec(0usize..300, 0..5),
            key: [u8; 4],
        ) {
            let expected: Vec<u8> =
                payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
            let mut masked = payload;
            let mut mask = Mask::new(key);
            let mut rest = masked.as_mut_slice();
            for cut in cuts {
                let (piece, behind) = rest.split_at_mut(cut.min(rest.len()));
                mask.apply(piece);
                rest = behind;
            }
            mask.apply(rest);
            prop_assert_eq!(masked, expected);
        }
    }

    #[test]
    fn keys_do_not_repeat() {
        let mut keys = MaskKeys::new();
        let some: std::collections::HashSet<[u8; 4]> =
            (0..200).map(|_| keys.next().expect("a key")).collect();
        // Of 200 values of 32 bits two are the same once in 200000 runs, three pairs never.
        assert!(some.len() > 197);
    }
}
