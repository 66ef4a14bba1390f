//! The writing half: every write is a binary message.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

use super::shared::Shared;

pub(super) struct Writer {
    outgoing: Shared,
}

impl Writer {
    pub(super) fn new(outgoing: Shared) -> Self {
        Self { outgoing }
    }
}

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let slices = [IoSlice::new(bytes)];
        self.outgoing.lock().poll_write(cx, &slices)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.outgoing.lock().poll_write(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.lock().poll_flush(cx)
    }

    /// Ends this direction with a Close frame. The socket stays whole: the other direction needs it to be answered.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.lock().poll_shutdown(cx)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.outgoing.lock().give_up();
    }
}
