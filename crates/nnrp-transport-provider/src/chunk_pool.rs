//! Buffers that the connections of a thread share: taken while a socket has something to move, given back when it has not.
//!
//! An idle connection holds none, so ten thousand of them cost no buffer memory. The pool is the thread's own: taking and giving back cross no
//! lock, and a buffer stays in the caches of the core that used it last.

use std::cell::RefCell;
use std::collections::VecDeque;

use bytes::{Buf, BytesMut};

/// Bytes of a chunk: several packets of 64 KiB, or a thousand small ones, in one system call. Pages that no packet reaches are never touched.
pub const CHUNK_BYTES: usize = 256 * 1024;
/// Bytes left free at the start. Large allocations begin 16 bytes into a page and the kernel's socket buffers at one; copying between addresses that
/// lie so little apart within their pages takes five times as long on AMD's Zen cores (37 µs instead of 7 for 64 KiB, measured).
const LEAD: usize = 512;
/// A chunk that packets still point into is used further if it has this much room behind them.
const LEAST_ROOM: usize = CHUNK_BYTES / 2;
/// Chunks kept for a thread: 2 MiB, and as much only where large bodies are under way.
const MAX_FREE: usize = 8;
/// Chunks looked at before a further one is made.
const MAX_LOOKS: usize = 4;

thread_local! {
    static FREE: RefCell<VecDeque<BytesMut>> = const { RefCell::new(VecDeque::new()) };
}

/// An empty buffer with room for at least half a chunk.
#[must_use]
pub fn take_chunk() -> BytesMut {
    // A thread that is ending has no pool any more.
    FREE.try_with(|free| reuse(&mut free.borrow_mut()))
        .ok()
        .flatten()
        .unwrap_or_else(|| with_lead(BytesMut::with_capacity(LEAD + CHUNK_BYTES)))
}

/// Gives a chunk back; what it holds is forgotten, what was split off it lives on. More chunks than the pool keeps are freed.
pub fn give_back_chunk(mut chunk: BytesMut) {
    chunk.clear();
    let _ending = FREE.try_with(|free| {
        let mut free = free.borrow_mut();
        if free.len() < MAX_FREE {
            // Last in, first out: the warmest is used next.
            free.push_front(chunk);
        }
    });
}

/// A chunk that nothing points into, from its start, or else one with enough room left.
fn reuse(free: &mut VecDeque<BytesMut>) -> Option<BytesMut> {
    for _ in 0..free.len().min(MAX_LOOKS) {
        let mut chunk = free.pop_front()?;
        if chunk.try_reclaim(LEAD + CHUNK_BYTES) {
            return Some(with_lead(chunk));
        }
        if chunk.capacity() >= LEAST_ROOM {
            return Some(chunk);
        }
        free.push_back(chunk);
    }
    None
}

fn with_lead(mut chunk: BytesMut) -> BytesMut {
    chunk.resize(LEAD, 0);
    chunk.advance(LEAD);
    chunk
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken() -> BytesMut {
        let mut chunk = take_chunk();
        chunk.extend_from_slice(&[1; 1000]);
        chunk
    }

    #[test]
    fn a_chunk_that_nothing_points_into_is_used_again_from_its_start() {
        let mut chunk = taken();
        let start = chunk.as_ptr();
        drop(chunk.split_to(500));
        give_back_chunk(chunk);
        let again = take_chunk();
        assert_eq!((again.as_ptr(), again.len()), (start, 0));
        assert!(again.capacity() >= CHUNK_BYTES);
    }

    #[test]
    fn a_packet_keeps_its_bytes_when_its_chunk_is_used_further() {
        let mut chunk = taken();
        let body = chunk.split_to(500).freeze();
        give_back_chunk(chunk);
        let mut again = taken();
        again.extend_from_slice(&[2; 1000]);
        assert_eq!(body, [1; 500][..]);
        assert!(again.as_ptr() > body.as_ptr());
    }

    #[test]
    fn a_chunk_with_too_little_room_waits_until_nothing_points_into_it() {
        let mut chunk = taken();
        chunk.resize(CHUNK_BYTES - 10, 0);
        let body = chunk.split_to(CHUNK_BYTES - 10).freeze();
        let address = body.as_ptr();
        give_back_chunk(chunk);
        let other = take_chunk();
        assert_ne!(other.as_ptr(), address);
        drop(body);
        assert_eq!(take_chunk().as_ptr(), address);
    }

    #[test]
    fn the_pool_keeps_no_more_than_its_bound() {
        let chunks: Vec<BytesMut> = (0..3 * MAX_FREE).map(|_| take_chunk()).collect();
        chunks.into_iter().for_each(give_back_chunk);
        assert_eq!(FREE.with(|free| free.borrow().len()), MAX_FREE);
    }
}
