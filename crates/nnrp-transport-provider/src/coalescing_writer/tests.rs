//! Packets that are joined, chained and written in parts.

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
