//! The WebSocket of others (tungstenite) as the two halves of a byte stream.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

type Foreign = WebSocketStream<TcpStream>;

/// Connects, and shakes hands as a client.
pub(crate) async fn dial(server: SocketAddr) -> io::Result<(Reader, Writer)> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let handshake = client_async(format!("ws://{server}/"), stream).await;
    let (socket, _) = handshake.map_err(io::Error::other)?;
    let (sink, messages) = socket.split();
    let reader = Reader {
        messages,
        rest: Bytes::new(),
    };
    Ok((reader, Writer { sink, ended: false }))
}

/// What binary messages carry, until the Close frame.
pub(crate) struct Reader {
    messages: SplitStream<Foreign>,
    rest: Bytes,
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.rest.is_empty() {
            match ready!(self.messages.poll_next_unpin(cx)) {
                Some(Ok(Message::Binary(bytes))) => self.rest = bytes,
                Some(Ok(Message::Close(_)) | Err(Error::ConnectionClosed)) | None => {
                    return Poll::Ready(Ok(()));
                }
                Some(Ok(other)) => panic!("nobody asked for {other}"),
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
            }
        }
        let length = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..length]);
        self.rest.advance(length);
        Poll::Ready(Ok(()))
    }
}

/// A binary message for each write, and a Close frame at the end.
pub(crate) struct Writer {
    sink: SplitSink<Foreign, Message>,
    ended: bool,
}

impl Writer {
    fn poll_send(&mut self, cx: &mut Context<'_>, message: Message) -> Poll<io::Result<()>> {
        let mut sink = Pin::new(&mut self.sink);
        ready!(sink.as_mut().poll_ready(cx)).map_err(io::Error::other)?;
        Poll::Ready(sink.start_send(message).map_err(io::Error::other))
    }
}

impl AsyncWrite for Writer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let message = Message::binary(bytes.to_vec());
        ready!(self.poll_send(cx, message))?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushing = Pin::new(&mut self.sink).poll_flush(cx);
        flushing.map_err(io::Error::other)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.ended {
            ready!(self.poll_send(cx, Message::Close(None)))?;
            self.ended = true;
        }
        self.poll_flush(cx)
    }
}
