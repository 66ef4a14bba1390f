//! The WebSocket transport of NNRP (RFC 6455): `nnrp+ws://host:port/path`, and `nnrp+wss://host:port/path` with the feature `tls`.
//!
//! The byte stream of a connection travels in binary messages, whose borders mean nothing: a packet may span messages, and a message may hold
//! several packets. Frames are taken apart in the buffer of whoever reads and put together from the buffers of whoever writes, so a message of any
//! length costs no memory; no extension is negotiated, and the subprotocol is `nnrp.1` or none.
//!
//! Each direction ends with its own Close frame: what the other side still has to say arrives, as it does on TCP.

mod close;
mod frame;
mod handshake;
mod link;
mod random;
mod transport;
mod violation;

pub use transport::WebSocketTransport;
