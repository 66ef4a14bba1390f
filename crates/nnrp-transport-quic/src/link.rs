//! The one stream of a connection as the two halves of a link.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use nnrp_transport_provider::{BoxFuture, CloseCode, Link, LinkControl};
use quinn::crypto::rustls::HandshakeData;
use quinn::{
    Connection, ConnectionError, ReadError, RecvStream, SendStream, StoppedError, VarInt,
    WriteError,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::client_endpoint::ClientEndpoint;
use crate::error::io_error;
use crate::first_stream::{FirstStream, Half, Place};

/// The client's end: it opens the stream, which the server learns with the first byte.
pub(crate) async fn connected_link(
    connection: Connection,
    endpoint: Arc<ClientEndpoint>,
) -> Result<Link, ConnectionError> {
    let (send, receive) = connection.open_bi().await?;
    let halves = (Half::Open(receive), Half::Open(send));
    Ok(link(connection, halves, Some(endpoint)))
}

/// The server's end: the link is there before the stream is.
pub(crate) fn accepted_link(connection: Connection) -> Link {
    let first = Arc::new(Mutex::new(FirstStream::of(connection.clone())));
    let halves = (
        Half::Awaited(Place::of_reader(Arc::clone(&first))),
        Half::Awaited(Place::of_writer(first)),
    );
    link(connection, halves, None)
}

fn link(
    connection: Connection,
    (receive, send): (Half<RecvStream>, Half<SendStream>),
    endpoint: Option<Arc<ClientEndpoint>>,
) -> Link {
    Link {
        peer: connection.remote_address().to_string(),
        alpn: alpn_of(&connection),
        reader: Box::new(Reader { stream: receive }),
        writer: Box::new(Writer {
            stream: send,
            delivery: None,
            _endpoint: endpoint,
        }),
        control: Some(Arc::new(Control { connection })),
    }
}

fn alpn_of(connection: &Connection) -> Option<String> {
    let data = connection.handshake_data()?.downcast::<HandshakeData>();
    let token = data.ok()?.protocol?;
    Some(String::from_utf8_lossy(&token).into_owned())
}

struct Reader {
    stream: Half<RecvStream>,
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream = ready!(self.stream.poll_open(cx)).map_err(|error| io_error(&error))?;
        stream
            .poll_read_buf(cx, buffer)
            .map_err(|error| match error {
                ReadError::ConnectionLost(error) => io_error(&error),
                ReadError::Reset(_) => io::Error::new(io::ErrorKind::ConnectionReset, error),
                error => io::Error::other(error),
            })
    }
}

struct Writer {
    stream: Half<SendStream>,
    /// The wait for the acknowledgement of everything, once the direction is ended.
    delivery: Option<BoxFuture<'static, Result<Option<VarInt>, StoppedError>>>,
    /// Keeps the socket of a client for others to share.
    _endpoint: Option<Arc<ClientEndpoint>>,
}

impl AsyncWrite for Writer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let stream = ready!(self.stream.poll_open(cx)).map_err(|error| io_error(&error))?;
        Pin::new(stream).poll_write(cx, bytes).map_err(write_error)
    }

    /// QUIC holds nothing back.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Done when the peer has acknowledged every byte, or wants no more of them.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.delivery.is_none() {
            let Some(stream) = this.stream.open() else {
                // The peer has opened no stream, so there is nothing to end.
                return Poll::Ready(Ok(()));
            };
            // An error says that it is finished already.
            let _ = stream.finish();
            this.delivery = Some(Box::pin(stream.stopped()));
        }
        let Some(delivery) = &mut this.delivery else {
            return Poll::Ready(Ok(()));
        };
        match ready!(delivery.as_mut().poll(cx)) {
            Ok(_) => Poll::Ready(Ok(())),
            // A published peer drops the connection when it has what it wants.
            Err(StoppedError::ConnectionLost(ConnectionError::ApplicationClosed(close)))
                if close.error_code.into_inner() == 0 =>
            {
                Poll::Ready(Ok(()))
            }
            Err(StoppedError::ConnectionLost(error)) => Poll::Ready(Err(io_error(&error))),
            Err(error) => Poll::Ready(Err(io::Error::other(error))),
        }
    }
}

fn write_error(error: WriteError) -> io::Error {
    match error {
        WriteError::ConnectionLost(error) => io_error(&error),
        WriteError::Stopped(_) => io::Error::new(io::ErrorKind::BrokenPipe, error),
        error => io::Error::other(error),
    }
}

struct Control {
    connection: Connection,
}

impl LinkControl for Control {
    fn abort(&self, code: CloseCode) {
        let number = VarInt::from_u32(code.wire_value());
        self.connection.close(number, code.as_str().as_bytes());
    }

    fn peer_code(&self) -> Option<u64> {
        match self.connection.close_reason()? {
            ConnectionError::ApplicationClosed(close) => Some(close.error_code.into_inner()),
            _ => None,
        }
    }
}
