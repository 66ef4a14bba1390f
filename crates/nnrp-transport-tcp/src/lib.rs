//! The transports of NNRP over TCP sockets: `nnrp+tcp://host:port`, and `nnrp+tls://host:port` with the feature `tls`.
//!
//! Every socket has `TCP_NODELAY` set: packets are joined by the coalescing writer, never held back by a timer.

mod socket;
mod tcp;
#[cfg(feature = "tls")]
mod tls;

pub use tcp::TcpTransport;
#[cfg(feature = "tls")]
pub use tls::TlsTransport;
