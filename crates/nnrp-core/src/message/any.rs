//! Any message: what the metadata of a packet is, chosen by the type in its header.

use crate::codec_error::CodecError;
use crate::header::Header;
use crate::message::{FieldValue, FixedFields, Message, header_only};
use crate::message_type::MessageType;

/// Declares [`AnyMessage`] from the structures with metadata; the variant is the message type.
macro_rules! any_message {
    ($($variant:ident($structure:ty),)*) => {
        /// A decoded message of any type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum AnyMessage {
            $(#[doc = concat!("[`", stringify!($structure), "`]")] $variant($structure),)*
            /// `CLOSE`, `PING`, `PONG`, `RESULT_DROP` or `FRAME_CANCEL`: the header says it all.
            HeaderOnly(MessageType),
        }

        $(impl From<$structure> for AnyMessage {
            fn from(message: $structure) -> Self {
                Self::$variant(message)
            }
        })*

        impl AnyMessage {
            /// Reads the metadata of a packet with this header; longer metadata is accepted.
            ///
            /// For the types without metadata, checks the shape of the header instead.
            /// `FRAME_CANCEL` has no such check and always succeeds.
            pub fn decode(header: &Header, metadata: &[u8]) -> Result<Self, CodecError> {
                match header.message_type {
                    $(<$structure as Message>::MESSAGE_TYPE => {
                        <$structure>::decode(metadata).map(Self::$variant)
                    })*
                    _ => header_only::check(header).map(|()| Self::HeaderOnly(header.message_type)),
                }
            }

            /// The type in the header of packets that carry the message.
            #[must_use]
            pub const fn message_type(&self) -> MessageType {
                match self {
                    $(Self::$variant(_) => <$structure as Message>::MESSAGE_TYPE,)*
                    Self::HeaderOnly(message_type) => *message_type,
                }
            }

            /// Bytes of the fixed metadata; 0 for the types without.
            #[must_use]
            pub const fn size(&self) -> usize {
                match self {
                    $(Self::$variant(_) => <$structure>::SIZE,)*
                    Self::HeaderOnly(_) => 0,
                }
            }

            /// Writes the metadata to the first [`Self::size`] bytes of `destination`.
            pub fn encode(&self, destination: &mut [u8]) -> Result<(), CodecError> {
                match self {
                    $(Self::$variant(message) => message.encode(destination),)*
                    Self::HeaderOnly(_) => Ok(()),
                }
            }

            /// Calls `visit` with each field of the metadata in table order.
            pub fn for_each_field(&self, visit: &mut dyn FnMut(FieldValue)) {
                match self {
                    $(Self::$variant(message) => message.for_each_field(visit),)*
                    Self::HeaderOnly(_) => {}
                }
            }
        }
    };
}

any_message! {
    ClientHello(super::hello::ClientHello),
    ServerHelloAck(super::hello::ServerHelloAck),
    SessionPatch(super::patch::SessionPatch),
    SessionPatchAck(super::patch::SessionPatchAck),
    Error(super::error_report::ErrorReport),
    SessionOpen(super::session::SessionOpen),
    SessionOpenAck(super::session::SessionOpenAck),
    SessionClose(super::session::SessionClose),
    SessionCloseAck(super::session::SessionCloseAck),
    FrameSubmit(super::submit::FrameSubmit),
    ResultPush(super::result::ResultPush),
    CachePut(super::cache::CachePut),
    CacheAck(super::cache::CacheAck),
    CacheInvalidate(super::cache::CacheInvalidate),
    FlowUpdate(super::flow::FlowUpdate),
    ResultHint(super::result::ResultHint),
    TransportProbe(super::probe::TransportProbe),
    TransportProbeAck(super::probe::TransportProbeAck),
    SessionMigrate(super::migrate::SessionMigrate),
    SessionMigrateAck(super::migrate::SessionMigrateAck),
}
