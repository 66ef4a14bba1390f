//! The handle of a connection: commands that never block, from any thread.

use std::sync::Arc;

use nnrp_core::Timestamp;
use nnrp_core::message::flow::FlowUpdate;

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

    /// Closes a session in order; [`Event::SessionClosed`](crate::Event::SessionClosed) follows. Closing twice is `Ok`.
    ///
    /// Client: `SESSION_CLOSE` leaves when the submits are answered, or have had the drain timeout. Server: the connection ends after what is queued,
    /// because only clients close single sessions on the wire.
    pub fn close_session(&self, session: SessionKey) -> Result<(), CommandError> {
        self.shared.command(|side, now| match side {
            Side::Client(side) => side.close_session(now, session),
            Side::Server(side) => side.close_session(now, session),
        })
    }

    /// Server: queues results in order under one lock, until one cannot be taken.
    ///
    /// `Ok` if at least one was taken, else the error of the first. The iterator is used as by [`submit`](Self::submit).
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
