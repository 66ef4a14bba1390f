//! An established WebSocket as the two halves of a link.

mod control;
mod outgoing;
mod reader;
mod writer;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use nnrp_transport_provider::Link;

use self::control::Control;
use self::outgoing::Outgoing;
use self::reader::Reader;
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

/// The outgoing direction: the writer writes, and the reader answers Pings.
#[derive(Clone)]
struct Shared(Arc<Mutex<Outgoing>>);

impl Shared {
    fn new(outgoing: Outgoing) -> Self {
        Self(Arc::new(Mutex::new(outgoing)))
    }

    fn lock(&self) -> MutexGuard<'_, Outgoing> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
