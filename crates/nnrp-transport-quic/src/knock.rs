//! Finds out that nobody listens on a port, which QUIC alone would only guess from silence.
//!
//! A socket shared by connections hears no ICMP errors. A connected one does; so when a handshake is not over at once, one datagram from such a
//! socket asks for them. It is too short for any QUIC packet, so that servers drop it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;

use crate::socket::any_port;

/// A handshake that takes longer than this may have nobody at its other end.
const PATIENCE: Duration = Duration::from_millis(50);

/// Done when the system reports that nobody listens; never done otherwise.
pub(crate) async fn refused(address: SocketAddr) -> io::Error {
    tokio::time::sleep(PATIENCE).await;
    if let Err(error) = knock(address).await
        && matches!(
            error.kind(),
            io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
        )
    {
        return io::Error::new(io::ErrorKind::ConnectionRefused, error);
    }
    std::future::pending().await
}

async fn knock(address: SocketAddr) -> io::Result<()> {
    let socket = UdpSocket::bind(any_port(address)).await?;
    socket.connect(address).await?;
    socket.send(&[0]).await?;
    socket.recv(&mut [0; 1]).await?;
    Ok(())
}
