//! The outgoing direction of a connection: frames, answers to Pings, and at most one Close frame, after which nothing follows.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::BytesMut;
use nnrp_transport_provider::{give_back_chunk, take_chunk};
use tokio::io::AsyncWrite;

use crate::close::CloseStatus;
use crate::frame::{ControlPayload, FrameHeader, MaskKeys, Opcode, Role};

/// Most payload of a frame. The rest of a frame that was begun counts as sent, so it has to leave within the time that a slow peer is given: 30 seconds
/// for 32 KiB are a kilobyte a second.
const MOST_FRAME_BYTES: usize = 32 * 1024;
/// Buffers handed to one vectored write, beside the header; more gain nothing.
const MOST_SLICES: usize = 32;

/// What was promised to the peer and is not written yet is at most one frame and one control frame.
pub(super) struct Outgoing {
    carrier: Option<Box<dyn AsyncWrite + Send + Unpin>>,
    /// A client masks.
    keys: Option<MaskKeys>,
    /// The rest of frames that were begun, of which `taken` bytes are written. Without any it holds no memory.
    rest: BytesMut,
    taken: usize,
    pong: Option<ControlPayload>,
    /// The Close frame is written or stands at the end of the rest.
    closed: bool,
    peer_close: Option<CloseStatus>,
    aborted: bool,
    /// The writing half waits for the socket and has the one place of a waker there.
    writer_waits: bool,
    /// Who is to hear of an abort.
    reader: Option<Waker>,
}

impl Outgoing {
    pub(super) fn new(carrier: Box<dyn AsyncWrite + Send + Unpin>, role: Role) -> Self {
        Self {
            carrier: Some(carrier),
            keys: (role == Role::Client).then(MaskKeys::new),
            rest: BytesMut::new(),
            taken: 0,
            pong: None,
            closed: false,
            peer_close: None,
            aborted: false,
            writer_waits: false,
            reader: None,
        }
    }

