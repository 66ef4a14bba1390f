//! Joins small packets into one write and chains large bodies without copying them.
//!
//! It stands beside the traits because every byte-stream transport needs the same rule.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncWrite;

use crate::chunk_pool::{give_back_chunk, take_chunk};

/// Bytes after which the owner flushes before it pushes more. A system call costs as much as copying 50 KiB (measured on loopback, with
/// the wake-up of the peer), so a batch of 64 KiB moves more small messages than one of 16; the next step gains nothing.
const BATCH_BYTES: usize = 64 * 1024;
/// Bodies up to this size are cheaper to copy than to chain (measured: break-even at 1 KiB).
const COPY_LIMIT_BYTES: usize = 1024;
/// Buffers handed to one vectored write; more gain nothing.
const MAX_SLICES: usize = 32;

/// A writer that batches. Nothing is written before [`poll_flush`](Self::poll_flush), and nothing waits for a timer:
/// the owner flushes when it has no more packets at hand, or when the writer [is full](Self::is_full).
///
/// With nothing queued it holds no buffer.
#[derive(Debug)]
pub struct CoalescingWriter<W> {
    inner: W,
    /// What to write, in order; `open` bytes at the end of `batch` come after it.
    chain: VecDeque<Piece>,
    /// Copied bytes, of which `taken` were written.
    batch: BytesMut,
    taken: usize,
    open: usize,
    queued: usize,
    /// The stream has taken bytes and was not flushed since: it may hold some of them back.
    unflushed: bool,
}

/// A run of bytes in the chain.
#[derive(Debug)]
enum Piece {
    /// The next bytes of the batch.
    Copied(usize),
    /// A large body, where it is.
    Shared(Bytes),
}

impl<W: AsyncWrite + Unpin> CoalescingWriter<W> {
    /// Wraps a byte stream.
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            chain: VecDeque::new(),
            batch: BytesMut::new(),
            taken: 0,
            open: 0,
            queued: 0,
            unflushed: false,
        }
    }

    /// Appends one packet: what `encode_head` appends to the batch (header and metadata), then its body.
    pub fn push(&mut self, encode_head: impl FnOnce(&mut BytesMut), body: Bytes) {
        if self.batch.capacity() == 0 {
            self.batch = take_chunk();
        }
        let before = self.batch.len();
        encode_head(&mut self.batch);
        let small = body.len() <= COPY_LIMIT_BYTES;
        if small {
            self.batch.extend_from_slice(&body);
        }
        let copied = self.batch.len() - before;
        self.open += copied;
        self.queued += copied;
        if !small {
            self.queued += body.len();
            if self.open > 0 {
                self.chain.push_back(Piece::Copied(self.open));
                self.open = 0;
            }
            self.chain.push_back(Piece::Shared(body));
        }
    }

    /// Bytes that were pushed and not taken by the stream yet.
    #[must_use]
    pub fn queued_bytes(&self) -> usize {
        self.queued
    }

    /// Whether everything that was pushed is on its way: taken by the stream, and held back by it no more.
    #[must_use]
    pub fn is_flushed(&self) -> bool {
        self.queued == 0 && !self.unflushed
    }

    /// Whether a whole batch is ready, so that flushing before pushing more costs nothing.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.queued >= BATCH_BYTES
    }

    /// Writes until nothing is queued. A partial write keeps its place for the next call.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.queued > 0 {
            let written = ready!(self.poll_write_once(cx))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.advance(written);
            self.unflushed = true;
        }
        ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
        self.unflushed = false;
        Poll::Ready(Ok(()))
    }

    /// Flushes, then ends this direction of the stream.
    pub fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    /// Gives the memory back that a burst has left behind. For a connection that has become quiet.
    pub fn release_spare_memory(&mut self) {
        if self.chain.is_empty() {
            self.chain = VecDeque::new();
        }
    }

    fn poll_write_once(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.inner);
        let copied = &self.batch[self.taken..];
        match self.chain.front() {
            None => stream.poll_write(cx, copied),
            Some(Piece::Copied(length)) if !stream.is_write_vectored() => {
                stream.poll_write(cx, &copied[..*length])
            }
            Some(Piece::Shared(body)) if !stream.is_write_vectored() => stream.poll_write(cx, body),
            Some(_) => {
                let mut slices = [IoSlice::new(&[]); MAX_SLICES];
                let count = gather(&self.chain, copied, &mut slices);
                stream.poll_write_vectored(cx, &slices[..count])
            }
        }
    }

    fn advance(&mut self, mut written: usize) {
        self.queued -= written;
        while written > 0 {
            let Some(front) = self.chain.front_mut() else {
                self.taken += written;
                self.open -= written;
                break;
            };
            let (step, is_over) = match front {
                Piece::Copied(left) => {
                    let step = written.min(*left);
                    *left -= step;
                    self.taken += step;
                    (step, *left == 0)
                }
                Piece::Shared(body) => {
                    let step = written.min(body.len());
                    body.advance(step);
                    (step, body.is_empty())
                }
            };
            written -= step;
            if is_over {
                self.chain.pop_front();
            }
        }
        if self.queued == 0 {
            self.taken = 0;
            give_back_chunk(std::mem::take(&mut self.batch));
        }
    }
}

/// Fills `slices` from the front of the chain and the open bytes after it; returns how many it took.
fn gather<'a>(
    chain: &'a VecDeque<Piece>,
    mut copied: &'a [u8],
    slices: &mut [IoSlice<'a>; MAX_SLICES],
) -> usize {
    let mut count = 0;
    for (piece, slice) in chain.iter().zip(slices.iter_mut()) {
        *slice = match piece {
            Piece::Copied(length) => {
                let (run, rest) = copied.split_at(*length);
                copied = rest;
                IoSlice::new(run)
            }
            Piece::Shared(body) => IoSlice::new(body),
        };
        count += 1;
    }
    if let Some(slice) = slices.get_mut(count) {
        *slice = IoSlice::new(copied);
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests;
