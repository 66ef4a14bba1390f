//! The reading half: what binary messages carry, as one stream. Pings are answered on the way.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};

use super::shared::Shared;
use crate::close::CloseStatus;
use crate::frame::{FrameDecoder, Role};
use crate::violation::Violation;

pub(super) struct Reader {
    carrier: Box<dyn AsyncRead + Send + Unpin>,
    decoder: FrameDecoder,
    /// What the handshake has read beyond itself.
    early: BytesMut,
    outgoing: Shared,
    end: Option<End>,
}

/// Why nothing more can be read.
#[derive(Clone, Copy, Debug)]
enum End {
    Closed(CloseStatus),
    /// The socket has ended before the direction has.
    Vanished,
    Violated(Violation),
}

impl Reader {
    pub(super) fn new(
        carrier: Box<dyn AsyncRead + Send + Unpin>,
        role: Role,
        early: BytesMut,
        outgoing: Shared,
    ) -> Self {
        Self {
            carrier,
            decoder: FrameDecoder::of_sender(role.peer()),
            early,
            outgoing,
            end: None,
        }
    }

    /// Appends raw bytes to the buffer.
    fn poll_raw(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.early.is_empty() {
            return Pin::new(&mut self.carrier).poll_read(cx, buffer);
        }
        let length = self.early.len().min(buffer.remaining());
        buffer.put_slice(&self.early[..length]);
        self.early.advance(length);
        if self.early.is_empty() {
            // The memory of the handshake goes with its last byte.
            self.early = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }

    /// Notes how the frames end, if they do, and answers what asks for an answer.
    fn react(&mut self, cx: &mut Context<'_>, outcome: Result<(), Violation>) {
        let ping = self.decoder.take_ping();
        let close = self.decoder.close();
        if ping.is_none() && close.is_none() && outcome.is_ok() {
            return;
        }
        let mut outgoing = self.outgoing.lock();
        if let Some(ping) = ping {
            outgoing.answer(ping);
        }
        if let Some(status) = close {
            outgoing.note_peer_close(status);
            self.end = Some(End::Closed(status));
        }
        if let Err(violation) = outcome {
            outgoing.refuse(CloseStatus::of_violation(violation));
            self.end = Some(End::Violated(violation));
        }
        outgoing.drive_beside_writer(cx);
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.outgoing.lock().attend(cx)?;
        while this.end.is_none() {
            if buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let start = buffer.filled().len();
            ready!(this.poll_raw(cx, buffer))?;
            let raw = &mut buffer.filled_mut()[start..];
            if raw.is_empty() {
                this.end = Some(End::Vanished);
                break;
            }
            let (length, outcome) = this.decoder.decode(raw);
            buffer.set_filled(start + length);
            this.react(cx, outcome);
            if length > 0 {
                return Poll::Ready(Ok(()));
            }
        }
        Poll::Ready(match this.end {
            Some(End::Closed(status)) if status.is_failure() => {
                let message = format!("the peer has closed {status}");
                Err(io::Error::new(io::ErrorKind::ConnectionAborted, message))
            }
            Some(End::Violated(violation)) => Err(violation.into()),
            Some(End::Vanished) => Err(io::ErrorKind::UnexpectedEof.into()),
            Some(End::Closed(_)) | None => Ok(()),
        })
    }
}
