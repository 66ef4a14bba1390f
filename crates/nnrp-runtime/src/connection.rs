//! The handle of a connection: commands that never block, from any thread.

use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::Timestamp;
use nnrp_core::cache::{CacheDependency, ObjectIdentity};
use nnrp_core::code::TransportId;
use nnrp_core::connection::client::ResumableSession;
use nnrp_core::lifecycle::SessionState;
use nnrp_core::message::cache::{CacheInvalidate, CachePut};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::migrate::SessionMigrate;
use nnrp_core::message::patch::SessionPatch;
use nnrp_core::message::result::ResultHint;
use nnrp_core::message::session::SessionClose;
use nnrp_transport_provider::Endpoint;

use crate::batch::{Accepted, Answer, Submission};
use crate::client_side::ClientSide;
use crate::server_side::ServerSide;
use crate::shared::{Shared, Stop};
use crate::side::Side;
use crate::{CommandError, Metrics, SessionKey, SessionOptions};

/// A connection, on either side. Cloning it names the same connection; dropping it closes nothing.
///
/// Every command returns at once and may be called from any thread, also while the connection ends.
#[derive(Clone, Debug)]
pub struct ConnectionHandle {
    shared: Arc<Shared>,
}

impl ConnectionHandle {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Client: asks for a session; [`Event::SessionOpened`](crate::Event::SessionOpened) or
    /// [`Event::SessionClosed`](crate::Event::SessionClosed) follows. Works before the transport is up.
    pub fn open_session(&self, options: &SessionOptions) -> Result<SessionKey, CommandError> {
        self.client(|side, now| side.open_session(now, options))
    }

    /// Client: queues submits in order under one lock, until one cannot be taken.
    ///
    /// `Ok` if at least one was taken, else the error of the first. Entries are pulled from the iterator one by one, with the lock held: it must
    /// not call commands of this connection. The entry that is refused is lost to it. Also possible before the session is opened; such submits
    /// leave when it is.
    pub fn submit(
        &self,
        session: SessionKey,
        submits: impl IntoIterator<Item = Submission>,
    ) -> Result<Accepted, CommandError> {
        self.client(|side, _| side.submit(session, submits))
    }

    /// Client: asks the server to cancel a frame.
    pub fn cancel(&self, session: SessionKey, frame_id: u32) -> Result<(), CommandError> {
        self.client(|side, _| side.cancel(session, frame_id))
    }

    /// Client: puts an object into the server's cache, or renews its lease there, for `session` or with `None` for all sessions of the connection;
    /// [`Event::CacheAnswered`](crate::Event::CacheAnswered) follows. Submits that follow may name it at once. Needs a server that caches (`Greeted`).
    pub fn put_object(
        &self,
        session: Option<SessionKey>,
        put: &CachePut,
        object: Bytes,
    ) -> Result<(), CommandError> {
        self.client(|side, now| side.put_object(now, session, put, object))
    }

    /// Removes objects of `session`, or with `None` of the connection, from the server's cache; the peer is told.
    pub fn invalidate_objects(
        &self,
        session: Option<SessionKey>,
        invalidate: &CacheInvalidate,
    ) -> Result<(), CommandError> {
        self.shared.command(|side, _| match side {
            Side::Client(side) => side.invalidate_objects(session, invalidate),
            Side::Server(side) => side.invalidate_objects(session, invalidate),
        })
    }

    /// Server: makes a cached object usable only while each of these, at most 64, is cached in the version it names.
    pub fn set_object_dependencies(
        &self,
        session: Option<SessionKey>,
        object: &ObjectIdentity,
        dependencies: Vec<CacheDependency>,
    ) -> Result<(), CommandError> {
        self.server(|side, _| side.set_object_dependencies(session, object, dependencies))
    }

    /// Client: asks for other session settings; [`Event::SessionPatched`](crate::Event::SessionPatched) follows.
    pub fn patch_session(
        &self,
        session: SessionKey,
        patch: &SessionPatch,
        body: Bytes,
    ) -> Result<(), CommandError> {
        self.client(|side, now| side.patch_session(now, session, patch, body))
    }

