//! A byte-level peer and a running `nnrp-echo`, with nothing of this workspace between them and the wire.

mod packet;
mod peer;
mod server;

pub(crate) use packet::*;
pub(crate) use peer::Peer;
pub(crate) use server::Echo;
