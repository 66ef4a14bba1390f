//! Carries the bytes of TCP connections to a server on another transport and back, so that one byte-level peer serves for all of them.
//!
//! TLS, QUIC and WebSocket are those of rustls, quinn and tungstenite, with nothing of this workspace between them and the wire.

#[path = "web_socket_stream.rs"]
mod web_socket_stream;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use quinn::crypto::rustls::QuicClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

/// The name in the certificate of the server.
const NAME: &str = "localhost";

/// The TCP address behind which a server can be reached: its own, or that of a bridge, which lives as long as the process.
///
/// `root` is the file with the certificate to trust; `alpn` the token to offer, if any.
pub(crate) fn tcp_address_of(uri: &str, root: &str, alpn: Option<&str>) -> String {
    let (scheme, authority) = uri.split_once("://").expect("an URI");
    if scheme == "nnrp+tcp" {
        return authority.to_owned();
    }
    let server: SocketAddr = authority.parse().expect("an address");
    let tls = client_config(root, alpn);
    let scheme = scheme.to_owned();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let dialer = match scheme.as_str() {
                "nnrp+quic" => Dialer::Quic(quic_endpoint(tls), server),
                "nnrp+ws" => Dialer::WebSocket(server),
                _ => Dialer::Tls(TlsConnector::from(Arc::new(tls)), server),
            };
            carry(dialer, &tell).await;
        });
    });
    told.recv().expect("the bridge stands").to_string()
}

/// TLS 1.3 that trusts the certificate in the file.
pub(crate) fn client_config(root: &str, alpn: Option<&str>) -> rustls::ClientConfig {
    let root = std::fs::read(root).expect("the certificate that the server wrote");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root)).expect("a root");
    let mut config =
        rustls::ClientConfig::builder_with_protocol_versions(&[&rustls::version::TLS13])
            .with_root_certificates(roots)
            .with_no_client_auth();
    config.alpn_protocols = alpn.into_iter().map(Into::into).collect();
    config
}

/// A UDP socket whose connections trust and offer what the configuration says.
pub(crate) fn quic_endpoint(tls: rustls::ClientConfig) -> quinn::Endpoint {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut endpoint = quinn::Endpoint::client(any_port).expect("a UDP socket");
    let crypto = QuicClientConfig::try_from(tls).expect("TLS 1.3");
    endpoint.set_default_client_config(quinn::ClientConfig::new(Arc::new(crypto)));
    endpoint
}

/// How the server is reached.
enum Dialer {
    Tls(TlsConnector, SocketAddr),
    Quic(quinn::Endpoint, SocketAddr),
    WebSocket(SocketAddr),
}

/// The server's end of one carried connection.
struct Far {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: Box<dyn AsyncWrite + Send + Unpin>,
}

impl Dialer {
    async fn dial(&self) -> io::Result<Far> {
        match self {
            Self::Tls(connector, server) => {
                let stream = TcpStream::connect(server).await?;
                stream.set_nodelay(true)?;
                let name = ServerName::try_from(NAME).expect("a name");
                let (reader, writer) = tokio::io::split(connector.connect(name, stream).await?);
                Ok(Far {
                    reader: Box::new(reader),
                    writer: Box::new(writer),
                })
            }
            Self::WebSocket(server) => {
                let (reader, writer) = web_socket_stream::dial(*server).await?;
                Ok(Far {
                    reader: Box::new(reader),
                    writer: Box::new(writer),
                })
            }
            Self::Quic(endpoint, server) => {
                let connecting = endpoint.connect(*server, NAME).map_err(io::Error::other)?;
                let (writer, reader) = connecting.await?.open_bi().await?;
                Ok(Far {
                    reader: Box::new(reader),
                    writer: Box::new(writer),
                })
            }
        }
    }
}

async fn carry(dialer: Dialer, tell: &Sender<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    tell.send(listener.local_addr().expect("an address"))
        .expect("the test waits");
    let dialer = Arc::new(dialer);
    loop {
        let (near, _) = listener.accept().await.expect("accept");
        near.set_nodelay(true).expect("nodelay");
        let dialer = Arc::clone(&dialer);
        tokio::spawn(async move {
            let outcome = match dialer.dial().await {
                Ok(far) => join(near, far).await,
                Err(error) => Err((near, error)),
            };
            // What is no end of stream there is none here: the peer sees a reset.
            if let Err((near, _)) = outcome {
                let _ = near.set_zero_linger();
            }
        });
    }
}

/// An end of stream is passed on; anything worse ends both connections.
async fn join(near: TcpStream, mut far: Far) -> Result<(), (TcpStream, io::Error)> {
    let (mut reader, mut writer) = near.into_split();
    let failed = {
        let there = pass(&mut reader, &mut far.writer);
        let back = pass(&mut far.reader, &mut writer);
        // Whether a server dropped its peer shows in its direction.
        tokio::pin!(there, back);
        tokio::select! {
            outcome = &mut back => outcome,
            outcome = &mut there => if outcome.is_ok() { back.await } else { Ok(()) },
        }
    };
    let Err(error) = failed else { return Ok(()) };
    let near = reader.reunite(writer).expect("halves of one stream");
    Err((near, error))
}

async fn pass(
    from: &mut (impl AsyncRead + Unpin + ?Sized),
    to: &mut (impl AsyncWrite + Unpin + ?Sized),
) -> io::Result<()> {
    copy(from, to).await?;
    to.shutdown().await
}