    /// Client: announces the move to another transport; [`Event::SessionMigrated`](crate::Event::SessionMigrated) follows, and the session goes on
    /// here until [`detach_session`](Self::detach_session).
    pub fn migrate_session(
        &self,
        session: SessionKey,
        from: TransportId,
        to: TransportId,
    ) -> Result<(), CommandError> {
        self.client(|side, now| side.migrate_session(now, session, from, to))
    }

    /// Client: as [`migrate_session`](Self::migrate_session), with metadata of the caller's choice.
    pub fn migrate_session_with(
        &self,
        session: SessionKey,
        migrate: &SessionMigrate,
    ) -> Result<(), CommandError> {
        self.client(|side, now| side.announce_migration(now, session, migrate))
    }

    /// Client: moves all sessions to another transport of the same server; [`Event::Migrated`](crate::Event::Migrated) or
    /// [`Event::MigrationFailed`](crate::Event::MigrationFailed) follows. No result is lost, none comes twice, and the keys stay.
    ///
    /// The sessions have to be resumable, and the server one that has said hello and shares its sessions between its endpoints.
    pub fn migrate(&self, to: Endpoint) -> Result<(), CommandError> {
        self.shared.migrate(to)
    }

    /// Client: whether the session goes on over another connection if this one is lost.
    pub fn is_resumable(&self, session: SessionKey) -> Result<bool, CommandError> {
        self.client(|side, _| side.is_resumable(session))
    }

    /// Client: what an ended session needs to go on over another connection, once. `None` if it cannot, or was not opened as resumable. Works after
    /// the end of the connection, too.
    #[must_use]
    pub fn take_resumable(&self, session: SessionKey) -> Option<Box<ResumableSession>> {
        self.shared.take_resumable(session)
    }

    /// Client: takes an open resumable session off this connection, to carry it on over another one. Here it ends with
    /// [`SessionEnd::TakenOver`](crate::SessionEnd::TakenOver), after what had arrived for it.
    pub fn detach_session(
        &self,
        session: SessionKey,
    ) -> Result<Box<ResumableSession>, CommandError> {
        let sessions = &self.shared.counters.sessions;
        self.client(|side, now| {
            let detached = side.detach_session(now, session)?;
            sessions.set(side.session_count());
            Ok(detached)
        })
    }

    /// Client: carries a session on that was lost or taken off another connection. As [`open_session`](Self::open_session), and what was submitted
    /// before is answered here. A failure gives the session back.
    pub fn resume_session(
        &self,
        earlier: Box<ResumableSession>,
    ) -> Result<SessionKey, (CommandError, Box<ResumableSession>)> {
        let mut earlier = Some(earlier);
        let resumed = self.client(|side, now| {
            let Some(session) = earlier.take() else {
                return Err(CommandError::Closed);
            };
            side.resume_session(now, session)
                .map_err(|(error, session)| {
                    earlier = Some(session);
                    error
                })
        });
        resumed.map_err(|error| match earlier {
            Some(earlier) => (error, earlier),
            None => unreachable!("a failure gives it back"),
        })
    }

    /// Client: sends a ping; [`Event::Pong`](crate::Event::Pong) follows. Needs the hello exchange.
    pub fn ping(&self) -> Result<(), CommandError> {
        self.client(ClientSide::ping)
    }

    /// Client: sends a transport probe with this padding; [`Event::ProbeAnswered`](crate::Event::ProbeAnswered) follows. Needs the hello exchange.
    pub fn probe(&self, probe_id: u32, padding: Bytes) -> Result<(), CommandError> {
        self.client(|side, now| side.probe(now, probe_id, padding))
    }

    /// Tells the peer of an error, about `session` if there is one. Needs the hello exchange. A fatal report ends its scope.
    pub fn report_error(
        &self,
        session: Option<SessionKey>,
        report: &ErrorReport,
        text: Bytes,
    ) -> Result<(), CommandError> {
        self.shared.command(|side, now| match side {
            Side::Client(side) => side.report_error(session, report, text),
            Side::Server(side) => side.report_error(now, session, report, text),
        })
    }

