//! Copies bodies out of a batch's arena: small ones share an allocation, large ones have their own.

use crate::layout::EventRecord;
use crate::pointer::read_prefix;
use bytes::{Bytes, BytesMut};

/// Bodies up to this size share; a slow peer then holds on to at most one chunk per small body it has not read.
const SHARED_BODY_BYTES: usize = 1024;
/// What small bodies share.
const CHUNK_BYTES: usize = 16 * 1024;

/// The arena of one batch.
#[derive(Debug)]
pub(crate) struct BodyCopier<'a> {
    arena: &'a [u8],
    chunk: BytesMut,
    /// Bodies that may still come.
    left: usize,
}

impl<'a> BodyCopier<'a> {
    /// For at most so many bodies.
    pub(crate) fn new(arena: &'a [u8], bodies: usize) -> Self {
        Self {
            arena,
            chunk: BytesMut::new(),
            left: bodies,
        }
    }

    /// The bytes at `offset`; nothing if they are not wholly in the arena.
    pub(crate) fn slice(&self, offset: u64, size: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(offset).ok()?;
        let end = start.checked_add(usize::try_from(size).ok()?)?;
        self.arena.get(start..end)
    }

    /// The details at a place of the arena.
    pub(crate) fn details<T: EventRecord>(&self, offset: u32, size: u32) -> Option<T> {
        read_prefix(self.slice(offset.into(), size.into())?)
    }

    /// The body at `offset`; nothing if it is not wholly in the arena.
    pub(crate) fn copy(&mut self, offset: u64, size: u64) -> Option<Bytes> {
        let body = self.slice(offset, size)?;
        if body.is_empty() {
            return Some(Bytes::new());
        }
        let left = self.left.max(1);
        self.left = left - 1;
        let fits = body.len() <= self.chunk.capacity();
        if body.len() > SHARED_BODY_BYTES || (left == 1 && !fits) {
            return Some(Bytes::copy_from_slice(body));
        }
        if !fits {
            // No more than the rest of the batch would fill, were it like this body.
            let wanted = body.len().saturating_mul(left);
            self.chunk = BytesMut::with_capacity(wanted.min(CHUNK_BYTES));
        }
        self.chunk.extend_from_slice(body);
        Some(self.chunk.split().freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_is_copied_whatever_its_size_and_place() {
        let arena: Vec<u8> = (0..100_000_u32)
            .map(|index| index.to_le_bytes()[0])
            .collect();
        let mut bodies = BodyCopier::new(&arena, 96);
        for (offset, size) in [
            (0, 0),
            (0, 1),
            (7, 1024),
            (7, 1025),
            (99_999, 1),
            (100_000, 0),
        ] {
            let body = bodies
                .copy(offset as u64, size as u64)
                .expect("inside the arena");
            assert_eq!(body, arena[offset..offset + size]);
        }
        let small: Vec<Bytes> = (0..90)
            .filter_map(|n| bodies.copy(n * 1000, 1000))
            .collect();
        for (index, body) in small.iter().enumerate() {
            assert_eq!(body, &arena[index * 1000..][..1000]);
        }
    }

    #[test]
    fn a_body_that_leaves_the_arena_is_refused() {
        let mut bodies = BodyCopier::new(b"12345678", 5);
        for (offset, size) in [(0, 9), (8, 1), (9, 0), (u64::MAX, 1), (1, u64::MAX)] {
            assert_eq!(bodies.copy(offset, size), None, "{offset} {size}");
        }
    }
}
