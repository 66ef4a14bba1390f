//! Carries the bytes of TCP connections to a server on another transport and back, so that one byte-level peer serves for all of them.

use std::net::SocketAddr;

use nnrp_transport_provider::security::{ClientSecurity, Trust};
use nnrp_transport_provider::{Endpoint, Link, Security, Transport};
use nnrp_transport_quic::QuicTransport;
use nnrp_transport_tcp::{TcpTransport, TlsTransport};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

/// The TCP address behind which a server can be reached: its own, or that of a bridge, which lives as long as the process.
pub(crate) fn tcp_address_of(uri: &str) -> String {
    let server: Endpoint = uri.parse().expect("an endpoint");
    if let Endpoint::Tcp { host, port } = server {
        return format!("{host}:{port}");
    }
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(carry(server, &tell));
    });
    told.recv().expect("the bridge stands").to_string()
}

async fn carry(server: Endpoint, tell: &std::sync::mpsc::Sender<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    tell.send(listener.local_addr().expect("an address"))
        .expect("the test waits");
    loop {
        let (near, _) = listener.accept().await.expect("accept");
        near.set_nodelay(true).expect("nodelay");
        let server = server.clone();
        // A server that cannot be reached drops its peer, as one that refuses does.
        tokio::spawn(async move {
            if let Ok(far) = transport(&server).connect(&server).await {
                join(near, far).await;
            }
        });
    }
}

/// The transport of an endpoint, whoever the server is.
pub(crate) fn transport(server: &Endpoint) -> Box<dyn Transport> {
    let security = Security::client(ClientSecurity {
        trust: Trust::DangerouslyAnyone,
        ..ClientSecurity::default()
    });
    match server {
        Endpoint::Tcp { .. } => Box::new(TcpTransport),
        Endpoint::Quic { .. } => Box::new(QuicTransport::new(security)),
        _ => Box::new(TlsTransport::new(security)),
    }
}

/// An end of stream is passed on; anything worse ends both connections.
async fn join(near: TcpStream, mut far: Link) {
    let (mut reader, mut writer) = near.into_split();
    let there = pass(&mut reader, &mut far.writer);
    let back = pass(&mut far.reader, &mut writer);
    // Whether a server dropped its peer shows in its direction.
    tokio::pin!(there, back);
    tokio::select! {
        _ = &mut back => {}
        there_ended = &mut there => if there_ended.is_ok() { let _ = back.await; }
    }
}

async fn pass(
    from: &mut (impl AsyncRead + Unpin + ?Sized),
    to: &mut (impl AsyncWrite + Unpin + ?Sized),
) -> std::io::Result<()> {
    copy(from, to).await?;
    to.shutdown().await
}
