//! The NNRP/1 preview3 protocol core: wire codecs and sans-I/O state machines.
//!
//! ```text
//!   bytes                     packets                        events, commands
//!  ───────► FrameDecoder ───► Packet ───► ClientConnection ◄──────────────────► application
//!  ◄─────── Packet::encode ◄───────────── ServerConnection
//!             │                               │
//!             │ header, flags, message_type   │ lifecycle   connection and session states
//!             │ message::*  fixed metadata    │ operation   unanswered frames
//!             ▼ code        enums and codes   │ credit      may another be submitted?
//!           CodecError                        ▼ directory   session ids of one server
//!                                         ProtocolError
//! ```
//!
//! The lower left half turns bytes into types and back; each function there follows one table of
//! the specification, check by check in its order. The right half decides what may happen next.
//!
//! What this crate does not do: it opens no socket, reads no clock, starts no thread, holds no
//! lock and contains no `unsafe`. Bytes, time and the sharing of a [`directory`] between
//! connections are the caller's. Bodies are opaque here; nothing looks into them, but for references
//! to cached objects where a hello has agreed on a cache.
//!
//! Everything a peer can make grow has a bound in [`Limits`], and every announced length is
//! compared with it before anything is allocated.
//!
//! # A connection in a few lines
//!
//! ```
//! use std::sync::Arc;
//! use bytes::Bytes;
//! use nnrp_core::connection::client::{ClientConfig, ClientConnection, ClientEvent};
//! use nnrp_core::connection::server::{ServerConfig, ServerConnection, ServerEvent};
//! use nnrp_core::directory::Admission;
//! use nnrp_core::message::session::SessionOpen;
//! use nnrp_core::{Timestamp, code};
//!
//! let now = Timestamp::from_micros(0);
//! let mut client = ClientConnection::new(ClientConfig::default(), now)?;
//! let mut server = ServerConnection::new(Arc::new(ServerConfig::default()), now);
//!
//! let open = SessionOpen {
//!     requested_session_id: 7,
//!     profile_id: code::PROFILE_TOKEN,
//!     schema_id: code::SCHEMA_TOKEN_DELTA,
//!     schema_version: code::SCHEMA_TOKEN_DELTA_VERSION,
//!     ..SessionOpen::default()
//! };
//! client.open_session(now, &open, Bytes::new())?;
//! server.handle_packet(now, client.poll_transmit().unwrap())?;
//! let Some(ServerEvent::OpenRequested { ticket, .. }) = server.poll_event() else { panic!() };
//! server.admit(now, ticket, Admission::unshared(7))?;
//! client.handle_packet(now, server.poll_transmit().unwrap())?;
//! assert!(matches!(client.poll_event(), Some(ClientEvent::SessionOpened { session_id: 7, .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod body;
pub mod cache;
pub mod code;
mod codec_error;
pub mod connection;
pub mod credit;
pub mod directory;
mod error;
pub mod extension;
pub mod flags;
mod frame_decoder;
mod header;
pub mod lifecycle;
mod limits;
pub mod message;
mod message_type;
mod metadata_bytes;
pub mod operation;
mod packet;
mod packet_view;
pub mod resume;
mod rule;
pub mod schema;
mod timestamp;
mod wire;

pub use codec_error::CodecError;
pub use error::{ErrorKind, Location, ProtocolError, TimeoutKind};
pub use frame_decoder::FrameDecoder;
pub use header::{HEADER_LEN, Header, MAGIC, VERSION_MAJOR, WIRE_FORMAT};
pub use limits::{Limit, Limits};
pub use message_type::MessageType;
pub use metadata_bytes::MetadataBytes;
pub use packet::Packet;
pub use packet_view::{PacketView, encode_message};
pub use rule::Rule;
pub use timestamp::Timestamp;