    /// For the writing half: a frame with as much of these bytes as one may have.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.as_writer(|this| {
            if this.closed {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            ready!(this.poll_rest(cx))?;
            let mut frame = [IoSlice::new(&[]); MOST_SLICES + 1];
            let (count, length) = gather(slices, &mut frame[1..]);
            if length == 0 {
                return Poll::Ready(Ok(0));
            }
            if this.keys.is_some() {
                this.append_frame(Opcode::Binary, &frame[1..=count])?;
                // What the socket does not take at once stays here.
                let _ = this.poll_rest(cx)?;
            } else {
                let (header, header_length) = this.header(Opcode::Binary, length)?.encode();
                frame[0] = IoSlice::new(&header[..header_length]);
                ready!(this.poll_frame(cx, &frame[..=count]))?;
            }
            Poll::Ready(Ok(length))
        })
    }

    /// For the writing half: until everything is written.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.as_writer(|this| {
            ready!(this.poll_rest(cx))?;
            Pin::new(this.carrier()?).poll_flush(cx)
        })
    }

    /// For the writing half: until everything is written, and a Close frame after it.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.close(self.own_close())?;
        self.poll_flush(cx)
    }

    /// The writing half is gone. A peer that has ended its direction gets its Close frame; another one sees the socket end.
    pub(super) fn give_up(&mut self) {
        self.writer_waits = false;
        if self.peer_close.is_some() && self.close(self.own_close()).is_ok() {
            self.try_rest();
        }
        self.carrier = None;
    }

    /// Ends both directions.
    pub(super) fn abort(&mut self, status: CloseStatus) {
        if self.aborted {
            return;
        }
        self.refuse(status);
        self.aborted = true;
        self.try_rest();
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// Queues the Close frame that says why this side ends, unless there was one.
    pub(super) fn refuse(&mut self, status: CloseStatus) {
        // Without random numbers the peer is told nothing.
        let _ = self.close(status);
    }

    /// Queues the answer to a Ping, in place of an earlier one that is still queued.
    pub(super) fn answer(&mut self, ping: ControlPayload) {
        if !self.closed {
            self.pong = Some(ping);
        }
    }

    pub(super) fn note_peer_close(&mut self, status: CloseStatus) {
        self.peer_close = Some(status);
    }

    pub(super) fn peer_close(&self) -> Option<CloseStatus> {
        self.peer_close
    }

    /// For the reading half, whenever it is polled: an abort ends it too, and what is queued goes on.
    pub(super) fn attend(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.aborted {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if !self
            .reader
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            self.reader = Some(cx.waker().clone());
        }
        self.drive_beside_writer(cx);
        Ok(())
    }

    /// For the reading half: writes what is queued. A writing half that waits for the socket does that itself.
    pub(super) fn drive_beside_writer(&mut self, cx: &mut Context<'_>) {
        let is_idle = self.rest.is_empty() && self.pong.is_none();
        if is_idle || self.writer_waits || self.carrier.is_none() {
            return;
        }
        // A broken socket shows in reading, and in the next write.
        let _ = self.poll_rest(cx);
    }

    fn as_writer<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let outcome = step(self);
        self.writer_waits = outcome.is_pending();
        outcome
    }

    fn carrier(&mut self) -> io::Result<&mut Box<dyn AsyncWrite + Send + Unpin>> {
        self.carrier
            .as_mut()
            .ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    /// The status code of a peer that ends first is given back to it.
    fn own_close(&self) -> CloseStatus {
        match self.peer_close {
            Some(status) if !status.is_failure() => status,
            _ => CloseStatus::NORMAL,
        }
    }

    fn close(&mut self, status: CloseStatus) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let payload = status.payload();
        self.append_frame(Opcode::Close, &[IoSlice::new(&payload)])?;
        self.closed = true;
        self.pong = None;
        Ok(())
    }

    /// Writes a frame from where its bytes lie; what the socket does not take of it is kept.
    fn poll_frame(&mut self, cx: &mut Context<'_>, frame: &[IoSlice<'_>]) -> Poll<io::Result<()>> {
        let carrier = self.carrier()?;
        let mut written = if carrier.is_write_vectored() {
            ready!(Pin::new(carrier).poll_write_vectored(cx, frame))?
        } else {
            ready!(Pin::new(carrier).poll_write(cx, &frame[0]))?
        };
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        for piece in frame {
            let skipped = written.min(piece.len());
            written -= skipped;
            self.keep(&piece[skipped..]);
        }
        Poll::Ready(Ok(()))
    }

    fn keep(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.rest.capacity() == 0 {
            self.rest = take_chunk();
        }
        self.rest.extend_from_slice(bytes);
    }

    /// Appends a frame to the rest, masked if this side masks.
    fn append_frame(&mut self, opcode: Opcode, payload: &[IoSlice<'_>]) -> io::Result<()> {
        let length = payload.iter().map(|slice| slice.len()).sum();
        let header = self.header(opcode, length)?;
        let (bytes, header_length) = header.encode();
        self.keep(&bytes[..header_length]);
        let start = self.rest.len();
        for slice in payload {
            self.keep(slice);
        }
        header.mask().apply(&mut self.rest[start..]);
        Ok(())
    }

    fn header(&mut self, opcode: Opcode, length: usize) -> io::Result<FrameHeader> {
        Ok(FrameHeader {
            is_last: true,
            opcode,
            length: length as u64,
            key: self.keys.as_mut().map(MaskKeys::next).transpose()?,
        })
    }

    /// Writes the rest and the answer to a Ping until there is none.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            while self.taken < self.rest.len() {
                let carrier = self.carrier.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
                let written = ready!(Pin::new(carrier).poll_write(cx, &self.rest[self.taken..]))?;
                if written == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.taken += written;
            }
            self.taken = 0;
            if self.rest.capacity() > 0 {
                give_back_chunk(std::mem::take(&mut self.rest));
            }
            let Some(pong) = self.pong.take() else {
                return Poll::Ready(Ok(()));
            };
            self.append_frame(Opcode::Pong, &[IoSlice::new(pong.as_bytes())])?;
        }
    }

    /// Writes what the socket takes at once.
    fn try_rest(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        let _ = self.poll_rest(&mut cx);
    }
}

/// Fills `target` with what one frame may have of the slices; returns how many it took, and how many bytes.
fn gather<'a>(slices: &'a [IoSlice<'_>], target: &mut [IoSlice<'a>]) -> (usize, usize) {
    let (mut count, mut length) = (0, 0);
    for (slice, target) in slices.iter().filter(|slice| !slice.is_empty()).zip(target) {
        let taken = slice.len().min(MOST_FRAME_BYTES - length);
        if taken == 0 {
            break;
        }
        *target = IoSlice::new(&slice[..taken]);
        length += taken;
        count += 1;
    }
    (count, length)
}
