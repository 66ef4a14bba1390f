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
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::future::poll_fn;

    /// A stream that counts writes and takes at most `limit` bytes in each.
    struct Recorder {
        bytes: Vec<u8>,
        writes: usize,
        limit: usize,
        vectored: bool,
    }

    impl Recorder {
        fn new(limit: usize, vectored: bool) -> Self {
            Self {
                bytes: Vec::new(),
                writes: 0,
                limit,
                vectored,
            }
        }
    }

    impl AsyncWrite for Recorder {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(self.limit);
            self.bytes.extend_from_slice(&bytes[..taken]);
            self.writes += 1;
            Poll::Ready(Ok(taken))
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let mut room = self.limit;
            for slice in slices {
                let taken = slice.len().min(room);
                self.bytes.extend_from_slice(&slice[..taken]);
                room -= taken;
            }
            self.writes += 1;
            let limit = self.limit;
            Poll::Ready(Ok(limit - room))
        }

        fn is_write_vectored(&self) -> bool {
            self.vectored
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn head(bytes: &[u8]) -> impl FnOnce(&mut BytesMut) {
        |batch| batch.extend_from_slice(bytes)
    }

    async fn written(mut writer: CoalescingWriter<Recorder>) -> Recorder {
        poll_fn(|cx| writer.poll_flush(cx)).await.expect("flush");
        assert_eq!(writer.queued_bytes(), 0);
        assert_eq!(
            writer.batch.capacity(),
            0,
            "an empty writer holds no buffer"
        );
        writer.inner
    }

    #[tokio::test]
    async fn a_hundred_small_packets_leave_in_one_write() {
        let mut writer = CoalescingWriter::new(Recorder::new(usize::MAX, true));
        for _ in 0..100 {
            writer.push(head(&[1; 40]), Bytes::from_static(&[2; 64]));
        }
        let recorder = written(writer).await;
        assert_eq!((recorder.writes, recorder.bytes.len()), (1, 10_400));
    }

    #[tokio::test]
    async fn a_large_body_is_chained_and_not_copied() {
        let body = Bytes::from(vec![3; 100_000]);
        let mut writer = CoalescingWriter::new(Recorder::new(usize::MAX, true));
        writer.push(head(&[1; 40]), body.clone());
        assert!(
            matches!(&writer.chain[1], Piece::Shared(chained) if chained.as_ptr() == body.as_ptr())
        );
        assert_eq!(written(writer).await.writes, 1);
    }

    #[tokio::test]
    async fn what_the_stream_holds_back_is_not_flushed() {
        let mut writer = CoalescingWriter::new(tokio::io::BufWriter::new(Recorder::new(0, false)));
        assert!(writer.is_flushed());
        writer.push(head(&[1; 40]), Bytes::new());
        assert!(!writer.is_flushed());
        let outcome = poll_fn(|cx| writer.poll_flush(cx)).await;
        outcome.expect_err("it takes the bytes and cannot pass them on");
        assert_eq!((writer.queued_bytes(), writer.is_flushed()), (0, false));
        writer.inner.get_mut().limit = usize::MAX;
        poll_fn(|cx| writer.poll_flush(cx)).await.expect("flush");
        assert!(writer.is_flushed());
    }

    #[tokio::test]
    async fn a_stream_that_takes_nothing_is_an_error_and_not_a_loop() {
        let mut writer = CoalescingWriter::new(Recorder::new(0, false));
        writer.push(head(&[1; 40]), Bytes::new());
        let error = poll_fn(|cx| writer.poll_flush(cx))
            .await
            .expect_err("no progress");
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    }

    proptest! {
        #[test]
        fn any_packets_through_any_partial_writes_keep_every_byte_in_order(
            packets in prop::collection::vec((0usize..80, 0usize..3000), 0..40),
            limit in 1usize..5000,
            vectored: bool,
        ) {
            let mut writer = CoalescingWriter::new(Recorder::new(limit, vectored));
            let mut expected = Vec::new();
            for (index, (start, body)) in packets.iter().enumerate() {
                let start = vec![u8::try_from(index).unwrap(); *start];
                let body = vec![u8::try_from(255 - index).unwrap(); *body];
                expected.extend_from_slice(&start);
                expected.extend_from_slice(&body);
                writer.push(head(&start), body.into());
            }
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            prop_assert_eq!(runtime.block_on(written(writer)).bytes, expected);
        }
    }
}
