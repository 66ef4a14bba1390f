//! What a server connection tells its application.

use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::Bytes;

use crate::cache::CachedObject;
use crate::connection::continuity::SessionContinuity;
use crate::connection::{EndCause, FrameContext, OpenTicket};
use crate::directory::Admission;
use crate::message::cache::CacheInvalidate;
use crate::message::error_report::ErrorReport;
use crate::message::migrate::SessionMigrate;
use crate::message::patch::SessionPatch;
use crate::message::session::{SessionClose, SessionOpen};
use crate::message::submit::FrameSubmit;

/// An event of a server connection, in the order of the packets that caused them.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerEvent {
    /// The policy allows this open; answer with `admit`, `admit_resumed` or `refuse`. Nothing is
    /// read until then.
    OpenRequested {
        /// Names the request in the answer.
        ticket: OpenTicket,
        /// What the client asks for.
        open: SessionOpen,
        /// Resume token, auth and extension blocks, if the client sent any.
        body: Bytes,
        /// The token among them; empty if the client sent none.
        resume_token: Bytes,
    },
    /// A frame to answer with one terminal `push_result` or one `push_drop`.
    Submitted {
        /// Its session.
        session_id: u32,
        /// Its id, unique in the session.
        frame_id: u32,
        /// Its header fields.
        context: FrameContext,
        /// Its metadata.
        metadata: FrameSubmit,
        /// Its body, not looked at but for references to cached objects.
        body: Bytes,
        /// The objects that its references name, in their order.
        objects: Vec<CachedObject>,
    },
    /// The client has put an object into the cache, or renewed its lease. Nothing is to be done.
    ObjectStored {
        /// The session it belongs to; 0 = the connection.
        session_id: u32,
        /// The object.
        object: CachedObject,
    },
    /// The client has removed objects from the cache. Nothing is to be done.
    ObjectsInvalidated {
        /// The session they belonged to; 0 = the connection.
        session_id: u32,
        /// Which ones.
        invalidate: CacheInvalidate,
    },
    /// The client no longer wants this unanswered frame; it still needs its one answer.
    CancelRequested {
        /// The session.
        session_id: u32,
        /// The frame.
        frame_id: u32,
    },
    /// A frame was not answered within the deadline of its session; the machine has dropped it.
    DeadlinePassed {
        /// The session.
        session_id: u32,
        /// The frame.
        frame_id: u32,
    },
    /// Answer with `answer_patch`. Nothing is read until then.
    PatchRequested {
        /// The session.
        session_id: u32,
        /// What is asked for.
        patch: SessionPatch,
        /// The profile patch block, if the client sent it.
        body: Bytes,
    },
    /// Answer with `answer_migrate`. Nothing is read until then.
    MigrateRequested {
        /// The session.
        session_id: u32,
        /// What is asked for.
        migrate: SessionMigrate,
    },
    /// Answer the frames that shall still be answered, then call `answer_close`. Nothing is read
    /// until then; after the request timeout the machine answers by itself.
    CloseRequested {
        /// The session.
        session_id: u32,
        /// What is asked for.
        close: SessionClose,
    },
    /// The session is over on this connection; its unanswered frames need no answer here. Give
    /// the id back, or keep it with the continuity for a resume.
    SessionEnded {
        /// The session.
        session_id: u32,
        /// What `admit` was given.
        admission: Admission,
        /// Why.
        cause: EndCause,
        /// What a resume over another connection needs, if there can be one.
        continuity: Option<Box<SessionContinuity>>,
    },
    /// The client reports an error.
    PeerError {
        /// The report.
        report: ErrorReport,
        /// Text for humans.
        diagnostic: Bytes,
    },
    /// A command that would have blocked can be repeated.
    Writable,
}
