//! The two directions of a link with faults.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::faults::Faults;
use super::moments::{Dice, Moments};
use crate::Link;

/// Gives an established link faults.
#[must_use]
pub fn with_faults(link: Link, faults: Faults) -> Link {
    let Link {
        reader,
        writer,
        peer,
        alpn,
        control,
    } = link;
    let streams = Arc::new(Mutex::new(Streams {
        reader: Some(reader),
        writer: Some(writer),
    }));
    let dice = |salt| Dice(faults.seed.wrapping_add(salt));
    Link {
        reader: Box::new(FaultReader {
            streams: Arc::clone(&streams),
            faults,
            read: 0,
            moments: Moments::new(dice(1)),
        }),
        writer: Box::new(FaultWriter {
            streams,
            faults,
            written: 0,
            moments: Moments::new(dice(2)),
        }),
        peer,
        alpn,
        control,
    }
}

/// Both halves of the real link, because a break takes both.
struct Streams {
    reader: Option<Box<dyn AsyncRead + Send + Unpin>>,
    writer: Option<Box<dyn AsyncWrite + Send + Unpin>>,
}

impl Streams {
    fn break_off(&mut self) -> io::Error {
        self.reader = None;
        self.writer = None;
        broken()
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "an injected break")
}

fn lock(streams: &Mutex<Streams>) -> MutexGuard<'_, Streams> {
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}

struct FaultReader {
    streams: Arc<Mutex<Streams>>,
    faults: Faults,
    read: u64,
    moments: Moments,
}

impl AsyncRead for FaultReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.faults.stall_after_read == Some(this.read) {
            return Poll::Pending;
        }
        ready!(this.moments.poll_delay(&this.faults, cx));
        let mut streams = lock(&this.streams);
        if this.faults.break_after_read == Some(this.read) {
            return Poll::Ready(Err(streams.break_off()));
        }
        let reader = streams.reader.as_mut().ok_or_else(broken)?;
        let stops = [this.faults.break_after_read, this.faults.stall_after_read];
        let length = this
            .moments
            .length(buffer.remaining(), this.faults.longest_read);
        let mut bytes = vec![0; until(stops, this.read, length)];
        let mut part = ReadBuf::new(&mut bytes);
        ready!(Pin::new(reader).poll_read(cx, &mut part))?;
        buffer.put_slice(part.filled());
        this.read += part.filled().len() as u64;
        this.moments.next();
        Poll::Ready(Ok(()))
    }
}

impl Drop for FaultReader {
    fn drop(&mut self) {
        lock(&self.streams).reader = None;
    }
}

struct FaultWriter {
    streams: Arc<Mutex<Streams>>,
    faults: Faults,
    written: u64,
    moments: Moments,
}

impl AsyncWrite for FaultWriter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.faults.stall_after_written == Some(this.written) {
            return Poll::Pending;
        }
        ready!(this.moments.poll_delay(&this.faults, cx));
        let mut streams = lock(&this.streams);
        if this.faults.break_after_written == Some(this.written) {
            return Poll::Ready(Err(streams.break_off()));
        }
        let writer = streams.writer.as_mut().ok_or_else(broken)?;
        if this.faults.half_close_after_written == Some(this.written) {
            ready!(Pin::new(writer).poll_shutdown(cx))?;
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let stops = [
            this.faults.break_after_written,
            this.faults.stall_after_written,
            this.faults.half_close_after_written,
        ];
        let length = this.moments.length(bytes.len(), this.faults.longest_write);
        let part = &bytes[..until(stops, this.written, length)];
        let taken = ready!(Pin::new(writer).poll_write(cx, part))?;
        this.written += taken as u64;
        this.moments.next();
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match lock(&self.streams).writer.as_mut() {
            Some(writer) => Pin::new(writer).poll_flush(cx),
            None => Poll::Ready(Err(broken())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match lock(&self.streams).writer.as_mut() {
            Some(writer) => Pin::new(writer).poll_shutdown(cx),
            None => Poll::Ready(Err(broken())),
        }
    }
}

impl Drop for FaultWriter {
    fn drop(&mut self) {
        lock(&self.streams).writer = None;
    }
}

/// Bytes until the next of the stops, which get attention when they are reached exactly.
fn until<const N: usize>(stops: [Option<u64>; N], now: u64, length: usize) -> usize {
    let left = |stop: u64| usize::try_from(stop.saturating_sub(now)).unwrap_or(usize::MAX);
    let ahead = stops
        .into_iter()
        .flatten()
        .map(left)
        .filter(|left| *left > 0);
    ahead.fold(length, usize::min)
}
