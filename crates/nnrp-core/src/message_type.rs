//! The message types of the common header (spec 01 §1.6).

use crate::codec_error::CodecError;

/// Declares [`MessageType`] from one table of number, variant and wire name.
macro_rules! message_types {
    ($($value:literal $variant:ident $name:literal,)*) => {
        /// What a packet is; byte 6 of the header.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum MessageType {
            $(#[doc = concat!("`", $name, "`")] $variant = $value,)*
        }

        /// One load decodes a type; a match over the numbers takes a jump.
        const BY_NUMBER: [Option<MessageType>; 256] = {
            let mut assigned = [None; 256];
            $(assigned[$value] = Some(MessageType::$variant);)*
            assigned
        };

        impl MessageType {
            /// Every assigned type in ascending order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name used in the specification.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The number on the wire.
            #[must_use]
            pub const fn to_wire(self) -> u8 {
                self as u8
            }

            /// The type of an assigned number, `UnknownMessageType` for any other.
            #[inline]
            pub const fn from_wire(value: u8) -> Result<Self, CodecError> {
                match BY_NUMBER[value as usize] {
                    Some(assigned) => Ok(assigned),
                    None => Err(CodecError::UnknownMessageType(value)),
                }
            }
        }
    };
}

message_types! {
    0x01 ClientHello "CLIENT_HELLO",
    0x02 ServerHelloAck "SERVER_HELLO_ACK",
    0x03 SessionPatch "SESSION_PATCH",
    0x04 SessionPatchAck "SESSION_PATCH_ACK",
    0x05 Close "CLOSE",
    0x06 Error "ERROR",
    0x07 SessionOpen "SESSION_OPEN",
    0x08 SessionOpenAck "SESSION_OPEN_ACK",
    0x09 SessionClose "SESSION_CLOSE",
    0x0a SessionCloseAck "SESSION_CLOSE_ACK",
    0x10 FrameSubmit "FRAME_SUBMIT",
    0x11 FrameCancel "FRAME_CANCEL",
    0x12 ResultPush "RESULT_PUSH",
    0x13 ResultDrop "RESULT_DROP",
    0x14 CachePut "CACHE_PUT",
    0x15 CacheAck "CACHE_ACK",
    0x16 CacheInvalidate "CACHE_INVALIDATE",
    0x17 FlowUpdate "FLOW_UPDATE",
    0x18 ResultHint "RESULT_HINT",
    0x19 TransportProbe "TRANSPORT_PROBE",
    0x1a TransportProbeAck "TRANSPORT_PROBE_ACK",
    0x1b SessionMigrate "SESSION_MIGRATE",
    0x1c SessionMigrateAck "SESSION_MIGRATE_ACK",
    0x20 Ping "PING",
    0x21 Pong "PONG",
}
