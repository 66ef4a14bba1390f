//! An established WebSocket as the two halves of a link.

mod control;
mod outgoing;
mod reader;
mod shared;
mod writer;

use std::sync::Arc;

use bytes::BytesMut;
use nnrp_transport_provider::Link;

use self::control::Control;
use self::outgoing::Outgoing;
use self::reader::Reader;
use self::shared::Shared;
use self::writer::Writer;
use crate::frame::Role;

/// Puts frames over a link whose handshake is done; `early` is what has been read of them already.
pub(crate) fn framed(carrier: Link, role: Role, early: BytesMut) -> Link {
    let outgoing = Shared::new(Outgoing::new(carrier.writer, role));
    Link {
        reader: Box::new(Reader::new(carrier.reader, role, early, outgoing.clone())),
        writer: Box::new(Writer::new(outgoing.clone())),
        peer: carrier.peer,
        alpn: carrier.alpn,
        control: Some(Arc::new(Control::new(outgoing))),
    }
}

#[cfg(test)]
mod tests;
