//! The other end of a connection to the implementation under test: packets over a real transport, one by one.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::message::Message;
use nnrp_core::{FrameDecoder, Header, Limits, MessageType, Packet};
use nnrp_transport_provider::{Endpoint, Link, LinkControl, Listener, Security, Transport};
use nnrp_transport_quic::QuicTransport;
use nnrp_transport_tcp::TcpTransport;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::subject::{Side, Subject};
use super::verdict::{Failure, Verdict, good, needed, wrong};

/// Longest wait for anything that has to come. Below the time limit of a case, far above what a loaded machine needs.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// One end of a connection that speaks packets.
pub struct Wire {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: Box<dyn AsyncWrite + Send + Unpin>,
    decoder: FrameDecoder,
    received: BytesMut,
    _control: Option<Arc<dyn LinkControl>>,
}

impl Wire {
    /// The end of this link.
    #[must_use]
    pub fn new(link: Link) -> Self {
        Self {
            reader: link.reader,
            writer: link.writer,
            decoder: FrameDecoder::new(),
            received: BytesMut::new(),
            _control: link.control,
        }
    }

    pub(super) async fn connect(endpoint: &Endpoint, security: &Security) -> Result<Self, Failure> {
        let transport = needed("a transport", transport_of(endpoint, security))?;
        let link = within("connecting", transport.connect(endpoint)).await?;
        Ok(Self::new(good("connecting", link)?))
    }

    pub(super) async fn send<M: Message>(&mut self, header: Header, message: &M) -> Verdict {
        self.send_with_body(header, message, Bytes::new()).await
    }

    pub(super) async fn send_with_body<M: Message>(
        &mut self,
        header: Header,
        message: &M,
        body: Bytes,
    ) -> Verdict {
        let packet = Packet::with_message(header, message, body);
        self.send_packet(&needed("a packet to send", packet)?).await
    }

    pub(super) async fn send_packet(&mut self, packet: &Packet) -> Verdict {
        let sent = self.write(packet).await;
        good("sending", sent)
    }

    /// Writes a packet.
    pub async fn write(&mut self, packet: &Packet) -> std::io::Result<()> {
        let mut bytes = BytesMut::new();
        packet.encode_into(&mut bytes);
        self.writer.write_all(&bytes).await?;
        self.writer.flush().await
    }

    /// Ends the writing direction.
    pub async fn end(&mut self) {
        // A peer that is gone has seen the end.
        let _ = self.writer.shutdown().await;
    }

    /// The next packet; `None` at the end of the stream, however it came.
    pub async fn read(&mut self) -> Result<Option<Packet>, String> {
        loop {
            let decoded = self.decoder.decode(&mut self.received, &Limits::default());
            match decoded.map_err(|error| error.kind.to_string())? {
                Some(packet) => return Ok(Some(packet)),
                None if !matches!(self.reader.read_buf(&mut self.received).await, Ok(1..)) => {
                    return Ok(None);
                }
                None => {}
            }
        }
    }

    /// The next packet, or the end.
    pub(super) async fn next(&mut self) -> Result<Option<Packet>, Failure> {
        good("receiving", within("a packet", self.read()).await?)
    }

    /// The next packet, which has to be of this type.
    pub(super) async fn expect(&mut self, wanted: MessageType) -> Result<Packet, Failure> {
        match self.next().await? {
            Some(packet) if packet.header().message_type == wanted => Ok(packet),
            Some(packet) => {
                let found = packet.header().message_type.name();
                wrong(format!("a {found} came instead of {}", wanted.name()))
            }
            None => wrong(format!("the peer ended instead of a {}", wanted.name())),
        }
    }

    /// The next packet, which has to be this message.
    pub(super) async fn expect_message<M: Message>(&mut self) -> Result<(Header, M), Failure> {
        let packet = self.expect(M::MESSAGE_TYPE).await?;
        let message = good(M::MESSAGE_TYPE.name(), M::decode(packet.metadata()))?;
        Ok((*packet.header(), message))
    }

    /// The peer has to end the connection; whatever it says before is given.
    pub(super) async fn expect_end(&mut self) -> Result<Vec<Packet>, Failure> {
        let mut last_words = Vec::new();
        while let Some(packet) = self.next().await? {
            last_words.push(packet);
        }
        Ok(last_words)
    }
}

/// The listening end of a case whose client is under test.
pub(super) struct Scripted {
    listener: Box<dyn Listener>,
    endpoint: Endpoint,
}

impl Scripted {
    /// Listens on loopback; `endpoint` is how the client under test gets here.
    pub(super) async fn listen(subject: &dyn Subject) -> Result<Self, Failure> {
        let any = needed("an endpoint", Endpoint::tcp("127.0.0.1:0"))?;
        let listener = needed("listening", TcpTransport.listen(&any).await)?;
        let own = listener.endpoint().clone();
        let reached = subject.reach(Side::Client, own, &Security::default()).await;
        Ok(Self {
            listener,
            endpoint: needed("the way to the listener", reached)?,
        })
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    pub(super) async fn accept(&mut self) -> Result<Wire, Failure> {
        let accepted = within("a client", async {
            self.listener.accept().await?.attach().await
        });
        Ok(Wire::new(good("a client", accepted.await?)?))
    }
}

/// The transport of an endpoint of these cases.
pub fn transport_of(
    endpoint: &Endpoint,
    security: &Security,
) -> Result<Box<dyn Transport>, String> {
    match endpoint {
        Endpoint::Tcp { .. } => Ok(Box::new(TcpTransport)),
        Endpoint::Quic { .. } => Ok(Box::new(QuicTransport::new(security.clone()))),
        other => Err(format!("no case speaks over {other}")),
    }
}

/// What has to come in time.
pub(super) async fn within<T>(what: &str, step: impl Future<Output = T>) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, step).await {
        Ok(done) => Ok(done),
        Err(_) => wrong(format!("{what}: nothing within {PATIENCE:?}")),
    }
}

/// Runs a case that waits for sockets.
pub(super) fn on_sockets(case: impl Future<Output = Verdict>) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    needed("an async runtime", runtime)?.block_on(case)
}
