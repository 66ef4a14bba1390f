//! What a client connection tells its application.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::super::{EndCause, FrameContext, OpenTicket, SchemaAnswer};
use super::ResumableSession;
use crate::extension::HelloAckExtensions;
use crate::message::cache::{CacheAck, CacheInvalidate, CachePut};
use crate::message::error_report::ErrorReport;
use crate::message::flow::FlowUpdate;
use crate::message::hello::ServerHelloAck;
use crate::message::migrate::SessionMigrateAck;
use crate::message::patch::SessionPatchAck;
use crate::message::result::{ResultHint, ResultPush};
use crate::message::session::{SessionCloseAck, SessionOpenAck};
use crate::resume::ResumeOutcome;

/// An event of a client connection, in the order of the packets that caused them.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientEvent {
    /// The server answered the hello of the configuration.
    HelloAcknowledged {
        /// What it accepts.
        ack: ServerHelloAck,
        /// What it says to the extensions of the hello.
        extensions: HelloAckExtensions,
        /// What it says to the schemas that were offered, in their order.
        schemas: Vec<SchemaAnswer>,
    },
    /// A session is open.
    SessionOpened {
        /// The request it answers.
        ticket: OpenTicket,
        /// The session's id; the server's choice counts, whatever was asked for.
        session_id: u32,
        /// What the server granted.
        ack: SessionOpenAck,
        /// Whether it can be, or was, resumed.
        resume: ResumeOutcome,
        /// Resume token and extension block, if the server sent any.
        body: Bytes,
        /// Frames of the earlier session that will get no answer, because the server continues
        /// it under its id only. Empty unless `resume` is `Resumed`.
        lost_frames: Vec<u32>,
    },
    /// The server refused a session; `session_error_code` of the ack says why.
    OpenRefused {
        /// The request it answers.
        ticket: OpenTicket,
        /// The refusal.
        ack: SessionOpenAck,
        /// What was to be resumed and cannot be any more.
        abandoned: Option<Box<ResumableSession>>,
    },
    /// An open ended without an answer. An end of the transport right after it was sent may have
    /// been a refusal: some servers drop the connection before their ack is delivered.
    OpenFailed {
        /// The request.
        ticket: OpenTicket,
        /// Why.
        cause: EndCause,
        /// What was to be resumed, for another attempt.
        resumable: Option<Box<ResumableSession>>,
    },
    /// A result of a frame.
    Result {
        /// Its session.
        session_id: u32,
        /// The frame it answers.
        frame_id: u32,
        /// Its header fields.
        context: FrameContext,
        /// Its metadata.
        metadata: ResultPush,
        /// Its body, not looked at.
        body: Bytes,
    },
    /// A frame will get no (further) result.
    ResultDropped {
        /// Its session.
        session_id: u32,
        /// The frame.
        frame_id: u32,
        /// Its header fields.
        context: FrameContext,
    },
    /// The server's advice.
    Hint {
        /// Its session.
        session_id: u32,
        /// The frame it is about; 0 = the session.
        frame_id: u32,
        /// The advice.
        hint: ResultHint,
    },
    /// The server changed credit or asked for restraint.
    FlowUpdated {
        /// The session; 0 = the connection.
        session_id: u32,
        /// The update.
        update: FlowUpdate,
        /// False when its epoch was not newer than the last one's, so that it has no effect.
        applied: bool,
    },
    /// What would have blocked can be repeated.
    Writable {
        /// The session of the submit; 0 = any other command.
        session_id: u32,
    },
    /// The answer to `put_object`.
    CacheAnswered {
        /// The session the object belongs to; 0 = the connection.
        session_id: u32,
        /// What was put.
        put: CachePut,
        /// Whether the object is cached, and for how long.
        ack: CacheAck,
    },
    /// The server has removed objects from its cache.
    ObjectsInvalidated {
        /// The session they belonged to; 0 = the connection.
        session_id: u32,
        /// Which ones.
        invalidate: CacheInvalidate,
    },
    /// The answer to `patch_session`.
    SessionPatched {
        /// The session.
        session_id: u32,
        /// The answer.
        ack: SessionPatchAck,
        /// The profile patch ack block, if the server sent it.
        body: Bytes,
    },
    /// The answer to `migrate_session`.
    SessionMigrated {
        /// The session.
        session_id: u32,
        /// The answer.
        ack: SessionMigrateAck,
    },
    /// An answer to a close that does not end the session: it drains, or goes on.
    CloseAnswered {
        /// The session.
        session_id: u32,
        /// The answer.
        ack: SessionCloseAck,
    },
    /// A session is over on this connection.
    SessionEnded {
        /// The session.
        session_id: u32,
        /// Why.
        cause: EndCause,
        /// What carries it on over another connection. Without it its unanswered frames get no
        /// answer.
        resumable: Option<Box<ResumableSession>>,
    },
    /// The answer to `ping`.
    Pong {
        /// Time from the ping to its answer.
        round_trip: Duration,
    },
    /// The answer to `probe`.
    ProbeAcknowledged {
        /// The probe.
        probe_id: u32,
        /// The server's clock when the probe arrived, microseconds.
        server_recv_ts_us: u64,
    },
    /// The server reports an error.
    PeerError {
        /// The report.
        report: ErrorReport,
        /// Text for humans.
        diagnostic: Bytes,
    },
}
