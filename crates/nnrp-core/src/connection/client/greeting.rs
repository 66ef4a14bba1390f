//! The hello exchange from its client's side: what is offered, and what the ack agrees on.

use bytes::BytesMut;

use super::intake::unrequested;
use super::{ClientConnection, ClientEvent};
use crate::codec_error::CodecError;
use crate::connection::keep_alive::KeepAlive;
use crate::connection::negotiated::Negotiated;
use crate::connection::outgoing::Lane;
use crate::connection::schema_blocks::{answers_in, append_offer};
use crate::error::ErrorKind;
use crate::extension::{ExtensionError, HelloAckExtensions, HelloExtensions};
use crate::header::Header;
use crate::message::hello::{ClientHello, ServerHelloAck};
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::schema::SchemaDescriptor;
use crate::timestamp::Timestamp;

/// Where the hello exchange stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HelloState {
    /// None is wanted.
    None,
    /// Sent; nothing else may be sent before its ack.
    Sent { deadline: Timestamp },
    /// Answered: several sessions may be opened.
    Acknowledged(Negotiated),
}

impl ClientConnection {
    /// Whether the server has answered the hello.
    #[must_use]
    pub fn hello_acknowledged(&self) -> bool {
        matches!(self.hello, HelloState::Acknowledged(_))
    }

    pub(super) fn on_hello_ack(&mut self, packet: &Packet) -> Result<(), ErrorKind> {
        let (Some(hello), HelloState::Sent { .. }) = (&self.config.hello, self.hello) else {
            return Err(unrequested());
        };
        let ack = ServerHelloAck::decode(packet.metadata())?;
        ack.check_against(hello)?;
        let block = ack.control_extension(packet.body());
        let block = block.map_err(|_| ExtensionError::Malformed { offset: 0 })?;
        let block = block.unwrap_or_default();
        let extensions = HelloAckExtensions::decode(&block)?;
        let schemas = answers_in(&block, &self.offered_schemas);
        self.hello = HelloState::Acknowledged(Negotiated::of(&ack));
        self.credit.set_cap(ack.max_concurrent_frames);
        let timeouts = self.config.timeouts;
        self.keep_alive = KeepAlive::new(timeouts.keep_alive, timeouts.ping);
        while let Some(open) = self.held_opens.pop_front() {
            self.outgoing.push(Lane::Control, open);
        }
        self.events.push(ClientEvent::HelloAcknowledged {
            ack,
            extensions,
            schemas,
        });
        Ok(())
    }
}

/// The hello with its block; credentials, if the hello declares any, are not sent with one.
pub(super) fn hello_packet(
    hello: &ClientHello,
    extensions: &HelloExtensions,
    schemas: &[SchemaDescriptor],
) -> Result<Packet, CodecError> {
    let mut block = BytesMut::from(&extensions.encode()[..]);
    append_offer(&mut block, schemas);
    let mut hello = *hello;
    if !block.is_empty() {
        hello.auth_bytes = 0;
        hello.control_extension_bytes =
            u32::try_from(block.len()).map_err(|_| CodecError::MessageLengthOverflow)?;
    }
    let header = Header::new(MessageType::ClientHello);
    Packet::with_message(header, &hello, block.freeze())
}
