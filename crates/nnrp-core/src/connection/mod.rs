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

mod command_error;
pub(crate) mod continuity;
mod event_queue;
mod frame_context;
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

pub use self::command_error::CommandError;
pub use self::frame_context::FrameContext;
pub(crate) use self::frame_context::session_header;
pub use self::retained::RetainedSubmit;
pub use self::schema_blocks::{MAX_OFFERED_SCHEMAS, SchemaAnswer};
use crate::code::SessionCloseStatus;
use crate::error::ProtocolError;

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
