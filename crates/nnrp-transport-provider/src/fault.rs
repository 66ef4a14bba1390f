//! A transport that misbehaves on purpose, the same way each time for the same seed: for the tests of everything above transports.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{
    BoxFuture, Endpoint, Incoming, Link, Listener, Transport, TransportError, TransportId,
};

/// What goes wrong on each link, on the side of the transport that is wrapped. Default: nothing.
///
/// Splits, short writes and delays only make a stream slow and ragged, so that nothing built on it may notice. The others end it. All byte numbers
/// count from the start of the link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Decides about every split and delay.
    pub seed: u64,
    /// Reads give at most this many bytes, at random; 0 = as many as there are.
    pub longest_read: usize,
    /// Writes take at most this many bytes, at random; 0 = as many as there are.
    pub longest_write: usize,
    /// One in so many reads and writes is delayed; 0 = none.
    pub delayed_one_in: u32,
    /// Longest delay.
    pub longest_delay: Duration,
    /// The connection breaks when this many bytes have been read.
    pub break_after_read: Option<u64>,
    /// The connection breaks when this many bytes have been written.
    pub break_after_written: Option<u64>,
    /// Reading stands still for ever when this many bytes have been read.
    pub stall_after_read: Option<u64>,
    /// Writing stands still for ever when this many bytes have been written.
    pub stall_after_written: Option<u64>,
    /// This side's direction ends when this many bytes have been written.
    pub half_close_after_written: Option<u64>,
}

/// Another transport with [`Faults`].
#[derive(Clone, Copy, Debug)]
pub struct FaultTransport<T> {
    inner: T,
    faults: Faults,
}

impl<T: Transport> FaultTransport<T> {
    /// Wraps a transport; links made and accepted through it have the faults.
    pub fn new(inner: T, faults: Faults) -> Self {
        Self { inner, faults }
    }
}

impl<T: Transport> Transport for FaultTransport<T> {
    fn id(&self) -> TransportId {
        self.inner.id()
    }

    fn connect<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Link, TransportError>> {
        Box::pin(async move {
            let link = self.inner.connect(endpoint).await?;
            Ok(with_faults(link, self.faults))
        })
    }

    fn listen<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let listener: Box<dyn Listener> = Box::new(FaultListener {
                inner: self.inner.listen(endpoint).await?,
                faults: self.faults,
            });
            Ok(listener)
        })
    }
}

struct FaultListener {
    inner: Box<dyn Listener>,
    faults: Faults,
}

impl Listener for FaultListener {
    fn endpoint(&self) -> &Endpoint {
        self.inner.endpoint()
    }

    fn accept(&mut self) -> BoxFuture<'_, Result<Box<dyn Incoming>, TransportError>> {
        Box::pin(async move {
            let incoming: Box<dyn Incoming> = Box::new(FaultIncoming {
                inner: self.inner.accept().await?,
                faults: self.faults,
            });
            Ok(incoming)
        })
    }
}

struct FaultIncoming {
    inner: Box<dyn Incoming>,
    faults: Faults,
}

impl Incoming for FaultIncoming {
    fn peer(&self) -> String {
        self.inner.peer()
    }

    fn attach(self: Box<Self>) -> BoxFuture<'static, Result<Link, TransportError>> {
        Box::pin(async move {
            let link = self.inner.attach().await?;
            Ok(with_faults(link, self.faults))
        })
    }
}

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

/// What the dice say about the next read or write. It stays the same however often it is tried.
struct Moments {
    dice: Dice,
    current: u64,
    delay: Option<Pin<Box<Sleep>>>,
    delayed: bool,
}

impl Moments {
    fn new(mut dice: Dice) -> Self {
        let current = dice.throw();
        Self {
            dice,
            current,
            delay: None,
            delayed: false,
        }
    }

    fn next(&mut self) {
        self.current = self.dice.throw();
        self.delayed = false;
    }

    fn length(&self, available: usize, longest: usize) -> usize {
        if longest == 0 {
            return available;
        }
        let length = usize::try_from(self.current >> 32).unwrap_or(0) % longest + 1;
        length.min(available)
    }

    fn poll_delay(&mut self, faults: &Faults, cx: &mut Context<'_>) -> Poll<()> {
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
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests;
