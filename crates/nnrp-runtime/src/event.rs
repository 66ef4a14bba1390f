//! Everything that happens on a connection, as the application is told.

use std::time::Duration;

use bytes::Bytes;
use nnrp_core::Header;
use nnrp_core::cache::CachedObject;
use nnrp_core::code::SessionCloseStatus;
use nnrp_core::connection::SchemaAnswer;
use nnrp_core::extension::HelloAckExtensions;
use nnrp_core::message::cache::{CacheAck, CacheInvalidate, CachePut};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::ServerHelloAck;
use nnrp_core::message::migrate::SessionMigrateAck;
use nnrp_core::message::patch::SessionPatchAck;
use nnrp_core::message::result::{ResultHint, ResultPush};
use nnrp_core::message::session::{SessionCloseAck, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;

use crate::{ConnectionEnd, MigrationFailure, SessionEnd, SessionKey};

/// One event of one connection. Events arrive in the order they happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Client: the transport is up.
    Connected {
        /// Address of the server.
        peer: String,
    },
    /// Client: the server has answered the hello. Comes before any session.
    Greeted {
        /// What it accepts.
        ack: ServerHelloAck,
        /// What it says to the extensions of the hello.
        extensions: HelloAckExtensions,
        /// What it says to the schemas that were offered, in their order.
        schemas: Vec<SchemaAnswer>,
    },
    /// Server: a peer connected. The first event of its connection.
    Accepted {
        /// Address of the client.
        peer: String,
    },
    /// Client: the transport is lost, and another one is tried. The sessions go on with it; submits wait for it.
    ConnectionLost {
        /// Why.
        reason: ConnectionEnd,
    },
    /// Client: the server of a lost connection is tried again. [`Connected`](Self::Connected) follows, or the next attempt, or the end.
    Reconnecting {
        /// The number of this attempt since the last transport that was of use, from 1.
        attempt: u32,
        /// It begins after this time.
        pause: Duration,
    },
    /// Client: a session goes on over another transport. What is unanswered is answered here.
    SessionResumed {
        /// The session.
        session: SessionKey,
        /// The server's answer.
        ack: SessionOpenAck,
    },
    /// Client: the sessions go on over another transport, as [`migrate`](crate::ConnectionHandle::migrate) has asked for.
    Migrated {
        /// Where to.
        endpoint: String,
    },
    /// Client: nothing comes of a migration. The sessions go on where they were.
    MigrationFailed {
        /// Why.
        reason: MigrationFailure,
    },
    /// The last event of a connection; every session of it has ended before.
    ConnectionClosed {
        /// Why.
        reason: ConnectionEnd,
    },
    /// Client: the server accepted the session. Server: a client opened one.
    SessionOpened {
        /// The session.
        session: SessionKey,
        /// The answer that went over the wire: id, profile, schema, priority, limits.
        ack: SessionOpenAck,
    },
    /// The last event of a session.
    SessionClosed {
        /// The session.
        session: SessionKey,
        /// Its id on the wire, 0 if it never had one.
        session_id: u32,
        /// Why.
        reason: SessionEnd,
    },
    /// Server: `FRAME_SUBMIT`.
    Submit {
        /// The session.
        session: SessionKey,
        /// Header of the packet: session id, frame id, flags, view, route, trace.
        header: Header,
        /// Metadata of the packet.
        metadata: FrameSubmit,
        /// Body of the packet; a slice of the receive buffer.
        body: Bytes,
        /// The cached objects that the body names, in its order; empty without a cache.
        objects: Vec<CachedObject>,
    },
    /// Server: an object was put into the cache, or its lease renewed. Nothing is to be done.
    ObjectStored {
        /// The session it belongs to; `None` for the connection.
        session: Option<SessionKey>,
        /// The object.
        object: CachedObject,
    },
    /// The peer has removed objects from the server's cache.
    ObjectsInvalidated {
        /// The session they belonged to; `None` for the connection.
        session: Option<SessionKey>,
        /// Which ones.
        invalidate: CacheInvalidate,
    },
    /// Client: the answer to [`put_object`](crate::ConnectionHandle::put_object).
    CacheAnswered {
        /// The session the object belongs to; `None` for the connection.
        session: Option<SessionKey>,
        /// What was put.
        put: CachePut,
        /// Whether it is cached, and for how long.
        ack: CacheAck,
    },
    /// Client: `RESULT_PUSH`.
    Result {
        /// The session.
        session: SessionKey,
        /// Header of the packet.
        header: Header,
        /// Metadata of the packet.
        metadata: ResultPush,
        /// Body of the packet; a slice of the receive buffer.
        body: Bytes,
    },
    /// Client: `RESULT_DROP`; no result will come for the frame.
    ResultDrop {
        /// The session.
        session: SessionKey,
        /// Header of the packet.
        header: Header,
    },
    /// Client: `FLOW_UPDATE`.
    FlowUpdate {
        /// The session; `None` for the scope of the connection.
        session: Option<SessionKey>,
        /// Header of the packet.
        header: Header,
        /// Metadata of the packet.
        metadata: FlowUpdate,
    },
    /// Server: `FRAME_CANCEL` of a frame that is not answered yet.
    Cancel {
        /// The session.
        session: SessionKey,
        /// Header of the packet.
        header: Header,
    },
    /// Server: a frame was not answered within the deadline of its session, and was dropped. It needs no answer any more.
    DeadlinePassed {
        /// The session.
        session: SessionKey,
        /// The frame.
        frame_id: u32,
    },
    /// Client: frames will get no answer, because their session could not be resumed, or the server knows nothing of them any more.
    FramesLost {
        /// The session.
        session: SessionKey,
        /// The frames, ascending.
        frame_ids: Vec<u32>,
    },
    /// Client: the answer to [`patch_session`](crate::ConnectionHandle::patch_session).
    SessionPatched {
        /// The session.
        session: SessionKey,
        /// The answer.
        ack: SessionPatchAck,
        /// The profile patch ack block, if the server sent it.
        body: Bytes,
    },
    /// Client: the answer to [`migrate_session`](crate::ConnectionHandle::migrate_session).
    SessionMigrated {
        /// The session.
        session: SessionKey,
        /// The answer.
        ack: SessionMigrateAck,
    },
    /// Client: the answer to a close. With the status closed, [`SessionClosed`](Self::SessionClosed) follows at once; with rejected, the session goes
    /// on; with any other, further answers follow.
    CloseAnswered {
        /// The session.
        session: SessionKey,
        /// The answer.
        ack: SessionCloseAck,
    },
    /// Client: `RESULT_HINT`.
    Hint {
        /// The session.
        session: SessionKey,
        /// The frame it is about; 0 = the session.
        frame_id: u32,
        /// Metadata of the packet.
        metadata: ResultHint,
    },
    /// `ERROR`: the peer reports an error. What it says is over ends with an event of its own.
    PeerError {
        /// The session it is about, if it is about one.
        session: Option<SessionKey>,
        /// Metadata of the packet.
        report: ErrorReport,
        /// Text for humans.
        diagnostic: Bytes,
    },
    /// Client: the answer to [`ping`](crate::ConnectionHandle::ping).
    Pong {
        /// Time from the ping to its answer.
        round_trip: Duration,
    },
    /// Client: the answer to [`probe`](crate::ConnectionHandle::probe).
    ProbeAnswered {
        /// The probe.
        probe_id: u32,
        /// The server's clock when the probe arrived, microseconds.
        server_recv_ts_us: u64,
    },
    /// There is room again after [`CommandError::WouldBlock`](crate::CommandError::WouldBlock) on this session.
    Writable {
        /// The session.
        session: SessionKey,
    },
}

