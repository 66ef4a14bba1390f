//! The two sans-I/O machines: one end of a connection each, fed with packets and time.
//!
//! ```text
//!  bytes ─► FrameDecoder ─► handle_packet ─►┌────────────┐─► poll_event ─────► application
//!  end of stream ─► handle_end_of_stream ──►│ connection │◄─ submit, push … ◄─ application
//!  clock ─────────► handle_timeout ────────►└────────────┘─► poll_transmit ──► bytes
//!                                            next_timeout ─► clock
//! ```
//!
//! Order of calls, the same for client and server, after *any* call that takes `&mut self`:
//!
//! 1. drain `poll_transmit` as far as the transport takes packets;
//! 2. drain `poll_event` as far as the application takes events;
//! 3. if `should_end_write`, shut the write side down, once;
//! 4. if `is_finished`, drop the transport;
//! 5. read from the transport only while `wants_packet`, and stop the decoder there too: every
//!    decoded packet must be handed over, so decode one, handle it, ask again;
//! 6. arm one timer for `next_timeout` and call `handle_timeout` when it fires (early is fine).
//!
//! An `Err` of a `handle_*` call is the end of the connection: what was queued before stays to be
//! drained, sessions have ended with an event, and every later `handle_*` call does nothing.
//! An error of the decoder goes to `handle_stream_error`; from then on what the transport still
//! brings is read and discarded, not decoded, until `is_finished`.

pub mod client;
pub mod server;

pub(crate) mod continuity;
mod event_queue;
mod frame_table;
mod keep_alive;
mod negotiated;
mod outgoing;
mod packet_budget;
mod packet_rules;
mod report;
mod resume_blocks;
mod retained;
mod schema_blocks;

pub use self::retained::RetainedSubmit;
pub use self::schema_blocks::{MAX_OFFERED_SCHEMAS, SchemaAnswer};
use crate::code::SessionCloseStatus;
use crate::codec_error::CodecError;
use crate::credit::Blocked;
use crate::error::ProtocolError;
use crate::flags::HeaderFlags;
use crate::header::Header;
use crate::message_type::MessageType;

/// The header fields of a frame that mean something to applications only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameContext {
    /// Header flags.
    pub flags: HeaderFlags,
    /// Logical lane.
    pub view_id: u16,
    /// Routing number.
    pub route_id: u16,
    /// Observability identifier.
    pub trace_id: u64,
}

impl FrameContext {
    pub(crate) fn of(header: &Header) -> Self {
        Self {
            flags: header.flags,
            view_id: header.view_id,
            route_id: header.route_id,
            trace_id: header.trace_id,
        }
    }

    pub(crate) fn header(
        self,
        message_type: MessageType,
        session_id: u32,
        frame_id: u32,
    ) -> Header {
        Header {
            flags: self.flags,
            view_id: self.view_id,
            route_id: self.route_id,
            trace_id: self.trace_id,
            ..session_header(message_type, session_id, frame_id)
        }
    }
}

pub(crate) fn session_header(message_type: MessageType, session_id: u32, frame_id: u32) -> Header {
    Header {
        session_id,
        frame_id,
        ..Header::new(message_type)
    }
}

/// Names one open request of a connection until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpenTicket(pub(crate) u64);

/// Why a session, or an open that was under way, is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndCause {
    /// The close exchange finished with this status.
    Closed(SessionCloseStatus),
    /// The peer closed the connection with `CLOSE`, or reported a fatal error.
    ClosedByPeer,
    /// The transport ended without a close.
    TransportLost,
    /// The local side gave the connection up.
    ClosedLocally,
    /// The client carries the session on over another connection.
    TakenOver,
    /// The connection failed with this error.
    Failed(ProtocolError),
}

/// Why a command was not carried out. The connection goes on as if it had not been given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// Wait for the writable event and repeat.
    WouldBlock(Blocked),
    /// The connection is over, or on its way there.
    ConnectionNotOpen,
    /// The hello exchange did not agree on what the command needs.
    NotNegotiated(&'static str),
    /// The session has no resume token.
    NotResumable(u32),
    /// The peer was not seen to speak the hello exchange, so one session is all it serves.
    OneSessionPerConnection,
    /// As many sessions are open as the local limits allow.
    TooManySessions,
    /// There is no such session.
    UnknownSession(u32),
    /// The session is closing or closed.
    SessionNotOpen(u32),
    /// The id is 0, or was used on this connection before.
    SessionIdUsed(u32),
    /// There is no such unanswered frame: never submitted, or answered already.
    UnknownFrame(u32),
    /// The ticket was answered already, or belongs to another connection.
    UnknownTicket,
    /// A patch, migration or close of the session waits for its ack.
    RequestPending(u32),
    /// There is no request of this kind to answer.
    NoRequest(u32),
    /// All 2^32 − 2 frame ids of the session are used.
    FrameIdsExhausted,
    /// The body is longer than the limits allow.
    BodyTooLarge {
        /// Bytes of the body.
        actual: usize,
        /// Bytes allowed.
        allowed: usize,
    },
    /// The values cannot be encoded.
    Codec(CodecError),
}

impl From<CodecError> for CommandError {
    fn from(error: CodecError) -> Self {
        Self::Codec(error)
    }
}

impl core::fmt::Display for CommandError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::WouldBlock(Blocked::InFlight) => {
                f.write_str("as many operations are unfinished as the session may have; wait")
            }
            Self::WouldBlock(Blocked::Credit) => {
                f.write_str("the peer has granted no further credit; wait for a result")
            }
            Self::WouldBlock(Blocked::Paused) => {
                f.write_str("the peer has paused submits; wait for its next flow update")
            }
            Self::WouldBlock(Blocked::Outgoing) => {
                f.write_str("packets wait for the transport; wait until some were written")
            }
            Self::WouldBlock(Blocked::Retained) => f.write_str(
                "the session keeps as much for a resume as it may; wait until the peer has some",
            ),
            Self::ConnectionNotOpen => f.write_str("the connection is not open"),
            Self::NotNegotiated(what) => {
                write!(f, "the hello exchange did not agree on this {what}")
            }
            Self::NotResumable(id) => write!(f, "session {id} was not opened as resumable"),
            Self::OneSessionPerConnection => f.write_str(
                "a peer without the hello exchange serves one session a connection; connect again",
            ),
            Self::TooManySessions => f.write_str("the limit of sessions is reached; close one"),
            Self::UnknownSession(id) => write!(f, "session {id} does not exist"),
            Self::SessionNotOpen(id) => write!(f, "session {id} is closing or closed"),
            Self::SessionIdUsed(id) => {
                write!(
                    f,
                    "session id {id} cannot be used on this connection (again)"
                )
            }
            Self::UnknownFrame(id) => write!(f, "frame {id} is not waiting for an answer"),
            Self::UnknownTicket => f.write_str("this open request is not waiting for an answer"),
            Self::RequestPending(id) => {
                write!(
                    f,
                    "session {id} still waits for the ack of its last request"
                )
            }
            Self::NoRequest(id) => write!(f, "session {id} has no such request to answer"),
            Self::FrameIdsExhausted => {
                f.write_str("the session has used all its frame ids; open another session")
            }
            Self::BodyTooLarge { actual, allowed } => {
                write!(f, "a body of {actual} bytes exceeds the limit of {allowed}")
            }
            Self::Codec(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CommandError {}
