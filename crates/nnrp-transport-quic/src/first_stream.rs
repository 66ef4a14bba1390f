//! A server's wait for the one stream of a connection, shared by the two halves of its link.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use nnrp_transport_provider::BoxFuture;
use quinn::{Connection, ConnectionError, RecvStream, SendStream};

type Streams = (SendStream, RecvStream);

/// The stream that the client has not opened yet, or what became of it.
pub(crate) struct FirstStream {
    opening: Option<BoxFuture<'static, Result<Streams, ConnectionError>>>,
    send: Option<SendStream>,
    receive: Option<RecvStream>,
    failure: Option<ConnectionError>,
    /// The tasks of reader and writer: either may be the one that polls last.
    wakers: [Option<Waker>; 2],
}

impl FirstStream {
    pub(crate) fn of(connection: Connection) -> Self {
        Self {
            opening: Some(Box::pin(async move { connection.accept_bi().await })),
            send: None,
            receive: None,
            failure: None,
            wakers: [None, None],
        }
    }

    fn poll(&mut self, side: usize, cx: &mut Context<'_>) -> Poll<()> {
        let Some(opening) = &mut self.opening else {
            return Poll::Ready(());
        };
        let Poll::Ready(outcome) = opening.as_mut().poll(cx) else {
            self.wakers[side] = Some(cx.waker().clone());
            return Poll::Pending;
        };
        self.opening = None;
        match outcome {
            Ok((send, receive)) => (self.send, self.receive) = (Some(send), Some(receive)),
            Err(error) => self.failure = Some(error),
        }
        self.wake_other(side);
        Poll::Ready(())
    }

    fn wake_other(&mut self, side: usize) {
        if let Some(waker) = self.wakers[1 - side].take() {
            waker.wake();
        }
    }
}

/// One direction of the stream.
pub(crate) enum Half<S> {
    /// Not opened by the peer yet.
    Awaited(Place<S>),
    /// In use.
    Open(S),
}

impl<S> Half<S> {
    /// The stream as soon as there is one.
    pub(crate) fn poll_open(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<&mut S, ConnectionError>> {
        if let Self::Awaited(place) = self {
            match place.poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(stream)) => *self = Self::Open(stream),
            }
        }
        match self {
            Self::Open(stream) => Poll::Ready(Ok(stream)),
            Self::Awaited(_) => Poll::Pending,
        }
    }

    /// The stream if there is one.
    pub(crate) fn open(&mut self) -> Option<&mut S> {
        match self {
            Self::Awaited(place) => *self = Self::Open(place.take()?),
            Self::Open(_) => {}
        }
        match self {
            Self::Open(stream) => Some(stream),
            Self::Awaited(_) => None,
        }
    }
}

/// What one half of a link holds until the stream is there.
pub(crate) struct Place<S> {
    first: Arc<Mutex<FirstStream>>,
    side: usize,
    pick: fn(&mut FirstStream) -> Option<S>,
}

impl Place<RecvStream> {
    pub(crate) fn of_reader(first: Arc<Mutex<FirstStream>>) -> Self {
        let pick = |first: &mut FirstStream| first.receive.take();
        let side = 0;
        Self { first, side, pick }
    }
}

impl Place<SendStream> {
    pub(crate) fn of_writer(first: Arc<Mutex<FirstStream>>) -> Self {
        let pick = |first: &mut FirstStream| first.send.take();
        let side = 1;
        Self { first, side, pick }
    }
}

impl<S> Place<S> {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<S, ConnectionError>> {
        let mut first = self.lock();
        if first.poll(self.side, cx).is_pending() {
            return Poll::Pending;
        }
        let stream = (self.pick)(&mut first);
        let failure = || first.failure.clone();
        Poll::Ready(stream.ok_or_else(|| failure().unwrap_or(ConnectionError::LocallyClosed)))
    }

    fn take(&self) -> Option<S> {
        (self.pick)(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, FirstStream> {
        // The value is whole after every statement.
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Drop for Place<S> {
    /// The other half goes on alone: its task has to be the one that is woken.
    fn drop(&mut self) {
        let side = self.side;
        self.lock().wake_other(side);
    }
}
