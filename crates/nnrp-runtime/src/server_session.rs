//! A session of the async server (names of spec 13.16).

use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::Header;
use nnrp_core::cache::CachedObject;
use nnrp_core::code::SessionStatus;
use nnrp_core::message::cache::CacheInvalidate;
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::{ResultHint, ResultPush};
use nnrp_core::message::session::SessionOpenAck;
use nnrp_core::message::submit::FrameSubmit;

use crate::inbox::Inbox;
use crate::{Answer, ConnectionHandle, Event, RuntimeError, SessionEnd, SessionKey};

/// A session that a client has opened. Dropping it ends it, and with it the connection of a client that knows no hello.
#[derive(Debug)]
pub struct NnrpServerSession {
    connection: ConnectionHandle,
    inbox: Arc<Inbox>,
    key: SessionKey,
    ack: SessionOpenAck,
}

/// What a client sends to a session.
#[derive(Clone, Debug, PartialEq)]
pub enum NnrpServerEvent {
    /// A frame to answer.
    Submit(NnrpSubmit),
    /// The client no longer wants an unanswered frame; it still needs its answer.
    Cancel(NnrpCancel),
    /// A frame was not answered within the deadline of the session, and was dropped. It needs no answer any more.
    DeadlinePassed {
        /// The frame.
        frame_id: u32,
    },
    /// The client has put an object into the cache of the session, or renewed its lease.
    ObjectStored(CachedObject),
    /// The client has removed objects from the cache of the session.
    ObjectsInvalidated(CacheInvalidate),
    /// The client reports an error.
    Error {
        /// The report.
        report: ErrorReport,
        /// Text for humans.
        diagnostic: Bytes,
    },
}

/// A frame to answer.
#[derive(Clone, Debug, PartialEq)]
pub struct NnrpSubmit {
    /// Its id.
    pub frame_id: u32,
    /// The header it came with.
    pub header: Header,
    /// Metadata.
    pub metadata: FrameSubmit,
    /// Body.
    pub body: Bytes,
    /// The cached objects that the body names, in its order.
    pub objects: Vec<CachedObject>,
}

/// A frame that is no longer wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NnrpCancel {
    /// The frame.
    pub frame_id: u32,
}

impl NnrpServerSession {
    pub(crate) fn new(
        connection: ConnectionHandle,
        inbox: Arc<Inbox>,
        key: SessionKey,
        ack: SessionOpenAck,
    ) -> Self {
        Self {
            connection,
            inbox,
            key,
            ack,
        }
    }

    /// The session's id on the wire.
    #[must_use]
    pub fn session_id(&self) -> u32 {
        self.ack.session_id
    }

    /// What the client asked for and was granted.
    #[must_use]
    pub fn granted(&self) -> &SessionOpenAck {
        &self.ack
    }

    /// The next submit or cancel. The end of the session is an error that says why.
    pub async fn next_event(&self) -> Result<NnrpServerEvent, RuntimeError> {
        match self.inbox.next().await? {
            Event::Submit {
                header,
                metadata,
                body,
                objects,
                ..
            } => Ok(NnrpServerEvent::Submit(NnrpSubmit {
                frame_id: header.frame_id,
                header,
                metadata,
                body,
                objects,
            })),
            Event::ObjectStored { object, .. } => Ok(NnrpServerEvent::ObjectStored(object)),
            Event::ObjectsInvalidated { invalidate, .. } => {
                Ok(NnrpServerEvent::ObjectsInvalidated(invalidate))
            }
            Event::Cancel { header, .. } => Ok(NnrpServerEvent::Cancel(NnrpCancel {
                frame_id: header.frame_id,
            })),
            Event::DeadlinePassed { frame_id, .. } => {
                Ok(NnrpServerEvent::DeadlinePassed { frame_id })
            }
            Event::PeerError {
                report, diagnostic, ..
            } => Ok(NnrpServerEvent::Error { report, diagnostic }),
            event => Err(RuntimeError::UnexpectedMessage(format!("{event:?}"))),
        }
    }

