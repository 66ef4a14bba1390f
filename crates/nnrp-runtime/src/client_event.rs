//! What a session of the async client is told, out of the events of its connection.

use bytes::Bytes;
use nnrp_core::message::cache::{CacheAck, CacheInvalidate, CachePut};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::migrate::SessionMigrateAck;
use nnrp_core::message::patch::SessionPatchAck;
use nnrp_core::message::result::{ResultHint, ResultPush};
use nnrp_core::message::session::SessionCloseAck;

use crate::{Event, RuntimeError};

/// What a server sends to a session.
#[derive(Clone, Debug, PartialEq)]
pub enum NnrpClientEvent {
    /// A result.
    Result(NnrpResult),
    /// No result will come for a frame.
    ResultDrop {
        /// The frame.
        frame_id: u32,
    },
    /// A change of credit.
    FlowUpdate(FlowUpdate),
    /// The server's advice about the session, or about a frame of it.
    Hint {
        /// The frame; 0 = the session.
        frame_id: u32,
        /// The advice.
        hint: ResultHint,
    },
    /// The server reports an error of the session, or of a frame of it.
    Error {
        /// The report.
        report: ErrorReport,
        /// Text for humans.
        diagnostic: Bytes,
    },
    /// Frames that the server knows nothing of after a resume: no answer will come.
    FramesLost(Vec<u32>),
    /// The server agrees to carry the session on over another transport.
    Migrated(SessionMigrateAck),
    /// Session settings have changed, or not, as asked for.
    Patched(SessionPatchAck),
    /// The server's answer to a close: that the session ends, ends later or goes on.
    CloseAnswered(SessionCloseAck),
    /// An object is cached, or not, as asked for.
    CacheAnswered {
        /// What was put.
        put: CachePut,
        /// The server's answer.
        ack: CacheAck,
    },
    /// The server has removed objects of the session from its cache.
    ObjectsInvalidated(CacheInvalidate),
}

/// A result of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct NnrpResult {
    /// The submit answered.
    pub frame_id: u32,
    /// Metadata.
    pub metadata: ResultPush,
    /// Body.
    pub body: Bytes,
}

impl NnrpClientEvent {
    /// What the application is told of an event of its session.
    pub(crate) fn of(event: Event) -> Result<Self, RuntimeError> {
        match event {
            Event::Result {
                header,
                metadata,
                body,
                ..
            } => Ok(Self::Result(NnrpResult {
                frame_id: header.frame_id,
                metadata,
                body,
            })),
            Event::ResultDrop { header, .. } => Ok(Self::ResultDrop {
                frame_id: header.frame_id,
            }),
            Event::FlowUpdate { metadata, .. } => Ok(Self::FlowUpdate(metadata)),
            Event::Hint {
                frame_id, metadata, ..
            } => Ok(Self::Hint {
                frame_id,
                hint: metadata,
            }),
            Event::PeerError {
                report, diagnostic, ..
            } => Ok(Self::Error { report, diagnostic }),
            Event::FramesLost { frame_ids, .. } => Ok(Self::FramesLost(frame_ids)),
            Event::SessionMigrated { ack, .. } => Ok(Self::Migrated(ack)),
            Event::SessionPatched { ack, .. } => Ok(Self::Patched(ack)),
            Event::CloseAnswered { ack, .. } => Ok(Self::CloseAnswered(ack)),
            Event::CacheAnswered { put, ack, .. } => Ok(Self::CacheAnswered { put, ack }),
            Event::ObjectsInvalidated { invalidate, .. } => {
                Ok(Self::ObjectsInvalidated(invalidate))
            }
            event => Err(unexpected(&event)),
        }
    }
}

/// The failure of a wait that something else has ended than what was waited for.
pub(crate) fn unexpected(event: &Event) -> RuntimeError {
    RuntimeError::UnexpectedMessage(format!("{event:?}"))
}
