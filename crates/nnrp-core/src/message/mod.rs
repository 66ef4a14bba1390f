//! The fixed metadata of each message, one file a family (spec 02, 03, 04).

mod any;
pub mod blocks;
pub mod cache;
pub mod error_report;
pub mod flow;
pub mod header_only;
pub mod hello;
pub mod migrate;
pub mod patch;
pub mod probe;
pub mod result;
pub mod session;
pub mod submit;

use crate::message_type::MessageType;
pub use crate::wire::{FieldValue, FixedFields};
pub use any::AnyMessage;

/// A message with fixed metadata.
pub trait Message: FixedFields {
    /// The type in the header of its packets.
    const MESSAGE_TYPE: MessageType;
}

/// Ties each structure to its message type.
macro_rules! message_types_of {
    ($($structure:ty => $variant:ident,)*) => {
        $(impl Message for $structure {
            const MESSAGE_TYPE: MessageType = MessageType::$variant;
        })*
    };
}

message_types_of! {
    hello::ClientHello => ClientHello,
    hello::ServerHelloAck => ServerHelloAck,
    session::SessionOpen => SessionOpen,
    session::SessionOpenAck => SessionOpenAck,
    session::SessionClose => SessionClose,
    session::SessionCloseAck => SessionCloseAck,
    patch::SessionPatch => SessionPatch,
    patch::SessionPatchAck => SessionPatchAck,
    migrate::SessionMigrate => SessionMigrate,
    migrate::SessionMigrateAck => SessionMigrateAck,
    probe::TransportProbe => TransportProbe,
    probe::TransportProbeAck => TransportProbeAck,
    submit::FrameSubmit => FrameSubmit,
    result::ResultPush => ResultPush,
    result::ResultHint => ResultHint,
    flow::FlowUpdate => FlowUpdate,
    error_report::ErrorReport => Error,
    cache::CachePut => CachePut,
    cache::CacheAck => CacheAck,
    cache::CacheInvalidate => CacheInvalidate,
}