impl Event {
    /// Bytes of the body the event carries.
    #[must_use]
    pub fn body_len(&self) -> usize {
        match self {
            Self::Submit { body, .. }
            | Self::Result { body, .. }
            | Self::SessionPatched { body, .. } => body.len(),
            Self::PeerError { diagnostic, .. } => diagnostic.len(),
            Self::ObjectStored { object, .. } => object.body.len(),
            _ => 0,
        }
    }

    /// The session the event is about, if it is about one.
    #[must_use]
    pub fn session(&self) -> Option<SessionKey> {
        match self {
            Self::SessionOpened { session, .. }
            | Self::SessionResumed { session, .. }
            | Self::SessionClosed { session, .. }
            | Self::Submit { session, .. }
            | Self::Result { session, .. }
            | Self::ResultDrop { session, .. }
            | Self::Cancel { session, .. }
            | Self::DeadlinePassed { session, .. }
            | Self::FramesLost { session, .. }
            | Self::SessionPatched { session, .. }
            | Self::SessionMigrated { session, .. }
            | Self::CloseAnswered { session, .. }
            | Self::Hint { session, .. }
            | Self::Writable { session } => Some(*session),
            Self::FlowUpdate { session, .. }
            | Self::PeerError { session, .. }
            | Self::ObjectStored { session, .. }
            | Self::ObjectsInvalidated { session, .. }
            | Self::CacheAnswered { session, .. } => *session,
            Self::Connected { .. }
            | Self::ConnectionLost { .. }
            | Self::Reconnecting { .. }
            | Self::Migrated { .. }
            | Self::MigrationFailed { .. }
            | Self::Greeted { .. }
            | Self::Accepted { .. }
            | Self::Pong { .. }
            | Self::ProbeAnswered { .. }
            | Self::ConnectionClosed { .. } => None,
        }
    }

    /// Whether the peer decides how many events of this kind there are.
    ///
    /// A sink counts these against its capacity. The others are bounded by the number of connections and sessions, and of transports tried, and must
    /// always fit.
    #[must_use]
    pub fn is_traffic(&self) -> bool {
        match self {
            // A session has one last answer.
            Self::CloseAnswered { ack, .. } => ack.close_status != SessionCloseStatus::Closed,
            Self::Submit { .. }
            | Self::Result { .. }
            | Self::ResultDrop { .. }
            | Self::FlowUpdate { .. }
            | Self::Cancel { .. }
            | Self::DeadlinePassed { .. }
            | Self::Hint { .. }
            | Self::PeerError { .. }
            | Self::ObjectStored { .. }
            | Self::ObjectsInvalidated { .. }
            | Self::CacheAnswered { .. }
            | Self::Pong { .. }
            | Self::ProbeAnswered { .. } => true,
            _ => false,
        }
    }

    /// Whether this tells how the transport of a client is. Of many in a row, the latest say it all.
    pub(crate) fn is_about_transport(&self) -> bool {
        matches!(
            self,
            Self::Connected { .. }
                | Self::ConnectionLost { .. }
                | Self::Reconnecting { .. }
                | Self::SessionResumed { .. }
        )
    }
}
