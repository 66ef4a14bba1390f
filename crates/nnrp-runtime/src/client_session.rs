//! A session of the async client (names of spec 13.16).

use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::code::{SessionCloseStatus, TransportId};
use nnrp_core::connection::client::ResumableSession;
use nnrp_core::lifecycle::SessionState;
use nnrp_core::message::cache::{CacheInvalidate, CachePut};
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};
use nnrp_core::message::session::{SessionClose, SessionCloseAck, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;

use crate::client_event::unexpected;
use crate::client_link::ClientLink;
use crate::inbox::Inbox;
use crate::request::RequestKind;
use crate::{
    CommandError, ConnectionHandle, Event, NnrpClientEvent, NnrpResult, RuntimeError, SessionKey,
    Submission,
};

/// An open session of a client. Dropping it closes it.
///
/// Its methods may be used at the same time, so one future can submit while another awaits results.
#[derive(Debug)]
pub struct NnrpClientSession {
    link: Arc<ClientLink>,
    inbox: Arc<Inbox>,
    key: SessionKey,
    ack: SessionOpenAck,
}

impl Drop for NnrpClientSession {
    fn drop(&mut self) {
        // Ok, already ended or taken off: all leave nothing to do.
        let _ = self.link.connection.close_session(self.key);
        self.link.router.forget(self.key);
    }
}

impl NnrpClientSession {
    /// The session of this key, once the server has opened it.
    pub(crate) async fn opened(
        link: &Arc<ClientLink>,
        key: SessionKey,
    ) -> Result<Self, RuntimeError> {
        let mut session = Self {
            inbox: link.router.inbox_of(key),
            link: Arc::clone(link),
            key,
            ack: SessionOpenAck::default(),
        };
        match session.inbox.next().await? {
            Event::SessionOpened { ack, .. } => session.ack = ack,
            event => return Err(unexpected(&event)),
        }
        Ok(session)
    }

    /// The session's id on the wire.
    #[must_use]
    pub fn session_id(&self) -> u32 {
        self.ack.session_id
    }

    /// What the server granted.
    #[must_use]
    pub fn granted(&self) -> &SessionOpenAck {
        &self.ack
    }

    /// Where the session stands.
    #[must_use]
    pub fn lifecycle(&self) -> SessionState {
        let state = self.link.connection.session_state(self.key);
        state.unwrap_or(SessionState::Closed)
    }

    /// Submits as soon as limits, credit and send queue allow, and returns the frame id.
    pub async fn submit(
        &self,
        metadata: FrameSubmit,
        body: impl Into<Bytes>,
    ) -> Result<u32, RuntimeError> {
        let submission = Submission {
            metadata,
            body: body.into(),
            ..Submission::default()
        };
        self.inbox
            .when_writable(|| self.send(submission.clone()))
            .await
    }

    /// Submits at once or fails with [`CommandError::WouldBlock`](crate::CommandError::WouldBlock).
    pub fn submit_nowait(
        &self,
        metadata: FrameSubmit,
        body: impl Into<Bytes>,
    ) -> Result<u32, RuntimeError> {
        let submission = Submission {
            metadata,
            body: body.into(),
            ..Submission::default()
        };
        self.send(submission)
            .map_err(|error| self.inbox.explain(error))
    }

    /// The next result, drop, flow update or report.
    pub async fn await_event(&self) -> Result<NnrpClientEvent, RuntimeError> {
        NnrpClientEvent::of(self.inbox.next().await?)
    }

    /// The next event, which has to be a result; anything else is consumed and an `UnexpectedMessage`.
    pub async fn await_result(&self) -> Result<NnrpResult, RuntimeError> {
        match self.await_event().await? {
            NnrpClientEvent::Result(result) => Ok(result),
            other => Err(RuntimeError::UnexpectedMessage(format!(
                "{other:?} instead of a result"
            ))),
        }
    }

    /// Asks the server to cancel a frame; whether a result or a drop follows is up to the server.
    pub async fn cancel_frame(&self, frame_id: u32) -> Result<(), RuntimeError> {
        let connection = &self.link.connection;
        self.inbox
            .when_writable(|| connection.cancel(self.key, frame_id))
            .await
    }

    /// Puts an object into the server's cache for this session, or renews its lease there; [`NnrpClientEvent::CacheAnswered`] follows, and submits
    /// may name it at once. Needs a server that caches.
    pub async fn put_object(
        &self,
        put: CachePut,
        object: impl Into<Bytes>,
    ) -> Result<(), RuntimeError> {
        let (key, object) = (Some(self.key), object.into());
        let connection = &self.link.connection;
        self.inbox
            .when_writable(|| connection.put_object(key, &put, object.clone()))
            .await
    }

    /// Removes objects of this session from the server's cache.
    pub async fn invalidate_objects(
        &self,
        invalidate: CacheInvalidate,
    ) -> Result<(), RuntimeError> {
        let (key, connection) = (Some(self.key), &self.link.connection);
        self.inbox
            .when_writable(|| connection.invalidate_objects(key, &invalidate))
            .await
    }

    /// Asks for other session settings and returns the server's answer, which may be a refusal of all or some of them.
    ///
    /// A server of ours answers when the frames before it are answered, or have had the drain timeout. Their results wait for
    /// [`await_event`](Self::await_event) meanwhile: of more than 256, some have to be awaited at the same time.
    pub async fn patch_session(
        &self,
        patch: SessionPatch,
    ) -> Result<SessionPatchAck, RuntimeError> {
        let patched = self.patch_session_with(patch, Bytes::new()).await?;
        Ok(patched.0)
    }

    /// The same with a profile patch block, which has the length that the patch says. The answer may come with such a block, too.
    pub async fn patch_session_with(
        &self,
        patch: SessionPatch,
        block: impl Into<Bytes>,
    ) -> Result<(SessionPatchAck, Bytes), RuntimeError> {
        let block = block.into();
        let send = |connection: &ConnectionHandle| {
            connection.patch_session(self.key, &patch, block.clone())
        };
        match self.request(RequestKind::Patch, send).await? {
            Event::SessionPatched { ack, body, .. } => Ok((ack, body)),
            event => Err(unexpected(&event)),
        }
    }

    /// Announces the move to another transport and returns the server's answer; one whose `accept_code` is not 0 is a refusal.
    ///
    /// The session goes on here until [`detach`](Self::detach); [`resume_session`](crate::NnrpClient::resume_session) of a client on the other transport
    /// continues it. [`NnrpClient::migrate`](crate::NnrpClient::migrate) does all of that for all sessions.
    pub async fn migrate_transport(
        &self,
        request: SessionMigrate,
    ) -> Result<SessionMigrateAck, RuntimeError> {
        let send =
            |connection: &ConnectionHandle| connection.migrate_session_with(self.key, &request);
        match self.request(RequestKind::Migrate, send).await? {
            Event::SessionMigrated { ack, .. } => Ok(ack),
            event => Err(unexpected(&event)),
        }
    }

    /// What announces the move to that transport: of the last frame whose result has arrived, at a time in microseconds.
    pub fn build_migration_request(
        &self,
        to: TransportId,
        last_result_frame_id: u64,
        client_migrate_ts_us: u64,
    ) -> Result<SessionMigrate, RuntimeError> {
        let from = self.link.connection.transport();
        Ok(SessionMigrate {
            old_transport_id: from.map_err(|error| self.inbox.explain(error))?,
            new_transport_id: to,
            last_result_frame_id,
            client_migrate_ts_us,
        })
    }

    /// Closes the session in order; the connection ends with its last owner. Results not awaited yet are lost.
    ///
    /// A close that the server rejects is an `UnexpectedMessage`; then, the session ends with its connection.
    pub async fn close(self) -> Result<(), RuntimeError> {
        let inbox = &self.inbox;
        self.link
            .connection
            .close_session(self.key)
            .map_err(|error| inbox.explain(error))?;
        loop {
            match inbox.next().await {
                Ok(Event::CloseAnswered { ack, .. })
                    if ack.close_status == SessionCloseStatus::Rejected =>
                {
                    return Err(RuntimeError::UnexpectedMessage(format!("{ack:?}")));
                }
                Ok(_) => {}
                Err(RuntimeError::SessionEnded(_)) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Closes the session with metadata of the caller's choice and returns the server's first answer: with the status closed, the session is over; with
    /// rejected, it goes on; with any other, it ends after what the server has to finish, and its results can still be awaited.
    ///
    /// `SESSION_CLOSE` leaves when the submits are answered, or have had the drain timeout; with the policy abort, at once.
    pub async fn close_with(&self, close: SessionClose) -> Result<SessionCloseAck, RuntimeError> {
        let send = |connection: &ConnectionHandle| connection.close_session_with(self.key, &close);
        match self.request(RequestKind::Close, send).await? {
            Event::CloseAnswered { ack, .. } => Ok(ack),
            event => Err(unexpected(&event)),
        }
    }

    /// Ends the connection, with all its sessions, without closing any of them.
    pub fn close_transport(self) {
        self.link.connection.close();
    }

    /// Takes the session off its connection, to carry it on over another one.
    pub fn detach(self) -> Result<Box<ResumableSession>, RuntimeError> {
        let detached = self.link.connection.detach_session(self.key);
        detached.map_err(|error| self.inbox.explain(error))
    }

    /// What the session needs to go on over another connection, once it has ended with its own.
    #[must_use]
    pub fn take_resumable(&self) -> Option<Box<ResumableSession>> {
        self.link.connection.take_resumable(self.key)
    }

    /// The key of the session on its [`connection`](crate::NnrpClient::connection).
    #[must_use]
    pub fn key(&self) -> SessionKey {
        self.key
    }

    /// Sends a request as soon as the send queue has room, and waits for its answer.
    async fn request(
        &self,
        kind: RequestKind,
        send: impl Fn(&ConnectionHandle) -> Result<(), CommandError>,
    ) -> Result<Event, RuntimeError> {
        // Before the request, because the answer may be there before the command has returned.
        let awaited = self.inbox.await_answer(kind);
        self.inbox
            .when_writable(|| send(&self.link.connection))
            .await?;
        awaited.answer().await
    }

    fn send(&self, submission: Submission) -> Result<u32, CommandError> {
        let accepted = self.link.connection.submit(self.key, [submission])?;
        Ok(accepted.first_frame_id)
    }
}