    /// Server: gives advice about a session, or about a frame of it. Needs the hello exchange.
    pub fn send_hint(
        &self,
        session: SessionKey,
        frame_id: u32,
        hint: ResultHint,
    ) -> Result<(), CommandError> {
        self.server(|side, _| side.send_hint(session, frame_id, hint))
    }

    /// Closes a session in order; [`Event::SessionClosed`](crate::Event::SessionClosed) follows. Closing twice is `Ok`.
    ///
    /// Client: `SESSION_CLOSE` leaves when the submits are answered, or have had the drain timeout. Server: a client that said hello is told that this
    /// session is over; with any other the connection ends after what is queued.
    pub fn close_session(&self, session: SessionKey) -> Result<(), CommandError> {
        self.shared.command(|side, now| match side {
            Side::Client(side) => side.close_session(now, session),
            Side::Server(side) => side.close_session(now, session),
        })
    }

    /// Client: as [`close_session`](Self::close_session), with metadata of the caller's choice, once. With the policy abort, `SESSION_CLOSE` leaves at
    /// once. Each answer is an [`Event::CloseAnswered`](crate::Event::CloseAnswered).
    pub fn close_session_with(
        &self,
        session: SessionKey,
        close: &SessionClose,
    ) -> Result<(), CommandError> {
        self.client(|side, now| side.close_session_with(now, session, close))
    }

    /// Client: what carries the sessions, or is to carry them.
    pub fn transport(&self) -> Result<TransportId, CommandError> {
        self.client(|side, _| Ok(side.transport))
    }

    /// Client: where a session stands that has not ended.
    pub fn session_state(&self, session: SessionKey) -> Result<SessionState, CommandError> {
        self.client(|side, _| side.session_state(session))
    }

    /// Server: queues results in order under one lock, until one cannot be taken.
    ///
    /// `Ok` if at least one was taken, else the error of the first. The iterator is used as by [`submit`](Self::submit), but asked for an entry only
    /// when there is room for it: `WouldBlock` loses none.
    pub fn send_results(
        &self,
        session: SessionKey,
        results: impl IntoIterator<Item = Answer>,
    ) -> Result<Accepted, CommandError> {
        self.server(|side, now| side.send_results(now, session, results))
    }

    /// Server: tells the client that no result will come for a frame.
    pub fn send_drop(&self, session: SessionKey, frame_id: u32) -> Result<(), CommandError> {
        self.server(|side, now| side.send_drop(now, session, frame_id))
    }

    /// Server: changes credit. Do not send it to a client that is not known to expect one.
    pub fn send_flow_update(
        &self,
        session: SessionKey,
        update: &FlowUpdate,
    ) -> Result<(), CommandError> {
        self.server(|side, _| side.send_flow_update(session, update))
    }

    /// What has happened on this connection so far. Cheap, and possible after its end.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.shared.metrics()
    }

    /// Ends the connection: what is queued is still written (within the close timeout), open sessions end with it;
    /// [`Event::ConnectionClosed`](crate::Event::ConnectionClosed) is its last event. Closing twice does nothing.
    pub fn close(&self) {
        self.shared.stop(Stop::Close);
    }

    /// Ends the connection without writing what is queued.
    pub fn abort(&self) {
        self.shared.stop(Stop::Abort);
    }

    fn client<T>(
        &self,
        run: impl FnOnce(&mut ClientSide, Timestamp) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        self.shared.command(|side, now| match side {
            Side::Client(side) => run(side, now),
            Side::Server(_) => Err(CommandError::WrongState(
                "this is the server's end of the connection",
            )),
        })
    }

    fn server<T>(
        &self,
        run: impl FnOnce(&mut ServerSide, Timestamp) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        self.shared.command(|side, now| match side {
            Side::Server(side) => run(side, now),
            Side::Client(_) => Err(CommandError::WrongState(
                "this is the client's end of the connection",
            )),
        })
    }
}
