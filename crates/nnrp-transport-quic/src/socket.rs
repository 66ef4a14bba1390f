//! UDP sockets with buffers that take a burst.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// Room for a window of each of several connections; systems grant what they like (Linux: 208 KiB unless told otherwise).
const BUFFER_BYTES: usize = 4 << 20;

/// Binds a socket. One on the unspecified IPv6 address also serves IPv4, where the system can.
pub(crate) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    socket.set_nonblocking(true)?;
    if address.ip() == Ipv6Addr::UNSPECIFIED {
        // Some systems know no such sockets; IPv6 alone is served there.
        let _ = socket.set_only_v6(false);
    }
    // A system that grants less is slower under load, and works.
    let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(BUFFER_BYTES);
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// The address to bind for talking to another one.
pub(crate) fn any_port(peer: SocketAddr) -> SocketAddr {
    match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}