    /// The next event, which has to be a submit; anything else is consumed and an `UnexpectedMessage`.
    pub async fn receive_submit(&self) -> Result<NnrpSubmit, RuntimeError> {
        match self.next_event().await? {
            NnrpServerEvent::Submit(submit) => Ok(submit),
            other => Err(RuntimeError::UnexpectedMessage(format!(
                "{other:?} instead of a submit"
            ))),
        }
    }

    /// The next event, which has to be a cancel; anything else is consumed and an `UnexpectedMessage`.
    pub async fn receive_cancel(&self) -> Result<NnrpCancel, RuntimeError> {
        match self.next_event().await? {
            NnrpServerEvent::Cancel(cancel) => Ok(cancel),
            other => Err(RuntimeError::UnexpectedMessage(format!(
                "{other:?} instead of a cancel"
            ))),
        }
    }

    /// Sends a result as soon as the send queue has room. An `active_profile_id` of 0 becomes the session's.
    pub async fn send_result(
        &self,
        frame_id: u32,
        metadata: ResultPush,
        body: impl Into<Bytes>,
    ) -> Result<(), RuntimeError> {
        let answer = Answer {
            frame_id,
            metadata,
            body: body.into(),
            ..Answer::default()
        };
        let send = || self.connection.send_results(self.key, [answer.clone()]);
        self.inbox.when_writable(send).await.map(drop)
    }

    /// Tells the client that no result will come for a frame.
    pub async fn send_result_drop(&self, frame_id: u32) -> Result<(), RuntimeError> {
        self.inbox
            .when_writable(|| self.connection.send_drop(self.key, frame_id))
            .await
    }

    /// Changes credit. Do not send it to a client that is not known to expect one.
    pub async fn send_flow_update(&self, update: FlowUpdate) -> Result<(), RuntimeError> {
        self.inbox
            .when_writable(|| self.connection.send_flow_update(self.key, &update))
            .await
    }

    /// Removes objects of the session from the cache and tells the client, which must have said hello.
    pub async fn invalidate_objects(
        &self,
        invalidate: CacheInvalidate,
    ) -> Result<(), RuntimeError> {
        let key = Some(self.key);
        let send = || self.connection.invalidate_objects(key, &invalidate);
        self.inbox.when_writable(send).await
    }

    /// Whether the client carries an earlier session on: its unanswered frames come again.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.ack.session_status == SessionStatus::Resumed
    }

    /// Gives the client advice about the session, or about one of its frames. Needs a client that has said hello.
    pub async fn send_hint(&self, frame_id: u32, hint: ResultHint) -> Result<(), RuntimeError> {
        self.inbox
            .when_writable(|| self.connection.send_hint(self.key, frame_id, hint))
            .await
    }

    /// Tells the client of an error of the session. Needs a client that has said hello; a fatal report ends its scope.
    pub async fn report_error(
        &self,
        report: ErrorReport,
        text: impl Into<Bytes>,
    ) -> Result<(), RuntimeError> {
        let text = text.into();
        let send = || {
            self.connection
                .report_error(Some(self.key), &report, text.clone())
        };
        self.inbox.when_writable(send).await
    }

    /// Ends the connection of the session at once, as a loss of the transport would. A resumable session goes on when its client comes back.
    pub fn abort_connection(&self) {
        self.connection.abort();
    }

    /// Waits for the client's close, which is acked by itself once the frames before it are answered or have had the drain timeout.
    /// Submits that were not received before are passed over.
    pub async fn receive_close(&self) -> Result<SessionEnd, RuntimeError> {
        loop {
            match self.inbox.next().await {
                Ok(_) => {}
                Err(RuntimeError::SessionEnded(end)) => return Ok(end),
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends the session, after what is queued, and with it the connection of a client that knows no hello.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for NnrpServerSession {
    fn drop(&mut self) {
        // Ok or already ended: both leave nothing to do.
        let _ = self.connection.close_session(self.key);
        self.inbox.go_deaf();
    }
}
