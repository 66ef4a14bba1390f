//! The QUIC transport of NNRP: `nnrp+quic://host:port`, one bidirectional stream a connection (spec 13.11).
//!
//! A server decides about ALPN connection by connection, so peers that offer `nnrp/1` and peers that offer none (every published one) meet on one
//! port. Both sides keep idle connections alive. Refusals arrive: ending the writing side waits until the peer has acknowledged everything.

mod client_endpoint;
mod client_hello;
mod error;
mod first_stream;
mod handshake;
mod knock;
mod link;
mod listener;
mod parameters;
mod socket;
mod transport;

pub use transport::QuicTransport;
